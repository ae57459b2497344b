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
# Months in words, English and German; between signs, since ids of random letters and digits hold '5dec21', too.
_WRITTEN: Final = (
    "(?i:jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|mrz|märz?|apr(?:il)?|may|mai|june?|juni|july?|juli|aug(?:ust)?"
    "|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?)"
)
_BETWEEN: Final = "[-./, ]{1,2}"
# A date anywhere in the id, between characters that are no digits; eight digits only where they are the whole id.
DATE: Final = (
    rf"(?:^|[^0-9])(?:{_YEAR}{_SIGN}{_MONTH}{_SIGN}{_DAY}|{_DAY}{_SIGN}{_MONTH}{_SIGN}(?:{_YEAR}|[0-9]{{2}})"
    rf"|{_MONTH}/{_DAY}/{_YEAR}|{_DAY}{_BETWEEN}{_WRITTEN}{_BETWEEN}(?:{_YEAR}|[0-9]{{2}}))(?:[^0-9]|$)"
    rf"|(?:^|[^\p{{L}}]){_WRITTEN}{_BETWEEN}{_DAY}{_BETWEEN}{_YEAR}(?:[^0-9]|$)"
    r"|^(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])$"
)

# Seven digits and more without anything else, and written-out record numbers.
LONG_NUMBER: Final = r"^[0-9]{7,}$"
# National numbers as they are written; those of digits alone are long numbers.
NATIONAL: Final = (
    r"[0-9]{3}-[0-9]{2}-[0-9]{4}",  # US
    r"[0-9]{3}[ -][0-9]{3}[ -][0-9]{4}",  # UK
    r"(?:19|20)?[0-9]{6}[-+A][0-9]{3}[0-9A-Z]",  # north of Europe
    r"[0-9]{2}[. ]?[0-9]{2}[. ]?[0-9]{2}[- ][0-9]{3}[-. ][0-9]{2}",  # BE
    r"[12] [0-9]{2} [0-9]{2} [0-9]{2} [0-9]{3} [0-9]{3}(?: [0-9]{2})?",  # FR
    r"[A-Z]{6}[0-9]{2}[A-EHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z]",  # IT
    r"[0-9]{8}[A-Z]|[XYZ][0-9]{7}[A-Z]",  # ES
    r"756\.[0-9]{4}\.[0-9]{4}\.[0-9]{2}",  # CH
    r"[0-9]{2} [0-9]{6} [A-Z] [0-9]{3}",  # DE, pensions
    r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}",  # BR
    r"[0-9]{17}X",  # CN
    r"[0-9]{4} [0-9]{4} [0-9]{4}",  # IN
)
RECORD: Final = (
    r"(?i)^(?:mrn|ssn|nhs|medical record)[ .:#_-]*(?:no|nr|number)?[ .:#_-]*[0-9]{4,}$"
    rf"|^(?:{'|'.join(NATIONAL)})$"
)

_WORD: Final = r"\p{L}[\p{L}'’-]+"
# Two words or more and no digits but a year behind them: 'Maria Schmidt', 'Schmidt, M.', 'SCHMIDT_MARIA 1950'.
_FURTHER: Final = r"(?:[ ]+\p{L}[\p{L}'’.-]*)*(?:[ ,(*]+[0-9./-]+\)?)?$"
NAME: Final = (
    rf"^{_WORD}(?:,\s*\p{{L}}[\p{{L}}'’.-]*|[ ]+{_WORD}){_FURTHER}|^\p{{Lu}}\p{{Ll}}+[_.]\p{{Lu}}\p{{Ll}}+{_FURTHER}"
)
# The same with a title, and names in the writings that have no capitals.
_TITLE: Final = r"(?i:dr|prof|mr|mrs|ms|miss|herr|frau|mme)"
TITLED: Final = rf"^{_TITLE}\.?[ ]+(?:\p{{L}}\.[ ]?)*{_WORD}{_FURTHER}|^\p{{Han}}{{2,4}}$|^\p{{Hangul}}{{2,4}}$"
# A surname with an initial ('SMITH J', 'J. Smith', 'SMITH_J'), or two words in small letters ('smith_john'). Three
# capitals are no surname: 'RCC A' is a group.
_SURNAME: Final = r"(?:\p{Lu}\p{Ll}[\p{L}'’-]+|\p{Lu}[\p{Lu}'’-]{3,})"
INITIAL: Final = (
    rf"^(?:{_SURNAME}[ _.]\p{{Lu}}\.?(?:[ ]?\p{{Lu}}\.?)?|\p{{Lu}}\.[ ]?(?:\p{{Lu}}\.[ ]?)?{_SURNAME}"
    r"|\p{Ll}{3,}[_.]\p{Ll}{3,})$"
)
SINGLE: Final = r"^\p{Lu}\p{Ll}{2,}$"
# Words that ids are made of; with one of them two words are no name.
_NO_NAME: Final = (
    "patient|subject|case|control|sample|specimen|biopsy|block|core|tumou?r|normal|blood|tissue|lesion|met|metastasis|"
    "donor|mouse|batch|pool|healthy|responder|metastatic|primary|recurrent|pre|post|on|off|before|after|treatment|therapy|baseline|screening|visit|week|day|"
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
    named = matches(values, NAME) | matches(values, TITLED) | _different(values, matches(values, INITIAL))
    single = matches(values, SINGLE)
    if single.sum() >= ENOUGH and single.mean() >= MOST and values[single].nunique() >= MOST * single.sum():
        named |= single
    return named & ~matches(values, NO_NAME) if named.any() else named


def _different(values: pd.Series, found: pd.Series) -> pd.Series:
    """Those found, where their longest words differ: 'Lung A', 'Lung B' are labels, 'Smith A', 'Weber B' are names."""
    words = values[found].str.findall(r"[^\W\d_]+").map(lambda parts: max(parts, key=len).casefold())
    return found & (words.nunique() >= min(ENOUGH, MOST * len(words)))


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


def looks_like_a_person(value: str) -> bool:
    """Whether a single id looks like one."""
    one = pd.Series([value], dtype="string")
    return any(bool(kind(one).any()) for _, kind, _ in KINDS)


def shortened(value: str) -> str:
    """What may be shown of an identifier in a report that is passed on: enough to find it beside its row."""
    return f"{value[:1]}… ({len(value)} characters)"
