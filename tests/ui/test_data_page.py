"""The data page without a browser: what is published, the wizard on made-up files, export and undo."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.miniature import miniature, published_store
from tests.ui.visit import checked, visit, words
from tilexplorer.importers import parse_mapping
from tilexplorer.importers.pseudonyms import KEY_FILE
from tilexplorer.publish import publish
from tilexplorer.store import POINTER, Store, published
from tilexplorer.ui import jobs
from tilexplorer.ui.data import history, take_away
from tilexplorer.ui.data.permission import ENVIRONMENT
from tilexplorer.ui.data.wizard import drafts

ROWS = [
    "patient,sex,drug,tumour,best response,OS months,OS status,TIL %",
    *(f"P{i:03},{'m' if i % 2 else 'f'},nivolumab,melanoma,{('CR', 'PR', 'SD', 'PD')[i % 4]},"
      f"{3 + i * 0.9:.1f},{'dead' if i % 3 else 'alive'},{5 + i}" for i in range(40)),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with one made-up cohort, and an earlier generation."""
    published_store(tmp_path, miniature("alpha"))
    publish(tmp_path, [miniature("beta")])
    monkeypatch.setenv("TILEXPLORER_STORE", str(tmp_path))
    return tmp_path


def dropped(*rows: str, name: str = "clinical.csv") -> AppTest:
    """The data page after a file was dropped on it."""
    app = visit("data")
    app.file_uploader[0].set_value([(name, ("\n".join(rows) + "\n").encode(), "text/csv")])
    return checked(app.run())


def button(app: AppTest, start: str) -> Any:
    """The button whose label begins so."""
    return next(one for one in app.button if one.label.startswith(start))


@pytest.mark.usefixtures("folder")
def test_every_cohort_is_listed_with_its_size() -> None:
    app = visit("data")
    assert "120 patients in 2 cohorts are published." in words(app)
    assert app.dataframe[0].value["Cohort"].tolist() == ["alpha", "beta"]
    assert app.dataframe[0].value["Patients"].tolist() == [60, 60]


def test_patients_of_two_copies_are_counted_once(folder: Path) -> None:
    publish(folder, [miniature("copy", same_as="alpha")])
    said_first = words(visit("data"))
    assert "120 patients in 3 cohorts are published. 60 of them are in several cohorts and counted once." in said_first
    publish(folder, remove=["alpha"])
    assert "120 patients in 2 cohorts are published." in words(visit("data"))  # now the copy is all there is of them


@pytest.mark.usefixtures("folder")
def test_a_clean_file_is_recognised_and_counted() -> None:
    app = dropped(*ROWS)
    roles = {one.label: one.value for one in app.selectbox}
    assert roles["What patient is"] == "patient"
    assert roles["What best response is"] == "response"
    assert roles["OS months is in"] == "months"
    assert "40 patients, 26 events of OS; response 50% (34 to 66%)." in words(app)
    assert button(app, "Publish clinical").disabled  # somebody has to look first
    app.checkbox[-1].check()
    assert not button(checked(app.run()), "Publish clinical").disabled


@pytest.mark.usefixtures("folder")
def test_a_corrected_column_changes_the_draft_and_the_mapping_file() -> None:
    app = dropped(*ROWS)
    next(one for one in app.selectbox if one.label == "What TIL % is").set_value("ignored")
    checked(app.run())
    mapping = app.session_state[drafts.DRAFT].mapped()
    assert not mapping.measures
    text = app.session_state[drafts.DRAFT].text()
    assert parse_mapping(text, "draft") == mapping


@pytest.mark.usefixtures("folder")
def test_errors_block_and_name_the_cell() -> None:
    rows = [*ROWS]
    rows[5] = (
        rows[5].replace(",PD,", ",PD,-").replace(",CR,", ",CR,-").replace(",SD,", ",SD,-").replace(",PR,", ",PR,-")
    )
    app = dropped(*rows)
    found = next(frame.value for frame in app.dataframe if "Severity" in frame.value)
    assert found[found["Severity"] == "error"][["Row", "Column"]].to_numpy().tolist() == [[6, "OS months"]]
    app.checkbox[-1].check()
    assert button(checked(app.run()), "Publish clinical").disabled


