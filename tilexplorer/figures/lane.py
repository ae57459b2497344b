"""An axis for measured values: linear, or logarithmic with a lane of its own for zero."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from tilexplorer import formatting
from tilexplorer.figures.palette import Theme

Floats = NDArray[np.floating[Any]]

GAP: Final = 0.12  # from the lowest value to the lane of zero, as a part of the axis


@dataclass(frozen=True)
class Lane:
    """Where values stand on the axis: themselves, or their decimal logarithm with zero at `zero`."""

    log: bool
    low: float
    high: float
    zero: float | None

    def place(self, values: Floats | Iterable[float]) -> NDArray[np.float64]:
        """The values in the units of the axis; negative ones on a log axis are NaN."""
        numbers = np.asarray(values, dtype=float)
        if not self.log:
            return numbers
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.where(numbers > 0, np.log10(numbers), np.nan)
        return np.where(numbers == 0, np.nan if self.zero is None else self.zero, logs)

    def apply(self, figure: go.Figure, theme: Theme, *, horizontal: bool = False) -> None:
        """Give the figure's y (or x) axis its range and its ticks, and the lane of zero its line."""
        update = figure.update_xaxes if horizontal else figure.update_yaxes
        if not self.log:
            update(range=[self.low, self.high], nticks=6)
            return
        values = _log_ticks(self.low if self.zero is None else self.low + GAP * 2, self.high)
        places = [math.log10(value) for value in values]
        texts = [formatting.measured(value) for value in values]
        if self.zero is not None:
            places, texts = [self.zero, *places], ["0", *texts]
            line = {"width": 1, "color": theme.hair}
            figure.add_vline(x=self.zero + GAP, line=line) if horizontal else figure.add_hline(
                y=self.zero + GAP, line=line
            )
        update(range=[self.low, self.high], tickvals=places, ticktext=texts)


def lane(values: Floats, *, log: bool) -> Lane:
    """The axis that holds these values (NaN left out)."""
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    positive = known[known > 0]
    if not log or not len(positive):
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        margin = (high - low) * 0.05 or 0.5
        return Lane(False, low - margin, high + margin, None)
    low, high = math.log10(positive.min()), math.log10(positive.max())
    margin = (high - low) * 0.05 or 0.1
    if not (known == 0).any():
        return Lane(True, low - margin, high + margin, None)
    return Lane(True, low - margin - 3 * GAP, high + margin, low - margin - GAP)


def _log_ticks(low: float, high: float) -> list[float]:
    """Powers of ten between two logarithms, with 3s (and 2s and 5s) while there are few."""
    exponents = range(math.floor(low), math.ceil(high) + 1)
    for factors in ((1,), (1, 3), (1, 2, 5)):
        ticks = [factor * 10.0**exponent for exponent in exponents for factor in factors]
        inside = [tick for tick in ticks if low <= math.log10(tick) <= high]
        if len(inside) >= 3:
            return inside
    return inside
