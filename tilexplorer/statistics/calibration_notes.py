"""Where an interval or test did not hold its nominal level in simulation, said in a sentence.

The findings are those of `make calibrate` (docs/calibration.md), committed as data/calibration.json with the seed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

TABLE: Final = Path(__file__).resolve().parents[2] / "data" / "calibration.json"

WORDS: Final = {
    "km-log-log": "the limits of the curves",
    "km-log": "the limits of the curves",
    "km-plain": "the limits of the curves",
    "median": "the limits of the median",
    "rmst": "the interval of the restricted mean",
    "rmst-difference": "the interval of the difference of restricted means",
    "survival-difference": "the interval of the difference of survival",
    "hazard-ratio": "the interval of the hazard ratio",
    "clopper-pearson": "the interval of the rate",
    "wilson": "the interval of the rate",
    "newcombe": "the interval of the difference of rates",
    "odds-ratio": "the interval of the odds ratio",
    "log-rank": "the log-rank test",
    "log-rank-trend": "the log-rank test for trend",
    "cox-lr": "the likelihood ratio test",
    "ph": "the test of proportional hazards",
    "association": "the test of association",
    "cochran-armitage": "the test for trend",
    "mann-whitney": "the Mann-Whitney test",
    "signed-rank": "the signed-rank test",
}


@dataclass(frozen=True, slots=True)
class Simulated:
    """What a method did at one size (n: patients of the smallest group; value: share covered, or rejected)."""

    method: str
    kind: str
    n: int
    value: float
    fails: bool

    @property
    def miss(self) -> float:
        """The share of wrong answers."""
        return 1 - self.value if self.kind == "coverage" else self.value


@cache
def simulated(path: Path = TABLE) -> tuple[Simulated, ...]:
    """The committed findings of single sizes."""
    rows = json.loads(path.read_text(encoding="utf-8"))["findings"]
    return tuple(Simulated(r["method"], r["kind"], r["n"], r["value"], r["fails"]) for r in rows if r["n"])


def caution(methods: Iterable[str], n: int, findings: Sequence[Simulated] | None = None) -> str:
    """A sentence on those of the methods that fail their nominal level in groups of this size; "" where none does.

    Parameters
    ----------
    methods : keys of WORDS. n : patients of the smallest group that is shown.
    findings : other than the committed ones.

    Notes
    -----
    A method is cautioned against at every size below the smallest tested one from which on it holds, in the words of
    the worst finding at the nearest failing size.
    """
    known = simulated() if findings is None else findings
    said = [_said(failing) for method in methods if (failing := _failing(known, method, n))]
    if not said:
        return ""
    return f"groups as small as {n}: in simulated trials {'; '.join(said)} (docs/calibration.md)"


def _failing(known: Sequence[Simulated], method: str, n: int) -> Simulated | None:
    """The finding to quote; None where the method holds at this size and above."""
    failing = [found for found in known if found.method == method and found.fails]
    if not failing or n >= _holds_from(known, method, max(found.n for found in failing)):
        return None
    nearest = min((found.n for found in failing), key=lambda size: abs(size - n))
    return max((found for found in failing if found.n == nearest), key=lambda found: found.miss)


def _holds_from(known: Sequence[Simulated], method: str, largest_failing: int) -> float:
    """The next tested size above the largest at which the method fails."""
    above = [found.n for found in known if found.method == method and found.n > largest_failing]
    return min(above, default=float("inf"))


def _said(found: Simulated) -> str:
    words = WORDS[found.method]
    if found.kind == "coverage":
        return f"{words} held the truth in {100 * found.value:.1f}% instead of 95% (n = {found.n})"
    return f"{words} rejected a true null in {100 * found.value:.1f}% instead of 5% (n = {found.n})"
