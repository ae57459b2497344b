"""Files that somebody made to fill the memory or to keep a reader busy: small ones that grow, and large ones."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from tests.fuzz.seeds import seeds, with_part
from tests.importers import r_made

SHEET: Final = "xl/worksheets/sheet1.xml"
_MAIN: Final = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
ZEROS: Final = bytes(30_000_000)
TWO_GIGABYTES: Final = 2_000_000_000


def sheet(rows: str, before: str = "", dimension: str = "A1:B2") -> bytes:
    """A workbook whose sheet holds these rows; `before` stands before its root, `dimension` is what it says it has."""
    said = f"<dimension ref='{dimension}'/>"
    return with_part(SHEET, f"{before}<worksheet {_MAIN}>{said}<sheetData>{rows}</sheetData></worksheet>".encode())


def cell(text: str, place: str = "") -> str:
    """A cell of a sheet."""
    return f"<c{f' r={place!r}' if place else ''} t='inlineStr'><is><t>{text}</t></is></c>"


ENTITIES: Final = (
    "<!DOCTYPE w [<!ENTITY a 'aaaaaaaaaa'>"
    + "".join(f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)


def _one_member(size: int) -> bytes:
    """A workbook with a part of so many blanks."""
    out = io.BytesIO(seeds("excel")[0])
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/more.xml", "w") as part:
        for _ in range(size // 10_000_000):
            part.write(b" " * 10_000_000)
    return out.getvalue()


SHARED: Final = (
    b"<Override PartName='/xl/sharedStrings.xml' "
    b"ContentType='application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml'/></Types>"
)


def _repeated() -> bytes:
    """A workbook of 9,000 cells that show one text of 30,000 characters, which it keeps once."""
    rows, out = sheet("<row><c t='s'><v>0</v></c></row>" * 9_000), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(rows)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"</Types>", SHARED))
        new.writestr("xl/sharedStrings.xml", f"<sst {_MAIN}><si><t>{'x' * 30_000}</t></si></sst>")
    return out.getvalue()


def _parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    parquet.write_table(table, out)
    return out.getvalue()


def _sequence() -> bytes:
    """The R object 1:2000000000, as R writes it: compact."""
    name = b"".join(map(r_made._int, (r_made.PAIRS, r_made.SYMBOL))) + r_made._text("compact_intseq")
    name += r_made._int(r_made.NULL)
    return b"X\n" + r_made._int(3) + r_made._int(0x40201) + r_made._int(0x30500) + b"\x00\x00\x00\x05UTF-8" + (
        r_made._int(238) + name + r_made.item(np.array([2e9, 1.0, 1.0])) + r_made._int(r_made.NULL)
    )  # fmt: skip


# By name: the reader, and the bytes.
SMALL: Final[Mapping[str, tuple[str, Callable[[], bytes]]]] = MappingProxyType(
    {
        "a CSV of a million columns": ("csv", lambda: (",".join(f"c{n}" for n in range(10**6)) + "\n").encode() * 4),
        "a matrix of no name": ("cbioportal-matrix", lambda: b"\t".join(b"s" for _ in range(10**6))),
        "a line without end": ("csv", lambda: b"a,b\n" + b"1," * 20_000_000),
        "a cell of eleven million characters": ("csv", lambda: b"a,b\n1," + b"x" * 11_000_000),
        "too many cells": ("csv", lambda: b"a,b,c,d,e,f,g,h,i,j\n" + b"0,1,2,3,4,5,6,7,8,9\n" * 1_000_001),
        "a CSV that is a picture": ("csv", lambda: b"\x89PNG\r\n\x1a\n" + bytes(100)),
        "a sheet of 300 MB": ("excel", lambda: _one_member(300_000_000)),
        "a sheet of entities": ("excel", lambda: sheet(f"<row>{cell('&i;')}</row>", ENTITIES)),
        "an entity from a file": (
            "excel",
            lambda: sheet(f"<row>{cell('&x;')}</row>", "<!DOCTYPE w [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>"),
        ),
        "a row beyond the last": ("excel", lambda: sheet(f"<row r='2000000000'>{cell('a', 'A2000000000')}</row>")),
        "a row of 20,000 cells": ("excel", lambda: sheet(f"<row>{'<c/>' * 20_000}</row>")),
        "three million texts": ("excel", lambda: with_part("xl/styles.xml", b"<s>" + b"<si/>" * 3_000_001 + b"</s>")),
        "a text in many cells": ("excel", _repeated),
        "lines of nothing": ("csv", lambda: b"a,b\n" + b"\n" * 10_000_001),
        "gzip of zeros": ("rds", lambda: gzip.compress(ZEROS) * 10),
        "a sequence in R": ("rds", _sequence),
        "Parquet of too many rows": (
            "parquet",
            lambda: _parquet(pa.table({"a": np.zeros(11_000_000, bool)})),
        ),
        "a text in many rows of Parquet": (
            "parquet",
            lambda: _parquet(pa.table({"a": pa.DictionaryArray.from_arrays([0] * 300, ["x" * 1_000_000])})),
        ),
        "tables within tables": ("mapping", lambda: b"a = " + b"[" * 100_000),
        "a number without end": ("mapping", lambda: b"a = " + b"9" * 100_000),
    }
)


def sparse(path: Path, start: bytes = b"") -> Path:
    """A file of two gigabytes that takes no room: a start, then zeros."""
    path.write_bytes(start)
    os.truncate(path, TWO_GIGABYTES)
    return path
