"""From files to a draft to a mapping that can be imported: wide and long tables, several files, and corrections."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from tests.importers.made import ROWS
from tests.recognise.files import people, written
from tilexplorer.errors import InvalidMapping
from tilexplorer.importers import build, import_files, parse_mapping
from tilexplorer.importers.local import match_files
from tilexplorer.recognise import ROLES, Draft, draft, edit, preview
from tilexplorer.recognise.propose import mapping_of
from tilexplorer.schema import Canonical


def imported(made: Draft, *paths: Path) -> Canonical:
    """The canonical tables of a draft, through its TOML text, as the command line would import it."""
    mapped = parse_mapping(made.text(), "draft.toml")
    assert mapped == made.mapped()
    with match_files(mapped, paths) as files:
        return import_files(mapped, files)


def answered(made: Draft) -> Draft:
    """The draft with the two things that files rarely say."""
    return edit.set_regimen(edit.set_tumour(made, "MEL"), ["nivolumab"])


def values(tables: Canonical, measure: str) -> dict[tuple[str, str, str], float]:
    joined = tables["value"].merge(tables["sample"], on=["cohort", "patient", "sample"])
    chosen = joined[joined["measure"] == measure]
    keys = zip(chosen["patient"], chosen["timepoint"], chosen["tissue"], strict=True)
    return dict(zip(keys, chosen["number"].astype(float), strict=True))


def test_a_small_file_that_the_importer_tests_read_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "clinical.csv"
    path.write_text(ROWS)
    made = draft([path])
    assert made.missing() == (
        "say the tumour type: no column has it; one OncoTree code for all patients, or a column",
        "say the regimen: no column names drugs; its components for all patients, or a column with a map",
    )
    with pytest.raises(InvalidMapping, match="say the tumour type"):
        made.mapped()
    made = answered(edit.set_endpoint(edit.set_role(made, "months", "time"), "months", "os"))
    tables = imported(edit.set_unit(made, "os", "months"), path)
    assert list(tables["patient"]["patient"]) == ["0040", "0041", "0042"]
    assert list(tables["outcome"]["days"]) == [380, 91, 251]
    assert list(tables["outcome"]["event"]) == [False, True, True]
    assert list(tables["course"]["response"]) == ["PR", "PD", "NE"]
    assert values(tables, "til_percent") == {("0040", "baseline", "tumour"): 30, ("0041", "baseline", "tumour"): 5}


def test_wide_columns_before_and_on_treatment(tmp_path: Path) -> None:
    frame = people(12).rename(columns={"days": "OS days", "dead": "OS event"}).drop(columns=["pfs_days", "progressed"])
    frame["T cells fraction pre"] = [f"{n / 100}" for n in range(12)]
    frame["T cells fraction on"] = [*(f"{n / 50}" for n in range(10)), "", "unkown"]
    path = written(tmp_path / "wide.csv", frame)
    tables = imported(answered(draft([path])), path)
    found = values(tables, "t_cell_fraction")
    assert len(found) == 22
    assert found["0041", "baseline", "tumour"] == 0.01
    assert found["0041", "on_treatment", "tumour"] == 0.02
    assert not tables["sample"].duplicated(["patient", "sample"]).any()


def long_table(path: Path) -> Path:
    """Percent in tissue, shares in blood; five spellings of missing; Latin-1, CR, trailing empty columns."""
    rows = ["id;visit;tissue;T cells;drugs;tumour type;best response;sex;PFS weeks;progressed;;"]
    facts = {
        "0040": "nivolumab + ipilimumab;mélanome;PR;F;52,5;no",
        "0041": "nivolumab;mélanome;MR;M;10;yes",
        "0042": "nivolumab;mélanome;PD;m;8,25;yes",
    }
    cells = {
        "0040": ["12,5", "0,031", "30", "unk"],
        "0041": ["4", "x", "na", "0,02"],
        "0042": ["unknown", "0,5", "unkown", "0,01"],
    }
    places = [("C1", "biopsy"), ("C1", "blood"), ("C3", "biopsy"), ("C3", "blood")]
    for patient, said in facts.items():
        for (visit, tissue), cell in zip(places, cells[patient], strict=True):
            rows.append(f"{patient};{visit};{tissue};{cell};{said};;")
    path.write_bytes("\r".join(rows).encode("latin-1"))
    return path


def test_a_long_table_with_percent_in_tissue_and_shares_in_blood(tmp_path: Path) -> None:
    path = long_table(tmp_path / "long.csv")
    made = draft([path])
    source = made.source()
    assert set(source.file.missing) == {"unk", "x", "na", "unknown", "unkown"}
    assert (source.file.encoding, source.file.delimiter) == ("latin-1", ";")
    assert [question.id for question in made.questions() if question.required] == ["tumour.words"]
    made = edit.set_map(made, "tumour type", {"mélanome": "MEL"})
    assert "response.convention" in [question.id for question in made.questions()]
    tables = imported(made, path)
    assert list(tables["course"]["response"]) == ["PR", "SD", "PD"]
    assert list(tables["course"]["regimen"]) == ["nivolumab + ipilimumab", "nivolumab", "nivolumab"]
    assert list(tables["outcome"]["days"]) == [368, 70, 58]
    assert list(tables["outcome"]["event"]) == [False, True, True]
    assert values(tables, "t_cell_fraction") == {
        ("0040", "baseline", "tumour"): 0.125,
        ("0040", "on_treatment", "tumour"): 0.3,
        ("0041", "baseline", "tumour"): 0.04,
    }
    assert values(tables, "t_cell_fraction_blood") == {
        ("0040", "baseline", "blood"): 0.031,
        ("0041", "on_treatment", "blood"): 0.02,
        ("0042", "baseline", "blood"): 0.5,
        ("0042", "on_treatment", "blood"): 0.01,
    }


def test_a_workbook_with_two_header_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    sheet = book.active
    sheet.append(["Patient", None, "Stromal TILs (%)", None, "Overall survival", None])
    sheet.append(["id", "sex", "pre", "on", "months", "status"])
    for row in ([40, "F", 10, 30, 14.5, "dead"], [41, "M", 5, None, 3, "dead"], [42, "F", 70, 80, 22, "alive"]):
        sheet.append(row)
    path = tmp_path / "two rows.xlsx"
    book.save(path)
    tables = imported(answered(draft([path])), path)
    assert list(tables["patient"]["sex"]) == ["female", "male", "female"]
    assert list(tables["outcome"]["event"]) == [True, True, False]
    assert list(tables["outcome"]["days"]) == [441, 91, 670]
    found = values(tables, "til_percent")
    assert found["40", "on_treatment", "tumour"] == 30
    assert len(found) == 5


@pytest.mark.parametrize("fold", [False, True])
def test_clinical_and_samples_in_two_files(tmp_path: Path, fold: bool) -> None:
    clinical = people(30).rename(columns={"days": "OS days", "dead": "OS event", "id": "Patient"})
    clinical["Patient"] = "Pt" + clinical["Patient"]
    samples = pd.DataFrame(
        {
            "patient": [*clinical["Patient"][:20], *clinical["Patient"][:5], "Pt9999"],
            "sample": [f"S{n}" for n in range(26)],
            "timepoint": [*["pre"] * 20, *["on"] * 5, "pre"],
            "TMB": [str(n + 0.5) for n in range(26)],
        }
    )
    if fold:
        samples["patient"] = samples["patient"].str.lower()
    paths = [written(tmp_path / "samples.csv", samples), written(tmp_path / "clinical.csv", clinical)]
    made = answered(draft(paths))
    tables = imported(made, *paths)
    assert len(tables["course"]) == 30
    assert len(tables["sample"]) == 25
    assert values(tables, "tmb")["Pt0040", "on_treatment", "tumour"] == 20.5
    left = tables["exclusion"].set_index("reason")["n"]
    assert left["sample of a patient who is not in the patient table"] == 1


def test_what_the_patients_file_lacks_is_read_from_beside(tmp_path: Path) -> None:
    clinical = people(20).rename(columns={"days": "OS days", "dead": "OS event", "id": "PATIENT_ID"})
    samples = pd.DataFrame(
        {
            "PATIENT_ID": clinical["PATIENT_ID"],
            "SAMPLE_ID": clinical["PATIENT_ID"] + "-T1",
            "ONCOTREE_CODE": "LUAD",
            "drug": "Pembrolizumab",
            "PDL1 score": ["50"] * 10 + ["0"] * 5 + ["1"] * 5,
        }
    )
    clinical["TMB"] = [str(n) for n in range(1, 21)]
    paths = [written(tmp_path / "patients.csv", clinical), written(tmp_path / "samples.csv", samples)]
    tables = imported(draft(paths), *paths)
    assert set(tables["course"]["tumour"]) == {"LUAD"}
    assert set(tables["course"]["regimen"]) == {"pembrolizumab"}
    # Values of both files lie on the same 20 samples.
    assert len(tables["sample"]) == 20
    assert set(tables["value"]["measure"]) == {"tmb", "pdl1_percent"}
    assert tables["sample"]["sample"].iloc[0] == "0040-T1"


def test_a_file_of_other_people_is_declared_and_said(tmp_path: Path) -> None:
    other = pd.DataFrame({"patient": ["A", "B"], "TMB": ["1", "2"]})
    paths = [written(tmp_path / "a.csv", people(20)), written(tmp_path / "b.csv", other)]
    texts = [question.text for question in draft(paths).questions()]
    assert "b.csv shares no patients' ids with a.csv: it is declared, but not read" in texts


def test_a_draft_is_kept_in_a_session_and_never_changed(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", people(20).rename(columns={"days": "OS days", "dead": "OS_CNSR"}))
    made = draft([path])
    assert pickle.loads(pickle.dumps(made)) == made
    changed = edit.set_card(edit.set_unit(made, "os", "weeks"), id="mine", title="Mine")
    assert changed != made
    assert (made.source().column("OS days").details.unit, made.cohort.id) == ("days", "a")
    assert (changed.source().column("OS days").details.unit, changed.cohort.id) == ("weeks", "mine")
    assert pickle.loads(pickle.dumps(answered(changed).mapped())) == answered(changed).mapped()


def test_corrections_are_taken_over(tmp_path: Path) -> None:
    frame = people(20).rename(columns={"days": "OS days", "dead": "OS_CNSR"}).assign(CD8=[str(n) for n in range(20)])
    path = written(tmp_path / "a.csv", frame)
    made = answered(draft([path]))
    made = edit.set_event(made, "os", ["0"])
    made = edit.set_measure(made, "CD8", "cd8_density_margin", timepoint="on_treatment", assay="IHC, SP57")
    made = edit.set_role(made, "age", "ignored")
    made = edit.set_t0(made, "os", "randomisation", "death")
    made = edit.set_study(made, criteria="RECIST 1.1", setting="advanced")
    mapped = made.mapped()
    assert (mapped.endpoints[0].event, mapped.endpoints[0].censored) == (("0",), ("1",))
    assert (mapped.endpoints[0].t0, mapped.endpoints[0].means) == ("randomisation", "death")
    assert mapped.measures["cd8_density_margin"].assay == "IHC, SP57"
    assert mapped.samples[0].timepoint.value == "on_treatment"
    assert mapped.patients.age is None
    assert mapped.studies[0].criteria == "RECIST 1.1"
    assert made.source().column("OS_CNSR").confirmed
    assert "event.os" not in [question.id for question in made.questions()]


def test_a_role_that_a_file_has_once_moves(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", people(20).assign(other=[f"X{n}" for n in range(20)]))
    made = edit.set_role(draft([path]), "other", "patient")
    assert made.source().only("patient") == made.source().column("other")
    assert made.source().column("id").role == "ignored"


def test_any_column_can_be_given_any_role(tmp_path: Path) -> None:
    frame = people(12).rename(columns={"days": "OS days", "dead": "OS_CNSR"}).assign(note="", TMB="3")
    made = draft([written(tmp_path / "a.csv", frame)])
    for column in ("id", "OS days", "note"):
        for role in ROLES:
            changed = edit.set_role(made, column, role)
            assert changed.source().column(column).role == role
            assert "[patients]" in changed.text()
    changed = edit.set_role(made, "OS days", "response")
    assert "'OS days'" in preview(mapping_of(changed), changed.frames).error


def test_a_time_and_a_status_that_no_name_tells(tmp_path: Path) -> None:
    frame = people(30)[["id", "days", "dead"]].rename(columns={"days": "v1", "dead": "v2"})
    made = draft([written(tmp_path / "a.csv", frame)])
    assert made.source().column("v1").role == "ignored"
    made = edit.set_endpoint(edit.set_role(made, "v1", "time"), "v1", "os")
    made = edit.set_endpoint(edit.set_role(made, "v2", "status"), "v2", "os")
    endpoint = mapping_of(made).endpoints[0]
    assert (endpoint.time, endpoint.unit, endpoint.status, endpoint.event) == ("v1", "days", "v2", ("1",))


def test_an_answered_question_is_not_asked_again(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", people(20).assign(Group=["x", "y"] * 10))
    made = draft([path])
    asked = [question.id for question in made.questions() if not question.required]
    assert "column.a.Group" in asked
    still = edit.confirm(made, *asked).questions()
    assert [question.id for question in still] == [question.id for question in made.questions() if question.required]


def test_missing_words_are_corrected(tmp_path: Path) -> None:
    frame = people(20)
    frame.loc[[3, 8, 11], "age"] = "999"
    made = draft([written(tmp_path / "a.csv", frame)])
    assert made.source().column("age").role == "ignored"
    assert "goes up to 999" in made.source().column("age").alternatives[0].why
    assert edit.set_missing(made, ["999"]).source().column("age").role == "age"


@pytest.mark.parametrize("slip", ["999", "-1", "old"])
def test_one_slip_of_the_pen_hides_no_column_of_a_small_file(tmp_path: Path, slip: str) -> None:
    """Else the column would not be read, and nobody would be told of the cell."""
    frame = people(20)
    frame.loc[3, "age"] = slip
    assert draft([written(tmp_path / "a.csv", frame)]).source().column("age").role == "age"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: edit.set_role(d, "age", "aeg"), "did you mean 'age'"),
        (lambda d: edit.set_role(d, "agee", "age"), "did you mean 'age'"),
        (lambda d: edit.set_unit(d, "os", "month"), "did you mean 'months'"),
        (lambda d: edit.set_unit(d, "pfs", "months"), "no column is the time of 'pfs'"),
        (lambda d: edit.set_event(d, "os", ["2"]), "'2' is no value of column 'OS_CNSR'"),
        (lambda d: edit.set_tumour(d, "LUNG"), "is no OncoTree code"),
        (lambda d: edit.set_regimen(d, ["nivolumap"]), "did you mean 'nivolumab'"),
        (lambda d: edit.set_measure(d, "age", "tbm"), "did you mean 'tmb'"),
        (lambda d: edit.set_card(d, id="No Capitals"), "lower-case"),
        (lambda d: edit.set_study(d, setting="late"), "is no setting"),
        (lambda d: edit.set_role(d, "age", "sex", "b"), "no file is called 'b'"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(tmp_path: Path, change, words: str) -> None:  # type: ignore[no-untyped-def]
    frame = people(20).rename(columns={"days": "OS days", "dead": "OS_CNSR"}).drop(columns=["pfs_days", "progressed"])
    made = draft([written(tmp_path / "a.csv", frame)])
    with pytest.raises(InvalidMapping) as fault:
        change(made)
    assert words in str(fault.value)


def test_what_is_open_stands_in_the_text_and_stops_an_import(tmp_path: Path) -> None:
    frame = people(20).rename(columns={"days": "OS days", "dead": "OS_CNSR"})
    text = draft([written(tmp_path / "a.csv", frame)]).text()
    assert "# OPEN, required: say the regimen" in text
    assert "# OPEN: say where the clock of OS starts (t0)" in text
    with pytest.raises(InvalidMapping, match="'tumour' is missing"):
        parse_mapping(text, "draft.toml")


def test_no_file() -> None:
    with pytest.raises(InvalidMapping, match="no file was given"):
        draft([])


def test_the_frames_of_a_draft_are_what_the_import_reads(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", people(20).rename(columns={"days": "OS days", "dead": "OS_CNSR"}))
    made = answered(draft([path]))
    one, two = build(made.mapped(), made.frames), imported(made, path)
    assert all(one[name].equals(two[name]) for name in one.frames)
    assert replace(made) == made
