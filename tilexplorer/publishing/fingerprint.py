"""The id of a generation: a hash over what it says, whoever publishes it and whenever."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Final

import duckdb

from tilexplorer.analysis_table import quoted
from tilexplorer.schema import SCHEMA_VERSION, TABLES, Table
from tilexplorer.vocabulary import VOCABULARY_VERSION

_ID_LENGTH: Final = 16
_CHUNK: Final = 50_000


def fingerprint(connection: duckdb.DuckDBPyConnection, report: Callable[[int, int], None] | None = None) -> str:
    """Hash of the canonical rows: every table in the dictionary's order, its rows in key order.

    `report` is told how many rows are hashed, and how many there are.
    """
    digest = hashlib.sha256(f"schema {SCHEMA_VERSION} vocabulary {VOCABULARY_VERSION}".encode())
    total = sum(_count(connection, table) for table in TABLES) if report else 0
    done = 0
    for table in TABLES:
        digest.update(f"\n[{table.name}]\n".encode())
        for rows, text in _lines(connection, table):
            digest.update(text)
            done += rows
            if report:
                report(done, total)
    return digest.hexdigest()[:_ID_LENGTH]


def _count(connection: duckdb.DuckDBPyConnection, table: Table) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table.name}").fetchall()[0][0])


def _lines(connection: duckdb.DuckDBPyConnection, table: Table) -> Iterator[tuple[int, memoryview]]:
    """The rows as lines of text, a chunk at a time: how many, and their bytes."""
    cells = ", ".join(f"coalesce({quoted(name)}::VARCHAR, chr(0))" for name in table.names)
    order = ", ".join(quoted(name) for name in (*table.key, *table.names))
    rows = connection.sql(f"SELECT concat_ws(chr(31), {cells}) || chr(10) AS line FROM {table.name} ORDER BY {order}")
    for batch in rows.to_arrow_reader(_CHUNK):
        # An Arrow text column is one stretch of bytes: it is hashed where it lies, without an object for each line.
        column = batch.column(0)
        offsets, text = memoryview(column.buffers()[1]).cast("i"), memoryview(column.buffers()[2] or b"")
        yield len(column), text[offsets[column.offset] : offsets[column.offset + len(column)]]
