"""The store that export tests share: every real cohort and the simulated ones, and small stores of one cohort."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from tilexplorer.export import Extract, of_cohorts, write_bundle
from tilexplorer.importers.bundle import import_bundle
from tilexplorer.publish import publish
from tilexplorer.schema import TABLES, Canonical
from tilexplorer.store import Store


def everything(store: Store) -> Extract:
    """Every cohort of a store."""
    return of_cohorts(store, list(store.table("cohort")["cohort"]))


def bundled(extract: Extract, folder: Path, kind: str = "parquet") -> Path:
    """The bundle of an extract."""
    path = folder / f"{kind}.zip"
    write_bundle(extract, path, kind)
    return path


def republished(bundle: Path, folder: Path) -> str:
    """The generation that an import of the bundle into an empty store gives."""
    return publish(folder, [import_bundle(bundle)])


def member(bundle: Path, name: str) -> bytes:
    """A member of a zip file."""
    with zipfile.ZipFile(bundle) as archive:
        return archive.read(name)


def manifest(bundle: Path) -> dict[str, Any]:
    """The manifest of a bundle."""
    told: dict[str, Any] = json.loads(member(bundle, "manifest.json"))
    return told


def rebuilt(bundle: Path, to: Path, changed: Mapping[str, bytes | None]) -> Path:
    """A copy of a zip file with members replaced, added, or (None) left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = changed.get(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
        for name in changed.keys() - set(old.namelist()):
            content = changed[name]
            assert content is not None
            new.writestr(name, content)
    to.write_bytes(out.getvalue())
    return to


def ordered(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows in an order of their own, so that only what they hold is compared."""
    return frame.sort_values(list(frame.columns), ignore_index=True, na_position="first")


def same(one: Canonical, other: Canonical) -> None:
    """Two sets of tables hold the same rows, of the same types."""
    for table in TABLES:
        pd.testing.assert_frame_equal(ordered(one[table.name]), ordered(other[table.name]), obj=table.name)