def test_ids_that_name_people_block_until_they_are_replaced(folder: Path) -> None:
    numbers = [f"{48_100_000 + 7919 * i}" for i in range(40)]
    app = dropped(ROWS[0], *(row.replace(f"P{i:03}", numbers[i]) for i, row in enumerate(ROWS[1:])))
    found = next(frame.value for frame in app.dataframe if "Severity" in frame.value)
    assert set(found[found["Severity"] == "error"]["Rule"]) == {"identifier.record_number"}
    assert not set(found["Value"]) & set(numbers)
    button(app, "Replace the ids").click()
    checked(app.run())
    assert not [frame for frame in app.dataframe if "Severity" in frame.value]
    assert app.checkbox(key="pseudonyms").value
    assert "40 patients, 26 events of OS" in words(app)
    app.checkbox[-1].check()
    button(checked(app.run()), "Publish clinical").click()
    checked(app.run())
    ended(jobs.listed()[-1])
    ids = Store.open(folder).frame("SELECT patient FROM patient WHERE cohort = 'clinical'")["patient"]
    assert len(ids) == 40
    assert ids.str.startswith("ps-").all()
    assert (folder / KEY_FILE).exists()


@pytest.mark.usefixtures("folder")
def test_a_record_number_becomes_an_id_only_as_a_pseudonym() -> None:
    app = dropped(ROWS[0].replace("patient", "MRN"), *ROWS[1:])
    (hint,) = [one.value for one in app.warning if "MRN" in one.value]
    assert "choose 'patient id' for it below" in hint
    next(one for one in app.selectbox if one.label == "What MRN is").set_value("patient")
    checked(app.run())
    assert app.checkbox(key="pseudonyms").value
    assert app.session_state[drafts.DRAFT].mapped().pseudonymous


@pytest.mark.usefixtures("folder")
def test_what_is_no_table_gets_one_message_and_loses_nothing(folder: Path) -> None:
    before = published(folder)
    app = visit("data")
    app.file_uploader[0].set_value([("x.csv", b"\x89PNG\r\n\x1a\n" + bytes(50), "text/csv")])
    checked(app.run())
    assert [error.value for error in app.error if "x.csv" in error.value]
    assert published(folder) == before


def test_a_read_only_server_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, "1")
    app = visit("data")
    assert not app.file_uploader
    assert not [one.label for one in app.button if one.label.startswith(("Add", "Forget", "Go back"))]
    assert "120 patients in 2 cohorts" in words(app)
    assert published(folder) == Store.open(folder).generation


def test_going_back_is_one_click(folder: Path) -> None:
    app, before = visit("data"), published(folder)
    button(app, "Go back").click()
    checked(app.run())
    assert published(folder) != before
    assert "60 patients in 1 cohort are published." in words(app)


@pytest.mark.parametrize("form", take_away.FORMS)
def test_the_selection_leaves_with_as_many_patients_as_the_page_counts(folder: Path, form: str) -> None:
    store = Store.open(folder)
    content, n, left_out = take_away.written(store, "cohort=alpha&sex=female", take_away.SELECTION, form)
    assert (n, left_out) == (30, ())
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None


def ended(job: jobs.Job) -> jobs.Job:
    """A job that has ended well."""
    job.thread.join(120)
    assert job.code == 0, job.said
    return job


def test_the_first_cohort_of_a_store_is_published_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILEXPLORER_STORE", str(tmp_path))
    app = dropped(*ROWS)
    assert "no cohort has been published" in app.info[0].value.lower()
    app.checkbox[-1].check()
    button(checked(app.run()), "Publish clinical").click()
    checked(app.run())
    ended(jobs.listed()[-1])
    button(checked(app.run()), "Show the new data").click()
    checked(app.run())
    assert "40 patients in 1 cohort are published." in words(app)
    assert not app.info


