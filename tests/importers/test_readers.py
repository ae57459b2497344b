"""Every reader on small files: cells come out as the source has them, rows are counted as a person counts."""

from __future__ import annotations

import gzip
import zipfile
from contextlib import nullcontext, suppress
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import feather, parquet

from tilexplorer.errors import UnreadableFile
from tilexplorer.importers import READERS
from tilexplorer.importers.text import ReadOptions, joined_header, number_text, unique_names


def write(folder: Path, content: bytes, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_any_line_end(tmp_path: Path, end: bytes) -> None:
    path = write(tmp_path, end.join([b"id,x", b"0040,1", b"0041,2", b""]))
    frame = READERS["csv"](path, ReadOptions())
    assert list(frame.columns) == ["id", "x"]
    assert list(frame["id"]) == ["0040", "0041"]
    assert list(frame.index) == [2, 3]


def test_latin_1_with_trailing_empty_columns(tmp_path: Path) -> None:
    path = write(tmp_path, "id;côté;;\r0040;gauche;;\r0041;droit;;\r".encode("latin-1"))
    frame = READERS["delimited"](path, ReadOptions(encoding="latin-1", delimiter=";"))
    assert frame.to_dict("list") == {"id": ["0040", "0041"], "côté": ["gauche", "droit"]}


def test_wrong_encoding_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "id,côté\n1,a\n".encode("latin-1"))
    with pytest.raises(UnreadableFile, match=r"not text in utf-8-sig.*declare its encoding"):
        READERS["csv"](path, ReadOptions())


def test_duplicate_names_get_numbers() -> None:
    assert unique_names(["a", "b", "a", "a"]) == ["a", "b", "a.1", "a.2"]
    assert unique_names(["a", "a.1", "a"]) == ["a", "a.1", "a.2"]


@given(st.lists(st.sampled_from(["a", "a.1", "a.2", "b", ""]), max_size=12))
def test_names_are_always_unique(names: list[str]) -> None:
    made = unique_names(names)
    assert len(set(made)) == len(names)


def test_two_header_rows_are_joined() -> None:
    assert joined_header([["", "T cells", "", "Age", ""], ["id", "pre", "on", "", ""]]) == [
        "id",
        "T cells pre",
        "T cells on",
        "Age",
        "",
    ]


def test_header_further_down_and_blank_lines(tmp_path: Path) -> None:
    path = write(tmp_path, b"Table S1\n\nid,x\n1,2\n\n3,4\n")
    frame = READERS["csv"](path, ReadOptions(header=(3,)))
    assert list(frame["id"]) == ["1", "3"]
    assert list(frame.index) == [4, 6]


def test_comment_lines_are_skipped_but_counted(tmp_path: Path) -> None:
    path = write(tmp_path, b"#name\n#type\nid\tx\n1\t2\n", "a.txt")
    frame = READERS["tsv"](path, ReadOptions(header=(3,), comment="#"))
    assert list(frame.index) == [4]


def test_quoted_cells_and_quotes_that_are_text(tmp_path: Path) -> None:
    path = write(tmp_path, b'id,x\n1,"a, b"\n')
    assert READERS["csv"](path, ReadOptions())["x"].iloc[0] == "a, b"
    path = write(tmp_path, b'id\tx\n1\t5" nodule\n', "b.tsv")
    assert READERS["tsv"](path, ReadOptions(quote=""))["x"].iloc[0] == '5" nodule'


def test_too_long_a_row_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="row 3 has 3 cells, the header has 2"):
        READERS["csv"](write(tmp_path, b"id,x\n1,2\n1,2,3\n"), ReadOptions())


def test_git_lfs_pointer_is_recognised(tmp_path: Path) -> None:
    path = write(tmp_path, b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
    with pytest.raises(UnreadableFile, match="Git-LFS pointer"):
        READERS["csv"](path, ReadOptions())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(b"id\n1\n"), "a.csv: is packed with gzip; unpack it"),
        (b"PK\x03\x04rest", 'a.csv: is a zip archive or a workbook, and no text; format = "excel"'),
    ],
)
def test_another_format_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(UnreadableFile, match=message):
        READERS["csv"](write(tmp_path, content), ReadOptions(encoding="latin-1"))


