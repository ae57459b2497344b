"""Formats are known by their bytes: encodings, delimiters, headers, workbooks; and what is no table is refused."""

from __future__ import annotations

import contextlib
import gzip
import os
import tempfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recognise.files import people, written
from tilexplorer.errors import TilExplorerError, UnreachableFile, UnreadableFile
from tilexplorer.importers import read_file
from tilexplorer.recognise.format import sniff
from tilexplorer.recognise.source import look


def read(path: Path) -> pd.DataFrame:
    return read_file(sniff(path).file, path)


@pytest.mark.parametrize(
    ("sep", "encoding", "end"),
    [
        (",", "utf-8", "\n"),
        ("\t", "utf-8-sig", "\r\n"),
        (";", "latin-1", "\r"),
        ("|", "cp1252", "\n"),
        (",", "utf-16", "\r\n"),
        ("\t", "utf-16-le", "\n"),
        (";", "utf-16-be", "\r"),
    ],
)
def test_text_is_read_back_cell_by_cell(tmp_path: Path, sep: str, encoding: str, end: str) -> None:
    frame = people(20).assign(site="Gefäß, links", note="a")
    path = written(tmp_path / "any.txt", frame, sep=sep, encoding=encoding, end=end)
    made = read(path)
    assert list(made.columns) == list(frame.columns)
    assert made.to_numpy().tolist() == frame.to_numpy().tolist()


def test_windows_signs_are_windows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("id,visit\n1,“baseline” €\n2,b\n".encode("cp1252"))
    assert sniff(path).file.encoding == "cp1252"
    assert list(read(path)["visit"]) == ["“baseline” €", "b"]


def test_latin_1_with_cr_trailing_empty_columns_and_leading_zeros(tmp_path: Path) -> None:
    path = tmp_path / "mac.csv"
    path.write_bytes("id,Größe,,\r0040,12,,\r0041,é,,\r".encode("latin-1"))
    found = sniff(path)
    assert found.file.encoding == "latin-1"
    assert "CR alone" in " ".join(found.why)
    frame = read(path)
    assert list(frame.columns) == ["id", "Größe"]
    assert list(frame["id"]) == ["0040", "0041"]


CBIOPORTAL = (
    "#Patient Identifier\tOverall Survival\tNote\n#Id of the patient\tMonths\tNote\n#STRING\tNUMBER\tSTRING\n#1\t1\t1\n"
    'PATIENT_ID\tOS_MONTHS\tNOTE\nP-1\t3.5\ta\nP-2\t7\t7" ward\nP-3\t9\tb\n'
)


@pytest.mark.parametrize(("lines", "format"), [(4, "cbioportal"), (3, "tsv")])
def test_the_header_of_cbioportal(tmp_path: Path, lines: int, format: str) -> None:
    path = tmp_path / "data_clinical_patient.txt"
    path.write_text(CBIOPORTAL.split("\n", 4 - lines)[-1])
    assert sniff(path).file.format == format
    frame = read(path)
    assert list(frame.columns) == ["PATIENT_ID", "OS_MONTHS", "NOTE"]
    assert list(frame.index) == [lines + 2, lines + 3, lines + 4]
    assert list(frame["NOTE"]) == ["a", '7" ward', "b"]


def test_one_line_of_names_with_a_sign_is_the_header(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("#id\tage\nP1\t60\nP2\t61\n")
    assert list(read(path).columns) == ["#id", "age"]


def test_titles_above_the_header(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Supplementary table 2,,\n,,\nid,age,sex\n1,60,F\n2,61,M\n")
    assert sniff(path).file.header == (3,)


def workbook(path: Path, rows: list[list[object]], first: str = "Notes") -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = first
    book.active.append(["read this first"])
    sheet = book.create_sheet("Patients")
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def test_a_workbook_with_two_header_rows_on_its_second_sheet(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Table S2: patients", None, None, None],
        ["Patient", "T cells [%]", None, "Outcome"],
        ["id", "pre", "on", "OS months"],
        ["0040", 12.5, 30, 14],
        ["0041", 3, None, 7.25],
    ]
    path = workbook(tmp_path / "a.xlsx", rows)
    found = sniff(path)
    assert (found.file.sheet, found.file.header) == ("Patients", (2, 3))
    assert found.parts == ("Patients", "Notes")
    frame = read(path)
    assert list(frame.columns) == ["Patient id", "T cells [%] pre", "T cells [%] on", "Outcome OS months"]
    assert list(frame["Patient id"]) == ["0040", "0041"]


def test_a_workbook_with_one_header_row_has_one(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["id", "age", "note"], ["a", 60, None], ["b", 61, "x"]])
    assert sniff(path).file.header == (1,)


def test_typed_files(tmp_path: Path) -> None:
    frame = people(5)
    frame.to_parquet(tmp_path / "p.bin")
    frame.to_feather(tmp_path / "f.bin")
    assert sniff(tmp_path / "p.bin").file.format == "parquet"
    assert sniff(tmp_path / "f.bin").file.format == "feather"
    assert list(read(tmp_path / "p.bin")["id"]) == list(frame["id"])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "is a picture (PNG), whatever its name says"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "Git-LFS pointer"),
        (b"%PDF-1.7 ...", "is a PDF"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), r"old Excel file (.xls)"),
        (b"<!doctype html><html>404</html>", "is a web page"),
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"id,age\x00\x01\x02,x\n", "is no text"),
        (b"PK\x03\x04 broken", "damaged archive"),
        (gzip.compress(b"id,age\n1,60\n", mtime=0), "is compressed; unpack it first"),
        (b"\x1f\x8b broken", "is compressed and damaged"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "clinical.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile) as fault:
        sniff(path)
    assert words in str(fault.value)
    assert "clinical.csv" in str(fault.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnreachableFile):
        sniff(tmp_path / "none.csv")


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_a_table_or_a_fault_that_is_said(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.csv"
        path.write_bytes(content)
        with contextlib.suppress(TilExplorerError):
            look(path)


@given(st.lists(st.lists(st.text(st.sampled_from('ab,;"\t\r\n#01. é'), max_size=4), max_size=4), max_size=5))
@settings(max_examples=150, deadline=None)
def test_any_text_is_a_table_or_a_fault_that_is_said(rows: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.csv"
        path.write_text("\n".join(",".join(row) for row in rows), encoding="utf-8", newline="")
        with contextlib.suppress(TilExplorerError):
            look(path)


def test_one_column_is_said_to_be_doubtful(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id\n1\n2\n")
    found = sniff(tmp_path / "a.csv")
    assert found.confidence < 0.5
    assert "single column" in " ".join(found.why)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnreachableFile, match="is no file"):
        sniff(tmp_path / "pipe")
