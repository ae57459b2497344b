"""Cells that cBioPortal's validator would refuse: no harm to what is read here, but a sign of a damaged column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pandas as pd

from tilexplorer.importers.cbioportal.clinical import PATIENT, SAMPLE, Attribute, Clinical
from tilexplorer.importers.cbioportal.findings import Finding

LONGEST_SAMPLE_ID: Final = 63
BANNED: Final = ("MUTATION_COUNT", "FRACTION_GENOME_ALTERED")

# The level and type of the attributes that cBioPortal itself knows.
PATIENT_LEVEL: Final = (
    *("AGE", "GENDER", "SEX", "OS_STATUS", "OS_MONTHS", "DFS_STATUS", "DFS_MONTHS"),
    *("PATIENT_DISPLAY_NAME", "TUMOR_SITE"),
)
SAMPLE_LEVEL: Final = (
    *("SAMPLE_TYPE", "SAMPLE_CLASS", "SAMPLE_DISPLAY_NAME", "METASTATIC_SITE", "PRIMARY_SITE"),
    *("TUMOR_TISSUE_SITE", "TUMOR_TYPE", "OTHER_SAMPLE_ID"),
)
NUMBERS: Final = ("AGE", "OS_MONTHS", "DFS_MONTHS")

_ID: Final = r"[A-Za-z0-9._()\[\]',+\-:;]+"
_LIMIT: Final = re.compile(r"^[<>]=?")
_MONTH: Final = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_EXCEL_DATE: Final = rf"(?:(?:{_MONTH})-\d\d?|\d\d?-(?:{_MONTH}))"


def findings(clinical: Clinical, place: str) -> Iterator[Finding]:
    """What the validator would say of the cells of a clinical file; the first of each kind in each column."""
    frame = clinical.frame
    for name in (PATIENT, SAMPLE):
        if name in frame.columns:
            yield from _first(
                frame, name, ~frame[name].str.fullmatch(_ID), place, "has a character that no id may have"
            )
            long = frame[name].str.len() > LONGEST_SAMPLE_ID
            yield from _first(frame, name, long & (name == SAMPLE), place, "is longer than 63 characters")
    for attribute in clinical.attributes:
        yield from _attribute(frame, attribute, place)


def _attribute(frame: pd.DataFrame, attribute: Attribute, place: str) -> Iterator[Finding]:
    name, cells = attribute.name, frame[attribute.name]
    if name in BANNED:
        yield Finding(f"{place}, column '{name}'", "is made by cBioPortal from the mutations and may not be given")
    if attribute.datatype == "NUMBER":
        numbers = pd.to_numeric(cells.str.replace(_LIMIT, "", regex=True), errors="coerce")
        bad = (cells != "") & numbers.isna() & (cells.str.casefold() != "nan")
        yield from _first(frame, name, bad, place, "is no number, but the column's datatype is NUMBER")
    if attribute.datatype == "BOOLEAN":
        bad = ~cells.isin(["", "TRUE", "FALSE"])
        yield from _first(frame, name, bad, place, "is neither TRUE nor FALSE, but the column's datatype is BOOLEAN")
    if "DATE" not in name:
        yield from _first(frame, name, cells.str.fullmatch(_EXCEL_DATE), place, "looks like a date that Excel made")


def levels(clinical: Clinical, place: str, *, of_patients: bool) -> Iterator[Finding]:
    """Attributes that belong to the other file, or that have another type than cBioPortal gives them."""
    for attribute in clinical.attributes:
        where = f"{place}, column '{attribute.name}'"
        if attribute.name in (SAMPLE_LEVEL if of_patients else PATIENT_LEVEL):
            yield Finding(where, f"belongs to the {'samples' if of_patients else 'patients'}")
        described = attribute.display != ""
        if described and attribute.name in NUMBERS and attribute.datatype != "NUMBER":
            yield Finding(where, f"should have the datatype NUMBER, not {attribute.datatype}")


def _first(frame: pd.DataFrame, name: str, bad: pd.Series, place: str, problem: str) -> Iterator[Finding]:
    if bad.any():
        row = frame.index[bad][0]
        more = int(bad.sum()) - 1
        yield Finding(
            f"{place}, row {row}, column '{name}'",
            f"'{frame.loc[row, name]}' {problem}" + (f" (and {more} more)" if more else ""),
        )
