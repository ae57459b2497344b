"""The restricted mean survival time: the area under a curve up to tau."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from tilexplorer.statistics import small
from tilexplorer.statistics.kaplan_meier import Curve
from tilexplorer.statistics.results import Z95, Estimate, Status, not_estimable
from tilexplorer.statistics.small import DEFAULT, Thresholds
from tilexplorer.statistics.tables import EventTable

SHOWN_GROUP = 10  # smaller groups do not shorten the common tau


def restricted_mean(curve: Curve, tau: float, *, thresholds: Thresholds = DEFAULT) -> Estimate:
    """The mean time lived up to tau, with a normal interval.

    Parameters
    ----------
    curve : of any interval.
    tau : positive, in the unit of the curve; before the first observed time the mean is tau itself.

    Returns
    -------
    Estimate in the unit of the curve. Suppressed where tau lies beyond the follow-up of a curve that has not
    reached 0; with a warning where few are at risk at tau.

    Notes
    -----
    var = sum over t_i <= tau of (area from t_i to tau)^2 d / (n (n - d)), the term 0 where n = d (Uno et al. 2014,
    J Clin Oncol 32:2380), which is R's `survfit(rmean =)`.
    """
    method = f"restricted mean to {tau:g}, Uno 2014 variance, normal interval"
    if curve.n == 0:
        return not_estimable(method, "no patients")
    if not tau > 0:
        return not_estimable(method, "tau must be positive", n=curve.n, events=curve.n_events)
    if tau > curve.last_time and curve.survival[-1] > 0:
        return Estimate(
            method=method, n=curve.n, events=curve.n_events, status=Status.SUPPRESSED,
            reason="tau is beyond the follow-up",
        )  # fmt: skip
    mean, error = _area(curve, tau)
    result = Estimate(mean, mean - Z95 * error, mean + Z95 * error, method, curve.n, curve.n_events, error)
    return small.restricted_mean(curve.at_risk_at(tau), thresholds).apply(result)


def _area(curve: Curve, tau: float) -> tuple[float, float]:
    """The area to tau and its standard error."""
    count = curve.index(tau) + 1
    time = np.concatenate(([0.0], curve.time[:count], [tau]))
    area = np.concatenate(([1.0], curve.survival[:count])) * np.diff(time)
    beyond = np.cumsum(area[::-1])[::-1][1:]  # from each t_i to tau
    left = (curve.at_risk[:count] - curve.events[:count]).astype(np.float64)
    weight = curve.events[:count] / np.where(left > 0, curve.at_risk[:count] * left, np.inf)
    return float(area.sum()), math.sqrt(float((beyond**2 * weight).sum()))


def rmst_difference(first: Curve, second: Curve, tau: float, *, thresholds: Thresholds = DEFAULT) -> Estimate:
    """The difference of two restricted means, first minus second, with a z interval and test."""
    method = f"difference of restricted means to {tau:g}"
    one, other = (restricted_mean(curve, tau, thresholds=thresholds) for curve in (first, second))
    failed = _failed(method, one, other)
    if failed:
        return failed
    difference, error = one.value - other.value, math.hypot(one.std_error, other.std_error)
    result = Estimate(
        difference, difference - Z95 * error, difference + Z95 * error, method, one.n + other.n,
        one.events + other.events, error, _two_sided(difference, error),
    )  # fmt: skip
    return _with_cautions(result, one, other)


def rmst_ratio(first: Curve, second: Curve, tau: float, *, thresholds: Thresholds = DEFAULT) -> Estimate:
    """The ratio of two restricted means, first over second; the standard error is that of its logarithm."""
    method = f"ratio of restricted means to {tau:g}, delta method on the log scale"
    one, other = (restricted_mean(curve, tau, thresholds=thresholds) for curve in (first, second))
    failed = _failed(method, one, other)
    if failed:
        return failed
    if one.value <= 0 or other.value <= 0:
        return not_estimable(method, "a restricted mean is zero", n=one.n + other.n, events=one.events + other.events)
    log_ratio = math.log(one.value / other.value)
    error = math.hypot(one.std_error / one.value, other.std_error / other.value)
    result = Estimate(
        math.exp(log_ratio), math.exp(log_ratio - Z95 * error), math.exp(log_ratio + Z95 * error), method,
        one.n + other.n, one.events + other.events, error, _two_sided(log_ratio, error),
    )  # fmt: skip
    return _with_cautions(result, one, other)


def _failed(method: str, one: Estimate, other: Estimate) -> Estimate | None:
    """The contrast's empty answer where a mean is missing."""
    missing = next((each for each in (one, other) if not each.shown), None)
    if missing is None:
        return None
    return Estimate(
        method=method, n=one.n + other.n, events=one.events + other.events, status=missing.status,
        reason=missing.reason,
    )  # fmt: skip


def _with_cautions(result: Estimate, one: Estimate, other: Estimate) -> Estimate:
    reasons = dict.fromkeys(each.reason for each in (one, other) if each.status is Status.WARNING)
    for reason in reasons:
        result = result.warned(reason)
    return result.warned("no variance: no event before tau") if result.std_error == 0 else result


def _two_sided(difference: float, error: float) -> float:
    """p of a z test; NaN where neither group varies."""
    return 2 * float(special.ndtr(-abs(difference / error))) if error > 0 else math.nan


def default_tau(table: EventTable, days_per_month: float = 30.4375) -> float:
    """The largest round number of months within the follow-up of every group of at least 10 patients, in days.

    Round: a multiple of 6 months from 12 months on, of 3 from 3 on, else whole months; where not even one month
    was observed, the shortest of the groups' last times. NaN for an empty table. Smaller groups count only
    where no group has 10 patients.
    """
    sizes = table.n_by_group
    shown = sizes >= SHOWN_GROUP if (sizes >= SHOWN_GROUP).any() else sizes > 0
    if not shown.any():
        return math.nan
    last = np.zeros(sizes.size)
    np.maximum.at(last, table.group, table.time.astype(float))
    shortest = float(last[shown].min())
    months = math.floor(shortest / days_per_month * (1 + 1e-12))
    step = 6 if months >= 12 else 3 if months >= 3 else 1
    return months // step * step * days_per_month if months >= 1 else shortest
