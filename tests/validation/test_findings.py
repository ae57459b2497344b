"""Each kind of fault in one cell of a clean file: exactly that row, column and value is named, and nothing else."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.validation.made import MAPPING, PATIENTS, changed, checked, clean, places

Cells = dict[str, dict[int, str]]


def test_a_clean_file_gives_no_finding() -> None:
    found = checked(clean())
    assert found.report.findings == ()
    assert found.canonical is not None
    assert found.counts is not None
    assert (found.counts["patient"], found.counts["outcome"], found.counts["value"]) == (14, 28, 4 * 14)


CELLS: dict[str, tuple[Cells, tuple[str, str, int, str, str]]] = {
    "negative time": ({"os_months": {5: "-3"}}, ("error", "time.negative", 5, "os months", "-3")),
    "absurd time": ({"os_months": {5: "1300"}}, ("error", "time.absurd", 5, "os months", "1300")),
    "days among months": ({"os_months": {15: "638"}}, ("warning", "time.mixed_units", 15, "os months", "638")),
    "PFS after OS": ({"pfs_months": {6: "17"}}, ("warning", "outcome.pfs_after_os", 6, "pfs months", "17")),
    "dead with a flag of 0": (
        {"pfs_months": {5: "13.5"}, "progressed": {5: "0"}},
        ("warning", "outcome.dead_without_pfs_event", 5, "progressed", "0"),
    ),
    "response and progression on day 1": (
        {"bor": {3: "PR"}, "change": {3: "-35"}, "pfs_months": {3: "0.033"}},
        ("warning", "response.contradicts_pfs", 3, "bor", "PR"),
    ),
    "response and growth": ({"change": {6: "12"}}, ("warning", "response.contradicts_growth", 6, "bor", "PR")),
    "density below 0": ({"cd8": {9: "-4"}}, ("error", "value.range", 9, "cd8", "-4")),
    "percentage above 100": ({"tils": {9: "140"}}, ("error", "value.range", 9, "tils", "140")),
    "percentage among shares": ({"share": {9: "35"}}, ("error", "value.range", 9, "share", "35")),
    "cells per field among densities": ({"cd8": {9: "90000"}}, ("warning", "value.mixed_units", 9, "cd8", "90000")),
    "date made by a spreadsheet": ({"pdl1": {7: "Jan-49"}}, ("error", "spreadsheet.date", 7, "pdl1", "Jan-49")),
    "date in a number": ({"tils": {7: "2026-05-01 00:00:00"}},
                         ("error", "spreadsheet.date", 7, "tils", "2026-05-01 00:00:00")),
    "date as German spreadsheets write it": ({"pdl1": {7: "04. Jan"}},
                                             ("error", "spreadsheet.date", 7, "pdl1", "04. Jan")),
    "date with two digits of the year": ({"pdl1": {7: "1/4/24"}},
                                         ("error", "spreadsheet.date", 7, "pdl1", "1/4/24")),
    "date with a fraction of midnight": ({"pdl1": {7: "2024-01-04T00:00:00.000"}},
                                         ("error", "spreadsheet.date", 7, "pdl1", "2024-01-04T00:00:00.000")),
    "date in a sample id": ({"block": {7: "2-Oct"}}, ("warning", "spreadsheet.date", 7, "block", "2-Oct")),
    "e-mail address": ({"id": {8: "m.s@clinic.org"}}, ("error", "identifier.email", 8, "id", "m… (14 characters)")),
    "name": ({"id": {8: "Schmidt, Maria"}}, ("error", "identifier.name", 8, "id", "S… (14 characters)")),
    "birth date": ({"id": {8: "12.03.1961"}}, ("error", "identifier.birth_date", 8, "id", "1… (10 characters)")),
    "record number": ({"id": {8: "40817265"}}, ("error", "identifier.record_number", 8, "id", "4… (8 characters)")),
    "name of a sample": ({"block": {8: "MARIA SCHMIDT"}},
                         ("error", "identifier.name", 8, "block", "M… (13 characters)")),
    "no number": ({"age": {4: "old"}}, ("error", "cell.number", 4, "age", "old")),
    "absurd age": ({"age": {4: "460"}}, ("error", "patient.age", 4, "age", "460")),
    "unknown word": ({"bor": {4: "mixed"}}, ("error", "cell.word", 4, "bor", "mixed")),
    "no place in the map": ({"sex": {4: "x"}}, ("error", "cell.unmapped", 4, "sex", "x")),
    "undeclared status": ({"dead": {4: "2"}}, ("error", "outcome.status", 4, "dead", "2")),
    "no id": ({"id": {4: ""}}, ("error", "cell.empty", 4, "id", "")),
    "duplicate patient": ({"id": {4: "0002"}}, ("error", "patient.duplicate", 3, "id", "0002")),
}  # fmt: skip


@pytest.mark.parametrize("case", CELLS)
def test_one_bad_cell_is_one_finding(case: str) -> None:
    cells, expected = CELLS[case]
    found = checked(changed(**cells))
    # A patient without id leaves a sample without a patient: that cell is the same.
    assert [p for p in places(found) if p[1] != "sample.unknown_patient"] == [expected]
    assert (found.canonical is None) == (expected[0] == "error")
    assert all(f.mend and f.file == "clinical.csv" for f in found.report.findings)


def test_every_fault_of_a_file_is_found_at_once() -> None:
    merged: Cells = {}
    cases = ("negative time", "density below 0", "percentage above 100", "no number", "unknown word", "e-mail address")
    for case in cases:
        for column, rows in CELLS[case][0].items():
            merged.setdefault(column, {}).update(rows)
    assert set(places(checked(changed(**merged)))) == {CELLS[case][1] for case in cases}


def test_one_sample_of_two_patients() -> None:
    found = places(checked(changed(block={5: "B00"})))
    assert found == [
        ("error", "sample.two_patients", 2, "block", "B00"),
        ("error", "sample.two_patients", 5, "block", "B00"),
    ]


def test_what_names_a_patient_is_said_nowhere_else() -> None:
    report = checked(changed(id={5: "Schmidt, Maria"}, block={5: "B00"})).report
    assert {f.rule for f in report.findings} == {"identifier.name", "sample.two_patients"}
    assert "Maria" not in report.as_text() + report.as_csv() + report.as_json()


def test_a_name_is_not_shown_where_its_sample_is_also_that_of_another_patient() -> None:
    report = checked(changed(block={5: "Maria Schmidt", 6: "Maria Schmidt"})).report
    assert {f.rule for f in report.findings} == {"identifier.name", "sample.two_patients"}
    assert "Maria" not in report.as_text() + report.as_csv() + report.as_json()


@pytest.mark.parametrize("other", ["Ab 1", "AB1", "aB  1"])
def test_one_patient_in_two_writings(other: str) -> None:
    assert places(checked(changed(id={4: "ab1", 9: other}))) == [
        ("warning", "patient.alike", 4, "id", "ab1"),
        ("warning", "patient.alike", 9, "id", other),
    ]


@pytest.mark.parametrize("decimals", [0, 1, 2])
def test_deaths_are_found_where_times_are_rounded_to_other_units(decimals: int) -> None:
    """OS in days, PFS in months of so many decimals: the same day is up to half a step away."""
    frame = clean()
    frame["os months"] = [str(round(float(months) * 30.4375)) for months in frame["os months"]]
    frame["pfs months"] = [f"{float(months):.{decimals}f}" for months in frame["pfs months"]]
    dead = frame["dead"] == "1"
    frame.loc[dead, "pfs months"] = [f"{float(days) / 30.4375:.{decimals}f}" for days in frame.loc[dead, "os months"]]
    frame.loc[dead, "progressed"] = "0"
    found = places(checked(frame, MAPPING.replace('unit = "months"', 'unit = "days"', 1)))
    assert [row for _, rule, row, _, _ in found if rule == "outcome.dead_without_pfs_event"] == list(frame.index[dead])


def test_a_late_pfs_is_found_in_another_unit() -> None:
    frame = clean()
    frame["os months"] = [str(round(float(months) * 30.4375)) for months in frame["os months"]]
    frame.loc[6, "pfs months"] = f"{(float(str(frame['os months'].iloc[6])) + 8) / 30.4375:.2f}"
    found = places(checked(frame, MAPPING.replace('unit = "months"', 'unit = "days"', 1)))
    assert [place[:4] for place in found] == [("warning", "outcome.pfs_after_os", 6, "pfs months")]


def test_a_date_does_not_hide_that_a_patient_is_there_twice() -> None:
    rules = {f.rule for f in checked(changed(id={5: "2-Oct", 6: "2-Oct"})).report.findings}
    assert rules == {"patient.duplicate", "spreadsheet.date"}


def test_labels_within_the_patient_are_no_shared_samples() -> None:
    frame = clean()
    frame["block"] = ["C1" if i % 2 else "C3" for i in range(PATIENTS)]
    assert places(checked(frame)) == []


def test_progression_recorded_as_pfs() -> None:
    """Seven patients died; the file censors PFS on the day of each death."""
    frame = clean()
    dead = frame["dead"] == "1"
    frame.loc[dead, "pfs months"] = frame.loc[dead, "os months"]
    frame.loc[dead, "progressed"] = "0"
    found = places(checked(frame))
    assert found[0] == ("warning", "outcome.progression_as_pfs", None, "progressed", "")
    rows = [row for _, rule, row, _, _ in found if rule == "outcome.dead_without_pfs_event"]
    assert rows == list(frame.index[dead])
    assert len(found) == 8


def test_a_flag_of_progression_with_the_times_of_overall_survival() -> None:
    frame = clean()
    alive = frame["dead"] == "0"
    frame.loc[alive, "pfs months"] = frame.loc[alive, "os months"]
    frame.loc[alive, "progressed"] = "1"
    assert places(checked(frame)) == [("warning", "outcome.progression_flag_as_pfs", None, "pfs months", "")]


def test_percentages_that_are_mostly_shares() -> None:
    frame = clean()
    frame["tils"] = [f"{0.03 * (i + 1):.2f}" for i in range(PATIENTS)]
    assert places(checked(frame)) == [("warning", "value.unit", None, "tils", "")]
    frame.loc[6, "tils"] = "35"
    assert places(checked(frame)) == [("warning", "value.mixed_units", 6, "tils", "35")]


def test_a_choice_of_rows_that_leaves_no_value_is_told() -> None:
    """'F' is not 'f': the measure was not there, and nobody knew. A column that is empty says so itself."""
    mapping = MAPPING.replace('{column = "tils"}', '{column = "tils", where = {column = "sex", values = ["F"]}}')
    found = checked(clean().assign(cd8=""), mapping)
    assert places(found) == [("warning", "value.none", None, "tils", "")]
    assert "no row that where = {...} chooses has a value of til_percent" in found.report.findings[0].sentence


@pytest.mark.parametrize(("patients", "rules"), [(9, ["patient.few"]), (10, [])])
def test_fewer_patients_than_the_minimum(patients: int, rules: list[str]) -> None:
    assert [rule for _, rule, *_ in places(checked(clean().head(patients)))] == rules


def test_the_minimum_is_the_mappings() -> None:
    mapping = MAPPING.replace("[cohort]", "[cohort]\nminimum_patients = 20")
    report = checked(clean(), mapping).report
    assert "has 14 patients, fewer than 20" in report.findings[0].sentence
    assert report.findings[0].rule == "patient.few"


def test_columns_that_are_not_there_are_all_named_and_nothing_that_follows() -> None:
    found = checked(clean().drop(columns=["age", "dead", "cd8"]))
    assert places(found) == [("error", "structure.column", None, name, "") for name in ("age", "cd8", "dead")]
    assert found.canonical is None


def test_without_the_column_of_ids_nothing_else_is_said() -> None:
    assert places(checked(clean().drop(columns=["id"]))) == [("error", "structure.column", None, "id", "")]


@pytest.mark.parametrize(
    ("name", "cells", "why"),
    [
        ("Patient name", ["x"], "its name says"),
        ("e-mail", ["x"], "its name says"),
        ("DOB", ["x"], "its name says"),
        ("contact", ["a.b@c.org"], "e-mail"),
        ("responsible", ["Ada Byron", "Max Born", "Lise Meitner", "Emmy Noether", "Otto Hahn"], "names of persons"),
    ],
)
def test_a_column_that_nobody_reads_but_that_names_patients(name: str, cells: list[str], why: str) -> None:
    frame = clean()
    frame[name] = pd.Series([*cells, *[""] * (PATIENTS - len(cells))], index=frame.index, dtype="string")
    found = checked(frame)
    assert places(found) == [("warning", "identifier.unread_column", None, name, "")]
    assert why in found.report.findings[0].problem


def test_many_bad_cells_are_counted_and_not_all_listed() -> None:
    frame = pd.concat([clean()] * 30, ignore_index=True)
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    frame["id"] = frame["block"] = pd.Series(
        [f"x{i:04d}" for i in range(len(frame))], index=frame.index, dtype="string"
    )
    frame["age"] = "old"
    report = checked(frame).report
    assert len(report.findings) == 101
    assert report.findings[0].row is None
    assert report.findings[0].problem.startswith("320 further cells")
    assert [f.row for f in report.findings[1:]] == list(range(2, 102))
