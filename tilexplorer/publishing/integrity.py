"""What must hold over all rows of a generation, asked of the database: no row twice, no row without its owner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import duckdb

from tilexplorer.analysis_table import quoted
from tilexplorer.errors import InvalidData
from tilexplorer.schema import BY_NAME

UNIQUE: Final = ("patient", "course", "outcome", "sample", "value", "exclusion")

# Table, the table that its rows belong to, by which columns. A row without an owner would be missing from every view.
OWNED: Final = (
    ("course", "patient", ("cohort", "patient")),
    ("course", "study", ("cohort", "study")),
    ("course", "regimen", ("regimen",)),
    ("outcome", "course", ("cohort", "patient", "course")),
    ("outcome", "endpoint", ("cohort", "endpoint")),
    ("sample", "patient", ("cohort", "patient")),
    ("value", "sample", ("cohort", "patient", "sample")),
    ("value", "measure", ("cohort", "measure")),
)


def check_unique(table: str, connection: duckdb.DuckDBPyConnection, cohorts: Sequence[str]) -> None:
    """InvalidData where two rows of a table have the same key."""
    key = BY_NAME[table].key
    names = ", ".join(map(quoted, key))
    found = connection.execute(
        f"SELECT {names}, count(*) FROM {table} WHERE list_contains($cohorts, cohort) "
        f"GROUP BY {names} HAVING count(*) > 1 ORDER BY min(rowid) LIMIT 1",
        {"cohorts": list(cohorts)},
    ).fetchall()
    if found:
        raise InvalidData(
            f"the table {table} has {found[0][-1]} rows for {_named(key, found[0])}; "
            "choose the rows with where = {...} or a keep step, or give each an id of its own"
        )


def check_owned(
    table: str, owner: str, by: Sequence[str], connection: duckdb.DuckDBPyConnection, cohorts: Sequence[str]
) -> None:
    """InvalidData where a row belongs to nothing."""
    names = ", ".join(map(quoted, by))
    found = connection.execute(
        f"SELECT {names} FROM {table} ANTI JOIN {owner} USING ({names}) "
        "WHERE list_contains($cohorts, cohort) ORDER BY ALL LIMIT 1",
        {"cohorts": list(cohorts)},
    ).fetchall()
    if found:
        raise InvalidData(
            f"the table {table} has a row for {_named(by, found[0])}, which the table {owner} does not have; "
            f"add it there, or leave the row out"
        )


Check = Callable[[duckdb.DuckDBPyConnection, Sequence[str]], None]

CHECKS: Final[tuple[Check, ...]] = (
    *(partial(check_unique, table) for table in UNIQUE),
    *(partial(check_owned, *owned) for owned in OWNED),
)


def _named(names: Sequence[str], values: Sequence[object]) -> str:
    return ", ".join(f"{name} '{value}'" for name, value in zip(names, values, strict=False))
