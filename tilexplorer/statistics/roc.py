"""How well a score separates responders from the others: ROC curve, AUC, DeLong's variance and paired test.

The direction is fixed in advance (a higher score predicts response), so that an AUC may be below one half.
All of it is apparent, not validated, performance, and pages say so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from tilexplorer.statistics import small
from tilexplorer.statistics.results import Z95, Estimate, Status, Test, no_test, not_estimable
from tilexplorer.statistics.small import DEFAULT, Thresholds

Array = NDArray[np.float64]

_AUC = "AUC, DeLong interval"
_PAIRED = "DeLong's test of two AUCs on the same patients"


@dataclass(frozen=True, slots=True)
class RocPoint:
    """A threshold (score above it counts as positive) with its sensitivity and specificity."""

    threshold: float
    sensitivity: float
    specificity: float


@dataclass(frozen=True, slots=True)
class RocCurve:
    """All points from the lowest threshold (everybody positive) to the highest, and the AUC.

    Attributes
    ----------
    auc : `events` are the positives; `std_error` is DeLong's.
    points : thresholds lie halfway between neighbouring scores, with -inf and inf at the ends.
    youden : points with the largest sensitivity + specificity - 1. Chosen after looking: optimistic.
    """

    auc: Estimate
    points: tuple[RocPoint, ...]
    youden: tuple[RocPoint, ...]


def _complete(outcome: ArrayLike, scores: Sequence[ArrayLike]) -> tuple[NDArray[np.bool_], Array]:
    """Outcomes and scores (m, n) of the patients who have all of them."""
    y, values = np.asarray(outcome, dtype=float), np.asarray([np.asarray(s, dtype=float) for s in scores])
    if values.ndim != 2 or values.shape[1:] != y.shape:
        raise ValueError(f"outcome and scores differ in length: {y.shape} and {values.shape}")
    known = np.isfinite(y)
    if not np.isin(y[known], (0.0, 1.0)).all():
        raise ValueError("outcome must be 0 or 1")
    kept = known & ~np.isnan(values).any(axis=0)
    return y[kept] == 1, values[:, kept]


def delong(outcome: ArrayLike, scores: Sequence[ArrayLike]) -> tuple[Array, Array]:
    """AUCs of several scores on the same patients and their covariance.

    Parameters
    ----------
    outcome : shape (n,), 1 for a responder; scores : m arrays of shape (n,). Patients who lack one are left
        out.

    Returns
    -------
    AUCs (m,) and covariance (m, m); NaN where a class has fewer than two (covariance) or no patients (both).

    References
    ----------
    DeLong et al. Biometrics 1988;44:837; midranks as in Sun, Xu. IEEE Signal Process Lett 2014;21:1389.
    """
    positive, values = _complete(outcome, scores)
    m, n = int(positive.sum()), int((~positive).sum())
    if m == 0 or n == 0:
        return np.full(len(values), math.nan), np.full((len(values), len(values)), math.nan)
    with_positive, with_negative = [], []
    for score in values:
        ranks = rankdata(np.concatenate([score[positive], score[~positive]]))
        with_positive.append((ranks[:m] - rankdata(score[positive])) / n)
        with_negative.append(1 - (ranks[m:] - rankdata(score[~positive])) / m)
    first, second = np.asarray(with_positive), np.asarray(with_negative)
    auc = first.mean(axis=1)
    if m < 2 or n < 2:
        return auc, np.full((len(values), len(values)), math.nan)
    return auc, np.atleast_2d(np.cov(first)) / m + np.atleast_2d(np.cov(second)) / n


def roc(outcome: ArrayLike, score: ArrayLike, *, thresholds: Thresholds = DEFAULT) -> RocCurve:
    """ROC curve of one score.

    Parameters
    ----------
    outcome : shape (n,), 1 for a responder, 0 otherwise, NaN unknown.
    score : shape (n,), higher for response.

    Returns
    -------
    RocCurve
        The AUC is suppressed with fewer than ten patients in a class; with perfect separation its interval
        is left out, since a variance of zero says nothing.

    Raises
    ------
    ValueError
        If the lengths differ or an outcome is neither 0 nor 1.
    """
    positive, values = _complete(outcome, [score])
    m, n = int(positive.sum()), int((~positive).sum())
    if m == 0 or n == 0:
        missing = not_estimable(_AUC, "no responders" if m == 0 else "everybody responded", n=m + n, events=m)
        return RocCurve(missing, (), ())
    auc, covariance = delong(positive.astype(float), [values[0]])
    estimate = _auc_estimate(float(auc[0]), float(covariance[0, 0]), m, n)
    points = _points(positive, values[0])
    return RocCurve(small.auc(m, n, thresholds).apply(estimate), points, _youden(points))


def _auc_estimate(auc: float, variance: float, m: int, n: int) -> Estimate:
    if variance == 0 and auc in (0.0, 1.0):
        reason = f"perfect separation, n={m + n}: no interval"
        return Estimate(auc, method=_AUC, n=m + n, events=m, std_error=0.0, status=Status.WARNING, reason=reason)
    error = math.sqrt(variance) if variance >= 0 else math.nan
    if math.isnan(error):
        reason = "a class has one patient: no interval"
        return Estimate(auc, method=_AUC, n=m + n, events=m, status=Status.WARNING, reason=reason)
    lower, upper = max(0.0, auc - Z95 * error), min(1.0, auc + Z95 * error)
    return Estimate(auc, lower, upper, _AUC, m + n, m, std_error=error)


def _points(positive: NDArray[np.bool_], score: Array) -> tuple[RocPoint, ...]:
    distinct, place = np.unique(score, return_inverse=True)
    hits = np.concatenate([[0], np.cumsum(np.bincount(place, positive, len(distinct)))])
    misses = np.concatenate([[0], np.cumsum(np.bincount(place, ~positive, len(distinct)))])
    between = (distinct[:-1] + distinct[1:]) / 2
    cuts = np.concatenate([[-math.inf], between, [math.inf]])
    sensitivity, specificity = 1 - hits / hits[-1], misses / misses[-1]
    return tuple(
        RocPoint(*point) for point in zip(cuts.tolist(), sensitivity.tolist(), specificity.tolist(), strict=True)
    )


def _youden(points: Sequence[RocPoint]) -> tuple[RocPoint, ...]:
    best = max(point.sensitivity + point.specificity for point in points)
    return tuple(p for p in points if p.sensitivity + p.specificity >= best - 1e-12)


def compare_auc(outcome: ArrayLike, first: ArrayLike, second: ArrayLike, *, thresholds: Thresholds = DEFAULT) -> Test:
    """Test whether two scores of the same patients have the same AUC; `statistic` is z of first - second.

    Raises
    ------
    ValueError
        If the lengths differ or an outcome is neither 0 nor 1.
    """
    positive, values = _complete(outcome, [first, second])
    m, n = int(positive.sum()), int((~positive).sum())
    auc, covariance = delong(positive.astype(float), list(values))
    variance = float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    if not variance > 1e-15:
        reason = "the scores rank the patients alike" if variance <= 1e-15 else "a class has fewer than two patients"
        return no_test(_PAIRED, reason, n=m + n, events=m)
    z = float(auc[0] - auc[1]) / math.sqrt(variance)
    test = Test(z, math.nan, math.erfc(abs(z) / math.sqrt(2)), _PAIRED, m + n, m)
    return small.auc(m, n, thresholds).apply(test)
