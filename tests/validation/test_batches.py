"""A file that is checked in batches: its cells are judged as those of a whole file, and nothing faulty is stored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from tests.command import run
from tests.validation.made import MAPPING, changed, checked, clean, places
from tests.validation.test_findings import CELLS
from tilexplorer.errors import StoreMissing
from tilexplorer.importers import parse_mapping
from tilexplorer.importers.faults import Unfit
from tilexplorer.importers.streaming import LARGE, Streamed
from tilexplorer.importers.text import Batch
from tilexplorer.publish import publish
from tilexplorer.store import Store, published
from tilexplorer.validation.batches import CollectingInBatches
from tilexplorer.validation.check import Checked

Place = tuple[str, str, int | None, str, str]

# What a column as a whole tells; a batch of seven rows is too short for it.
OF_COLUMNS = ("time.mixed_units", "value.mixed_units", "identifier.", "patient.duplicate")


def streamed(
    frame: pd.DataFrame, mapping: str = MAPPING, *, strict: bool = False
) -> tuple[Streamed, CollectingInBatches]:
    """A frame in batches of seven rows, and the reading that has the report."""

    def read(size: int) -> Iterator[Batch]:
        for start in range(0, len(frame), size):
            yield Batch(frame.iloc[start : start + size], min(len(frame), start + size), len(frame))

    mapped = parse_mapping(mapping, "made.toml")
    reading = CollectingInBatches(mapped, strict=strict)
    return Streamed(mapped, read, 7, reading), reading


def found_in_batches(frame: pd.DataFrame) -> list[Place]:
    """What is found while the batches are read."""
    part, reading = streamed(frame)
    list(part.parts())
    return places(Checked(reading.report, None))


@pytest.mark.parametrize("case", [case for case in CELLS if not CELLS[case][1][1].startswith(OF_COLUMNS)])
def test_a_bad_cell_is_found_as_in_a_whole_file(case: str) -> None:
    frame = changed(**CELLS[case][0])
    assert found_in_batches(frame) == places(checked(frame)) != []


def test_faults_of_every_batch_are_found_at_once(tmp_path: Path) -> None:
    frame = changed(age={3: "old", 14: "older"}, tils={9: "140"})
    part, reading = streamed(frame)
    with pytest.raises(Unfit):
        publish(tmp_path, [part])
    assert [p[2:] for p in places(Checked(reading.report, None))] == [
        (3, "age", "old"),
        (9, "tils", "140"),
        (14, "age", "older"),
    ]
    with pytest.raises(StoreMissing):
        published(tmp_path)


def test_a_clean_file_is_published_as_a_whole_one_is(tmp_path: Path) -> None:
    whole = checked(clean()).canonical
    assert whole is not None
    part, reading = streamed(clean())
    assert publish(tmp_path / "b", [part]) == publish(tmp_path / "a", [whole])
    assert reading.report.findings == ()


def test_cells_beyond_the_first_hundred_are_counted() -> None:
    long = pd.concat([clean()] * 9, ignore_index=True)
    long["id"] = [f"{i + 1:04d}" for i in range(len(long))]
    long["block"] = [f"B{i}" for i in range(len(long))]
    long["age"] = "old"
    long.index = pd.RangeIndex(2, len(long) + 2, name="row")
    part, reading = streamed(long)
    list(part.parts())
    told = [finding.problem for finding in reading.report.findings]
    assert told == [finding.problem for finding in checked(long).report.findings]
    assert len(told) == 101
    assert any("26 further cells" in problem for problem in told)


def refused(folder: Path, frame: pd.DataFrame, mapping: str = MAPPING, *, strict: bool = False) -> list[str]:
    """The sentences of the report; nothing is published."""
    part, reading = streamed(frame, mapping, strict=strict)
    with pytest.raises(Unfit):
        publish(folder, [part])
    assert not list(folder.glob("store-*"))
    return [f.sentence for f in reading.report.findings]


def test_a_patient_of_two_batches(tmp_path: Path) -> None:
    frame = changed(id={14: "0002"})
    assert refused(tmp_path, frame) == [f.sentence for f in checked(frame).report.findings]


def test_the_unit_of_times_is_judged_over_all_batches(tmp_path: Path) -> None:
    days = MAPPING.replace('unit = "months"', 'unit = "days"', 1)
    frame = clean()
    frame["os months"] = [str(3 + i) for i in range(len(frame))]
    frame["pfs months"] = "0.05"
    told = refused(tmp_path, frame, days)
    assert told == [f.sentence for f in checked(frame, days).report.findings if f.severity == "error"]
    assert "median of" in told[0]


def test_ids_that_look_like_persons_are_refused_and_not_shown(tmp_path: Path) -> None:
    names = ["Schmidt, Maria", "Meier, Hans"]
    (told,) = refused(tmp_path, changed(id=dict(zip((3, 12), names, strict=True))))
    assert "2 of 14 ids: looks like the name of a person" in told
    assert not any(name in told for name in names)


def test_a_number_alone_is_a_record_number_and_running_numbers_are_none(tmp_path: Path) -> None:
    frame = clean()
    frame["id"] = [str(40_817_265 + (5 * i) % 14) for i in range(len(frame))]  # running, but not in their order
    assert checked(frame).report.findings == ()
    part, reading = streamed(frame)
    publish(tmp_path / "s", [part])
    assert reading.report.findings == ()
    frame["id"] = [str(40_817_265 + 9_999 * i) for i in range(len(frame))]
    assert "14 of 14 ids: looks like a record number" in refused(tmp_path / "other", frame)[0]


def test_a_sample_of_two_patients_in_two_batches(tmp_path: Path) -> None:
    (told,) = refused(tmp_path, changed(block={14: "B00"}))
    assert "ids of samples that belong to several patients: 1, the first is 'B00'" in told


def test_a_patient_in_two_writings_in_two_batches(tmp_path: Path) -> None:
    part, reading = streamed(changed(id={2: "ab 1", 14: "AB1"}))
    publish(tmp_path, [part])
    assert [(f.severity, f.rule, f.column) for f in reading.report.findings] == [("warning", "patient.alike", "id")]


def test_a_name_of_a_sample_in_two_batches_is_not_shown(tmp_path: Path) -> None:
    told = refused(tmp_path, changed(block={2: "Maria Schmidt", 14: "Maria Schmidt"}))
    assert any("several patients" in line for line in told)
    assert "Maria" not in "".join(told)


def test_warnings_are_reported_and_block_only_a_strict_import(tmp_path: Path) -> None:
    few = MAPPING.replace('title = "Made up"', 'title = "Made up"\nminimum_patients = 20')
    part, reading = streamed(clean(), few)
    publish(tmp_path / "s", [part])
    (finding,) = reading.report.findings
    assert finding.rule == "patient.few"
    assert "has 14 patients, fewer than 20" in refused(tmp_path / "strict", clean(), few, strict=True)[0]


def test_a_measure_without_a_value_is_told_when_all_batches_are_read(tmp_path: Path) -> None:
    mapping = MAPPING.replace('{column = "tils"}', '{column = "tils", where = {column = "sex", values = ["F"]}}')
    part, reading = streamed(clean(), mapping)
    publish(tmp_path / "s", [part])
    assert [(f.rule, f.column) for f in reading.report.findings] == [("value.none", "tils")]


def test_the_command_checks_a_large_file_while_it_reads_it(tmp_path: Path) -> None:
    data, mapping, store = tmp_path / "clinical.csv", tmp_path / "made.toml", tmp_path / "store"
    mapping.write_text(MAPPING, encoding="utf-8")
    whole = pd.concat([clean()] * 300, ignore_index=True)
    whole["id"] = [f"A{i:0300d}" for i in range(len(whole))]
    whole["block"] = [f"B{i:0300d}" for i in range(len(whole))]
    whole.loc[3_000, "age"] = "old"
    whole.to_csv(data, index=False)
    assert data.stat().st_size > LARGE
    ran = run("import", data, "--mapping", mapping, "--store", store)
    assert ran.code == 1
    assert "error: clinical.csv, row 3002, column 'age': 'old' is no number" in ran.err
    assert "made: failed" in ran.err
    with pytest.raises(StoreMissing):
        Store.open(store)
    whole.loc[3_000, "age"] = "50"
    whole.to_csv(data, index=False)
    ran = run("import", data, "--mapping", mapping, "--store", store)
    assert ran.code == 0, ran.err
    assert "made: 4200 patients" in ran.out
