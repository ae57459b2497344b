"""Measured values: what their scale does not allow, and what looks like a second unit in the same column."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.importers.faults import WARNING
from tilexplorer.validation.expectation import Expectation
from tilexplorer.validation.times import ENOUGH, standing_apart

# Lowest and highest value by the scale of a measure; 1 % of room for rounding in the source.
RANGES: Final[Mapping[str, tuple[float, float | None]]] = MappingProxyType(
    {"fraction": (0.0, 1.01), "percent": (0.0, 101.0), "ratio": (0.0, None), "count": (0.0, None)}
)

# Densities and counts have long tails. Cells per field among cells per mm2 differ by less than this, and are not seen.
TIMES_THE_MEDIAN: Final = 100
GAP: Final = 20.0
# Shares among percentages: the larger part of the column lies between 0 and 1 ...
MOST: Final = 0.6
# ... and the rest begins well above 1.
CLEARLY_PERCENT: Final = 2.0

_FACTOR: Final = "correct the cell, or declare the unit with factor = ... (0.01 makes a share of a percentage)"


def expectations(measure: str) -> tuple[Expectation, ...]:
    """What the numbers of a measure have to be, by its scale."""
    scale = vocabulary.measures()[measure].scale
    if scale not in RANGES:
        return ()
    low, high = RANGES[scale]
    bounds = f"{low:g} to {high:.0f}" if high is not None else f"{low:g} or more"
    problem = f"lies outside of {bounds}, as the {scale} {measure} needs"
    return (Expectation("value.range", "number", lambda v: within(v, low, high), problem, _FACTOR),)


def within(values: pd.Series, low: float, high: float | None) -> pd.Series:
    """Which values lie between the bounds, both included."""
    return (values >= low) & (values <= (np.inf if high is None else high))


def doubtful(measure: str) -> tuple[Expectation, ...]:
    """What the numbers of a measure should be: all in one unit."""
    scale = vocabulary.measures()[measure].scale
    mend = f"bring all cells of the column to {vocabulary.measures()[measure].unit or 'one unit'}"
    if scale == "percent":
        problem = f"stands among shares between 0 and 1, but {measure} is in percent"
        few = Expectation("value.mixed_units", "number", lambda v: ~among_shares(v), problem, mend, WARNING)
        whole = f"no value of {measure} is above 1, as if it held shares and not percentages"
        factor = "multiply them with factor = 100, if they are shares"
        return few, Expectation("value.unit", "number", in_percent, whole, factor, WARNING)
    if scale in ("ratio", "count"):
        problem = f"is far larger than every other value of {measure}, as if it were in another unit"
        apart = TIMES_THE_MEDIAN, GAP
        return (
            Expectation("value.mixed_units", "number", lambda v: ~standing_apart(v, *apart), problem, mend, WARNING),
        )
    return ()


def _fractional(values: np.ndarray) -> np.ndarray:
    """Values between 0 and 1 that cannot be whole percentages."""
    return (values > 0) & (values < 1)


def among_shares(values: pd.Series) -> pd.Series:
    """Values clearly above 1 in a column whose larger part lies between 0 and 1; zero says nothing."""
    numbers = values.to_numpy(dtype=float)
    recorded = numbers[numbers != 0]
    high = numbers >= CLEARLY_PERCENT
    between = (recorded > 1) & (recorded < CLEARLY_PERCENT)
    mixed = len(recorded) >= ENOUGH and _fractional(recorded).mean() >= MOST and not between.any()
    return pd.Series(high & mixed, index=values.index)


def in_percent(values: pd.Series) -> bool:
    """Whether the column can be percentages: a few values, or one above 1, or none with a fraction."""
    numbers = values.to_numpy(dtype=float)
    recorded = numbers[numbers != 0]
    return bool(len(recorded) < ENOUGH or recorded.max() > 1 or not _fractional(recorded).any())
