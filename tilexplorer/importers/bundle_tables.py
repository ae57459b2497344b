"""The tables of a bundle as frames with exactly the dictionary's columns and types; anything else is an error."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from tilexplorer import spreadsheet
from tilexplorer.bundles import ARROW_TYPES
from tilexplorer.errors import InvalidData, UnreadableFile
from tilexplorer.importers.strict import nearest
from tilexplorer.schema import PANDAS_TYPES, Column, Table

_LONGEST_CELL: Final = 10_000_000
_WHOLE: Final = (-(2**31), 2**31 - 1)
_FLAGS: Final = {"true": True, "false": False}
_FROM_ARROW: Final = {ARROW_TYPES[kind]: pd.api.types.pandas_dtype(name) for kind, name in PANDAS_TYPES.items()}

Reader = Callable[[Table, bytes, str, int], pd.DataFrame]


def from_parquet(table: Table, raw: bytes, place: str, rows: int) -> pd.DataFrame:
    """A table from Parquet; `rows` is how many the manifest promises, which is asked before anything is unpacked."""
    try:
        file = parquet.ParquetFile(io.BytesIO(raw))
        _check_columns(table, file.schema_arrow.names, place)
        _check_types(table, file.schema_arrow, place)
        if file.metadata.num_rows != rows:
            raise UnreadableFile(f"{place}: has {file.metadata.num_rows} rows, the manifest says {rows}")
        read = file.read(columns=list(table.names))
        read.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as fault:
        raise UnreadableFile(f"{place}: is not a readable Parquet file ({fault})") from None
    # Nullable types: whole numbers and flags beside missing ones would not survive a detour over float.
    frame: pd.DataFrame = read.to_pandas(types_mapper=_FROM_ARROW.get)[list(table.names)]
    for column in table.columns:
        if column.type == "DOUBLE":
            _check_finite(frame[column.name], column, place)
    return frame


def _check_types(table: Table, schema: Any, place: str) -> None:
    for column in table.columns:
        found, wanted = schema.field(column.name).type, ARROW_TYPES[column.type]
        if found != wanted:
            raise UnreadableFile(f"{place}: column '{column.name}' is of type {found}, it has to be {wanted}")


def _check_finite(values: pd.Series, column: Column, place: str) -> None:
    numbers = values.to_numpy(dtype="float64", na_value=0.0)
    bad = np.flatnonzero(~np.isfinite(numbers))
    if len(bad):
        raise InvalidData(f"{place}, row {bad[0] + 1}, column '{column.name}': {numbers[bad[0]]} is no finite number")


def from_csv(table: Table, raw: bytes, place: str, rows: int) -> pd.DataFrame:  # noqa: ARG001 - as for Parquet
    """A table from CSV as `export` writes it."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise UnreadableFile(f"{place}: is not text in UTF-8 ({fault})") from None
    header, lines = _lines(text, place)
    _check_columns(table, header, place)
    for number, line in enumerate(lines, 2):
        if len(line) != len(header):
            raise UnreadableFile(f"{place}: row {number} has {len(line)} cells, the header has {len(header)}")
    by_name = dict(zip(header, zip(*lines, strict=True), strict=True)) if lines else dict.fromkeys(header, ())
    return pd.DataFrame({c.name: _typed(c, by_name[c.name], place) for c in table.columns})


def _lines(text: str, place: str) -> tuple[list[str], list[list[str]]]:
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = list(reader)
    except csv.Error as fault:
        raise UnreadableFile(f"{place}: line {reader.line_num}: {fault}") from None
    if not lines:
        raise UnreadableFile(f"{place}: has no header row")
    return lines[0], lines[1:]


def _check_columns(table: Table, names: Sequence[str], place: str) -> None:
    """Exactly the dictionary's columns, each once; their order does not matter."""
    for name in names:
        if name not in table.names:
            raise UnreadableFile(f"{place}: has the unknown column '{name}'; {nearest(name, table.names)}")
    for name in table.names:
        if list(names).count(name) != 1:
            raise UnreadableFile(f"{place}: the column '{name}' is there {list(names).count(name)} times")


def _typed(column: Column, cells: Sequence[str], place: str) -> pd.Series:
    read = _READ[column.type]
    values: list[object] = []
    try:
        values.extend(read(cell) if cell else None for cell in cells)
    except ValueError as fault:
        at = len(values)
        raise InvalidData(f"{place}, row {at + 2}, column '{column.name}': '{cells[at]}' {fault}") from None
    return pd.Series(values, dtype=PANDAS_TYPES[column.type])


def _whole(cell: str) -> int:
    try:
        value = int(cell)
    except ValueError:
        raise ValueError("is no whole number") from None
    if not _WHOLE[0] <= value <= _WHOLE[1]:
        raise ValueError("is too large for a whole number of 32 bits")
    return value


def _number(cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        raise ValueError("is no number") from None
    if not math.isfinite(value):
        raise ValueError("is no finite number")
    return value


def _flag(cell: str) -> bool:
    if cell not in _FLAGS:
        raise ValueError("is neither true nor false")
    return _FLAGS[cell]


_READ: Final[Mapping[str, Callable[[str], object]]] = {
    "VARCHAR": spreadsheet.read,
    "INTEGER": _whole,
    "DOUBLE": _number,
    "BOOLEAN": _flag,
}

READERS: Final[Mapping[str, Reader]] = {"parquet": from_parquet, "csv": from_csv}
