"""Made-up R files, written byte by byte as R's serialization format version 2 (XDR) says: R Internals, section 1.8."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

NULL, SYMBOL, PAIRS, TEXT, FLAGS, INTEGERS, NUMBERS, TEXTS, LISTS, SLOTS = 254, 1, 2, 9, 10, 13, 14, 16, 19, 25
MISSING_INTEGER = -(2**31)


@dataclass
class S4:
    """An object of an S4 class by its slots."""

    kind: str
    slots: Mapping[str, Any]


@dataclass
class Matrix:
    """A matrix with names of its rows and columns."""

    values: np.ndarray
    rows: list[str]
    columns: list[str]


def _int(value: int) -> bytes:
    return struct.pack(">i", value)


def _head(kind: int, *, is_object: bool = False, attributes: bool = False, tag: bool = False) -> bytes:
    return _int(kind | is_object << 8 | attributes << 9 | tag << 10)


def _text(value: str | None) -> bytes:
    if value is None:
        return _head(TEXT) + _int(-1)
    return _int(TEXT | 64 << 12) + _int(len(value.encode())) + value.encode()


def _pairs(items: Mapping[str, Any]) -> bytes:
    """A pairlist: attributes, slots, or the objects of an .rda file."""
    parts = [_head(PAIRS, tag=True) + _int(SYMBOL) + _text(name) + item(value) for name, value in items.items()]
    return b"".join(parts) + _int(NULL)


def item(value: Any) -> bytes:
    """Any value: None, an S4 object, a named or plain list, a list of texts, an array of numbers or flags."""
    if value is None:
        return _int(NULL)
    if isinstance(value, S4):
        return _head(SLOTS, is_object=True, attributes=True) + _pairs({**value.slots, "class": [value.kind]})
    if isinstance(value, Matrix):
        return _array(value.values, [value.rows, value.columns])
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, dict):
        return _list(list(value.values()), {"names": list(value)})
    if all(v is None or isinstance(v, str) for v in value):
        return _head(TEXTS) + _int(len(value)) + b"".join(map(_text, value))
    return _list(value, {})


def _list(values: list[Any], attributes: Mapping[str, Any]) -> bytes:
    body = _head(LISTS, attributes=bool(attributes)) + _int(len(values)) + b"".join(map(item, values))
    return body + (_pairs(attributes) if attributes else b"")


def _array(values: np.ndarray, names: list[list[str]] | None = None) -> bytes:
    """Numbers, whole numbers or flags in R's order of columns; masked ones are NA."""
    flat = np.ma.masked_array(values).ravel(order="F")
    if values.dtype.kind == "f":
        kind, cells = NUMBERS, flat.filled(np.nan).astype(">f8").tobytes()
    else:
        kind = FLAGS if values.dtype.kind == "b" else INTEGERS
        whole = np.where(np.ma.getmaskarray(flat), MISSING_INTEGER, np.ma.getdata(flat))
        cells = whole.astype(">i4").tobytes()
    matrix = values.ndim == 2
    body = _head(kind, attributes=matrix) + _int(flat.size) + cells
    attributes = {"dim": np.array(values.shape), **({"dimnames": names} if names else {})}
    return body + (_pairs(attributes) if matrix else b"")


def rda(**objects: Any) -> bytes:
    """The bytes of an .rda file of these objects."""
    return b"RDX2\nX\n" + _int(2) + _int(0x40201) + _int(0x20300) + _pairs(objects)


def rds(value: Any) -> bytes:
    """The bytes of an .rds file of one object."""
    return b"X\n" + _int(2) + _int(0x40201) + _int(0x20300) + item(value)


def written(path: Path, content: bytes) -> Path:
    """The path of a file that holds these bytes."""
    path.write_bytes(content)
    return path


# Experiments ----------------------------------------------------------------------------------------------------------

SAMPLES = ["s1", "s2", "s3"]
GENES = ["CD8A", "GZMA", "PRF1"]
TPM = np.array([[1.0, 2.0, 4.0], [8.0, 2.0, 0.0], [2.0, 2.0, 5.0]])


def frame(names: list[str] | None, **columns: Any) -> S4:
    """A DFrame: columns of a table and the names of its rows (None for none)."""
    size = len(next(iter(columns.values()))) if columns else 0
    return S4("DFrame", {"rownames": names, "nrows": np.array([size]), "listData": columns})


def experiment(*, ranged: bool = False, names: bool = True, **assays: Any) -> S4:
    """A SummarizedExperiment of three genes and three samples; by default with one matrix, 'tpm'."""
    people = frame(
        SAMPLES if names else None,
        patient=["0040", "0041", "0042"],
        bor=["PR", None, "PD"],
        age=np.ma.masked_array([61, 0, 70], mask=[False, True, False]),
        stage=np.ma.masked_array([True, True, True], mask=True),
    )
    matrices = S4("SimpleAssays", {"data": S4("SimpleList", {"listData": assays or {"tpm": TPM}})})
    slots = {"colData": people, "assays": matrices, "metadata": []}
    rows, genes = frame(None, gene_name=GENES), GENES if names else None
    if not ranged:
        return S4("SummarizedExperiment", {**slots, "NAMES": genes, "elementMetadata": rows})
    places = S4("GRanges", {"ranges": S4("IRanges", {"NAMES": genes}), "elementMetadata": rows})
    bare = {"rowRanges": places, "NAMES": None, "elementMetadata": frame(None)}
    return S4("RangedSummarizedExperiment", {**slots, **bare})
