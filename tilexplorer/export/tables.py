"""Canonical tables as the bytes of a Parquet or a CSV file; both come back exactly as they were."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from tilexplorer import spreadsheet
from tilexplorer.bundles import arrow_schema
from tilexplorer.schema import Table

# How a recorded cell is written, by the type of its column. repr() has every digit that a number needs to come back.
CELLS: Final[Mapping[str, Callable[[Any], str]]] = {
    "VARCHAR": spreadsheet.written,
    "INTEGER": str,
    "DOUBLE": lambda number: repr(float(number)),
    "BOOLEAN": lambda flag: "true" if flag else "false",
}


def as_parquet(table: Table, frame: pd.DataFrame) -> bytes:
    """The rows as a Parquet file."""
    out = io.BytesIO()
    typed = pa.Table.from_pandas(frame, schema=arrow_schema(table), preserve_index=False)
    # Without what pandas would add, the file depends on the rows alone.
    parquet.write_table(typed.replace_schema_metadata(None), out, compression="zstd")
    return out.getvalue()


def as_csv(table: Table, frame: pd.DataFrame) -> bytes:
    """The rows as a CSV file; texts as `spreadsheet` says, flags as true and false, missing values as empty cells."""
    columns = [cells(frame[c.name], c.type) for c in table.columns]
    return csv_bytes(table.names, zip(*columns, strict=True))


def cells(column: pd.Series, kind: str) -> list[str]:
    """A column as cells, by its type in the store; empty where it is missing."""
    values = [None if value is pd.NA else value for value in column.tolist()]
    if kind != "VARCHAR":
        return ["" if value is None else CELLS[kind](value) for value in values]
    # Each distinct text is written once: most columns repeat a few. (Not so numbers: 0.0 and -0.0 are equal.)
    made = {value: "" if value is None else spreadsheet.written(value) for value in set(values)}
    return [made[value] for value in values]


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Rows of cells as CSV in UTF-8. With these line ends the csv module quotes every cell that holds a CR or an LF."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()


WRITERS: Final[Mapping[str, Callable[[Table, pd.DataFrame], bytes]]] = {"parquet": as_parquet, "csv": as_csv}