def workbook(folder: Path, *rows: list[object]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Table S2"
    for row in rows:
        sheet.append(row)
    book.save(folder / "a.xlsx")
    return folder / "a.xlsx"


def test_excel_with_two_header_rows(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["", "T cells", None], ["id", "pre", "on"], ["0040", 0.25, 12], ["0041", None, 1.0])
    frame = READERS["excel"](path, ReadOptions(header=(1, 2), sheet="Table S2"))
    assert frame.to_dict("list") == {"id": ["0040", "0041"], "T cells pre": ["0.25", ""], "T cells on": ["12", "1"]}
    assert list(frame.index) == [3, 4]


def test_excel_names_its_sheets(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no sheet 'Table S3'; it has Table S2"):
        READERS["excel"](workbook(tmp_path, ["id"]), ReadOptions(sheet="Table S3"))


def test_a_number_has_the_zeros_that_its_format_shows(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["id", "n"], [40, 7], [12345, 0.5], ["041", None])
    book = openpyxl.load_workbook(path)
    for row in (2, 3, 4):
        book["Table S2"].cell(row, 1).number_format = "0000"
        book["Table S2"].cell(row, 2).number_format = "0.00"
    book.save(path)
    frame = READERS["excel"](path, ReadOptions())
    assert frame.to_dict("list") == {"id": ["0040", "12345", "041"], "n": ["7", "0.5", ""]}


def test_a_formula_that_was_never_calculated_stands_as_it_is_written(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["id", "n", "double"], ["0040", 7, "=B2*2"], ["0041", None, None])
    frame = READERS["excel"](path, ReadOptions())
    assert frame.to_dict("list") == {"id": ["0040", "0041"], "n": ["7", ""], "double": ["=B2*2", ""]}


def test_formulas_give_the_value_that_was_last_calculated(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["id", "n", "double"], ["0040", 7, "=B2*2"], ["0041", None, '=IF(B3="","",B3*2)'])
    calculated = {
        b"<f>B2*2</f><v />": b"<f>B2*2</f><v>14</v>",
        b'<c r="C3"><f>IF(B3="","",B3*2)</f><v />': b'<c r="C3" t="str"><f>IF(B3="","",B3*2)</f><v />',
    }
    parts: dict[str, bytes] = {}
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    for old, new in calculated.items():
        assert old in parts["xl/worksheets/sheet1.xml"]
        parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(old, new)
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    assert READERS["excel"](path, ReadOptions()).to_dict("list")["double"] == ["14", ""]


@pytest.mark.parametrize("version", [1, 2])
def test_feather(tmp_path: Path, version: int) -> None:
    table = pa.table({"id": ["0040", None], "n": [1.0, 2.5], "k": [1, 2], "b": [True, None]})
    with pytest.warns(DeprecationWarning, match="Feather V1") if version == 1 else nullcontext():
        feather.write_feather(table, tmp_path / "a.feather", version=version)
    frame = READERS["feather"](tmp_path / "a.feather", ReadOptions())
    assert frame.to_dict("list") == {"id": ["0040", ""], "n": ["1", "2.5"], "k": ["1", "2"], "b": ["TRUE", ""]}
    assert list(frame.index) == [1, 2]


def test_parquet(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"id": ["0040"], "n": pa.array([None], pa.float64())}), tmp_path / "a.parquet")
    assert READERS["parquet"](tmp_path / "a.parquet", ReadOptions()).to_dict("list") == {"id": ["0040"], "n": [""]}


@pytest.mark.parametrize("kind", ["excel", "feather", "parquet", "rda", "rds"])
def test_a_picture_is_not_a_table(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path, b"\x89PNG\r\n\x1a\n" + b"\x00" * 64, f"a.{kind}")
    with pytest.raises(UnreadableFile, match=f"a.{kind}"):
        READERS[kind](path, ReadOptions())


@pytest.mark.parametrize(
    ("value", "text"), [(12.0, "12"), (0.1, "0.1"), (-3.0, "-3"), (float("nan"), ""), (1e300, "1e+300")]
)
def test_numbers_are_written_as_a_person_writes_them(value: float, text: str) -> None:
    assert number_text(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_no_digit_of_a_number_is_lost(value: float) -> None:
    assert float(number_text(value)) == value


@given(st.binary(max_size=300))
def test_any_bytes_give_a_table_or_a_clear_error(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = write(tmp_path_factory.mktemp("any"), raw)
    for kind in ("csv", "tsv"):
        with suppress(UnreadableFile):
            assert isinstance(READERS[kind](path, ReadOptions(encoding="latin-1")), pd.DataFrame)
