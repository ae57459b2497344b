"""Paired measurements (before and on treatment): fold change of complete pairs, and a model that keeps the rest."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from tilexplorer.statistics.results import Estimate, not_estimable
from tilexplorer.statistics.signed_ranks import paired_differences

Array = NDArray[np.float64]

_MEAN = "mean change, paired t interval"
_LARGEST_RATIO = 1e8  # of the variance between patients to that within: beyond, the profile is flat


def t_quantile(df: float) -> float:
    """97.5% point of Student's t."""
    return float(special.stdtrit(df, 0.975))


def t_p_value(t: float, df: float) -> float:
    """Two-sided p of Student's t, accurate in the far tail."""
    return float(special.betainc(df / 2, 0.5, df / (df + t * t)))


def mean_change(before: ArrayLike, after: ArrayLike) -> Estimate:
    """Mean of after - before with the limits and p of the paired t test.

    Raises
    ------
    ValueError
        If the two differ in length.
    """
    change = paired_differences(before, after)
    n = len(change)
    if n < 2:
        return not_estimable(_MEAN, "fewer than two complete pairs", n=n)
    mean, error = float(change.mean()), float(change.std(ddof=1)) / math.sqrt(n)
    # Differences of equal numbers keep a rounding spread, which is no spread.
    if error <= 1e-14 * float(np.abs(change).max()):
        return not_estimable(_MEAN, "every pair changed by the same amount", n=n)
    half = t_quantile(n - 1) * error
    p_value = t_p_value(mean / error, n - 1)
    return Estimate(mean, mean - half, mean + half, _MEAN, n, std_error=error, p_value=p_value)


def geometric_mean_ratio(before: ArrayLike, after: ArrayLike, constant: float = 0.0) -> Estimate:
    """Fold change after / before: the paired t test on log(x + c), back-transformed.

    Parameters
    ----------
    before, after : shape (n,), on a ratio scale; pairs with a missing value are left out.
    constant : c, added to every value and printed; needed where zeros occur.

    Returns
    -------
    Estimate
        `value` is the geometric mean of (after + c) / (before + c); `std_error` that of its log. Not estimable
        where a value + c is not positive.

    Raises
    ------
    ValueError
        If the two differ in length.
    """
    added = f" + {constant:g}" if constant else ""
    method = f"geometric mean ratio, paired t interval on log(x{added})"
    first, second = np.asarray(before, dtype=float) + constant, np.asarray(after, dtype=float) + constant
    whole = paired_differences(first, second)
    complete = np.isfinite(first) & np.isfinite(second)
    if np.any(first[complete] <= 0) or np.any(second[complete] <= 0):
        return not_estimable(method, "a value is not positive: add a constant", n=len(whole))
    log = mean_change(np.log(first[complete]), np.log(second[complete]))
    if not log.shown:
        return not_estimable(method, log.reason, n=log.n)
    value, lower, upper = (math.exp(x) for x in (log.value, log.lower, log.upper))
    return Estimate(value, lower, upper, method, log.n, std_error=log.std_error, p_value=log.p_value)


@dataclass(frozen=True, slots=True)
class RandomIntercept:
    """A line with an intercept of its own for every patient.

    Attributes
    ----------
    intercept, slope : mean at x = 0 and change per unit of x; limits and p from t with `df`.
    df : degrees of freedom within patients: rows - patients - 1.
    variance_between, variance_within : REML variance components.
    patients, rows : what was used.
    """

    intercept: Estimate
    slope: Estimate
    df: int
    variance_between: float
    variance_within: float
    patients: int
    rows: int


