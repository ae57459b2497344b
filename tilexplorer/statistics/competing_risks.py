"""Cumulative incidence with competing risks (Aalen-Johansen).

1 - Kaplan-Meier would count patients who died of something else as still able to have the event; it is never used
for a competing end point.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilexplorer.statistics.cause_table import CauseTable
from tilexplorer.statistics.results import Z95, Estimate, Status, not_estimable
from tilexplorer.statistics.tables import Times

Floats = NDArray[np.float64]
METHOD = "Aalen-Johansen, log-log interval from the infinitesimal jackknife"


@dataclass(frozen=True, slots=True, eq=False)
class Incidence:
    """The cumulative incidence of one cause in one group of patients.

    Attributes
    ----------
    time : shape (T,).
    at_risk, events : shape (T,): patients with time >= t; events of the cause at t.
    incidence : shape (T,): F(t), right-continuous.
    std_error : shape (T,), infinitesimal jackknife, as R's survfit.
    std_error_aalen : shape (T,), Aalen's variance, as R's cmprsk.
    lower, upper : shape (T,): pointwise 95% limits on the log(-log F) scale; NaN where F is 0.
    n, n_events : patients, events of the cause.
    """

    cause: str
    time: Times
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]
    incidence: Floats
    std_error: Floats
    std_error_aalen: Floats
    lower: Floats
    upper: Floats
    n: int
    n_events: int


def cumulative_incidence(table: CauseTable, cause: str) -> Incidence:
    """The cumulative incidence of a cause among all patients of a table.

    Raises
    ------
    ValueError
        If the table has no such cause.

    Notes
    -----
    F(t) = sum over u <= t of S(u-) d_cause(u) / n(u), S the Kaplan-Meier estimate of having had no event of any
    cause (Aalen and Johansen 1978). With several groups in the table they are taken together.
    """
    if cause not in table.causes:
        raise ValueError(f"no such cause: {cause}")
    time, position = np.unique(table.time, return_inverse=True)
    counts = np.zeros((time.size, table.counts.shape[1]), np.int64)
    np.add.at(counts, position, table.counts)
    own = counts[:, 1 + table.causes.index(cause)]
    event = counts[:, 1:].sum(axis=1)
    leaving = counts.sum(axis=1)
    at_risk = int(leaving.sum()) - np.cumsum(leaving) + leaving
    survival = np.concatenate(([1.0], np.cumprod(1 - event / at_risk)))[:-1]
    incidence = np.cumsum(survival * own / at_risk)
    error = np.sqrt(_jackknife(survival, own, event, leaving, at_risk, incidence))
    aalen = np.sqrt(np.maximum(_aalen(survival, own, event, at_risk, incidence), 0.0))
    lower, upper = _limits(incidence, error)
    return Incidence(
        cause, time, at_risk, own, incidence, error, aalen, lower, upper, int(leaving.sum()), int(own.sum())
    )


def incidence_at(curve: Incidence, t: float) -> Estimate:
    """F(t) with its limits; suppressed after the last follow-up."""
    if curve.n == 0:
        return not_estimable(METHOD, "no patients")
    if not t <= float(curve.time[-1]):
        return Estimate(
            method=METHOD, n=curve.n, events=curve.n_events, status=Status.SUPPRESSED, reason="beyond follow-up"
        )
    position = int(np.searchsorted(curve.time, t, side="right")) - 1
    if position < 0:
        return Estimate(0.0, 0.0, 0.0, METHOD, curve.n, curve.n_events, 0.0)
    return Estimate(
        float(curve.incidence[position]), float(curve.lower[position]), float(curve.upper[position]), METHOD,
        curve.n, curve.n_events, float(curve.std_error[position]),
    )  # fmt: skip


def _jackknife(
    survival: Floats,
    own: NDArray[np.int64],
    event: NDArray[np.int64],
    leaving: NDArray[np.int64],
    at_risk: NDArray[np.int64],
    incidence: Floats,
) -> Floats:
    """The sum of squared influences of the patients on F(t).

    The influence of a patient who leaves at s is a + F(t) b, where a and b collect, up to min(s, t), the derivatives
    of the hazards' increments; so the sum over patients is a quadratic in F(t) with cumulative coefficients.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        # weight of an increment of the total hazard; 0 once nobody is left, where F no longer grows
        weight = np.where(at_risk > event, 1 / (at_risk - event).astype(float), 0.0)
    drift_a = np.cumsum(survival * own / at_risk**2 + incidence * event * weight / at_risk)
    drift_b = np.cumsum(event * weight / at_risk)
    other, censored = event - own, leaving - event
    jump_own, jump = survival / at_risk, incidence * weight
    total = np.zeros((3, own.size))
    for number, a, b in (
        (own, jump_own + jump - drift_a, drift_b - weight),
        (other, jump - drift_a, drift_b - weight),
        (censored, -drift_a, drift_b),
    ):
        total += np.cumsum(number * np.stack([a * a, a * b, b * b]), axis=1)
    staying = at_risk - leaving
    total += staying * np.stack([drift_a**2, -drift_a * drift_b, drift_b**2])
    variance: Floats = total[0] + 2 * incidence * total[1] + incidence**2 * total[2]
    return np.maximum(variance, 0.0)


def _aalen(
    survival: Floats, own: NDArray[np.int64], event: NDArray[np.int64], at_risk: NDArray[np.int64], incidence: Floats
) -> Floats:
    """Aalen's variance of F(t), from the martingales of the two hazards, with a correction for ties.

    An event of the cause at u moves F(t) by S(u-) (1 - (F(t) - F(u)) / S(u)), another event by the second part.
    """
    after = survival * (1 - event / at_risk)  # S(u)
    with np.errstate(divide="ignore"):
        inverse = np.where(after > 0, 1 / after, 0.0)
    total = np.zeros((3, own.size))
    for number, direct in ((own, 1.0), (event - own, 0.0)):
        tied = 1 - np.maximum(number - 1, 0) / np.maximum(at_risk - 1, 1)
        increment = tied * survival**2 * number / at_risk.astype(float) ** 2
        constant = direct + incidence * inverse
        total += np.cumsum(increment * np.stack([constant**2, constant * inverse, inverse**2]), axis=1)
    variance: Floats = total[0] - 2 * incidence * total[1] + incidence**2 * total[2]
    return variance


def _limits(incidence: Floats, error: Floats) -> tuple[Floats, Floats]:
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = (incidence > 0) & (incidence < 1)
        log_incidence = np.where(inside, np.log(incidence), np.nan)
        half = Z95 * error / (np.where(inside, incidence, np.nan) * -log_incidence)
        return np.exp(log_incidence * np.exp(half)), np.exp(log_incidence * np.exp(-half))
