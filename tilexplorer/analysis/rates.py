"""Which response categories make which rate, and when a rate cannot be formed from what a source recorded.

A rate comes from categories, never from a responder flag. ORR = (CR + PR) / N; DCR = (CR + PR + SD) / N. A
category that a source could not split decides some rates and leaves others open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import pandas as pd

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
    benefit : patients by the source's own flag, where it gives no category.
    durable, not_durable : patients by durable benefit; the rest could not be judged.
    """

    categories: Mapping[str, int]
    benefit: Mapping[str, int]
    durable: int
    not_durable: int

    @property
    def n(self) -> int:
        """Every patient of the group."""
        return sum(self.categories.values())

    def evaluable(self, key: str) -> int:
        """Patients in whom the rate could be judged."""
        if key == "dcb":
            return self.durable + self.not_durable
        return sum(count for name, count in self.categories.items() if name not in NOT_EVALUABLE)

    def responders(self, key: str) -> int:
        """Patients who count as responders for the rate; 0 where the rate has no rule."""
        if key == "dcb":
            return self.durable
        rule = RULES.get(key)
        return sum(self.categories.get(name, 0) for name in rule.responders) if rule else 0

    def why_not(self, key: str) -> str:
        """Why the rate cannot be formed from these records; "" where it can."""
        if key in NOT_RECORDED:
            return NOT_RECORDED[key]
        if key == "dcb":
            return "" if self.evaluable("dcb") else "durable benefit is not recorded"
        if self.n and not self.evaluable(key):
            return "only the source's own responder flag" if self.benefit else "no evaluable response is recorded"
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
    flagged = counts[counts["response"].isna() & counts["benefit"].notna()]
    own = flagged["n"].groupby(flagged["benefit"].astype(str)).sum()
    durable = counts["durable"]
    return Tally(
        {str(name): int(n) for name, n in named.items()},
        {str(name): int(n) for name, n in own.items()},
        int(weight[durable.eq(True).fillna(False).astype(bool)].sum()),
        int(weight[durable.eq(False).fillna(False).astype(bool)].sum()),
    )


def counted(group: Tally, key: str, population: str) -> tuple[int, int]:
    """Responders and denominator. In "all" a patient who could not be judged counts as no response."""
    n = group.evaluable(key) if population == "evaluable" else group.n
    return group.responders(key), n


def estimate(group: Tally, key: str, population: str, interval: Interval) -> Estimate:
    """The rate with its interval, or why there is none."""
    reason = group.why_not(key)
    x, n = counted(group, key, population)
    return not_estimable("rate", reason, n=n) if reason else rate(x, n, interval)
