"""Cohorts on their way into a generation: whole, or a part at a time so that a large file never lies in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import duckdb

from tilexplorer.schema import Canonical


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of the canonical tables, and how much of the source has been read (`done` of `total`)."""

    tables: Canonical
    done: int
    total: int


class Arriving(Protocol):
    """What can be published: it gives its rows in parts and then says whether they hold together."""

    @property
    def cohorts(self) -> tuple[str, ...]:
        """Ids of its cohorts."""

    def parts(self) -> Iterator[Part]:
        """Its rows; every part is appended to the generation that is being built."""

    def check(self, connection: duckdb.DuckDBPyConnection) -> None:
        """InvalidData where the rows, which are all in the database now, do not hold together."""


@dataclass(frozen=True)
class Whole:
    """Canonical tables that lie in memory, checked by whoever made them."""

    tables: Canonical

    @property
    def cohorts(self) -> tuple[str, ...]:
        """Ids of its cohorts."""
        return self.tables.cohorts

    def parts(self) -> Iterator[Part]:
        """All rows at once."""
        yield Part(self.tables, 1, 1)

    def check(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Nothing that the builder does not check for every cohort."""
