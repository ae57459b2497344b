"""What a person corrects is in the mapping, takes nothing else with it, and outlives the next copy of the file."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest

from tests.importers.r_made import GENES, SAMPLES, TPM, Matrix, experiment, rda
from tests.importers.r_made import written as written_bytes
from tests.recognise.files import people, written
from tests.recognise.test_propose import answered, imported, values
from tilexplorer.errors import InvalidMapping
from tilexplorer.recognise import Draft, draft, edit, preview
from tilexplorer.recognise.carry import carried


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A file with words, a measure of its own name, and three studies."""
    frame = people(30).rename(columns={"days": "OS days", "dead": "OS_CNSR"})
    frame["state"] = ["dead", "alive", "lost"] * 10
    frame["response"] = [*["CR", "PR", "SD", "PD"] * 7, "odd", "odd"]
    frame["Look"] = ["hot", "cold", "excluded"] * 10
    frame["trial"] = ["KN.001", "KN.006", "KN.252"] * 10
    return written(tmp_path / "clinical.csv", frame)


def required(made: Draft) -> set[str]:
    return {question.id for question in made.questions() if question.required}


def test_what_is_said_of_the_study_is_said_of_each_that_a_column_names(plain: Path) -> None:
    made = answered(edit.set_role(draft([plain]), "trial", "study"))
    made = edit.set_card(edit.set_study(made, criteria="RECIST 1.1"), id="mine")
    made = edit.set_word(made, "response", "odd", "SD")
    mapped = made.mapped()
    assert [(one.id, one.criteria) for one in mapped.studies] == [
        (name, "RECIST 1.1") for name in ("kn-001", "kn-006", "kn-252")
    ]
    assert dict(preview(mapped, made.frames).studies) == {"kn-001": 10, "kn-006": 10, "kn-252": 10}


def test_a_study_that_nobody_named_is_called_as_its_cohort(plain: Path) -> None:
    made = edit.set_card(edit.set_study(draft([plain]), criteria="RECIST 1.1"), id="mine", title="Mine")
    assert [(one.id, one.title) for one in made.studies] == [("mine", "Mine")]


def test_a_status_chosen_by_hand_takes_the_place_of_the_other(plain: Path) -> None:
    made = edit.set_endpoint(edit.set_role(draft([plain]), "state", "status"), "state", "os")
    state = made.source().column("state").details
    assert (state.event, state.censored) == (("dead",), ("alive",))
    assert made.source().column("OS_CNSR").role == "ignored"
    made = edit.set_role(made, "OS_CNSR", "status")  # its name says of which endpoint it is
    assert made.source().column("OS_CNSR").details.endpoint == "os"
    assert made.source().column("state").role == "ignored"


def test_a_column_of_no_endpoint_is_asked_about(plain: Path) -> None:
    made = edit.set_role(draft([plain]), "state", "status")
    asked = [question.text for question in made.questions()]
    assert "say to which endpoint 'state' belongs: it is not read until then" in asked


def test_one_word_says_nothing_of_the_others(plain: Path) -> None:
    made = answered(edit.set_role(draft([plain]), "response", "response"))
    assert required(made) == {"response.words"}
    made = edit.set_word(made, "response", "CR", "PR")
    assert required(made) == {"response.words"}
    made = edit.set_word(made, "response", "odd", "")  # not recorded, as somebody said
    assert preview(made.mapped(), made.frames).responses == (("PR", 14), ("SD", 7), ("PD", 7), ("not recorded", 2))
    with pytest.raises(InvalidMapping, match="is no meaning"):
        edit.set_word(made, "response", "CR", "desert")


def test_a_measure_brings_its_own_levels_and_factor(plain: Path) -> None:
    made = answered(edit.set_measure(edit.set_word(draft([plain]), "response", "odd", "SD"), "Look", "pdl1_ic"))
    made = edit.set_measure(made, "Look", "immune_phenotype")
    assert "immune_phenotype.words" in required(made)
    made = edit.set_word(edit.set_word(made, "Look", "hot", "inflamed"), "Look", "cold", "desert")
    (found,) = preview(made.mapped(), made.frames).measures
    assert found.levels == (("desert", 10), ("excluded", 10), ("inflamed", 10))
    made = edit.set_measure(made, "Look", "til_percent")
    assert made.source().column("Look").details.map == ()


