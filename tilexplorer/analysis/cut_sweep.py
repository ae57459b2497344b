"""The effect of high against low at every cut between the 10th and the 90th percentile: how much the cut decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tilexplorer.analysis.row_outcome import STRATUM, Rows
from tilexplorer.statistics.maxstat import HIGHEST, LOWEST
from tilexplorer.statistics.regression import cox_regression
from tilexplorer.statistics.results import Estimate
from tilexplorer.statistics.tables2x2 import odds_ratio
from tilexplorer.statistics.terms import Number

MOST_CUTS: Final = 41
MANY_PATIENTS: Final = 3000
FEWER_CUTS: Final = 17  # where each fit takes long


@dataclass(frozen=True)
class SweepPoint:
    """One cut (on the axis of the figure), the patients above it, and high against low."""

    cut: float
    low: int
    high: int
    effect: Estimate


def sweep(rows: Rows, x: np.ndarray) -> tuple[SweepPoint, ...]:
    """The effect at each candidate cut; values up to and including the cut are low."""
    if rows.why_not or len(x) == 0:
        return ()
    number = FEWER_CUTS if len(x) > MANY_PATIENTS else MOST_CUTS
    cuts = np.unique(np.quantile(x, np.linspace(LOWEST, HIGHEST, number), method="inverted_cdf"))
    return tuple(_point(rows, x, float(cut)) for cut in cuts if (x > cut).any())


def _point(rows: Rows, x: np.ndarray, cut: float) -> SweepPoint:
    high = x > cut
    if rows.outcome == "survival":
        frame = rows.frame[["time", "event", STRATUM]].assign(high=high.astype(float))
        effect = cox_regression(frame, "time", "event", [Number("high")], [STRATUM]).hazard_ratios["high"]
    else:
        hit = rows.frame["responder"].to_numpy(dtype=float) == 1
        a, b, c, d = (int(cell.sum()) for cell in (high & hit, high & ~hit, ~high & hit, ~high & ~hit))
        effect = odds_ratio(a, b, c, d)
    return SweepPoint(cut, int((~high).sum()), int(high.sum()), effect)
