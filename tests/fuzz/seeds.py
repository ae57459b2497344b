"""Small valid files of every format, made in code: what mutation starts from."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
from pyarrow import feather, parquet

from tests.importers import r_made
from tests.importers.cbioportal import made as study
from tests.importers.made import MAPPING, ROWS
from tests.miniature import miniature
from tilexplorer.export import of_cohorts, write_bundle
from tilexplorer.publish import publish
from tilexplorer.store import Store

TABLE: Final = pa.table(
    {
        "id": ["0040", "0041", None],
        "n": pa.array([1, None, 2**53 + 1]),
        "x": [0.5, None, -1e300],
        "dead": [True, False, None],
        "day": pa.array([0, 1, None], pa.timestamp("us")),
        "level": pa.array(["a", "b", "a"]).dictionary_encode(),
    }
)
PEOPLE: Final = pd.DataFrame({"id": ["0040", "0041"], "bor": ["PR", None], "months": [12.5, 3.0], "dead": [0, 1]})


def packed(member: str = "clinical.csv", content: str = ROWS) -> bytes:
    """A zip archive of one text."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, content)
    return out.getvalue()


def workbook(frame: pd.DataFrame = PEOPLE) -> bytes:
    """A workbook of one sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(frame.columns))
    for row in frame.itertuples(index=False):
        sheet.append([None if pd.isna(cell) else cell for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


PARTS: Final = ("xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml")


@cache
def _parts() -> Mapping[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(workbook())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_part(name: str, part: bytes) -> bytes:
    """The workbook with one of its parts replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for known, content in _parts().items():
            archive.writestr(known, part if known == name else content)
    return out.getvalue()


def _table(bundle: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        return archive.read(name)


def _arrow(kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "parquet":
        parquet.write_table(TABLE, out, compression="none")
        return out.getvalue()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        plain = TABLE.drop_columns("level") if kind == "feather 1" else TABLE
        feather.write_feather(
            plain, out, **({"version": 1} if kind == "feather 1" else {"compression": kind.rpartition(" ")[2]})
        )
    return out.getvalue()


def _r_table() -> dict[str, object]:
    return {"id": ["0040", "0041", None], "x": np.array([0.5, 1.0, 2.0]), "n": np.array([1, 2, 3])}


def _tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in study.STUDY.items():
            info = tarfile.TarInfo(name)
            info.size = len(content.encode())
            archive.addfile(info, io.BytesIO(content.encode()))
    return out.getvalue()


def _bundle(kind: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        publish(Path(folder), [miniature(patients=6)])
        path = Path(folder) / "bundle.zip"
        write_bundle(of_cohorts(Store.open(Path(folder)), ["alpha"]), path, kind)
        return path.read_bytes()


def _rds() -> tuple[bytes, ...]:
    experiment = r_made.rds(r_made.experiment())
    frame = r_made.rds(_r_table())
    return experiment, frame, gzip.compress(frame), b"A\n2\n262657\n131840\n13\n3\n1\n2\nNA\n"


def _rda() -> tuple[bytes, ...]:
    plain = r_made.rda(people=_r_table(), more=r_made.experiment(ranged=True))
    return plain, gzip.compress(plain), bz2.compress(plain), lzma.compress(plain)


_TEXT: Final = ROWS.encode()
_ODD: Final = "﻿id,bor,months\r\n\"00\n40\",\u202ePR\u202c,12.5\r\n0041,'=1+1',3\r\n".encode()
_TABS: Final = ROWS.replace(",", "\t").encode()
_CLINICAL: Final = (study.PATIENTS.encode(), study.SAMPLES.encode(), study.TREATMENT.encode())

_MADE: Final[Mapping[str, Callable[[], tuple[bytes, ...]]]] = MappingProxyType(
    {
        "csv": lambda: (_TEXT, _ODD, _TEXT.replace(b"\n", b"\r")),
        "tsv": lambda: (_TABS,),
        "delimited": lambda: (_TEXT.replace(b",", b";"),),
        "excel": lambda: (workbook(),),
        "feather": lambda: tuple(map(_arrow, ("feather 1", "feather uncompressed", "feather lz4", "feather zstd"))),
        "parquet": lambda: (_arrow("parquet"),),
        "rda": _rda,
        "rds": _rds,
        "cbioportal": lambda: _CLINICAL,
        "cbioportal-matrix": lambda: (study.DENSITY.encode(),),
        "workbook parts": lambda: tuple(_parts()[name] for name in PARTS),
        "zip": lambda: (packed(),),
        "tar": lambda: (_tar(),),
        "study": lambda: (study.STUDY["meta_study.txt"].encode(), study.STUDY["meta_cell_density.txt"].encode()),
        "bundle": lambda: (_bundle("csv"), _bundle("parquet")),
        "bundle tables": lambda: (
            _table(_bundle("csv"), "tables/outcome.csv"),
            _table(_bundle("parquet"), "tables/outcome.parquet"),
            _table(_bundle("csv"), "manifest.json"),
        ),
        "mapping": lambda: (MAPPING.encode(), study.MAPPING.encode()),
    }
)

# Formats that are recognised by their bytes.
ENTRY: Final = ("csv", "tsv", "delimited", "excel", "feather", "parquet", "rda", "rds", "cbioportal", "zip")


@cache
def seeds(name: str) -> tuple[bytes, ...]:
    """The files that mutation of a reader's input starts from; those of `sniff` are one of each format."""
    if name == "sniff":
        return tuple(seeds(kind)[0] for kind in _MADE if kind in ENTRY)
    return _MADE[name]()
