"""Open a published generation: read-only, locked, a cursor for each query.

A store is a folder. It holds immutable generation files `store-<id>.duckdb` and a small pointer file that names the
published one; publishing swaps the pointer atomically. DuckDB gives a second connection to a path it has open the old
contents, so there is one root connection for each generation file and every query takes a cursor of it.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import duckdb
import pandas as pd

from tilexplorer.errors import StoreDamaged, StoreMissing

POINTER: Final = "current.json"
DEFAULT_FOLDER: Final = Path(__file__).resolve().parent.parent / "data" / "store"

# A locked connection cannot read or write any other file, whatever a query says.
LOCKED: Final[dict[str, str | bool | int | float | list[str]]] = {
    "enable_external_access": "false",
    "lock_configuration": "true",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}

_roots: dict[Path, duckdb.DuckDBPyConnection] = {}
_roots_lock = threading.Lock()


def store_folder(folder: str | os.PathLike[str] | None = None) -> Path:
    """The folder that was named, else the one in TILEXPLORER_STORE, else data/store."""
    return Path(folder or os.environ.get("TILEXPLORER_STORE") or DEFAULT_FOLDER).resolve()


def generation_path(folder: Path, generation: str) -> Path:
    """Where a generation's file lies."""
    return folder / f"store-{generation}.duckdb"


def pointed(folder: Path) -> dict[str, Any] | None:
    """What the pointer says: the published generation and the log's entry about it; None where there is no pointer.

    Raises
    ------
    StoreDamaged
        The pointer cannot be read.
    """
    try:
        pointer = json.loads((folder / POINTER).read_text(encoding="utf-8"))
        return {**pointer, "generation": str(pointer["generation"])}
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise StoreDamaged(
            f"the pointer {POINTER} of {folder.name} is unreadable: `python -m tilexplorer rollback ID` writes it anew"
        ) from None
    except OSError as fault:
        raise StoreDamaged(
            f"the pointer {POINTER} of {folder.name} cannot be read ({fault.strerror}): is {folder} the folder of a "
            "store, and may you read it?"
        ) from None


def published(folder: Path) -> str:
    """Id of the published generation; StoreMissing where nothing has been published.

    It reads one small file, so a page may ask on every run whether a newer generation is there.
    """
    pointer = pointed(folder)
    if pointer is None:
        raise StoreMissing(
            f"no cohort has been published in {folder.name}: run `python -m tilexplorer simulate` or "
            "`python -m tilexplorer catalog add NAME`"
        )
    return str(pointer["generation"])


def _root(path: Path) -> duckdb.DuckDBPyConnection:
    with _roots_lock:
        _let_go()
        if not path.exists():
            raise StoreDamaged(
                f"generation {path.stem.removeprefix('store-')} is named but its file is gone from "
                f"{path.parent.name}: list what is there with `python -m tilexplorer generations` and roll back"
            )
        if path not in _roots:
            try:
                _roots[path] = duckdb.connect(str(path), read_only=True, config=LOCKED)
            except duckdb.Error as error:
                raise StoreDamaged(
                    f"generation file {path.name} cannot be opened ({str(error).splitlines()[0]}): roll back with "
                    "`python -m tilexplorer rollback ID`, or publish again"
                ) from None
        return _roots[path]


def _let_go() -> None:
    """Close files that another process deleted: what was forgotten stays on the disk while anybody has it open."""
    for path in [path for path in _roots if not path.exists()]:
        del _roots[path]


def release(path: Path) -> None:
    """Close the root connection of a generation file that is about to be deleted.

    It is let go, not closed by name: close() refuses while a query runs, and closes the cursors of those who are about
    to ask. So whoever is reading reads on, and the file is closed with the last of its cursors.
    """
    with _roots_lock:
        _roots.pop(path, None)


@dataclass(frozen=True)
class Store:
    """A published generation, open for reading. Two stores of the same generation are equal."""

    folder: Path
    generation: str

    @classmethod
    def open(cls, folder: str | os.PathLike[str] | None = None) -> Store:
        """The published generation of a folder."""
        return cls.at(store_folder(folder), published(store_folder(folder)))

    @classmethod
    def at(cls, folder: Path, generation: str) -> Store:
        """A certain generation of a folder."""
        _root(generation_path(folder, generation))
        return cls(folder, generation)

    def newer(self) -> str | None:
        """Id of the generation that has been published since this one was opened; None while there is none."""
        current = (pointed(self.folder) or {}).get("generation", self.generation)
        return None if current == self.generation else str(current)

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor of its own for one query: a shared connection refuses a second caller."""
        cursor = _root(generation_path(self.folder, self.generation)).cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def frame(self, sql: str, parameters: Mapping[str, object] | None = None) -> pd.DataFrame:
        """The rows of a query. Values are bound as `$name`, never formatted into the text."""
        with self.cursor() as cursor:
            return cursor.execute(sql, dict(parameters or {})).df()

    def table(self, name: str) -> pd.DataFrame:
        """A whole canonical table that is small: cohort, study, endpoint, measure, regimen, ..."""
        return self._tables[name]

    @cached_property
    def _tables(self) -> Mapping[str, pd.DataFrame]:
        small = ("cohort", "study", "endpoint", "measure", "regimen", "component", "exclusion", "overlap", "level_rule")
        return {name: self.frame(f"SELECT * FROM {name} ORDER BY ALL") for name in small}

    @cached_property
    def columns(self) -> Mapping[str, str]:
        """Type of every column of the wide analysis table."""
        described = self.frame("DESCRIBE analysis")
        return dict(zip(described["column_name"], described["column_type"], strict=True))