def test_two_columns_of_one_measure_are_never_silently_one(tmp_path: Path) -> None:
    frame = people(12).assign(one=[str(n) for n in range(12)], two=[str(2 * n) for n in range(12)])
    made = answered(draft([written(tmp_path / "a.csv", frame)]))
    for column in ("one", "two"):
        made = edit.set_measure(made, column, "til_percent")
    assert required(made) == {"twice.til_percent"}
    made = edit.set_measure(made, "two", "til_percent", timepoint="on_treatment")
    assert len(values(imported(made, tmp_path / "a.csv"), "til_percent")) == 24


def test_the_regimen_goes_back_to_what_its_column_says(tmp_path: Path) -> None:
    frame = people(12).assign(drug=["nivolumab", "ipilimumab", "XL-99"] * 4)
    made = edit.set_role(draft([written(tmp_path / "a.csv", frame)]), "drug", "regimen")
    made = edit.set_tumour(made, "MEL")
    assert required(made) == {"regimen.words"}
    made = edit.set_regimen_word(made, "drug", "XL-99", ["nivolumab", "ipilimumab"])
    before = made.mapped().patients.regimen
    made = edit.set_regimen(edit.set_regimen(made, ["pembrolizumab"]))
    assert made.mapped().patients.regimen == before
    assert before.map["XL-99"] == ("nivolumab", "ipilimumab")
    assert required(edit.set_regimen_word(made, "drug", "XL-99", [])) == {"regimen.words"}
    with pytest.raises(InvalidMapping, match="nivolumab"):
        edit.set_regimen_word(made, "drug", "XL-99", ["nivolumap"])


def test_corrections_outlive_the_mended_file_and_a_file_more(plain: Path, tmp_path: Path) -> None:
    made = answered(edit.set_word(draft([plain]), "response", "odd", "SD"))
    made = edit.set_t0(edit.set_event(edit.set_card(made, id="mine"), "os", ["0"]), "os", "randomisation")
    mended = tmp_path / "clinical v2.csv"
    mended.write_text(plain.read_text().replace("lost", "alive"))
    more = written(tmp_path / "scores.csv", people(30)[["id"]].assign(TILs=[str(n) for n in range(30)]))
    again = carried(made, draft([mended, more]))
    assert (again.cohort.id, again.tumour, again.t0) == ("mine", "MEL", {"os": "randomisation"})
    assert again.mapped().endpoints[0].event == ("0",)
    assert not required(again)
    assert [source.file.name for source in again.sources] == ["clinical v2.csv", "scores.csv"]
    other = draft([more])
    assert carried(made, other) is other


def test_a_proposal_is_confirmed_as_it_is(tmp_path: Path) -> None:
    frame = people(40).assign(Group=["x", "y"] * 20, Drug=["Nivo mono", "Ipi+Nivo"] * 20)
    made = draft([written(tmp_path / "a.csv", frame)])
    assert any(question.column == "Group" for question in made.questions())
    kept = edit.keep_role(made, "Group")
    assert not any(question.column == "Group" for question in kept.questions())
    assert kept.source().column("Group").details == made.source().column("Group").details
    assert dict(made.source().column("Drug").details.regimens)["Nivo mono"] == ("nivolumab",)


def test_one_odd_word_or_number_does_not_hide_a_column(tmp_path: Path) -> None:
    frame = people(40).rename(columns={"days": "OS days", "dead": "OS status"})
    frame["OS status"] = frame["OS status"].map({"1": "dead", "0": "alive"})
    frame["TIL %"] = [str(n) for n in range(40)]
    frame.loc[3, ["OS status", "sex", "TIL %"]] = ["lost", "?", "150"]
    made = answered(draft([written(tmp_path / "a.csv", frame)]))
    status = made.source().column("OS status")
    assert (status.details.event, status.details.censored) == (("dead",), ("alive",))
    assert "but 'lost' does not" in status.why
    assert required(made) == {"sex.words"}
    assert "goes up to 150" in made.source().column("TIL %").why
    made = edit.set_word(made, "sex", "?", "")
    assert "'lost' is neither event nor censored" in preview(made.mapped(), made.frames).error


