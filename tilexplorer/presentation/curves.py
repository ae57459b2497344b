"""Curves and numbers at risk as the Kaplan-Meier figure takes them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tilexplorer.figures.kaplan_meier import CurveView, RiskView
from tilexplorer.statistics.kaplan_meier import Curve
from tilexplorer.statistics.results import Estimate
from tilexplorer.statistics.risk_table import RiskTable


def curve_view(label: str, curve: Curve, median: Estimate, tail_from: float, events: int) -> CurveView:
    """One group's curve; `tail_from` [days] is where too few are at risk, NaN for never."""
    return CurveView(
        label=label,
        colour_key=label,
        time_days=np.asarray(curve.time, dtype=float),
        survival=curve.survival,
        lower=curve.lower,
        upper=curve.upper,
        censor_times=np.asarray(curve.time[curve.censored > 0], dtype=float),
        tail_from_days=tail_from,
        median_days=median.value,
        n=curve.n,
        events=events,
        at_risk=np.asarray(curve.at_risk, dtype=float),
    )


def risk_view(risk: RiskTable, labels: Sequence[str]) -> RiskView:
    """The rows of these groups, in this order."""
    places = [risk.groups.index(label) for label in labels]
    return RiskView(
        labels=list(labels),
        times_days=risk.times,
        at_risk=risk.at_risk[places].astype(float),
        censored=risk.censored[places].astype(float),
        events=risk.events[places].astype(float),
    )
