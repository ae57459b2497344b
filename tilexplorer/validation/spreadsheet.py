"""Dates that a spreadsheet made of something else: 1-4 (a class of percent) becomes 4-Jan, 10-2 (an id) 02-Oct."""

from __future__ import annotations

from typing import Final

import pandas as pd

from tilexplorer.importers.faults import WARNING
from tilexplorer.validation.expectation import Expectation
from tilexplorer.validation.identifiers import matches

_MONTH: Final = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|mrz|mär|mai|okt|dez)"
PATTERN: Final = (
    rf"(?i)^\s*(?:[0-9]{{1,2}}[-. /]{{1,2}}{_MONTH}[.]?(?:[-. /]{{1,2}}[0-9]{{2,4}})?"
    rf"|{_MONTH}[.]?[-. /][0-9]{{1,4}}(?:, ?[0-9]{{4}})?"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T]00:00(?::00(?:[.]0+)?)?Z?)?"
    r"|[0-9]{1,2}/[0-9]{1,2}/(?:[0-9]{2}|[0-9]{4})|[0-9]{1,2}\.[0-9]{1,2}\.(?:[0-9]{2}|[0-9]{4}))\s*$"
)
# A column in which more cells are dates than this is a column of dates.
FEW: Final = 0.5


def made_dates(cells: pd.Series) -> pd.Series:
    """Which cells are dates in a column that is none."""
    found = matches(cells, PATTERN)
    return found & (found.mean() < FEW)


def expectations(column: str) -> tuple[Expectation, ...]:
    """What a column of text should not hold."""
    problem = "is a date in a column of other things, as a spreadsheet makes of 1-4 or 10/2"
    mend = "type the cell again as text, in a column that is formatted as text"
    rule = "spreadsheet.date"
    return (Expectation(rule, column, lambda cells: ~made_dates(cells), problem, mend, WARNING),)
