"""The catalogue against the manifest of the real files: addresses, sizes, checksums, and how long a load takes."""

from __future__ import annotations

import csv

import pytest

from tests.shared import real_cohorts
from tilexplorer import catalog
from tilexplorer.schema import BY_NAME, merge

pytestmark = [pytest.mark.cohorts, pytest.mark.xdist_group("tcga")]


def test_every_file_is_in_the_manifest_as_raw() -> None:
    with (real_cohorts() / "MANIFEST.csv").open(newline="") as opened:
        manifest = {(row["folder"], row["file"]): row for row in csv.DictReader(opened)}
    for name in catalog.names():
        for file in catalog.entry(name).files.values():
            row = manifest[file.folder, file.name]
            assert row["kind"] == "raw"
            assert (file.repository, file.commit, file.path) == (row["repository"], row["commit"], row["path"])
            assert (file.bytes, file.sha256) == (int(row["bytes"]), row["sha256"])


def test_all_cohorts_load_and_fit_together() -> None:
    mirror = real_cohorts()
    together = merge([catalog.load(name, mirror=mirror) for name in catalog.names()])
    assert together.cohorts == catalog.names()
    for name, table in BY_NAME.items():
        frame = together[name]
        assert not frame.duplicated(list(table.key)).any(), name
        for column in table.columns:
            if column.required:
                assert frame[column.name].notna().all(), f"{name}.{column.name}"
    for child, parent, key in (
        ("course", "patient", ["cohort", "patient"]),
        ("outcome", "course", ["cohort", "patient", "course"]),
        ("sample", "patient", ["cohort", "patient"]),
        ("value", "sample", ["cohort", "patient", "sample"]),
        ("value", "measure", ["cohort", "measure"]),
        ("course", "study", ["cohort", "study"]),
        ("course", "regimen", ["regimen"]),
        ("component", "regimen", ["regimen"]),
        ("outcome", "endpoint", ["cohort", "endpoint"]),
    ):
        joined = together[child][key].merge(together[parent][key].drop_duplicates(), on=key, how="left", indicator=True)
        assert (joined["_merge"] == "both").all(), f"{child} without {parent}"
