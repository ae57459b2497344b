"""What rows of a bundle must hold to be published: required fields, unique keys, known words, rows referred to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.errors import InvalidData
from tilexplorer.importers.mapping import COHORT_ID, COHORT_ID_WORDS
from tilexplorer.importers.strict import nearest
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


# Columns that hold words of the vocabulary. Measures may have names of their own.
_WORDS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("study", "setting"): vocabulary.SETTINGS,
    ("patient", "sex"): vocabulary.SEXES,
    ("course", "tumour"): tuple(vocabulary.tumours()),
    ("course", "msi"): vocabulary.MSI,
    ("course", "response"): vocabulary.RESPONSES,
    ("course", "benefit"): vocabulary.BENEFIT,
    ("outcome", "endpoint"): tuple(vocabulary.ENDPOINTS),
    ("component", "class"): vocabulary.THERAPY_CLASSES,
    ("component", "role"): ("treatment", "conditioning", "support"),
    ("sample", "timepoint"): vocabulary.TIMEPOINTS,
    ("sample", "sample_age"): vocabulary.SAMPLE_AGES,
    ("sample", "tissue"): vocabulary.TISSUES,
    ("sample", "origin"): ("primary", "metastasis"),
    ("measure", "kind"): ("number", "category"),
    ("value", "limit"): ("<", ">"),
}


def check(tables: Canonical, label: str) -> None:
    """InvalidData names the first row that is incomplete, repeated, of unknown words, or refers to no row."""
    for table in TABLES:
        _complete(table, tables[table.name], label)
        _unrepeated(table, tables[table.name], label)
    for (name, column), words in _WORDS.items():
        _known(name, tables[name][column], words, label)
    _named(tables["cohort"]["cohort"], label)
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


def _known(name: str, values: pd.Series, words: tuple[str, ...], label: str) -> None:
    unknown = values.notna() & ~values.isin(words)
    if unknown.any():
        row = _first(unknown)
        word = values.iloc[row]
        raise InvalidData(f"{label}, {name}, row {row + 1}: '{word}' is no {values.name}; {nearest(word, words)}")


def _named(cohorts: pd.Series, label: str) -> None:
    for name in cohorts:
        if not COHORT_ID.fullmatch(name):
            raise InvalidData(f"{label}: the cohort's id '{name}' may hold {COHORT_ID_WORDS} only")


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
