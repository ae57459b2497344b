"""A cohort or a selection as one zip file that says itself what it holds and can be imported without a mapping."""

from __future__ import annotations

from pathlib import Path

from tilexplorer.bundles import DICTIONARY, MANIFEST, README, table_path
from tilexplorer.export.extract import Extract
from tilexplorer.export.manifest import dictionary, manifest
from tilexplorer.export.readme import readme
from tilexplorer.export.tables import WRITERS
from tilexplorer.export.wide import obstacle, wide_files
from tilexplorer.export.zipped import write_zip
from tilexplorer.schema import TABLES


def write_bundle(extract: Extract, path: Path, kind: str = "parquet") -> None:
    """Write a bundle. The same generation and the same selection give the same bytes.

    Parameters
    ----------
    extract
        What is exported.
    path
        The zip file; one that is there is replaced when the new one is complete.
    kind
        How the canonical tables are written: "parquet" or "csv".
    """
    members = {table_path(t, kind): WRITERS[kind](t, extract.tables[t.name]) for t in TABLES}
    members[DICTIONARY] = dictionary()
    for cohort in extract.tables.cohorts:
        if not obstacle(extract, cohort):
            for name, content in wide_files(extract, cohort).items():
                members[f"wide/{cohort}/{name}"] = content
    members[README] = readme(extract, kind)
    write_zip(path, {MANIFEST: manifest(extract, kind, members), **members})
