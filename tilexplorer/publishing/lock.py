"""One publisher at a time, and nothing left behind by one that was killed."""

from __future__ import annotations

import shutil
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

import duckdb

from tilexplorer.errors import StoreBusy, UnwritableFile

_LOCK: Final = "publishing.lock"
# What a file is called before it is complete.
SCRATCH: Final = "building-"


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """The right to change a store; StoreBusy while another has it.

    The operating system frees the lock of a process that dies.

    Raises
    ------
    StoreBusy
        Another process is publishing.
    UnwritableFile
        The folder cannot be written, or the disk is full; what is published stays as it was.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / _LOCK).open("a+b") as held:
            _take(held, folder)
            _clear(folder, SCRATCH)  # of a build that was killed
            yield
    except OSError as fault:
        raise _unwritable(folder, fault.strerror or str(fault)) from fault
    except (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException) as fault:
        raise _unwritable(folder, str(fault).splitlines()[0]) from fault


def _take(held: BinaryIO, folder: Path) -> None:
    try:
        lock(held)
    except OSError:
        raise StoreBusy(
            f"another process is publishing into {folder.name}: wait until it has finished and try again"
        ) from None


def _unwritable(folder: Path, why: str) -> UnwritableFile:
    return UnwritableFile(
        f"{folder}: the store cannot be changed ({why}); what is published is as it was: see that there is room on the "
        "disk and that the folder may be written, and try again"
    )


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A place for a file that is being built; the file and what DuckDB puts beside it are gone afterwards."""
    path = folder / f"{SCRATCH}{uuid.uuid4().hex}.duckdb"
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

    def lock(file: BinaryIO) -> None:
        """Hold an open file for this process, until it closes it or ends; OSError while another does."""
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def lock(file: BinaryIO) -> None:
        """Hold an open file for this process, until it closes it or ends; OSError while another does."""
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