def test_where_nothing_is_published_a_page_leads_to_the_data_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILEXPLORER_STORE", str(tmp_path))
    link = visit("survival").get("page_link")[0].proto
    assert link.page == "data"
    button(visit("data"), "Publish the simulated cohorts").click().run()
    assert ended(jobs.listed()[-1]).said.startswith("2670 simulated patients in 5 cohorts")
    assert "SIMULATED" in words(visit("survival"))


def test_after_the_only_cohort_is_forgotten_another_generation_can_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILEXPLORER_STORE", str(tmp_path))
    published_store(tmp_path, miniature("alpha"))
    first = published(tmp_path)
    publish(tmp_path, [miniature("beta")], remove=["alpha"])
    app = visit("data")
    assert app.selectbox(key=history.FORGOTTEN).options == ["beta", "alpha"]  # alpha is in the earlier generation
    app.text_input(key=history.SURE).set_value("beta")
    button(checked(app.run()), "Forget it").click()
    checked(app.run())
    ended(jobs.listed()[-1])
    app = visit("data")
    assert app.file_uploader
    assert not (tmp_path / POINTER).exists()
    button(app, "Go back").click()
    checked(app.run())
    assert published(tmp_path) == first
    assert "60 patients in 1 cohort are published." in words(app)


def test_a_job_tells_how_far_it_is_and_what_became_of_it(folder: Path) -> None:
    job = jobs.Job("test")
    for line in ('{"label": "alpha", "words": "reading rows", "share": 0.4}', "alpha: 60 patients", "{not json"):
        jobs.take(job, line)
    assert (job.stage, job.share, job.said) == ("alpha reading rows", 0.4, "alpha: 60 patients\n{not json")
    started = jobs.start("Forgetting", ["forget", "nobody", "--yes"], folder)
    started.thread.join(60)
    assert started.code == 1
    assert "nobody" in started.said
    jobs.dismiss(started)


def matrix() -> str:
    """A matrix of the genes of the T-effector signature for the 40 patients of ROWS, as TPM."""
    genes = ("CD8A", "GZMA", "GZMB", "IFNG", "CXCL9", "CXCL10", "PRF1", "TBX21")
    rows = [",".join([gene, *(f"{(i * (n + 3)) % 41 + 0.5 + n}" for i in range(40))]) for n, gene in enumerate(genes)]
    return "\n".join(["gene," + ",".join(f"P{i:03}" for i in range(40)), *rows, ""])


def said(app: AppTest) -> str:
    """All lines and captions of the page."""
    return " ".join(one.value for one in [*app.markdown, *app.caption])


@pytest.mark.usefixtures("folder")
def test_a_matrix_is_shown_in_one_line_and_its_scale_is_asked() -> None:
    app = visit("data")
    given = [("clinical.csv", "\n".join(ROWS) + "\n"), ("expression.csv", matrix())]
    app.file_uploader[0].set_value([(name, text.encode(), "text/csv") for name, text in given])
    app = checked(app.run())
    assert "a matrix of gene expression: 8 genes by symbol in 'gene', 40 samples" in said(app)
    assert not [one for one in app.selectbox if one.label == "What P001 is"]
    assert "lacks CCL5, CD27, CD274" in said(app)  # of the tumour inflammation signature
    scale = next(one for one in app.selectbox if one.label == "The numbers of expression.csv are")
    assert scale.value == "TPM"
    scale.set_value("NanoString")
    checked(app.run())
    made = app.session_state[drafts.DRAFT]
    assert made.source("expression").matrix.confirmed
    assert set(made.mapped().measures) == {"til_percent", "cd8_teff", "teff_ifng_6"}
