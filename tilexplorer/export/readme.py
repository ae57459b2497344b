"""The words that lie beside an export, for somebody who has only the file."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from tilexplorer import spreadsheet
from tilexplorer.bundles import DICTIONARY, MANIFEST, SELECTION
from tilexplorer.export.extract import Extract
from tilexplorer.export.wide import obstacle


def readme(extract: Extract, kind: str) -> bytes:
    """README.txt of a bundle."""
    parts = [*_what(extract), *_cohorts(extract), *_files(extract, kind), *_import(extract), *_cautions(extract)]
    return ("\n".join(parts) + "\n").encode()


def _what(extract: Extract) -> Iterable[str]:
    yield "TIL Explorer: T-cell infiltration and immunotherapy outcome"
    yield ""
    yield f"{extract.n:,} patients of generation {extract.generation}."
    if extract.query:
        yield f"They are the patients of this selection: {extract.query}"
    for cohort, reason in extract.left_out:
        yield f"Left out: {cohort}, because {reason}."
    if any(map(extract.partial, extract.tables.cohorts)):
        yield "THIS IS A SELECTION, not a whole cohort: do not describe a cohort by it."
    if extract.simulated:
        yield "SIMULATED: some or all of the patients are made by a recipe. They are no evidence of anything."
    yield ""


def _cohorts(extract: Extract) -> Iterable[str]:
    yield "Cohorts"
    yield ""
    for row in extract.tables["cohort"].to_dict("records"):
        cohort = row["cohort"]
        yield f"{cohort}: {row['title']}"
        yield f"  patients: {extract.counts[cohort]:,} of {extract.held[cohort]:,}"
        for key in ("citation", "doi", "licence"):
            yield f"  {key}: {row[key] if pd.notna(row[key]) and row[key] else 'not stated by the source'}"
    yield ""
    yield "Who passes these files on passes them on under the licence of each source, with its citation."
    yield ""


def _files(extract: Extract, kind: str) -> Iterable[str]:
    yield "Files"
    yield ""
    yield f"{MANIFEST}: versions, generation, selection, cohorts, and the sha256 of every other file"
    yield f"{DICTIONARY}: what every column of every table means, with its unit"
    yield f"tables/*.{kind}: the tables, exactly as they are stored"
    yield "wide/COHORT/: patients.csv and samples.csv, one row a patient and one row a sample, and their mapping.toml"
    for cohort in extract.tables.cohorts:
        if reason := obstacle(extract, cohort):
            yield f"  not for {cohort}: {reason}"
    yield ""
    yield "Times are whole days; event is true where the event happened, false where the patient was censored."
    yield spreadsheet.RULE
    yield ""


def _import(extract: Extract) -> Iterable[str]:
    yield "Import"
    yield ""
    yield "  python -m tilexplorer import BUNDLE.zip"
    yield ""
    yield "reads the tables. It refuses a file that was changed. To change something, unpack the bundle, edit the files"
    yield "in wide/COHORT and import them by their mapping:"
    yield ""
    yield "  python -m tilexplorer import patients.csv samples.csv --mapping mapping.toml"
    yield ""
    for cohort in extract.tables.cohorts:
        if extract.partial(cohort):
            yield f"{cohort} is here in part: it is imported as {cohort}{SELECTION}, beside {cohort}."
    yield ""


def _cautions(extract: Extract) -> Iterable[str]:
    yield "What to know"
    yield ""
    for row in extract.tables["cohort"].to_dict("records"):
        if pd.notna(row["note"]) and row["note"]:
            yield from (f"{row['cohort']}: {line}" for line in str(row["note"]).splitlines())
    yield "Not a medical device, and no advice for one patient."
