"""What rows of a bundle must hold to be published: required fields, unique keys, and rows that they refer to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from tilexplorer.errors import InvalidData
from tilexplorer.schema import TABLES, Canonical, Table

# Columns of a table that have to be found in another: table, other table, columns of both.
_REFERENCES: Final = (
    ("study", "cohort", ("cohort",)),
    ("endpoint", "cohort", ("cohort",)),
    ("measure", "cohort", ("cohort",)),
    ("exclusion", "cohort", ("cohort",)),
    ("overlap", "cohort", ("cohort",)),
    ("patient", "cohort", ("cohort",)),
    ("course", "patient", ("cohort", "patient")),
    ("course", "study", ("cohort", "study")),
    ("course", "regimen", ("regimen",)),
    ("component", "regimen", ("regimen",)),
    ("outcome", "course", ("cohort", "patient", "course")),
    ("sample", "patient", ("cohort", "patient")),
    ("value", "sample", ("cohort", "patient", "sample")),
    ("value", "measure", ("cohort", "measure")),
)


def check(tables: Canonical, label: str) -> None:
    """InvalidData names the first row that is incomplete, repeated, or refers to a row that is not there."""
    for table in TABLES:
        _complete(table, tables[table.name], label)
        _unrepeated(table, tables[table.name], label)
    for name, other, columns in _REFERENCES:
        _found(tables.frames, name, other, list(columns), label)


def _complete(table: Table, frame: pd.DataFrame, label: str) -> None:
    for column in table.columns:
        if column.required and frame[column.name].isna().any():
            row = _first(frame[column.name].isna())
            raise InvalidData(f"{label}, {table.name}, row {row + 1}: has no {column.name}, which every row needs")


def _unrepeated(table: Table, frame: pd.DataFrame, label: str) -> None:
    repeated = frame.duplicated(list(table.key))
    if repeated.any():
        row = _first(repeated)
        raise InvalidData(f"{label}, {table.name}, row {row + 1}: {_words(frame, list(table.key), row)} is there twice")


def _found(frames: Mapping[str, pd.DataFrame], name: str, other: str, columns: list[str], label: str) -> None:
    here, there = frames[name], frames[other]
    if len(columns) == 1:
        missing = ~here[columns[0]].isin(there[columns[0]])
    else:
        known = pd.MultiIndex.from_frame(there[columns])
        missing = pd.Series(~pd.MultiIndex.from_frame(here[columns]).isin(known), index=here.index)
    if missing.any():
        row = _first(missing)
        raise InvalidData(
            f"{label}, {name}, row {row + 1}: {_words(here, columns, row)} is not in the table {other}; "
            "export the bundle again"
        )


def _first(marked: pd.Series) -> int:
    return int(marked.to_numpy(dtype=bool).argmax())


def _words(frame: pd.DataFrame, columns: list[str], row: int) -> str:
    return ", ".join(f"{name} '{frame[name].iloc[row]}'" for name in columns)
