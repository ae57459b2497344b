"""Files that were made to do harm, by name: one clear message each, soon, and in less than a gigabyte."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fuzz.apart import said
from tests.fuzz.bombs import SMALL, cell, sheet, sparse
from tests.fuzz.seeds import seeds
from tests.shared import ROOT
from tilexplorer.errors import UnreadableFile
from tilexplorer.importers import READERS
from tilexplorer.importers.limits import unpacked
from tilexplorer.importers.text import ReadOptions

MEGABYTES = 1024

WORDS = {
    "a CSV of a million columns": "has 1,000,000 columns, more than the 20,000 that are read",
    "a matrix of no name": "row 1: no column names the entities",
    "a line without end": "has a line of more than 33,554,432 characters",
    "a cell of eleven million characters": "line 2: field larger than field limit",
    "too many cells": "holds more than the 10,000,000 cells that are read at once",
    "a CSV that is a picture": "is not text in utf-8-sig",
    "a sheet of 300 MB": "bytes, more than the 268,435,456 that are read; save the sheet as CSV",
    "a sheet of entities": "declares entities, which no workbook needs",
    "an entity from a file": "declares entities, which no workbook needs",
    "a row beyond the last": "has a row 2000000000, a sheet has 1,048,576",
    "a row of 20,000 cells": "has more than the 16,384 cells in a row",
    "three million texts": "has more than the 3,000,000 texts and rows",
    "a text in many cells": "holds more than the 268,435,456 characters that are read at once",
    "lines of nothing": "holds more than the 10,000,000 cells that are read at once",
    "gzip of zeros": "holds more than the 268,435,456 bytes that are unpacked",
    "a sequence in R": "a sequence of 2e+09 numbers",
    "Parquet of too many rows": "holds more than the 10,000,000 cells",
    "a text in many rows of Parquet": "holds more than the 268,435,456 characters that are read at once",
    "tables within tables": "is not valid TOML",
    "a number without end": "is not valid TOML",
}
SPARSE = {
    "csv": (b"a,b\n1,2\n", "has 2,000,000,000 bytes, more than the 134,217,728"),
    "batches of csv": (b"a,b\n1,2\n", "holds zero bytes"),
    "cbioportal": (b"PATIENT_ID\tAGE\n", "has 2,000,000,000 bytes"),
    "cbioportal-matrix": (b"ENTITY_STABLE_ID\ta\n", "holds zero bytes"),
    "excel": (b"PK\x03\x04", "has 2,000,000,000 bytes"),
    "parquet": (b"PAR1", "has 2,000,000,000 bytes"),
    "batches of parquet": (b"PAR1", "is not a readable Parquet file"),
    "feather": (b"ARROW1", "has 2,000,000,000 bytes"),
    "rda": (b"RDX2\nX\n", "has 2,000,000,000 bytes"),
    "rds": (b"X\n", "has 2,000,000,000 bytes"),
    "sniff": (b"a,b\n1,2\n", "has 2,000,000,000 bytes"),
    "mapping": (b"[cohort]\n", "has more than 4,194,304 bytes"),
    "zip": (b"PK\x03\x04", "is neither a folder nor an archive"),
    "bundle": (b"PK\x03\x04", "is no readable zip file"),
}


def apart(*files: str | Path) -> tuple[list[tuple[str, float]], int]:
    """What is said of readers and files in another process, and its peak memory [MB]."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.fuzz.apart", *map(str, files)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)
    assert ran.returncode == 0, ran.stderr[-2000:]
    found = json.loads(ran.stdout)
    return found["told"], found["megabytes"]


def test_small_files_that_grow(tmp_path: Path) -> None:
    files: list[str | Path] = []
    for number, (reader, made) in enumerate(SMALL.values()):
        path = tmp_path / f"f{number}"
        path.write_bytes(made())
        files += [reader, path]
    told, megabytes = apart(*files)
    for (name, words), (message, seconds) in zip(WORDS.items(), told, strict=True):
        assert words in message, name
        assert message.startswith(("UnreadableFile: ", "InvalidMapping: ")), name
        assert seconds < 20, name
    assert megabytes < MEGABYTES


