"""Quantiles of a survival curve: medians, quartiles, follow-up; limits by inverting the displayed interval."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tilexplorer.statistics import small
from tilexplorer.statistics.kaplan_meier import Curve, Floats, kaplan_meier
from tilexplorer.statistics.results import Estimate, not_estimable
from tilexplorer.statistics.small import DEFAULT, Thresholds
from tilexplorer.statistics.tables import EventTable, Times
from tilexplorer.statistics.ties import TOLERANCE

NOT_REACHED = "not reached"


def quantile(curve: Curve, p: float = 0.5) -> Estimate:
    """The time by which a share p of the patients had the event, with Brookmeyer-Crowley limits.

    Parameters
    ----------
    curve : the curve; the limits invert its interval.
    p : the share, strictly between 0 and 1.

    Returns
    -------
    Estimate in the unit of the curve's times. A quantile that was not reached is NaN with the reason
    "not reached"; a limit that was not reached is NaN. Not estimable only without patients.

    Raises
    ------
    ValueError
        If p is not between 0 and 1.

    Notes
    -----
    R's rule (quantile.survfit): the smallest t with S(t) <= 1 - p, within 1.5e-8; where the curve is flat at
    exactly 1 - p, the middle of that step, up to the last observed time if it never falls again.
    """
    if not 0 < p < 1:
        raise ValueError(f"a quantile lies between 0 and 1, not at {p}")
    method = f"Kaplan-Meier, {curve.interval} interval inverted (Brookmeyer-Crowley)"
    if curve.n == 0:
        return not_estimable(method, "no patients")
    value = _crossing(curve.time, curve.survival, p)
    return Estimate(
        value=value,
        lower=_crossing(curve.time, curve.lower, p),
        upper=_crossing(curve.time, curve.upper, p),
        method=method,
        n=curve.n,
        events=curve.n_events,
        reason=NOT_REACHED if math.isnan(value) else "",
    )


def median(curve: Curve, *, thresholds: Thresholds = DEFAULT) -> Estimate:
    """The median time, suppressed where too few were still at risk at it (thresholds of `small`)."""
    result = quantile(curve, 0.5)
    if math.isnan(result.value):
        return small.curve(curve.n, thresholds).apply(result)
    return small.median(curve.n, curve.at_risk_at(result.value), thresholds).apply(result)


def median_follow_up(table: EventTable) -> Estimate:
    """The median follow-up by reverse Kaplan-Meier (events and censorings exchanged), log interval.

    All groups and strata together; at ties the original events are still at risk (the practice of R and SAS).
    """
    curve = kaplan_meier(table.flipped(), interval="log")
    result = quantile(curve, 0.5)
    return Estimate(
        value=result.value, lower=result.lower, upper=result.upper, method="reverse Kaplan-Meier, log interval",
        n=table.n, events=table.n_events, status=result.status, reason=result.reason,
    )  # fmt: skip


def follow_up_range(table: EventTable) -> tuple[float, float]:
    """The shortest and longest follow-up of the patients who were censored; NaN where nobody was."""
    followed = table.time[table.censored > 0]
    if followed.size == 0:
        return math.nan, math.nan
    return float(followed.min()), float(followed.max())


def _crossing(time: Times, curve: Floats, p: float) -> float:
    """The first time at which 1 - curve reaches p, by R's rule; NaN where it never does."""
    fall = np.concatenate(([0.0], 1.0 - curve))
    moment = np.concatenate(([0.0], time))
    last = moment[-1]
    defined = ~np.isnan(fall)
    rises = fall[defined]
    if (rises[1:] >= rises[:-1]).all():  # searching finds the first of repeated values by itself
        undefined = np.flatnonzero(~defined)
        ends_defined = defined[-1] or undefined[0] < np.flatnonzero(defined)[-1]
        fall, moment = rises, moment[defined]
        final = fall[-1]
    else:
        fall, moment, final, ends_defined = _sorted(fall, moment)
    if fall[-1] < p:
        return math.nan
    reached = moment[np.searchsorted(fall + TOLERANCE, p)]
    if ends_defined and abs(p - final) < TOLERANCE:
        return float((reached + last) / 2)
    passed = int(np.searchsorted(fall - TOLERANCE, p))
    return float((reached + moment[passed]) / 2) if passed < moment.size else math.nan


def _sorted(fall: Floats, moment: Floats) -> tuple[Floats, Floats, float, bool]:
    """Of a limit that is not monotone: its values ascending, their times, the last value, and whether it ends there.

    R drops repeated values, NaN among them, before it asks whether the curve ends undefined.
    """
    first = _first_occurrences(fall)
    fall, moment = fall[first], moment[first]
    defined = ~np.isnan(fall)
    ends_defined, final = bool(defined[-1]), float(fall[-1])
    fall, moment = fall[defined], moment[defined]
    order = np.argsort(fall, kind="stable")
    return fall[order], moment[order], final, ends_defined


def _first_occurrences(values: Floats) -> NDArray[np.int64]:
    """Positions at which each distinct value stands first, ascending; all NaN are one value."""
    return np.sort(np.unique(values, return_index=True)[1])
