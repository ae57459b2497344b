"""Columns that a mapping does not read and that look as if they named patients: they had better not be in the file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import pandas as pd

from tilexplorer.importers.faults import WARNING, Fault, of_file
from tilexplorer.validation import identifiers

HEADER: Final = re.compile(
    r"^(?:(?:patient|full|first|last|family|given|middle|maiden)[ _.-]?names?|names?|surname|forename|vorname|nachname"
    r"|e-?mail.*|(?:tele)?phone.*|mobile.*|(?:street|home|postal)?[ _.-]?address|street|zip|zip[ _.-]?code|postcode"
    r"|dob|(?:date[ _.-]?of[ _.-]?)?birth(?:[ _.-]?(?:date|day))?|geburtsdatum|mrn|ssn|nhs[ _.-]?(?:no|number)"
    r"|medical[ _.-]?record.*|insurance.*(?:no|number|id)|social[ _.-]?security.*)$",
    re.IGNORECASE,
)
# Cells that are looked at in each column. Most of them have to look like names, and most have to differ: what comes
# again and again is a category.
LOOKED_AT: Final = 500
MOST: Final = 0.5
DIFFERENT: Final = 0.8
# Cells by which a column of numbers is told from one of words.
FIRST: Final = 20
_WORD: Final = re.compile(r"[^\W\d_]{2}")


def faults(file: str, frame: pd.DataFrame, read: Iterable[str]) -> list[Fault]:
    """A warning for each column of a file that is not read and looks identifying."""
    seen = set(read)
    found = ((str(name), _why(str(name), frame[name])) for name in frame.columns if name not in seen)
    mend = "take it out of the file before it is passed on"
    return [
        of_file("identifier.unread_column", file, f"is not read, but {why}", mend, name, severity=WARNING)
        for name, why in found
        if why
    ]


def _why(name: str, cells: pd.Series) -> str:
    """Why a column looks identifying; empty where it does not."""
    named = HEADER.match(name.strip())
    first = [cell for cell in cells.iloc[:FIRST] if cell]
    if first and not named and not any(map(_WORD.search, first)):  # numbers: a table of genes has 20,000 such columns
        return ""
    recorded = [cell for cell in cells.iloc[:LOOKED_AT] if cell]
    if not recorded:
        return ""
    if named:
        return "its name says that it identifies patients"
    texts = pd.Series(list(dict.fromkeys(recorded)), dtype="string")
    if identifiers.emails(texts).any():
        return "holds e-mail addresses"
    several = len(texts) >= max(identifiers.ENOUGH, DIFFERENT * len(recorded))
    return "holds what looks like names of persons" if several and identifiers.names(texts).mean() > MOST else ""
