"""Cells of cBioPortal's text files: tab-separated, without quoting, so nothing may hold a tab or a line break."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pandas as pd

from tilexplorer import spreadsheet
from tilexplorer.errors import InvalidExport

# Texts that the importer takes for a missing value, with or without brackets, blanks as underscores, in any case.
MISSING: Final = frozenset(
    ("na", "null", "missing", "not_applicable", "not_available", "pending", "discrepancy", "completed")
)
LONGEST_VALUE: Final = 255
LONGEST_NAME: Final = 255
LONGEST_DESCRIPTION: Final = 1024


def one_line(text: str) -> str:
    """The text with single blanks in place of tabs and line breaks."""
    return " ".join(text.split())


def shortened(text: str, most: int) -> str:
    """The text on one line, cut where the database would cut it."""
    line = one_line(text)
    return line if len(line) <= most else line[: most - 4] + " ..."


def means_missing(text: str) -> bool:
    """Whether cBioPortal reads the text as a missing value."""
    return text.strip("[]").replace(" ", "_").casefold() in MISSING


def texts(values: Iterable[object], what: str) -> list[str]:
    """Texts as cells, blank where they are missing.

    Raises
    ------
    InvalidExport
        A text that cBioPortal would read as missing, or that is too long for it.
    """
    return [_text(value, what) for value in values]


def _text(value: object, what: str) -> str:
    line = "" if value is None or value is pd.NA else one_line(str(value))
    if line and means_missing(line):
        raise InvalidExport(
            f"cBioPortal reads the {what} '{line}' as a missing value; give it another word in the mapping of the "
            "cohort, or export a bundle"
        )
    if len(line) > LONGEST_VALUE:
        raise InvalidExport(f"the {what} '{line[:40]}...' has {len(line)} characters, cBioPortal takes {LONGEST_VALUE}")
    # One more where apostrophes stand there already, so that taking one away always gives the text.
    return f"{spreadsheet.MARK}{line}" if spreadsheet.runs(line.lstrip(spreadsheet.MARK)) else line


def numbers(values: pd.Series) -> list[str]:
    """Numbers as cells, with every digit that they need to come back."""
    return ["" if pd.isna(v) else str(v) if isinstance(v, int) else repr(float(v)) for v in values.tolist()]


def flags(values: pd.Series) -> list[str]:
    """Flags as TRUE and FALSE."""
    return ["" if pd.isna(v) else "TRUE" if v else "FALSE" for v in values.tolist()]


def chosen(values: pd.Series, words: dict[str, str], what: str) -> list[str]:
    """Words of the vocabulary in cBioPortal's own words."""
    return texts(values.map(lambda v: words.get(v, v), na_action="ignore"), what)
