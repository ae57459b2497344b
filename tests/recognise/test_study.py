"""A cBioPortal study is recognised with all that it says of itself: card, events, clocks, oddities, files not read."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.command import run
from tests.importers.cbioportal.made import PATIENTS, SAMPLES, edited, longer, write
from tilexplorer.recognise import Draft, draft

PEOPLE = "people.txt"


def noticed(made: Draft) -> str:
    return "\n".join(made.noticed)


def test_the_card_is_that_of_the_study(tmp_path: Path) -> None:
    made = draft([write(tmp_path, longer("meta_study.txt", "citation: Made et al. 2026\n"))])
    assert (made.cohort.id, made.cohort.title) == ("made_2026", "Made up (2026)")
    assert made.cohort.citation == "Made et al. 2026"
    assert not any("citation" in question.text for question in made.questions())


def test_the_clock_is_what_the_file_says_until_somebody_confirms(tmp_path: Path) -> None:
    made = draft([write(tmp_path)])
    asked = {question.id: question.text for question in made.questions()}
    assert (
        asked["t0.os"] == "confirm where the clock of OS starts: all that its file says is 'From first dose to death'"
    )
    assert 't0 = "From first dose to death"' in made.text()


def test_the_event_is_the_digit_whatever_the_label_says(tmp_path: Path) -> None:
    """A mixture of coded and older statuses, an event that is called living, and a digit that means nothing."""
    text = PATIENTS.replace("1:DECEASED\t2.5", "1:LIVING\t2.5").replace("1:PROGRESSION", "2:DECEASED")
    made = draft([write(tmp_path, {PEOPLE: text})])
    details = {one.details.endpoint: one.details for one in made.source("people").of("status")}
    assert (details["os"].event, details["os"].censored) == (("1:DECEASED", "DECEASED"), ("0:LIVING",))
    assert (details["pfs"].event, details["pfs"].censored) == (("1:LIVING",), ("0:LIVING", "0:CENSORED"))
    assert "'2:DECEASED' has neither 0: nor 1: before its label" in noticed(made)


def test_the_draft_can_be_read_whatever_a_cell_holds(tmp_path: Path) -> None:
    made = draft([write(tmp_path, edited(PEOPLE, "1:PROGRESSION", "odd\x07\x1b"))])
    assert "'odd' has neither" in made.text()
    tomllib.loads(made.text())


def test_a_clinical_file_alone_keeps_the_rule_too(tmp_path: Path) -> None:
    path = tmp_path / "data_clinical_patient.txt"
    path.write_text(PATIENTS.replace("1:DECEASED\t2.5", "1:LIVING\t2.5"))
    pfs = next(one for one in draft([path]).sources[0].of("status") if one.details.endpoint == "pfs")
    assert pfs.details.event == ("1:LIVING", "1:PROGRESSION")


def test_statuses_of_words_alone_are_left_to_their_words(tmp_path: Path) -> None:
    text = PATIENTS
    for old, new in (("0:CENSORED", "CENSORED"), ("0:LIVING\t24\n", "CENSORED\t24\n"), ("1:PROGRESSION", "PROGRESSION"),
                     ("1:DECEASED\t2.5", "PROGRESSION\t2.5")):  # fmt: skip
        assert old in text
        text = text.replace(old, new)
    made = draft([write(tmp_path, {PEOPLE: text})])
    pfs = next(one for one in made.source("people").of("status") if one.details.endpoint == "pfs")
    assert (pfs.details.event, pfs.details.censored) == (("PROGRESSION",), ("CENSORED",))


@pytest.mark.parametrize(
    "line",
    [
        "data_timeline_treatment.txt: timeline (TREATMENT), is not read into the draft; declare it as "
        '[files.data_timeline_treatment] with name = "data_timeline_treatment.txt", format = "cbioportal"',
        'format = "cbioportal-matrix", properties = ["NAME", "ASSAY_NOTE"]: a join by SAMPLE_ID',
        "case_lists/cases_sequenced.txt: 'Sequenced', 3 samples; is not read into the draft",
    ],
)
def test_nothing_of_a_study_is_passed_over_in_silence(tmp_path: Path, line: str) -> None:
    made = draft([write(tmp_path)])
    assert line in noticed(made)
    assert f"# NOTICED: {made.noticed[0]}" in made.text()


def test_what_is_odd_is_said_on_the_command_line(tmp_path: Path) -> None:
    changes = {**edited(PEOPLE, "PFS_STATUS", "PF_STATUS"), **longer("meta_study.txt", "reference: hg19\n")}
    ran = run("recognise", write(tmp_path, changes))
    assert ran.code == 0
    assert "  meta_study.txt: no key is called 'reference'" in ran.out
    assert "  people.txt, column 'PFS_MONTHS': is no endpoint: there is no PFS_STATUS" in ran.out


def test_a_study_without_meta_files_is_called_by_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "My Study"
    folder.mkdir()
    (folder / "data_clinical_patient.txt").write_text(PATIENTS)
    (folder / "data_clinical_sample.txt").write_text(SAMPLES)
    assert draft([folder]).cohort.id == "my-study"
