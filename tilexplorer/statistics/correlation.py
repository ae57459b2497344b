"""Rank correlations: Spearman's rho and Kendall's tau-b, with the tests that R makes for tied data."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special
from scipy.stats import kendalltau, rankdata

from tilexplorer.statistics.rank_laws import tie_sizes
from tilexplorer.statistics.results import Estimate, not_estimable

Array = NDArray[np.float64]


def _complete_pairs(x: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    first, second = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(f"a correlation needs two arrays of one length, not {first.shape} and {second.shape}")
    kept = np.isfinite(first) & np.isfinite(second)
    return first[kept], second[kept]


def _why_not(x: Array, y: Array) -> str:
    if len(x) < 3:
        return "fewer than three complete pairs"
    return "a variable has one value only" if np.ptp(x) == 0 or np.ptp(y) == 0 else ""


def spearman(x: ArrayLike, y: ArrayLike) -> Estimate:
    """Spearman's rank correlation with the t approximation of its test (n - 2 df); no limits.

    Raises
    ------
    ValueError
        If x and y differ in length.
    """
    method = "Spearman's rho, t approximation"
    a, b = _complete_pairs(x, y)
    reason = _why_not(a, b)
    if reason:
        return not_estimable(method, reason, n=len(a))
    first, second = (ranks - ranks.mean() for ranks in (rankdata(a), rankdata(b)))
    rho = float(first @ second / math.sqrt(float(first @ first) * float(second @ second)))
    rho, df = max(-1.0, min(1.0, rho)), len(a) - 2
    # P(|T| > t) as an incomplete beta in rho: exact to the last bit, and 0 at rho = 1.
    p_value = float(special.betainc(df / 2, 0.5, 1 - rho * rho))
    return Estimate(rho, method=method, n=len(a), p_value=p_value)


def kendall(x: ArrayLike, y: ArrayLike) -> Estimate:
    """Kendall's tau-b with the tie-corrected normal test.

    `std_error` is tau over its z, the standard error under independence. Kendall. Rank Correlation Methods, ch. 4.

    Raises
    ------
    ValueError
        If x and y differ in length.
    """
    method = "Kendall's tau-b, normal approximation"
    a, b = _complete_pairs(x, y)
    reason = _why_not(a, b)
    if reason:
        return not_estimable(method, reason, n=len(a))
    tau = float(kendalltau(a, b, method="asymptotic").statistic)
    n, t, u = float(len(a)), tie_sizes(a), tie_sizes(b)
    pairs, tied, other = n * (n - 1) / 2, float((t * (t - 1)).sum()) / 2, float((u * (u - 1)).sum()) / 2
    scale = math.sqrt((pairs - tied) * (pairs - other))  # concordant less discordant pairs, over tau
    error = math.sqrt(_score_variance(n, t, u)) / scale
    p_value = math.erfc(abs(tau) / error / math.sqrt(2))
    return Estimate(tau, method=method, n=len(a), std_error=error, p_value=p_value)


def _score_variance(n: float, t: Array, u: Array) -> float:
    """Variance of concordant less discordant pairs under independence, with ties."""

    def cubic(k: Array) -> float:
        return float((k * (k - 1) * (2 * k + 5)).sum())

    def triple(k: Array) -> float:
        return float((k * (k - 1) * (k - 2)).sum())

    def double(k: Array) -> float:
        return float((k * (k - 1)).sum())

    everyone = np.array([n])
    first = (cubic(everyone) - cubic(t) - cubic(u)) / 18
    second = triple(t) * triple(u) / (9 * triple(everyone))
    return first + second + double(t) * double(u) / (2 * double(everyone))
