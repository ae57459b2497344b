"""Zip files whose bytes follow from their contents alone: fixed order, fixed times, fixed permissions."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

# The earliest time that a zip file can state: when an export was made is no part of it.
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_PLAIN_FILE: Final = 0o100644 << 16
_LEVEL: Final = 6


def write_zip(path: Path, members: Mapping[str, bytes]) -> None:
    """Write members in their order. The file gets its name when it is complete: nobody sees half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as out, zipfile.ZipFile(out, "w") as archive:
            for member, content in members.items():
                archive.writestr(_entry(member), content, zipfile.ZIP_DEFLATED, _LEVEL)
        part.chmod(0o644)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _entry(member: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(member, _EPOCH)
    entry.create_system = _UNIX  # whichever system writes it
    entry.external_attr = _PLAIN_FILE
    return entry
