"""Patients: numbers that nobody can have, and cohorts too small to say anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pandas as pd

from tilexplorer.importers.faults import WARNING, Fault, of_file
from tilexplorer.validation.expectation import Expectation

OLDEST: Final = 120


def _between(low: float, high: float) -> Callable[[pd.Series], pd.Series]:
    return lambda values: (values >= low) & (values <= high)


EXPECTATIONS: Final = (
    Expectation("patient.age", "age", _between(0, OLDEST), f"is no age between 0 and {OLDEST} years", "correct it"),
    Expectation("patient.ecog", "ecog", _between(0, 5), "is no performance status between 0 and 5", "correct it"),
    Expectation("patient.line", "line", lambda line: line >= 1, "is no line: they count from 1", "correct it"),
    Expectation(
        "patient.shrinkage",
        "shrinkage",
        lambda change: change >= -100,
        "is a shrinkage by more than the whole lesion",
        "correct it, or declare the unit with factor = ...",
    ),
)  # fmt: skip


# What two writings of one id differ in, when they were typed twice.
_BLANKS: Final = r"\s+"
ALIKE: Final = "differs from another patient's id in capitals or blanks only"
WRITE_ALIKE: Final = "write both alike if they are one patient, or accept the warning if they are two"


def alike(ids: pd.Series) -> pd.Series:
    """Which ids another patient has as well, but for capitals and blanks."""
    key = ids.str.replace(_BLANKS, "", regex=True).str.casefold()
    return key.duplicated(keep=False) & ~ids.duplicated(keep=False) & ids.notna()


def distinct() -> tuple[Expectation, ...]:
    """What ids of patients should be together."""
    return (Expectation("patient.alike", "patient", lambda ids: ~alike(ids), ALIKE, WRITE_ALIKE, WARNING),)


def too_few(file: str, n: int, minimum: int) -> Fault:
    """The warning for a cohort with fewer patients than its mapping asks for."""
    problem = f"has {n} patients, fewer than {minimum}: single patients can be recognised, and no group can be compared"
    mend = "add patients, or set minimum_patients of [cohort]"
    return of_file("patient.few", file, problem, mend, severity=WARNING)
