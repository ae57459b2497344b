"""Which response categories make which rate, and when a rate cannot be formed from what a source recorded.

A response rate comes from categories, never from a responder flag; durable benefit and the source's own benefit are
rates of their own, each from its flag alone. ORR = (CR + PR) / N; DCR = (CR + PR + SD) / N. A
category that a source could not split decides some rates and leaves others open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.response_source import BENEFIT, DURABLE, flagged, is_flag, source_of
from tilexplorer.statistics.proportions import Interval, rate
from tilexplorer.statistics.results import Estimate, not_estimable

NOT_EVALUABLE: Final = ("NE", "")


@dataclass(frozen=True, slots=True)
class RateRule:
    """The categories that count as response for one rate, and the composites that leave it open."""

    responders: tuple[str, ...]
    open_with: tuple[str, ...]


RULES: Final[Mapping[str, RateRule]] = MappingProxyType(
    {
        "orr": RateRule(("CR", "PR", "CRPR"), ()),
        "dcr": RateRule(("CR", "PR", "SD"), ("CRPR", "SDPD")),
        "cr": RateRule(("CR",), ("CRPR",)),
        "pd": RateRule(("PD",), ("SDPD",)),
    }
)
NOT_RECORDED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "pcr": "no cohort of this store records pathological response",
        "mpr": "no cohort of this store records pathological response",
    }
)


@dataclass(frozen=True, slots=True)
class Tally:
    """Patients of one group by what was recorded.

    Attributes
    ----------
    categories : patients by response category; "" where none was recorded.
    flags : for each rate that is made of a flag, patients with it and without; the rest could not be judged.
    """

    categories: Mapping[str, int]
    flags: Mapping[str, tuple[int, int]]

    @property
    def n(self) -> int:
        """Every patient of the group."""
        return sum(self.categories.values())

    def evaluable(self, key: str) -> int:
        """Patients in whom the rate could be judged."""
        if is_flag(key):
            return sum(self.flags[key])
        return sum(count for name, count in self.categories.items() if name not in NOT_EVALUABLE)

    def responders(self, key: str) -> int:
        """Patients who count as responders for the rate; 0 where the rate has no rule."""
        if is_flag(key):
            return self.flags[key][0]
        rule = RULES.get(key)
        return sum(self.categories.get(name, 0) for name in rule.responders) if rule else 0

    def why_not(self, key: str) -> str:
        """Why the rate cannot be formed from these records; "" where it can."""
        if key in NOT_RECORDED:
            return NOT_RECORDED[key]
        if is_flag(key):
            return "" if self.evaluable(key) else f"{source_of(key).words} is not recorded"
        if self.n and not self.evaluable(key):
            own = self.evaluable(BENEFIT)
            return "only the source's own responder flag" if own else "no evaluable response is recorded"
        mixed = [name for name in RULES[key].open_with if self.categories.get(name)]
        if mixed:
            return (
                f"part of the responses is recorded as {' and '.join(mixed)}, which the source does not split: "
                "only rates that one recorded category decides are formed"
            )
        return ""


def tally(counts: pd.DataFrame) -> Tally:
    """Count one group's rows of `queries.responses`."""
    weight = counts["n"]
    named = weight.groupby(counts["response"].fillna("").astype(str)).sum()
    return Tally(
        {str(name): int(n) for name, n in named.items()},
        {key: _with_and_without(flagged(counts, key), weight) for key in (DURABLE, BENEFIT)},
    )


def _with_and_without(flag: pd.Series, weight: pd.Series) -> tuple[int, int]:
    """Patients whose flag is true, and false."""
    yes, no = (flag.eq(value).fillna(False).astype(bool) for value in (True, False))
    return int(weight[yes].sum()), int(weight[no].sum())


def own_flag(group: Tally) -> dict[str, int]:
    """Patients by the source's own flag; empty where nobody has it."""
    yes, no = group.flags[BENEFIT]
    counts = (*zip(vocabulary.BENEFIT, (yes, no), strict=True), ("not recorded", group.n - yes - no))
    return {name: n for name, n in counts if n} if yes + no else {}


def responded(frame: pd.DataFrame, key: str) -> pd.Series:
    """Whether each row counts as response for the rate: true, false, or NA where it could not be judged."""
    if is_flag(key):
        return flagged(frame, key)
    category = frame["response"].astype(object).fillna("").astype(str)
    rule = RULES.get(key)
    hit = category.isin(rule.responders if rule else ()).astype("boolean")
    return hit.mask(category.isin(NOT_EVALUABLE), pd.NA)


def counted(group: Tally, key: str, population: str) -> tuple[int, int]:
    """Responders and denominator. In "all" a patient who could not be judged counts as no response."""
    n = group.evaluable(key) if population == "evaluable" else group.n
    return group.responders(key), n


def estimate(group: Tally, key: str, population: str, interval: Interval) -> Estimate:
    """The rate with its interval, or why there is none."""
    reason = group.why_not(key)
    x, n = counted(group, key, population)
    return not_estimable("rate", reason, n=n) if reason else rate(x, n, interval)
