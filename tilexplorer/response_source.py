"""What each response rate is made of: the recorded category, durable benefit, or the source's own responder flag.

One rate is made of one column. The source's own flag is a rate by itself and never stands in for a category: sources
count stable disease as benefit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.store import Store

DURABLE: Final = "dcb"
BENEFIT: Final = "benefit"
BENEFIT_CAUTION: Final = (
    "benefit is the source's own responder flag: this is not a response by RECIST; sources count stable disease as "
    "benefit, and it is never pooled with an objective response rate"
)
SEVERAL_DEFINITIONS: Final = "each source defines benefit in its own way: rates of different cohorts differ by that too"


@dataclass(frozen=True, slots=True)
class ResponseSource:
    """The column of the course table that a rate is made of.

    Attributes
    ----------
    column : of the course table. words : what it records.
    judged : SQL under which a patient of the common table `a` could be judged.
    """

    column: str
    words: str
    judged: str


_CATEGORY: Final = ResponseSource("response", "response category", "a.response IS NOT NULL AND a.response <> 'NE'")
_FLAGS: Final = {
    DURABLE: ResponseSource("durable", "durable benefit", "a.durable IS NOT NULL"),
    BENEFIT: ResponseSource("benefit", "benefit", f"a.benefit IN {vocabulary.BENEFIT!r}"),
}


def source_of(rate: str) -> ResponseSource:
    """What a rate is made of."""
    return _FLAGS.get(rate, _CATEGORY)


def is_flag(rate: str) -> bool:
    """Whether a rate is made of a flag, and not of response categories."""
    return rate in _FLAGS


def flagged(frame: pd.DataFrame, rate: str) -> pd.Series:
    """The flag of a rate that is made of one: true, false, or NA where the patient has none.

    `frame` has the rate's column as `queries.responses` gives it; the result is boolean with its index.
    """
    recorded = frame[source_of(rate).column]
    if rate == BENEFIT:
        yes, no = vocabulary.BENEFIT
        recorded = recorded.astype(object).map({yes: True, no: False})
    return recorded.astype("boolean")


def recording(store: Store, rate: str) -> tuple[str, ...]:
    """Ids of the cohorts in which anybody has what the rate is made of."""
    column = source_of(rate).column
    found = store.frame(
        f"SELECT DISTINCT cohort::VARCHAR AS cohort FROM analysis WHERE {column} IS NOT NULL ORDER BY 1"
    )
    return tuple(str(cohort) for cohort in found["cohort"])


def offered(rates: Iterable[str], cohorts: Iterable[str], with_benefit: Iterable[str]) -> tuple[str, ...]:
    """The rates that can be asked of some cohorts: the source's own flag only where one of them has it."""
    there = bool(set(cohorts) & set(with_benefit))
    return tuple(rate for rate in rates if rate != BENEFIT or there)


def cautions(store: Store, rate: str, cohorts: Iterable[str]) -> tuple[str, ...]:
    """What to know of a rate in these cohorts, wherever it is shown; nothing of a rate of response categories."""
    if rate != BENEFIT:
        return ()
    several = len(set(cohorts) & set(recording(store, BENEFIT))) > 1
    return (BENEFIT_CAUTION, SEVERAL_DEFINITIONS) if several else (BENEFIT_CAUTION,)
