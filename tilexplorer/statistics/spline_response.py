"""The probability of response along a continuous measure, by logistic regression on a restricted cubic spline."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tilexplorer.statistics import small
from tilexplorer.statistics.logistic import LogisticFit, likelihood_ratio, logistic_regression
from tilexplorer.statistics.results import Z95, Test, no_test
from tilexplorer.statistics.small import DEFAULT, Thresholds
from tilexplorer.statistics.splines import knots_for, place_knots, spline_basis

Array = NDArray[np.float64]

GRID_POINTS = 101
_METHOD = "logistic regression with a restricted cubic spline, likelihood ratio test"


@dataclass(frozen=True, slots=True, eq=False)
class ResponseCurve:
    """Probability of response along a measure, averaged over the strata as they occur.

    Attributes
    ----------
    x, probability, lower, upper : shape (m,), with pointwise 95% limits (delta method on the logit scale).
    overall : whether the measure matters at all. nonlinear : whether a line would not do. knots : of the spline.
    """

    overall: Test
    nonlinear: Test
    knots: tuple[float, ...] = ()
    x: Array = field(default_factory=lambda: np.empty(0))
    probability: Array = field(default_factory=lambda: np.empty(0))
    lower: Array = field(default_factory=lambda: np.empty(0))
    upper: Array = field(default_factory=lambda: np.empty(0))


def response_curve(
    response: ArrayLike, x: ArrayLike, strata: ArrayLike, *, thresholds: Thresholds = DEFAULT
) -> ResponseCurve:
    """Fit a spline of one measure to response.

    Parameters
    ----------
    response : shape (n,), 1 for a responder. x : shape (n,), the measure. strata : shape (n, s), indicators of all
        strata but one (s may be 0).

    Returns
    -------
    ResponseCurve
        Suppressed below 40 patients of the rarer outcome; not estimable where ties leave no distinct knots or the
        outcome is separated.
    """
    y, v, beside = (np.asarray(values, dtype=float) for values in (response, x, strata))
    fewest = int(min(y.sum(), len(y) - y.sum()))
    verdict = small.spline(fewest, thresholds)
    places = place_knots(v, knots_for(fewest))
    if not verdict.shown or not places:
        reason = verdict.reason.replace("events", "patients of the rarer outcome")
        missing = no_test(_METHOD, reason or "tied values leave no distinct knots", n=len(y), events=int(y.sum()))
        missing = missing if verdict.shown else missing.suppressed(missing.reason)
        return ResponseCurve(missing, missing)
    basis = spline_basis(v, places)
    curved, line, without = (_fit(y, part, beside) for part in (basis, v[:, None], np.empty((len(y), 0))))
    overall = curved.lr if not beside.shape[1] else likelihood_ratio(curved, without)
    if not curved.shown:
        return ResponseCurve(overall, likelihood_ratio(curved, line), places)
    low, high = np.quantile(v, [0.025, 0.975])
    where = np.linspace(low, high, GRID_POINTS)
    parts = [_averaged(curved, row, beside) for row in spline_basis(where, places)]
    logit, error = np.array([p[0] for p in parts]), np.array([p[1] for p in parts])
    return ResponseCurve(
        overall, likelihood_ratio(curved, line), places, where, special.expit(logit),
        special.expit(logit - Z95 * error), special.expit(logit + Z95 * error),
    )  # fmt: skip


def _fit(y: Array, columns: Array, beside: Array) -> LogisticFit:
    design = np.column_stack([columns, beside])
    return logistic_regression(y, design, [f"x{i}" for i in range(design.shape[1])], firth=False, guard=False)


def _averaged(fit: LogisticFit, basis: Array, beside: Array) -> tuple[float, float]:
    """Logit of the mean probability at one value over the patients' strata, and its standard error."""
    design = np.column_stack([np.ones(len(beside)), np.tile(basis, (len(beside), 1)), beside])
    if not beside.shape[1]:
        design = design[:1]
    each = special.expit(design @ fit.coef)
    mean = float(each.mean())
    slope = ((each * (1 - each))[:, None] * design).mean(axis=0) / (mean * (1 - mean))
    return float(special.logit(mean)), float(np.sqrt(max(0.0, slope @ fit.covariance @ slope)))
