"""A file that is read in batches gives the generation that the same file gives as a whole, and the same messages."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.importers.made import MAPPING, ROWS
from tests.shared import real_cohorts
from tilexplorer import catalog
from tilexplorer.errors import InvalidData, UnreadableFile
from tilexplorer.importers import BATCHED, READERS, import_files, parse_mapping, read_batches, streamable
from tilexplorer.importers.mapping import Mapped, Table
from tilexplorer.importers.steps import Repair
from tilexplorer.importers.streaming import Streamed, is_row_wise
from tilexplorer.importers.text import ReadOptions
from tilexplorer.publish import publish
from tilexplorer.store import Store

# Thirty patients: the measures, the limits and the missing cells are not the same in every batch of seven.
BODY = "".join(
    f"{40 + i:04d},{('PR', 'PD', 'NE', 'SD')[i % 4]},{1 + i % 9}.5,{i % 2},{'NA' if i < 9 else i}\n" for i in range(30)
)
TABLE = ROWS.splitlines(keepends=True)[0] + BODY
CATEGORY = MAPPING.replace(
    "[measures.til_percent]", '[measures.immune_phenotype]\nassay = "H&E"\n[measures.til_percent]'
)
CATEGORY += 'immune_phenotype = {column = "bor", map = {PR = "inflamed", PD = "desert"}, unmapped = "missing"}\n'
DROPPING = MAPPING.replace('table = "clinical"', 'table = "rows"') + (
    '[tables.rows]\nfile = "clinical"\nsteps = [{do = "drop", column = "bor", values = ["NE"], reason = "no scan"}]\n'
)


def streamed(mapped: Mapped, path: Path, size: int) -> Streamed:
    """The one file of a mapping, in batches of so many rows."""
    file = next(iter(mapped.files.values()))
    return Streamed(mapped, partial(read_batches, file, path), size)


def written(folder: Path, text: str = TABLE, mapping: str = MAPPING) -> tuple[Mapped, Path]:
    """A made-up file and its mapping."""
    path = folder / "clinical.csv"
    path.write_text(text, encoding="utf-8")
    return parse_mapping(mapping, "made.toml"), path


# reading --------------------------------------------------------------------------------------------------------------

TEXTS = {
    "plain": (b"id,x\n0040,1\n0041,2\n0042,3\n", ReadOptions()),
    "blank lines and carriage returns": (b"id,x\r\r0040,1\r\r0041,\r0042,3\r", ReadOptions()),
    "comment and two header rows": (
        b"#c\n,a,\nid,x,y\n1,2,3\n#d\n4,5,6\n7,8,9\n",
        ReadOptions(comment="#", header=(2, 3)),
    ),
    "trailing columns": (b"id,x,,\n1,2,,\n3,,,\n5,6,,\n", ReadOptions()),
    "line end in quotes": (b'id,x\n1,"a\nb"\n2,c\n3,d\n', ReadOptions()),
    "no rows": (b"id,x\n", ReadOptions()),
}


@pytest.mark.parametrize("case", TEXTS)
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_batches_of_a_text_file_are_its_rows(tmp_path: Path, case: str, size: int) -> None:
    content, options = TEXTS[case]
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    whole = READERS["csv"](path, options)
    batches = list(BATCHED["csv"](path, options, size))
    pd.testing.assert_frame_equal(pd.concat([batch.frame for batch in batches]), whole)
    assert max(len(batch.frame) for batch in batches) <= size
    assert batches[-1].done <= batches[-1].total == len(content)


@pytest.mark.parametrize("size", [1, 2, 100])
def test_batches_of_a_parquet_file_are_its_rows(tmp_path: Path, size: int) -> None:
    # The second id has no exact float, and stands beside an empty cell.
    columns = {
        "id": [1, 9007199254740993, None, 4],
        "x": [0.5, 2.0, None, 1.0],
        "t": ["a", None, "b", ""],
        "f": [True, None, False, True],
    }
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table(columns), path, row_group_size=3)
    whole = READERS["parquet"](path, ReadOptions())
    assert whole["id"].tolist() == ["1", "9007199254740993", "", "4"]
    assert whole["f"].tolist() == ["TRUE", "", "FALSE", "TRUE"]
    batches = list(BATCHED["parquet"](path, ReadOptions(), size))
    pd.testing.assert_frame_equal(pd.concat([batch.frame for batch in batches]), whole, check_index_type=False)
    # A batch ends with its row group, here of three rows.
    assert [batch.done for batch in batches] == {1: [1, 2, 3, 4], 2: [2, 3, 4], 100: [3, 4]}[size]
    assert {batch.total for batch in batches} == {4}


def test_a_parquet_file_without_rows_is_one_empty_batch(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"id": pa.array([], pa.string())}), tmp_path / "a.parquet")
    (batch,) = BATCHED["parquet"](tmp_path / "a.parquet", ReadOptions(), 10)
    assert list(batch.frame.columns) == ["id"]
    assert batch.frame.empty


@pytest.mark.parametrize("content", [b"id,x\n1,\xff\n", b"id,x\n1,\x00\n", b"version https://git-lfs\n", b"id\n1,2\n"])
def test_a_fault_of_the_file_is_said_as_for_a_whole_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile) as whole:
        READERS["csv"](path, ReadOptions())
    with pytest.raises(UnreadableFile) as batched:
        list(BATCHED["csv"](path, ReadOptions(), 1))
    assert str(batched.value) == str(whole.value)


# the generation -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mapping", [MAPPING, CATEGORY, DROPPING], ids=["numbers", "categories", "rows left out"])
def test_batches_make_the_generation_of_the_whole_file(tmp_path: Path, mapping: str) -> None:
    mapped, path = written(tmp_path, mapping=mapping)
    assert is_row_wise(mapped)
    whole = import_files(mapped, {"clinical": path})
    assert publish(tmp_path / "b", [streamed(mapped, path, 7)]) == publish(tmp_path / "a", [whole])
    store = Store.open(tmp_path / "b")
    for name in ("exclusion", "measure", "regimen", "component", "analysis"):
        other = Store.open(tmp_path / "a").frame(f"SELECT * FROM {name} ORDER BY ALL")
        pd.testing.assert_frame_equal(store.frame(f"SELECT * FROM {name} ORDER BY ALL"), other)


def test_a_batch_without_a_single_patient_is_no_fault(tmp_path: Path) -> None:
    lines = TABLE.splitlines(keepends=True)
    gone = [line for line in lines if ",NE," in line]
    mapped, path = written(tmp_path, "".join([lines[0], *gone, *(x for x in lines[1:] if x not in gone)]), DROPPING)
    publish(tmp_path / "s", [streamed(mapped, path, len(gone))])
    found = Store.open(tmp_path / "s")
    assert found.frame("SELECT count(*) AS n FROM course")["n"][0] == 30 - len(gone)
    told = found.table("exclusion").set_index("reason")["n"]
    assert told["no scan"] == len(gone) == 7


def _without_numbers(table: Table) -> Table:
    assert all(isinstance(step, Repair) for step in table.steps)
    return replace(table, steps=tuple(replace(step, expect=None) for step in table.steps if isinstance(step, Repair)))


@pytest.mark.cohorts
def test_a_cohort_of_the_catalogue_in_batches(tmp_path: Path) -> None:
    mapped = catalog.entry("braun2020")
    whole = catalog.load("braun2020", mirror=real_cohorts())
    (file,) = mapped.files.values()
    # The numbers that its steps expect are of the whole file.
    loose = replace(mapped, tables={name: _without_numbers(table) for name, table in mapped.tables.items()})
    assert is_row_wise(loose)
    parts = streamed(loose, real_cohorts() / file.folder / file.name, 400)
    assert len(whole["patient"]) > 800  # three batches
    assert publish(tmp_path / "b", [parts]) == publish(tmp_path / "a", [whole])


# what only the whole can tell -----------------------------------------------------------------------------------------


def faulty(tmp_path: Path, text: str, mapping: str = MAPPING) -> tuple[str, str]:
    """The message for a file that is read whole, and for the same in batches; neither is published."""
    mapped, path = written(tmp_path, text, mapping)
    with pytest.raises(InvalidData) as whole:
        import_files(mapped, {"clinical": path})
    with pytest.raises(InvalidData) as batched:
        publish(tmp_path / "s", [streamed(mapped, path, 7)])
    assert not list((tmp_path / "s").glob("*building-*"))
    assert not list((tmp_path / "s").glob("store-*"))
    return str(whole.value), str(batched.value)


HEAD = TABLE.splitlines(keepends=True)[0]
FAULTS: dict[str, tuple[str, str]] = {
    "patient in two batches": (TABLE + "0041,PD,3.5,1,5\n", "row 3, column 'id': patient '0041' has 2 rows (also row"),
    "unit": (TABLE + "0099,PR,2,1,3\n", "median of"),
    "nobody": (HEAD, "no patient is left"),
    "a cell far down": (TABLE.replace("0065,", "0065,XX"), "row 27, column 'bor'"),
    "a negative time": (TABLE.replace("0060,PR,3.5", "0060,PR,-3.5"), "row 22, column 'months': '-3.5' is a negative"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_said_as_for_a_whole_file(tmp_path: Path, case: str) -> None:
    text, words = FAULTS[case]
    assert text != TABLE
    mapping = MAPPING.replace('unit = "months"', 'unit = "days"') if case == "unit" else MAPPING
    whole, batched = faulty(tmp_path, text, mapping)
    assert words in whole
    assert batched == whole


def test_times_that_are_short_in_one_batch_only_are_plausible(tmp_path: Path) -> None:
    days = MAPPING.replace('unit = "months"', 'unit = "days"')
    body = "".join(f"{i:04d},PR,{1 if i < 12 else 900 + i},1,5\n" for i in range(40))
    mapped, path = written(tmp_path, ROWS.splitlines(keepends=True)[0] + body, days)
    whole = import_files(mapped, {"clinical": path})
    assert publish(tmp_path / "b", [streamed(mapped, path, 12)]) == publish(tmp_path / "a", [whole])


# when -----------------------------------------------------------------------------------------------------------------


def test_a_large_file_is_read_in_batches_where_it_can_be(tmp_path: Path) -> None:
    mapped, path = written(tmp_path)
    assert streamable(mapped, {"clinical": path}, large=10) is not None
    assert streamable(mapped, {"clinical": path}) is None
    several = MAPPING.replace("[patients]\n", '[patients]\nduplicates = "one row per sample"\n')
    mapped, path = written(tmp_path, mapping=several)
    assert streamable(mapped, {"clinical": path}, large=10) is None


@pytest.mark.parametrize(
    "change",
    [
        ('table = "clinical"', 'table = "rows"'),
        ('sample = {column = "id"}', 'sample = {column = "id"}\nunknown_patients = "exclude"'),
        ('patient = {column = "id"}', 'patient = {column = "bor"}'),
    ],
)
@pytest.mark.parametrize(
    "step",
    [
        '{do = "first", by = "id", sort = ["tils"], reason = "x"}',
        '{do = "keep", column = "bor", values = ["PR"], expect = 8}',
        '{do = "fill", column = "id"}',
    ],
)
def test_what_takes_all_rows_is_not_row_wise(change: tuple[str, str], step: str) -> None:
    steps = f'[tables.rows]\nfile = "clinical"\nsteps = [{step}]\n'
    text = MAPPING.replace(*change) + (steps if "rows" in change[1] else "")
    expected = "exclude" in change[1]
    assert is_row_wise(parse_mapping(text, "made.toml")) is expected
