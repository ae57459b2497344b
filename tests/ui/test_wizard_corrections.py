"""What a visitor says in the wizard stays said: on another page, beside a bad file, with a mended one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.miniature import miniature, published_store
from tests.ui.test_data_page import ROWS, button, dropped, said
from tests.ui.visit import checked, turn_to, words
from tilexplorer.recognise import Draft
from tilexplorer.ui import jobs
from tilexplorer.ui.data.wizard import checking, drafts, publishing

PICTURE = ("scan.csv", b"\x89PNG\r\n\x1a\n" + bytes(50), "text/csv")
LOOKS = [f"{ROWS[0]},Look,when", *(f"{row},{('hot', 'cold')[i % 2]},pre" for i, row in enumerate(ROWS[1:]))]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with one made-up cohort."""
    published_store(tmp_path, miniature("alpha"))
    monkeypatch.setenv("TILEXPLORER_STORE", str(tmp_path))
    return tmp_path


def draft(app: AppTest) -> Draft:
    found: Draft = app.session_state[drafts.DRAFT]
    return found


def choice(app: AppTest, label: str) -> Any:
    """The widget of this label."""
    return next(one for one in [*app.selectbox, *app.multiselect, *app.text_input] if one.label == label)


def choose(app: AppTest, label: str, value: Any) -> None:
    choice(app, label).set_value(value)
    checked(app.run())


def drop(app: AppTest, *files: tuple[str, bytes, str]) -> None:
    app.file_uploader[0].set_value(list(files))
    checked(app.run())


def as_file(rows: list[str], name: str = "clinical.csv") -> tuple[str, bytes, str]:
    return name, ("\n".join(rows) + "\n").encode(), "text/csv"


def test_corrections_stay_on_other_pages_beside_a_bad_file_and_with_a_mended_one() -> None:
    app = dropped(*ROWS)
    choose(app, "OS months is in", "weeks")
    turn_to(turn_to(app, "survival"), "data")
    assert "are still here" in said(app)
    assert choice(app, "OS months is in").value == "weeks"
    drop(app, PICTURE)
    assert [error.value for error in app.error if "is a picture (PNG)" in error.value]
    assert choice(app, "OS months is in").value == "weeks"
    drop(app, as_file([*ROWS, "P040,f,nivolumab,melanoma,CR,9.5,alive,40"], "clinical mended.csv"))
    assert not app.error
    assert "41 patients" in words(app)
    assert choice(app, "OS months is in").value == "weeks"
    drop(app)  # the visitor removes the file
    assert drafts.DRAFT not in app.session_state
    assert not [one for one in app.selectbox if one.label.startswith("What ")]


def test_every_word_is_said_for_itself() -> None:
    app = dropped(*[row.replace(",CR,", ",odd,") for row in ROWS])
    choose(app, "What best response is", "response")
    assert [info.value for info in app.info if "say what 'odd' in column 'best response' means" in info.value]
    assert choice(app, "'odd'").value is None
    choose(app, "'PR'", "SD")
    assert choice(app, "'odd'").value is None
    choose(app, "'odd'", "")
    assert not app.info
    (counts,) = (frame.value for frame in app.dataframe if "Best response" in frame.value)
    assert counts.to_numpy().tolist() == [["SD", 20], ["PD", 10], ["not recorded", 10]]


def test_a_measure_has_levels_a_time_an_assay_and_a_unit() -> None:
    app = dropped(*LOOKS)
    choose(app, "What when is", "ignored")
    choose(app, "What Look is", "measure")
    choose(app, "Look is", "immune_phenotype")
    assert "Compartment: whole tumour" in said(app)
    choose(app, "'hot'", "inflamed")
    choose(app, "'cold'", "desert")
    for label, value in (("Assay", "H&E"), ("Unit", "percent of stroma"), ("Taken", "on_treatment")):
        choose(app, label, value)  # of the first row, the TILs
    mapping = draft(app).mapped()
    assert (mapping.measures["til_percent"].assay, mapping.measures["til_percent"].unit) == ("H&E", "percent of stroma")
    (counts,) = (frame.value for frame in app.dataframe if "Measure" in frame.value)
    assert counts[["When", "Unit"]].to_numpy().tolist() == [["baseline", ""], ["on treatment", "percent of stroma"]]
    assert counts["Range"][0] == "desert 20, inflamed 20"


def test_a_time_of_no_endpoint_is_given_one() -> None:
    app = dropped(*[row.replace("OS months", "Zeit").replace("OS status", "Zustand") for row in ROWS])
    choose(app, "What Zeit is", "time")
    choose(app, "Zeit belongs to", "os")
    choose(app, "What Zustand is", "status")
    choose(app, "Zustand belongs to", "os")
    assert "26 events of OS" in words(app)
    assert "Censored: alive" in said(app)


def test_what_was_looked_at_is_looked_at_again_after_a_change() -> None:
    assert drafts.OF_A_LOOK == (publishing.LOOKED, checking.ALL)
    app = dropped(*ROWS)
    app.checkbox(publishing.LOOKED).check()
    assert not button(checked(app.run()), "Publish clinical").disabled
    choose(app, "OS months is in", "weeks")
    assert button(app, "Publish clinical").disabled


def test_a_mapping_that_was_handed_over_can_be_taken_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []
    monkeypatch.setattr(jobs, "start", lambda *given: started.append(given))
    app = dropped(*ROWS)
    choose(app, "OS months is in", "weeks")
    app.checkbox(publishing.LOOKED).check()
    button(checked(app.run()), "Publish clinical").click()
    checked(app.run())
    assert len(started) == 1
    button(app, "Take the mapping of clinical up again").click()
    checked(app.run())
    assert choice(app, "OS months is in").value == "weeks"
    assert button(app, "Publish clinical").disabled


def test_a_cohort_of_natural_history_is_said_to_be_one() -> None:
    app = dropped(*[row.replace("nivolumab", "sunitinib") for row in ROWS])
    assert [one.value for one in app.warning if "no regimen holds an immunotherapy" in one.value]
    next(box for box in app.checkbox if box.label.startswith("Nobody had immunotherapy")).check()
    checked(app.run())
    assert not app.warning
    assert not draft(app).mapped().cohort.immunotherapy
