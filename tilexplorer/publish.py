"""Build a generation beside the running app and publish it atomically; roll back; list what is there.

A generation's id is a hash over the schema and vocabulary versions and the canonical rows in key order, never over the
file's bytes: the same inputs give the same id, whoever publishes them and whenever. A build that fails or is killed
leaves a scratch file and nothing else; the pointer is swapped only when the new file is complete and closed.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

import duckdb

from tilexplorer import analysis_table
from tilexplorer.errors import StoreBusy, StoreDamaged, StoreMissing
from tilexplorer.schema import SCHEMA_VERSION, TABLES, Canonical, Table
from tilexplorer.store import POINTER, Store, generation_path, published, release
from tilexplorer.vocabulary import VOCABULARY_VERSION

KEPT_GENERATIONS: Final = 5
LOG: Final = "publish-log.jsonl"
_LOCK: Final = "publishing.lock"
_ID_LENGTH: Final = 16
_CHUNK: Final = 50_000


@dataclass(frozen=True, slots=True)
class GenerationInfo:
    """A generation in a store: its id, when its file was made, its size, whether it is the published one."""

    id: str
    made: datetime
    bytes: int
    published: bool


def publish(folder: Path, add: Sequence[Canonical] = (), remove: Sequence[str] = ()) -> str:
    """Publish a new generation: the present one, less `remove`, with the cohorts of `add` put in or replaced.

    Returns the generation's id. The store is created where there is none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _exclusive(folder):
        base = _base(folder)
        leaving = {*remove, *(cohort for part in add for cohort in part.cohorts)}
        scratch = folder / f"building-{uuid.uuid4().hex}.duckdb"
        try:
            generation = _build(scratch, base, leaving, add)
            _install(folder, scratch, generation)
        finally:
            for left in folder.glob(f"{scratch.name}*"):
                left.unlink(missing_ok=True)
        _log(folder, generation, added=[c for part in add for c in part.cohorts], removed=list(remove))
        _prune(folder)
        return generation


def roll_back(folder: Path, generation: str) -> None:
    """Make an older generation the published one."""
    Store.at(folder, generation)  # complains where the file is gone or damaged
    _point(folder, generation)
    _log(folder, generation, rolled_back=True)


def generations(folder: Path) -> list[GenerationInfo]:
    """The generations of a store, newest first."""
    try:
        current = published(folder)
    except (StoreMissing, StoreDamaged):
        current = ""
    found = []
    for path in folder.glob("store-*.duckdb"):
        name = path.stem.removeprefix("store-")
        facts = path.stat()
        made = datetime.fromtimestamp(facts.st_mtime, UTC)
        found.append(GenerationInfo(name, made, facts.st_size, name == current))
    return sorted(found, key=lambda info: info.made, reverse=True)


def _base(folder: Path) -> Store | None:
    try:
        return Store.at(folder, published(folder))
    except StoreMissing:
        return None


def _build(scratch: Path, base: Store | None, leaving: set[str], add: Sequence[Canonical]) -> str:
    connection = duckdb.connect(str(scratch))
    try:
        # The order of equal rows must not depend on threads: the same inputs give the same file and the same id.
        connection.execute("SET preserve_insertion_order = true")
        for table in TABLES:
            _create(connection, table)
            if base is not None:
                _carry_over(connection, base, table, leaving)
            for part in add:
                _insert(connection, table, part)
        for shared in ("regimen", "component"):  # of cohorts that left
            connection.execute(f"DELETE FROM {shared} WHERE regimen NOT IN (SELECT regimen FROM course)")
        analysis_table.build(connection)
        generation = fingerprint(connection)
        connection.execute("CREATE TABLE generation AS SELECT $id AS id, $schema AS schema_version",
                           {"id": generation, "schema": SCHEMA_VERSION})  # fmt: skip
        connection.execute("CHECKPOINT")
        return generation
    finally:
        connection.close()


