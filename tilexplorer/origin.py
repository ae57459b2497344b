"""Where a cohort came from: the files that were read and the mapping that read them, each by its sha256."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as it was read: its name without its folder, its size, its sha256."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Origin:
    """What a cohort was made from; `mapping` is None for one that no mapping made."""

    cohort: str
    mapping: SourceFile | None = None
    files: tuple[SourceFile, ...] = ()


def source_file(path: Path) -> SourceFile:
    """A file's name, size and sha256."""
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return SourceFile(path.name, path.stat().st_size, digest)


def origin(cohort: str, mapping: Path, files: Iterable[Path]) -> Origin:
    """The origin of a cohort that a mapping file read from these files."""
    return Origin(cohort, source_file(mapping), tuple(source_file(path) for path in files))
