"""Public cohorts by name: each a TOML mapping in data/catalog whose files are fetched, checked and imported."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from tilexplorer.errors import UnknownCohort
from tilexplorer.fetch import Progress, fetch
from tilexplorer.importers import import_files, read_mapping
from tilexplorer.importers.mapping import Cohort, Mapped
from tilexplorer.importers.strict import nearest
from tilexplorer.origin import Origin, SourceFile, source_file
from tilexplorer.schema import Canonical

FOLDER: Final = Path(__file__).resolve().parent.parent / "data" / "catalog"

# Where downloaded files are kept; ignored by git.
DOWNLOADS: Final = Path(__file__).resolve().parent.parent / "data" / "downloads"


@cache
def entries() -> Mapping[str, Mapped]:
    """Every catalogue entry by the id of its cohort, in the order of the ids."""
    read = [read_mapping(path) for path in sorted(FOLDER.glob("*.toml"))]
    return MappingProxyType({mapped.cohort.id: mapped for mapped in read})


def names() -> tuple[str, ...]:
    """Ids of the cohorts that the catalogue knows."""
    return tuple(entries())


def entry(name: str) -> Mapped:
    """The catalogue entry of a cohort; UnknownCohort names the nearest where there is none."""
    if name not in entries():
        raise UnknownCohort(f"the catalogue has no cohort '{name}'; {nearest(name, names())}")
    return entries()[name]


def card(name: str) -> Cohort:
    """The cohort card: title, citation, licence, cautions."""
    return entry(name).cohort


def origin(name: str) -> Origin:
    """What the cohort is made from: its files, by the checksums that they must have, and its catalogue entry."""
    files = tuple(SourceFile(file.name, file.bytes, file.sha256) for file in entry(name).files.values())
    return Origin(name, source_file(FOLDER / f"{name}.toml"), files)


def load(name: str, mirror: str | Path | None = None, progress: Progress | None = None) -> Canonical:
    """A public cohort's canonical tables.

    Parameters
    ----------
    name
        Id of the cohort.
    mirror
        Folder or base address that holds the files as <folder>/<file name>; the environment variable
        TILEXPLORER_MIRROR is taken where it is not given, and without either the public addresses.
    progress
        Called with the file's name, the bytes received so far and their total, while a file is fetched.

    Raises
    ------
    UnknownCohort, UnreachableFile, WrongChecksum, UnreadableFile, InvalidData
        What is wrong, where, and how to mend it.
    """
    mapped = entry(name)
    source = mirror or os.environ.get("TILEXPLORER_MIRROR") or None
    paths = {key: fetch(file, source, DOWNLOADS, progress) for key, file in mapped.files.items()}
    return import_files(mapped, paths)
