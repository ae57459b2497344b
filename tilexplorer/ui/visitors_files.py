"""Files that visitors gave, on the disk no longer than they are needed: patients' files must not stay.

Every server has a folder of its own, which it holds by a lock and removes when it stops. What a server left that was
killed is removed by the next one that starts: nobody holds its lock any longer.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import BinaryIO, Final

from tilexplorer.publishing.lock import lock

PREFIX: Final = "tilexplorer-visitors-"
HELD: Final = "server.lock"


@cache
def _own() -> tuple[Path, BinaryIO]:
    """The folder of this server, and the file whose lock says that it is alive."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    held = (folder / HELD).open("a+b")
    lock(held)
    atexit.register(remove_own)
    return folder, held


def new_folder() -> Path:
    """An empty folder for the files of one visit or of one job."""
    return Path(tempfile.mkdtemp(dir=_own()[0]))


def remove_own() -> None:
    """Remove what visitors of this server gave; called when it stops."""
    if _own.cache_info().currsize:
        folder, held = _own()
        _own.cache_clear()
        held.close()
        shutil.rmtree(folder, ignore_errors=True)


def remove_left_behind() -> None:
    """Remove what servers left that were killed; called when one starts."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if _abandoned(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _abandoned(folder: Path) -> bool:
    try:
        with (folder / HELD).open("r+b") as held:
            lock(held)
            return True
    except OSError:  # its server lives, or it is another user's
        return False
