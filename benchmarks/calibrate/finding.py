"""What was found for one method at one size in one world, and whether the method keeps its promise there."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["coverage", "level"]

NOMINAL_MISS: Final = 0.05
# Bradley's stringent criterion of robustness (Br J Math Stat Psychol 1978;31:144): a level between 4.5% and 5.5%.
LARGEST_MISS: Final = 0.055
# Below this a method is called conservative, which costs width or power but misleads nobody.
SMALLEST_MISS: Final = 0.04


@dataclass(frozen=True, slots=True)
class Finding:
    """A coverage or a level.

    Attributes
    ----------
    kind : "coverage" of a 95% interval, or "level" of a test at 5%.
    method : a key of `document.NAMES`. world : what was simulated.
    n : patients of the smallest group; 0 where sizes are mixed.
    value : the share of intervals that held the truth, or of tests that rejected it.
    error : its Monte Carlo standard error; 0 where it was computed exactly.
    trials : simulated trials; 0 where it was computed exactly. printed : share of trials in which the number is shown.
    worst : over the true values that `value` averages; NaN where there is one.
    """

    kind: Kind
    method: str
    world: str
    n: int
    value: float
    error: float = 0.0
    trials: int = 0
    printed: float = 1.0
    worst: float = math.nan

    @property
    def miss(self) -> float:
        """The share of wrong answers: 5% is promised."""
        return 1 - self.value if self.kind == "coverage" else self.value

    @property
    def fails(self) -> bool:
        """Whether there are more than 5.5% wrong answers, by more than two standard errors."""
        return self.miss - 2 * self.error > LARGEST_MISS

    @property
    def conservative(self) -> bool:
        """Whether there are fewer than 4% wrong answers, by more than two standard errors."""
        return self.miss + 2 * self.error < SMALLEST_MISS


class Tally:
    """Counts hits of each method over trials in which it gave a number."""

    def __init__(self) -> None:
        self._printed: defaultdict[str, int] = defaultdict(int)
        self._hits: defaultdict[str, int] = defaultdict(int)

    def add(self, method: str, shown: bool, hit: bool) -> None:
        """One trial; nothing is counted as a hit where no number is shown."""
        self._printed[method] += shown
        self._hits[method] += shown and hit

    def findings(self, kind: Kind, world: str, n: int, trials: int) -> list[Finding]:
        """One finding per method that was shown at all."""
        shown: Mapping[str, int] = {method: count for method, count in self._printed.items() if count}
        return [
            Finding(kind, method, world, n, *_share(self._hits[method], count), trials, count / trials)
            for method, count in shown.items()
        ]


def _share(hits: int, count: int) -> tuple[float, float]:
    """A share and its standard error, which is that of Wilson's centre so that 0 of many is not certain."""
    centre = (hits + 2) / (count + 4)
    return hits / count, math.sqrt(centre * (1 - centre) / (count + 4))
