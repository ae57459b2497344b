"""Build the file of a generation: what stays, what arrives, the wide table, the id."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from tilexplorer import analysis_table
from tilexplorer.publishing import integrity
from tilexplorer.publishing.arriving import Arriving
from tilexplorer.publishing.fingerprint import fingerprint
from tilexplorer.publishing.stages import Stages
from tilexplorer.schema import SCHEMA_VERSION, TABLES, Canonical, Table
from tilexplorer.store import Store

_CHUNK: Final = 50_000

# What DuckDB may hold in memory while it builds; the rest of a large sort or join lies beside the file.
MEMORY: Final = "700MB"

# Small tables get a primary key, which DuckDB checks row by row; the large ones are checked when they are complete.
_KEYED: Final = frozenset({"cohort", "study", "endpoint", "regimen", "component", "measure"})
_SHARED: Final = ("regimen", "component")


@dataclass(frozen=True, slots=True)
class Built:
    """A complete generation file: its id, and how many patients each of its cohorts has."""

    generation: str
    patients: Mapping[str, int]


def build(
    scratch: Path, base: Store | None, leaving: Collection[str], add: Sequence[Arriving], stages: Stages
) -> Built:
    """A generation in the file `scratch`: `base` less the cohorts `leaving`, with those of `add`.

    Raises
    ------
    InvalidData
        Rows of `add` that do not hold together.
    """
    with _opened(scratch) as connection:
        for number, table in enumerate(TABLES, 1):
            with _together(connection):
                _create(connection, table)
                if base is not None:
                    _carry_over(connection, base, table, leaving)
            stages.at("copying the cohorts that stay", number, len(TABLES))
        for number, arriving in enumerate(add):
            _take_in(connection, arriving, stages, number, len(add))
        with _together(connection):
            for shared in _SHARED:  # of cohorts that left
                connection.execute(f"DELETE FROM {shared} WHERE regimen NOT IN (SELECT regimen FROM course)")
            _check(connection, [cohort for arriving in add for cohort in arriving.cohorts], stages)
            analysis_table.build(connection, lambda done, of: stages.at("making the analysis table", done, of))
        generation = fingerprint(connection, lambda done, of: stages.at("computing the id", done, of))
        connection.execute("CREATE TABLE generation AS SELECT $id AS id, $schema AS schema_version",
                           {"id": generation, "schema": SCHEMA_VERSION})  # fmt: skip
        connection.execute("CHECKPOINT")
        return Built(generation, _patients(connection))


@contextmanager
def _opened(scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    spill = f"{scratch}.tmp"
    connection = duckdb.connect(str(scratch), config={"memory_limit": MEMORY, "temp_directory": spill})
    try:
        # The order of equal rows must not depend on threads: the same inputs give the same file and the same id.
        connection.execute("SET preserve_insertion_order = true")
        yield connection
    finally:
        connection.close()


@contextmanager
def _together(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """One transaction: each waits for the disk once. A transaction over everything would hold it all in memory."""
    connection.execute("BEGIN TRANSACTION")
    yield
    connection.execute("COMMIT")


def _create(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    columns = ", ".join(f"{analysis_table.quoted(c.name)} {c.type}" for c in table.columns)
    key = ", ".join(analysis_table.quoted(name) for name in table.key)
    connection.execute(f"CREATE TABLE {table.name} ({columns}, PRIMARY KEY ({key}))" if table.name in _KEYED
                       else f"CREATE TABLE {table.name} ({columns})")  # fmt: skip


def _carry_over(connection: duckdb.DuckDBPyConnection, base: Store, table: Table, leaving: Collection[str]) -> None:
    """Rows of the present generation, streamed: two DuckDB connections may not share a file."""
    names = ", ".join(analysis_table.quoted(name) for name in table.names)
    where = "NOT list_contains($leaving, cohort)" if "cohort" in table.names else "true"
    parameters = {"leaving": sorted(leaving)} if "cohort" in table.names else {}
    with base.cursor() as cursor:
        rows = cursor.sql(f"SELECT {names} FROM {table.name} WHERE {where}", params=parameters)
        connection.register("carried", rows.to_arrow_reader(_CHUNK))
        connection.execute(f"INSERT INTO {table.name} SELECT * FROM carried")
        connection.unregister("carried")


def _take_in(connection: duckdb.DuckDBPyConnection, arriving: Arriving, stages: Stages, number: int, of: int) -> None:
    for part in arriving.parts():
        with _together(connection):
            for table in TABLES:
                if len(part.tables[table.name]):
                    _insert(connection, table, part.tables)
        stages.at("reading rows", number + part.done / max(1, part.total), of)
    arriving.check(connection)


def _insert(connection: duckdb.DuckDBPyConnection, table: Table, tables: Canonical) -> None:
    connection.register("arriving", tables[table.name])
    new = ""
    if table.name in _SHARED:  # several cohorts have it: keep what is there
        key = " AND ".join(f"t.{analysis_table.quoted(k)} = arriving.{analysis_table.quoted(k)}" for k in table.key)
        new = f"WHERE NOT EXISTS (SELECT 1 FROM {table.name} t WHERE {key})"
    connection.execute(f"INSERT INTO {table.name} SELECT * FROM arriving {new}")
    connection.unregister("arriving")


def _check(connection: duckdb.DuckDBPyConnection, cohorts: Sequence[str], stages: Stages) -> None:
    """Every row of the cohorts that arrived; those that stay were checked when they arrived."""
    if not cohorts:
        return
    for number, check in enumerate(integrity.CHECKS, 1):
        check(connection, cohorts)
        stages.at("checking", number, len(integrity.CHECKS))


def _patients(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    rows = connection.execute(
        "SELECT h.cohort, count(p.patient) FROM cohort h LEFT JOIN patient p USING (cohort) GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return {str(cohort): int(n) for cohort, n in rows}
