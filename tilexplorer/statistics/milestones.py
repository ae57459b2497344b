"""Survival at a fixed time, and the difference of two curves there."""

from __future__ import annotations

import math

from scipy import special

from tilexplorer.statistics.kaplan_meier import Curve
from tilexplorer.statistics.results import Z95, Estimate, Status, Test, no_test, not_estimable

BEYOND = "beyond follow-up"


def survival_at(curve: Curve, t: float) -> Estimate:
    """S(t) with the limits at the last observed time <= t; suppressed after the last follow-up.

    Before the first observed time S is 1 with limits 1, as R prints it.
    """
    method = f"Kaplan-Meier, {curve.interval} interval"
    if curve.n == 0:
        return not_estimable(method, "no patients")
    if not t <= curve.last_time:
        return Estimate(method=method, n=curve.n, events=curve.n_events, status=Status.SUPPRESSED, reason=BEYOND)
    return extended_survival_at(curve, t)


def extended_survival_at(curve: Curve, t: float) -> Estimate:
    """S(t) with the last value carried on after the last follow-up, as R's `summary(extend = TRUE)`."""
    method = f"Kaplan-Meier, {curve.interval} interval"
    if curve.n == 0:
        return not_estimable(method, "no patients")
    position = curve.index(t)
    if position < 0:
        return Estimate(1.0, 1.0, 1.0, method, curve.n, curve.n_events, 0.0)
    return Estimate(
        float(curve.survival[position]), float(curve.lower[position]), float(curve.upper[position]), method,
        curve.n, curve.n_events, std_error=_interval_std_error(curve, position),
    )  # fmt: skip


def _interval_std_error(curve: Curve, position: int) -> float:
    """The standard error on the scale on which the interval was made."""
    survival, std_error = float(curve.survival[position]), float(curve.std_error_log[position])
    if curve.interval == "log":
        return std_error
    if survival in (0.0, 1.0):
        return math.nan if curve.interval == "log-log" else 0.0
    return survival * std_error if curve.interval == "plain" else std_error / -math.log(survival)


def survival_difference(first: Curve, second: Curve, t: float) -> Estimate:
    """S1(t) - S2(t) with a normal interval from Greenwood's variances; p of the test on the cloglog scale.

    Suppressed where t is beyond the follow-up of a group. `milestone_test` gives the test alone.
    """
    method = "difference of Kaplan-Meier estimates, normal interval; p on the complementary log-log scale"
    n, events = first.n + second.n, first.n_events + second.n_events
    if first.n == 0 or second.n == 0:
        return not_estimable(method, "a group has no patients", n=n, events=events)
    if not t <= min(first.last_time, second.last_time):
        return Estimate(method=method, n=n, events=events, status=Status.SUPPRESSED, reason=BEYOND)
    (survival_1, error_1), (survival_2, error_2) = point(first, t), point(second, t)
    difference, error = survival_1 - survival_2, math.hypot(error_1, error_2)
    test = milestone_test(first, second, t)
    return Estimate(
        difference, difference - Z95 * error, difference + Z95 * error, method, n, events, error, test.p_value,
        status=Status.OK if test.shown else Status.WARNING, reason=test.reason,
    )  # fmt: skip


def milestone_test(first: Curve, second: Curve, t: float) -> Test:
    """Equality of two survival probabilities at t on the scale log(-log S) (Klein et al. 2007, Stat Med 26:4505)."""
    method = "test at a fixed time, complementary log-log scale (Klein 2007)"
    n, events = first.n + second.n, first.n_events + second.n_events
    (survival_1, error_1), (survival_2, error_2) = point(first, t), point(second, t)
    if not (0 < survival_1 < 1 and 0 < survival_2 < 1):
        return no_test(method, "no test where a curve is at 0% or 100%", n=n, events=events)
    log_1, log_2 = math.log(survival_1), math.log(survival_2)
    variance = (error_1 / survival_1 / log_1) ** 2 + (error_2 / survival_2 / log_2) ** 2
    statistic = (math.log(-log_1) - math.log(-log_2)) ** 2 / variance
    return Test(statistic, 1, float(special.chdtrc(1, statistic)), method, n, events)


def point(curve: Curve, t: float) -> tuple[float, float]:
    """S(t) and its Greenwood standard error on the plain scale, the last values carried on."""
    position = curve.index(t)
    if position < 0:
        return (1.0, 0.0) if curve.n else (math.nan, math.nan)
    survival = float(curve.survival[position])
    return survival, survival * float(curve.std_error_log[position]) if survival > 0 else 0.0