def test_every_bomb_has_its_words() -> None:
    assert list(WORDS) == list(SMALL)


def test_two_gigabytes(tmp_path: Path) -> None:
    """A file of two gigabytes is refused, or read no further than its first fault, in bounded memory."""
    files = [word for n, (reader, (start, _)) in enumerate(SPARSE.items())
             for word in (reader, sparse(tmp_path / f"f{n}", start))]  # fmt: skip
    told, megabytes = apart(*files)
    for (reader, (_, words)), (message, seconds) in zip(SPARSE.items(), told, strict=True):
        assert words in message, reader
        assert seconds < 20, reader
    assert megabytes < MEGABYTES


def test_what_a_sheet_says_of_its_size_is_not_believed(tmp_path: Path) -> None:
    """A dimension of a whole sheet would fill up every row with 16,384 cells."""
    rows = f"<row r='1'>{cell('id')}{cell('x')}</row><row r='2'>{cell('0040')}{cell('a')}</row>"
    path = tmp_path / "a.xlsx"
    path.write_bytes(sheet(rows, dimension="A1:XFD1048576"))
    frame = READERS["excel"](path, ReadOptions())
    assert frame.to_numpy().tolist() == [["0040", "a"]]


@pytest.mark.parametrize("number", range(4))
def test_a_feather_file_that_is_cut(tmp_path: Path, number: int) -> None:
    whole = seeds("feather")[number]
    path = tmp_path / "cut"
    for size in range(0, len(whole), 37):
        path.write_bytes(whole[:size])
        assert said("feather", path).startswith("UnreadableFile"), size


@pytest.mark.parametrize(("at", "byte"), [(318, 7), (-16, 0xFF), (-8, 0xFF)])
def test_a_feather_file_whose_description_leads_out_of_it(tmp_path: Path, at: int, byte: int) -> None:
    """The first two ended the interpreter before the description was checked."""
    raw = bytearray(seeds("feather")[0])
    raw[at] = byte
    path = tmp_path / "wild"
    path.write_bytes(raw)
    assert said("feather", path).startswith("UnreadableFile: wild: is not a readable Feather file")


def test_odd_text_is_kept_as_it_is(tmp_path: Path) -> None:
    """A mark of byte order, text from right to left, a line end within a cell, a formula: cells, nothing more."""
    path = tmp_path / "odd.csv"
    path.write_bytes(seeds("csv")[1])
    frame = READERS["csv"](path, ReadOptions())
    assert frame.columns.tolist() == ["id", "bor", "months"]
    assert frame.to_numpy().tolist() == [["00\n40", "\u202ePR\u202c", "12.5"], ["0041", "'=1+1'", "3"]]


@pytest.mark.parametrize("encoding", ["rot13", "base64", "undefined", "no-such", "a\x00b"])
def test_an_encoding_that_is_none_of_text(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,2\n")
    for reader in ("csv", "cbioportal", "cbioportal-matrix"):
        with pytest.raises(Exception, match="declare its encoding") as caught:
            READERS[reader](path, ReadOptions(encoding=encoding))
        assert type(caught.value).__name__ == "UnreadableFile"


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, bytes])
def test_no_more_is_unpacked_than_is_allowed(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "a.rds"
    path.write_bytes(pack(bytes(1000)) + pack(bytes(1000)))
    assert unpacked(path, 2000) == bytes(2000)
    with pytest.raises(UnreadableFile, match=r"a.rds: holds more than the 1,999 bytes that are unpacked"):
        unpacked(path, 1999)


@pytest.mark.parametrize("reader", ["bundle", "sniff", "excel"])
def test_a_zip_file_of_a_version_to_come(tmp_path: Path, reader: str) -> None:
    raw = bytearray(seeds("excel")[0])
    raw[raw.index(b"PK\x01\x02") + 6] = 118
    path = tmp_path / "new.xlsx"
    path.write_bytes(raw)
    assert said(reader, path).startswith("UnreadableFile: new.xlsx: is ")