def _create(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    columns = ", ".join(f"{analysis_table.quoted(c.name)} {c.type}" for c in table.columns)
    key = ", ".join(analysis_table.quoted(name) for name in table.key)
    connection.execute(f"CREATE TABLE {table.name} ({columns}, PRIMARY KEY ({key}))" if table.name in _KEYED
                       else f"CREATE TABLE {table.name} ({columns})")  # fmt: skip


# Small tables get a primary key, which DuckDB checks row by row; the large ones are checked at import and at the end.
_KEYED: Final = frozenset({"cohort", "study", "endpoint", "regimen", "component", "measure"})


def _carry_over(connection: duckdb.DuckDBPyConnection, base: Store, table: Table, leaving: set[str]) -> None:
    """Rows of the present generation, streamed: two DuckDB connections may not share a file."""
    names = ", ".join(analysis_table.quoted(name) for name in table.names)
    where = "NOT list_contains($leaving, cohort)" if "cohort" in table.names else "true"
    parameters = {"leaving": sorted(leaving)} if "cohort" in table.names else {}
    with base.cursor() as cursor:
        rows = cursor.sql(f"SELECT {names} FROM {table.name} WHERE {where}", params=parameters)
        connection.register("carried", rows.to_arrow_reader(_CHUNK))
        connection.execute(f"INSERT INTO {table.name} SELECT * FROM carried")
        connection.unregister("carried")


def _insert(connection: duckdb.DuckDBPyConnection, table: Table, part: Canonical) -> None:
    frame = part[table.name]
    connection.register("arriving", frame)
    new = ""
    if table.name in ("regimen", "component"):  # shared by cohorts: keep what is there
        key = " AND ".join(f"t.{analysis_table.quoted(k)} = arriving.{analysis_table.quoted(k)}" for k in table.key)
        new = f"WHERE NOT EXISTS (SELECT 1 FROM {table.name} t WHERE {key})"
    connection.execute(f"INSERT INTO {table.name} SELECT * FROM arriving {new}")
    connection.unregister("arriving")


def fingerprint(connection: duckdb.DuckDBPyConnection) -> str:
    """Hash of the canonical rows: every table in the dictionary's order, its rows in key order."""
    digest = hashlib.sha256(f"schema {SCHEMA_VERSION} vocabulary {VOCABULARY_VERSION}".encode())
    for table in TABLES:
        digest.update(f"\n[{table.name}]\n".encode())
        for block in _lines(connection, table):
            digest.update(block)
    return digest.hexdigest()[:_ID_LENGTH]


def _lines(connection: duckdb.DuckDBPyConnection, table: Table) -> Iterator[bytes]:
    cells = ", ".join(f"coalesce({analysis_table.quoted(n)}::VARCHAR, chr(0))" for n in table.names)
    order = ", ".join(analysis_table.quoted(name) for name in (*table.key, *table.names))
    result = connection.execute(f"SELECT concat_ws(chr(31), {cells}) FROM {table.name} ORDER BY {order}")
    while rows := result.fetchmany(_CHUNK):
        yield ("\n".join(row[0] for row in rows) + "\n").encode()


def _install(folder: Path, scratch: Path, generation: str) -> None:
    target = generation_path(folder, generation)
    if target.exists():
        os.utime(target)  # the same contents were published before: only the pointer moves
    else:
        os.replace(scratch, target)
    _point(folder, generation)


def _point(folder: Path, generation: str) -> None:
    scratch = folder / f"{POINTER}.{uuid.uuid4().hex}"
    scratch.write_text(json.dumps({"generation": generation}), encoding="utf-8")
    os.replace(scratch, folder / POINTER)


def _prune(folder: Path) -> None:
    """Keep the newest generations for roll-back; the published one is always kept."""
    for info in generations(folder)[KEPT_GENERATIONS:]:
        if not info.published:
            path = generation_path(folder, info.id)
            release(path)
            path.unlink(missing_ok=True)


def _log(folder: Path, generation: str, **facts: object) -> None:
    entry = {"time": datetime.now(UTC).isoformat(timespec="seconds"), "generation": generation, **facts}
    with (folder / LOG).open("a", encoding="utf-8") as log:
        log.write(json.dumps(entry) + "\n")


@contextmanager
def _exclusive(folder: Path) -> Iterator[None]:
    """One publisher at a time. The operating system frees the lock of a process that dies."""
    with (folder / _LOCK).open("a+b") as lock:
        try:
            _lock(lock)
        except OSError:
            raise StoreBusy(
                f"another process is publishing into {folder.name}: wait until it has finished and try again"
            ) from None
        for left in folder.glob("building-*"):  # of a build that was killed
            left.unlink(missing_ok=True)
        yield


if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    def _lock(file: BinaryIO) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