def random_intercept(patient: ArrayLike, x: ArrayLike, y: ArrayLike) -> RandomIntercept:
    """Fit y = a + b x with a random intercept per patient, by REML.

    The model uses unpaired visits as well. With one grouping factor the likelihood has a closed form but for the
    ratio of the two variances, which is found by a search in one dimension; libraries stop at 1e-5.

    Parameters
    ----------
    patient, x, y : shape (rows,); `x` is 0 before and 1 on treatment, or time. Rows with a missing value are out.

    Returns
    -------
    RandomIntercept
        Not estimable when no patient has two different x or too few rows are left. df is that of a covariate which
        varies within patients (R's nlme).

    Raises
    ------
    ValueError
        If the arrays differ in length.

    References
    ----------
    Laird, Ware. Biometrics 1982;38:963. Pinheiro, Bates. Mixed-Effects Models in S and S-PLUS, 2000, ch. 2.
    """
    ids, times, values = np.asarray(patient), np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if not len(ids) == len(times) == len(values):
        raise ValueError(f"patient, x and y have lengths {len(ids)}, {len(times)}, {len(values)}")
    kept = np.isfinite(times) & np.isfinite(values)
    groups, code = np.unique(ids[kept], return_inverse=True)
    design = np.column_stack([np.ones(int(kept.sum())), times[kept]])
    rows, patients = len(design), len(groups)
    df = rows - patients - 1
    reason = _no_model(code, times[kept], values[kept], patients, df)
    if reason:
        missing = not_estimable("random-intercept model (REML)", reason, n=patients)
        return RandomIntercept(missing, missing, max(df, 0), math.nan, math.nan, patients, rows)
    model = _Profile(design, values[kept], code, patients)
    ratio = model.best_ratio()
    beta, covariance, within, _ = model.solve(ratio)
    first, second = (_coefficient(float(beta[i]), math.sqrt(float(covariance[i, i])), df, patients) for i in (0, 1))
    return RandomIntercept(first, second, df, ratio * within, within, patients, rows)


def _no_model(code: NDArray[np.intp], x: Array, y: Array, patients: int, df: int) -> str:
    if patients < 2 or df < 1:
        return "fewer than two patients with repeated values"
    low, high = np.full(patients, math.inf), np.full(patients, -math.inf)
    np.minimum.at(low, code, x)
    np.maximum.at(high, code, x)
    if not np.any(high > low):
        return "no patient has values at two times"
    return "all values are equal" if np.ptp(y) == 0 else ""


def _coefficient(value: float, error: float, df: int, n: int) -> Estimate:
    method = "random-intercept model (REML), t interval"
    half = t_quantile(df) * error
    p_value = t_p_value(value / error, df)
    return Estimate(value, value - half, value + half, method, n, std_error=error, p_value=p_value)


class _Profile:
    """REML criterion of the random-intercept model as a function of the variance ratio alone."""

    def __init__(self, design: Array, y: Array, code: NDArray[np.intp], patients: int) -> None:
        self.design, self.y = design, y
        self.size = np.bincount(code, minlength=patients).astype(float)
        self.design_sums = np.stack([np.bincount(code, column, patients) for column in design.T], axis=1)
        self.y_sums = np.bincount(code, y, patients)

    def solve(self, ratio: float) -> tuple[Array, Array, float, float]:
        """Coefficients, their covariance, the variance within patients, and -2 REML log likelihood (+ constant)."""
        # The inverse of I + ratio J within a patient of m rows is I - ratio / (1 + ratio m) J.
        shrink = ratio / (1 + ratio * self.size)
        cross = self.design.T @ self.design - (self.design_sums.T * shrink) @ self.design_sums
        right = self.design.T @ self.y - (self.design_sums.T * shrink) @ self.y_sums
        beta = np.linalg.solve(cross, right)
        residual, sums = self.y - self.design @ beta, self.y_sums - self.design_sums @ beta
        rss = float(residual @ residual - (shrink * sums) @ sums)
        df = len(self.y) - self.design.shape[1]
        within = max(rss, float(np.finfo(float).tiny)) / df
        log_determinant = float(np.log1p(ratio * self.size).sum() + np.linalg.slogdet(cross)[1])
        covariance = np.asarray(within * np.linalg.inv(cross), dtype=float)
        return np.asarray(beta, dtype=float), covariance, within, df * math.log(within) + log_determinant

    def best_ratio(self) -> float:
        """The variance ratio that maximises the restricted likelihood, 0 where the boundary does."""

        def loss(log_ratio: float) -> float:
            return self.solve(math.exp(log_ratio))[3]

        top = math.log(_LARGEST_RATIO)
        grid = np.linspace(-top, top, 75)
        best = int(np.argmin([loss(place) for place in grid]))
        if best == 0:
            return 0.0
        bounds = (grid[best - 1], grid[min(best + 1, len(grid) - 1)])
        found = float(optimize.minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-9}).x)
        return math.exp(_stationary(loss, found))


def _stationary(loss: Callable[[float], float], start: float) -> float:
    """Polish a minimum by the root of the central difference: comparing values alone stops at sqrt(eps)."""
    step = 1e-3

    def slope(place: float) -> float:
        near, far = loss(place + step) - loss(place - step), loss(place + 2 * step) - loss(place - 2 * step)
        return float(8 * near - far)

    low, high = start - 1e-3, start + 1e-3
    if slope(low) * slope(high) > 0:
        return start
    return float(optimize.brentq(slope, low, high, xtol=1e-13))
