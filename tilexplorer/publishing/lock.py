"""One publisher at a time, and nothing left behind by one that was killed."""

from __future__ import annotations

import shutil
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from tilexplorer.errors import StoreBusy

_LOCK: Final = "publishing.lock"
_SCRATCH: Final = "building-"


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """The right to change a store; StoreBusy while another has it.

    The operating system frees the lock of a process that dies.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _LOCK).open("a+b") as lock:
        try:
            _lock(lock)
        except OSError:
            raise StoreBusy(
                f"another process is publishing into {folder.name}: wait until it has finished and try again"
            ) from None
        _clear(folder, _SCRATCH)  # of a build that was killed
        yield


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A place for a file that is being built; the file and what DuckDB puts beside it are gone afterwards."""
    path = folder / f"{_SCRATCH}{uuid.uuid4().hex}.duckdb"
    try:
        yield path
    finally:
        _clear(folder, path.name)


def _clear(folder: Path, start: str) -> None:
    for left in folder.glob(f"{start}*"):
        if left.is_dir():  # where DuckDB sorts what does not fit into memory
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    def _lock(file: BinaryIO) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
