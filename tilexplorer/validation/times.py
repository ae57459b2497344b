"""Times to event: what no patient can have, and what looks like a second unit in the same column."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from tilexplorer.importers.faults import WARNING
from tilexplorer.importers.mapping import Endpoint
from tilexplorer.validation.expectation import Expectation

# Bounds on the median of an endpoint [days]: years read as days, or days read as years, fall out. And on each time.
SHORTEST_MEDIAN: Final = 10
LONGEST_MEDIAN: Final = 30 * 365
LONGEST: Final = 100 * 365
# A median of a handful of patients says nothing about the unit.
ENOUGH: Final = 10

# A second unit shows as a few times far above all others: days among months are 30 times as large. The longest
# follow-up of a real cohort is some 16 times its median (TCGA) and never stands apart from the next ones.
TIMES_THE_MEDIAN: Final = 15
GAP: Final = 3.0
FEW: Final = 0.2


def unit_is_plausible(days: pd.Series) -> bool:
    """Whether the median time can be true in the declared unit; True for a handful of patients."""
    recorded = days.dropna()
    return len(recorded) < ENOUGH or bool(SHORTEST_MEDIAN <= recorded.median() <= LONGEST_MEDIAN)


def signs(endpoint: Endpoint) -> tuple[Expectation, ...]:
    """What days have to be in any unit."""
    problem = f"is a negative time for {endpoint.id}"
    mend = "correct it, or declare the row as left out with a drop step"
    return (Expectation("time.negative", "days", lambda days: days >= 0, problem, mend),)


def expectations(endpoint: Endpoint) -> tuple[Expectation, ...]:
    """What the days of an endpoint have to be, cell by cell."""
    problem = f"is more than {LONGEST // 365} years of {endpoint.id} when read in {endpoint.unit}"
    mend = 'correct it, or declare the code of a missing time as missing = ["..."] of the file'
    return (*signs(endpoint), Expectation("time.absurd", "days", lambda days: days <= LONGEST, problem, mend))


def doubtful(endpoint: Endpoint) -> tuple[Expectation, ...]:
    """What the days of an endpoint should be: all in one unit."""
    return (
        Expectation(
            "time.mixed_units",
            "days",
            lambda days: ~standing_apart(days, TIMES_THE_MEDIAN, GAP),
            f"is far longer than every other time of {endpoint.id}, as if it were not in {endpoint.unit}",
            f"bring all times of the column to {endpoint.unit}",
            WARNING,
        ),
    )


def standing_apart(values: pd.Series, times: float, gap: float) -> pd.Series:
    """The few largest values that are many times the median and apart from all others.

    Parameters
    ----------
    values
        Recorded numbers; fewer than ten never stand apart.
    times
        How many times the median they are at least.
    gap
        How many times the next smaller value the smallest of them is at least.
    """
    numbers = values.to_numpy(dtype=float)
    apart = np.zeros(len(numbers), dtype=bool)
    positive = np.sort(numbers[numbers > 0])
    if len(positive) >= ENOUGH:
        first = max(len(positive) - int(FEW * len(positive)), 1)
        tail = positive[first - 1 :]
        jumps = np.flatnonzero((tail[1:] >= gap * tail[:-1]) & (tail[1:] >= times * np.median(positive)))
        if len(jumps):
            apart = numbers >= tail[jumps[0] + 1]
    return pd.Series(apart, index=values.index)
