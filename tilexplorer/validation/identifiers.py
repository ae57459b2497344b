"""Ids that look like a person: names, e-mail addresses, birth dates, record numbers.

Such ids may not be stored. What looks like one is a guess, made so that the ids of public cohorts pass: `0040`,
`Pt27a`, `TCGA-OR-A5J1`, `P-0000012`, `10208`. A hospital whose study numbers are caught nevertheless accepts the rule
with a reason in its mapping.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tilexplorer.validation.expectation import Expectation

PREFIX: Final = "identifier."

EMAIL: Final = r"[^\s@,;]+@[^\s@,;]+\.[A-Za-z]{2,}"

_YEAR, _MONTH, _DAY = "(?:19|20)[0-9]{2}", "(?:0?[1-9]|1[0-2])", "(?:0?[1-9]|[12][0-9]|3[01])"
_SIGN: Final = "[-./]"
# A date anywhere in the id, between characters that are no digits; eight digits only where they are the whole id.
DATE: Final = (
    rf"(?:^|[^0-9])(?:{_YEAR}{_SIGN}{_MONTH}{_SIGN}{_DAY}|{_DAY}{_SIGN}{_MONTH}{_SIGN}(?:{_YEAR}|[0-9]{{2}})"
    rf"|{_MONTH}/{_DAY}/{_YEAR})(?:[^0-9]|$)"
    r"|^(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])$"
)

# Seven digits and more without anything else, written-out record numbers, and the national numbers that are written
# with signs: 123-45-6789 (US), 010190-1234 (north of Europe), 943 476 5919 (UK).
LONG_NUMBER: Final = r"^[0-9]{7,}$"
RECORD: Final = (
    r"(?i)^(?:mrn|ssn|nhs|medical record)[ .:#_-]*(?:no|nr|number)?[ .:#_-]*[0-9]{4,}$"
    r"|^[0-9]{3}-[0-9]{2}-[0-9]{4}$|^[0-9]{6}[-+][0-9]{4}$|^[0-9]{3} [0-9]{3} [0-9]{4}$"
)

_WORD: Final = r"\p{L}[\p{L}'’-]+"
# Two words or more and no digits but a year behind them: 'Maria Schmidt', 'Schmidt, M.', 'SCHMIDT_MARIA 1950'.
_FURTHER: Final = r"(?:[ ]+\p{L}[\p{L}'’.-]*)*(?:[ ,(*]+[0-9./-]+\)?)?$"
NAME: Final = (
    rf"^{_WORD}(?:,\s*\p{{L}}[\p{{L}}'’.-]*|[ ]+{_WORD}){_FURTHER}|^\p{{Lu}}\p{{Ll}}+[_.]\p{{Lu}}\p{{Ll}}+{_FURTHER}"
)
SINGLE: Final = r"^\p{Lu}\p{Ll}{2,}$"
# Words that ids are made of; with one of them two words are no name.
_NO_NAME: Final = (
    "patient|subject|case|control|sample|specimen|biopsy|block|core|tumou?r|normal|blood|tissue|lesion|met|metastasis|"
    "metastatic|primary|recurrent|pre|post|on|off|before|after|treatment|therapy|baseline|screening|visit|week|day|"
    "cycle|month|arm|cohort|group|study|trial|site|centre|center|one|two|three|four|five|left|right|na|unknown"
)
NO_NAME: Final = rf"(?i)(?:^|[ _.,-])(?:{_NO_NAME})s?(?:$|[ _.,-])"

# Numbers that count patients one after the other name nobody: they fill this part of their span at least.
RUNNING: Final = 0.1
# Single words are names where most ids of a column are such words, all different.
MOST: Final = 0.8
ENOUGH: Final = 5

PSEUDONYM: Final = "read the column with pseudonym = true, or replace the ids in the file"


def matches(values: pd.Series, pattern: str) -> pd.Series:
    """Which texts hold what a pattern describes (RE2); missing cells do not."""
    found = pc.match_substring_regex(pa.array(values, type=pa.string(), from_pandas=True), pattern)
    return pd.Series(pc.fill_null(found, False).to_numpy(zero_copy_only=False), index=values.index)


def emails(values: pd.Series) -> pd.Series:
    """Which texts hold an e-mail address."""
    return matches(values, EMAIL)


def dates(values: pd.Series) -> pd.Series:
    """Which texts hold a full date."""
    return matches(values, DATE)


def record_numbers(values: pd.Series) -> pd.Series:
    """Which texts are record numbers; running numbers and dates are none."""
    long = matches(values, LONG_NUMBER)
    if long.any() and _running(values[long]):
        long &= False
    return (long | matches(values, RECORD)) & ~dates(values)


def _running(numbers: pd.Series) -> bool:
    """Whether long numbers count something: they lie close together."""
    found = np.unique(pd.to_numeric(numbers, errors="coerce").to_numpy(dtype=float))
    return len(found) >= ENOUGH and len(found) >= RUNNING * (found[-1] - found[0] + 1)


def names(values: pd.Series) -> pd.Series:
    """Which texts look like the name of a person."""
    named = matches(values, NAME)
    single = matches(values, SINGLE)
    if single.sum() >= ENOUGH and single.mean() >= MOST and values[single].nunique() >= MOST * single.sum():
        named |= single
    return named & ~matches(values, NO_NAME) if named.any() else named


KINDS: Final[tuple[tuple[str, Callable[[pd.Series], pd.Series], str], ...]] = (
    ("identifier.email", emails, "holds an e-mail address"),
    ("identifier.birth_date", dates, "holds a date, as of birth"),
    ("identifier.record_number", record_numbers, "looks like a record number"),
    ("identifier.name", names, "looks like the name of a person"),
)


def expectations(column: str) -> tuple[Expectation, ...]:
    """What ids may not look like."""
    return tuple(Expectation(rule, column, _none(kind), problem, PSEUDONYM) for rule, kind, problem in KINDS)


def _none(kind: Callable[[pd.Series], pd.Series]) -> Callable[[pd.Series], pd.Series]:
    return lambda values: ~kind(values)


def shortened(value: str) -> str:
    """What may be shown of an identifier in a report that is passed on: enough to find it beside its row."""
    return f"{value[:1]}… ({len(value)} characters)"
