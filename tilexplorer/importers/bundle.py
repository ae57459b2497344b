"""A bundle that `export` wrote, back into canonical tables: no mapping, every byte checked, nothing unpacked to disk.

The file may come from anywhere. Only members that the manifest names are opened, none is larger than the manifest says
and than its packed size makes plausible, and the manifest itself is small.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from tilexplorer.bundles import MANIFEST, SELECTION, table_path
from tilexplorer.errors import InvalidData, UnreachableFile, UnreadableFile
from tilexplorer.importers.archive import UNOPENED
from tilexplorer.importers.bundle_checks import check
from tilexplorer.importers.bundle_manifest import Manifest, parse_manifest
from tilexplorer.importers.bundle_members import Members, opened
from tilexplorer.importers.bundle_tables import READERS
from tilexplorer.schema import BY_NAME, TABLES, Canonical, with_rows


@dataclass(frozen=True)
class Bundle:
    """A bundle as read: what it says about itself, and its tables as they were exported."""

    manifest: Manifest
    tables: Canonical


def is_bundle(path: Path) -> bool:
    """Whether the file is a zip file with a manifest; it may still be damaged."""
    if not path.is_file():  # a pipe or a device may have no end
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return MANIFEST in archive.namelist()
    except (OSError, *UNOPENED):
        return False


def read_bundle(path: Path) -> Bundle:
    """The manifest and the tables of a bundle.

    Raises
    ------
    UnreachableFile
        There is no such file.
    UnreadableFile
        Not a bundle, of another version, damaged, or with members that no bundle has.
    WrongChecksum
        A member is not the one that was exported.
    InvalidData
        Rows that no canonical table may hold.
    """
    if not path.is_file():
        raise UnreachableFile(f"{path}: there is no such file")
    with opened(path) as members:
        manifest = parse_manifest(members.manifest(), path.name)
        members.check(manifest.members)
        tables = _tables(members, manifest, path.name)
    check(tables, path.name)
    _check_cohorts(tables, manifest, path.name)
    return Bundle(manifest, tables)


def import_bundle(path: Path) -> Canonical:
    """The tables of a bundle as they are to be published: a cohort that is there in part gets a name of its own."""
    bundle = read_bundle(path)
    partial = {name: name + SELECTION for name, whole in bundle.manifest.whole.items() if not whole}
    return renamed(bundle.tables, partial, bundle.manifest.query) if partial else bundle.tables


def renamed(tables: Canonical, names: Mapping[str, str], query: str) -> Canonical:
    """Selections under names of their own, each declared to hold patients of the cohort that it was taken from.

    A selection must not take the place of its cohort, and its patients must not be counted twice where both are there.
    """
    frames = {name: _with_names(frame, names) for name, frame in tables.frames.items()}
    frames["cohort"] = _with_caution(frames["cohort"], frames["cohort"]["cohort"].isin(list(names.values())), query)
    same: list[dict[str, object]] = [{"cohort": new, "patient": "", "preferred": old} for old, new in names.items()]
    frames["overlap"] = with_rows(frames["overlap"], BY_NAME["overlap"], same)
    return Canonical.of(frames)


def _with_names(frame: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    if "cohort" not in frame:
        return frame
    return frame.assign(cohort=frame["cohort"].replace(dict(names)))


def _with_caution(cards: pd.DataFrame, chosen: pd.Series, query: str) -> pd.DataFrame:
    """The cards with the words that these cohorts are selections, and which."""
    caution = f"This is a selection of the cohort's patients, not the cohort: {query}"
    note = cards["note"].fillna("")
    told = (note + "\n" + caution).where(note != "", caution)
    return cards.assign(
        title=cards["title"].mask(chosen, cards["title"] + " (selection)"), note=cards["note"].mask(chosen, told)
    )


def _tables(members: Members, manifest: Manifest, label: str) -> Canonical:
    frames = {}
    for table in TABLES:
        name = table_path(table, manifest.kind)
        place = f"{label}, {name}"
        frame = READERS[manifest.kind](table, members.content(name), place, manifest.rows[table.name])
        if len(frame) != manifest.rows[table.name]:
            raise UnreadableFile(f"{place}: has {len(frame)} rows, the manifest says {manifest.rows[table.name]}")
        frames[table.name] = frame
    return Canonical(MappingProxyType(frames))


def _check_cohorts(tables: Canonical, manifest: Manifest, label: str) -> None:
    """The cohorts and their sizes are those of the manifest, which says which of them are there in part."""
    if set(tables.cohorts) != set(manifest.whole):
        raise InvalidData(
            f"{label}: the manifest names the cohorts {', '.join(sorted(manifest.whole))}, "
            f"the tables hold {', '.join(sorted(tables.cohorts))}; export the bundle again"
        )
