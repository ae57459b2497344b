"""A million patients with five measures each, imported from one Parquet file: time, peak memory, size on the disk."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from benchmarks.package import high_water_mark
from benchmarks.timing import seconds

PATIENTS: Final = 1_000_000
# The most that an import may hold in memory [MB].
ALLOWED: Final = 2048

MAPPING: Final = """
[cohort]
id = "million"
title = "A million made-up patients"

[files.clinical]
name = "million.parquet"
format = "parquet"

[patients]
table = "clinical"
id = {column = "id"}
tumour = {column = "tumour"}
regimen = {components = ["nivolumab"]}
sex = {column = "sex", map = {F = "female", M = "male"}}
age = {column = "age"}
response = {column = "response"}

[[endpoints]]
id = "os"
time = "months"
unit = "months"
status = "dead"
event = ["1"]
censored = ["0"]

[measures.til_percent]
assay = "H&E"
[measures.tmb]
assay = "panel"
[measures.cd8_density_centre]
assay = "IHC"
[measures.cd8_density_margin]
assay = "IHC"
[measures.t_cell_fraction]
assay = "DNA"

[[samples]]
table = "clinical"
patient = {column = "id"}
sample = {column = "id"}
timepoint = {value = "baseline"}
[samples.values]
til_percent = {column = "til"}
tmb = {column = "tmb"}
cd8_density_centre = {column = "centre"}
cd8_density_margin = {column = "margin"}
t_cell_fraction = {column = "fraction"}
"""

# Every column is drawn by a hash of the row's number, so that the file is the same each time.
ROWS: Final = """
SELECT 'P' || lpad(i::VARCHAR, 8, '0') AS id, ['MEL', 'LUAD', 'BLCA'][1 + i % 3] AS tumour,
       ['F', 'M'][1 + i % 2] AS sex, 40 + hash(i) % 40 AS age,
       ['CR', 'PR', 'SD', 'PD', 'NE'][(1 + hash(i, 1) % 5)::INTEGER] AS response,
       round(1 + (hash(i, 2) % 600) / 10, 1) AS months, (hash(i, 3) % 2)::INTEGER AS dead,
       round((hash(i, 4) % 1000) / 10, 1) AS til, round((hash(i, 5) % 4000) / 100, 2) AS tmb,
       round((hash(i, 6) % 30000) / 10, 1) AS centre, round((hash(i, 7) % 30000) / 10, 1) AS margin,
       round((hash(i, 8) % 10000) / 10000, 4) AS fraction
FROM range({patients}) AS rows(i)
"""

SECTION: Final = """
## Importing a million patients

One Parquet file of {patients:,} made-up patients with five measures each ({source:.0f} MB), imported and published by
the command line in a process of its own: read in batches, checked, laid out for the pages, its id computed. The other
way only copies the file into a DuckDB table, without reading a single cell.

| | seconds here | peak memory | on the disk |
|---|---|---|---|
| import and publish | {ours:.0f} s | **{peak:.0f} MB** (allowed: {allowed:,} MB) | {store:.0f} MB |
| import again, beside the first | {again:.0f} s | **{peak_again:.0f} MB** | {store_again:.0f} MB |
| DuckDB copies the file | {theirs:.1f} s | {peak_theirs:.0f} MB | {copied:.0f} MB |

The import takes **{ratio:.0f}** times as long as the copy, {rate:,.0f} patients in a second.
"""


@dataclass(frozen=True)
class Ran:
    """One process: how long it took [s], and its peak resident memory [MB]."""

    seconds: float
    peak: float


@dataclass(frozen=True)
class Imported:
    """What was measured; sizes in bytes."""

    patients: int
    first: Ran
    again: Ran
    copy: Ran
    source_bytes: int
    store_bytes: int
    store_bytes_again: int
    copied_bytes: int


def measure(folder: Path, patients: int = PATIENTS) -> Imported:
    """Import the same file under two names, one after the other, and copy it."""
    folder.mkdir(parents=True, exist_ok=True)
    source, copied, store = folder / "million.parquet", folder / "copied.duckdb", folder / "store"
    duckdb.sql(f"COPY ({ROWS.format(patients=patients)}) TO '{source}' (FORMAT parquet)")
    mapping, other = folder / "million.toml", folder / "again.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    other.write_text(MAPPING.replace('"million"', '"again"'), encoding="utf-8")
    first, size = _run("import", source, mapping, store), _largest(store)
    return Imported(
        patients=patients,
        first=first,
        again=_run("import", source, other, store),
        copy=_run("copy", source, copied),
        source_bytes=source.stat().st_size,
        store_bytes=size,
        store_bytes_again=_largest(store),
        copied_bytes=copied.stat().st_size,
    )


def _largest(store: Path) -> int:
    return max(path.stat().st_size for path in store.glob("store-*.duckdb"))


def _run(*arguments: str | Path) -> Ran:
    command = [sys.executable, "-m", "benchmarks.imports", *map(str, arguments)]
    found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Ran(**json.loads(found.stdout.splitlines()[-1]))


def _import(source: str, mapping: str, store: str) -> None:
    from tilexplorer.cli import main

    if main(["import", source, "--mapping", mapping, "--store", store]):
        raise SystemExit("the import failed")


def _copy(source: str, target: str) -> None:
    connection = duckdb.connect(target)
    connection.execute("CREATE TABLE copied AS SELECT * FROM read_parquet($source)", {"source": source})
    connection.close()


def text(found: Imported) -> str:
    """The section of docs/benchmarks.md."""
    return SECTION.format(
        patients=found.patients,
        allowed=ALLOWED,
        ours=found.first.seconds,
        again=found.again.seconds,
        theirs=found.copy.seconds,
        peak=found.first.peak,
        peak_again=found.again.peak,
        peak_theirs=found.copy.peak,
        source=found.source_bytes / 1e6,
        store=found.store_bytes / 1e6,
        store_again=found.store_bytes_again / 1e6,
        copied=found.copied_bytes / 1e6,
        ratio=found.first.seconds / found.copy.seconds,
        rate=found.patients / found.first.seconds,
    )


if __name__ == "__main__":
    if len(sys.argv) == 1:
        import tempfile

        with tempfile.TemporaryDirectory(prefix="tilexplorer-import-") as base:
            print(text(measure(Path(base))))
    else:
        ways: dict[str, Callable[..., None]] = {"import": _import, "copy": _copy}
        work = ways[sys.argv[1]]
        took = seconds(lambda: work(*sys.argv[2:]))
        print(json.dumps({"seconds": took, "peak": high_water_mark()}))