def test_days_to_death_are_not_the_times_of_survival(tmp_path: Path) -> None:
    frame = people(60).rename(columns={"days": "OS.time", "dead": "OS"})
    frame["death_days_to"] = frame["OS.time"].where(frame["OS"] == "1", "")
    made = draft([written(tmp_path / "a.csv", frame)])
    assert made.source().column("death_days_to").role == "ignored"
    assert made.source().column("OS.time").details.endpoint == "os"


@pytest.mark.parametrize(
    ("factor", "unit", "why"),
    [
        (1, "months", "the name says months, but a median of 258 months is unusual"),
        (4, "days", "the name says months, but then the median would be 31"),
    ],
)
def test_a_name_that_says_an_unlikely_unit_is_doubted(tmp_path: Path, factor: int, unit: str, why: str) -> None:
    frame = people(60).rename(columns={"days": "OS months", "dead": "OS event"})
    frame["OS months"] = [str(factor * int(cell)) for cell in frame["OS months"]]
    made = draft([written(tmp_path / "a.csv", frame)])
    one = made.source().column("OS months")
    assert (one.details.unit, one.sure) == (unit, False)
    assert why in one.why
    assert "unit.os" in {question.id for question in made.questions()}


def test_progression_is_not_read_in_a_unit_that_makes_it_longer_than_survival(tmp_path: Path) -> None:
    frame = people(60).rename(columns={"days": "OS days", "dead": "OS", "progressed": "PFI_1"})
    frame["PFI_time_1"] = frame.pop("pfs_days")
    one = draft([written(tmp_path / "a.csv", frame)]).source().column("PFI_time_1")
    assert one.details.unit == "days"


def test_ids_of_samples_stand_in_for_missing_ids_of_patients(tmp_path: Path) -> None:
    frame = people(30).rename(columns={"id": "Patient_ID", "days": "OS days", "dead": "OS_CNSR"})
    frame["Sample_ID"] = [f"S{n}" for n in range(30)]
    frame["TILs"] = [str(n) for n in range(30)]
    frame.loc[:9, "Patient_ID"] = ""
    path = written(tmp_path / "a.csv", frame)
    made = answered(draft([path]))
    assert any(question.id == "patient.empty" for question in made.questions())
    tables = imported(made, path)
    assert {"S0", "S9", "0050", "0069"} < set(tables["patient"]["patient"])
    assert len(values(tables, "til_percent")) == 30


def test_an_experiment_of_r_is_its_samples_and_its_matrix(tmp_path: Path) -> None:
    path = written_bytes(tmp_path / "study.rda", rda(made=experiment(tpm=Matrix(TPM, GENES, SAMPLES))))
    made = draft([path])
    assert [(source.key, source.file.object, source.file.part) for source in made.sources] == [
        ("coldata", "made", "colData"),
        ("assay_tpm", "made", "assay:tpm"),
    ]
    assert made.cohort.id == "study"
    tables = imported(answered(made), path)
    assert list(tables["patient"]["patient"]) == ["0040", "0041", "0042"]


def test_a_cohort_is_called_by_its_archive(tmp_path: Path) -> None:
    archive = tmp_path / "my_trial.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("clinical.csv", people(12).to_csv(index=False))
    assert draft([archive]).cohort.id == "my-trial"


def test_another_sheet_of_a_workbook(tmp_path: Path) -> None:
    book, path = openpyxl.Workbook(), tmp_path / "book.xlsx"
    for name, n in (("all", 30), ("evaluable", 12)):
        sheet = book.create_sheet(name)
        rows = people(n)
        for row in (list(rows.columns), *rows.to_numpy().tolist()):
            sheet.append(row)
    del book["Sheet"]
    book.save(path)
    made = draft([path])
    assert (made.source().parts[0], len(made.source().frame)) == ("all", 30)
    other = edit.set_part(made, "evaluable", path)
    assert (other.source().file.sheet, len(other.source().frame)) == ("evaluable", 12)
    assert set(other.source().parts) == {"all", "evaluable"}
    with pytest.raises(InvalidMapping, match="is no sheet"):
        edit.set_part(made, "third", path)
