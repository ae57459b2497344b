"""Do two measures of the same patients say the same? Agreement of levels, and of values in one unit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tilexplorer.statistics.pairs import t_quantile
from tilexplorer.statistics.results import Z95, Estimate, not_estimable

Array = NDArray[np.float64]

FEWEST_PAIRS = 10  # of a Bland-Altman analysis


def cohen_kappa(table: ArrayLike) -> Estimate:
    """Agreement of two classifications beyond chance, with its large-sample limits.

    Parameters
    ----------
    table : shape (k, k), patients by the first (rows) and second (columns) classification, same order of levels.

    Raises
    ------
    ValueError
        If the table is not square.

    References
    ----------
    Cohen. Educ Psychol Meas 1960;20:37. Variance: Fleiss, Cohen, Everitt. Psychol Bull 1969;72:323, equation 13.
    """
    counts = np.asarray(table, dtype=float)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise ValueError(f"agreement needs a square table, not {counts.shape}")
    method, n = "Cohen's kappa, large-sample interval", int(counts.sum())
    if n == 0:
        return not_estimable(method, "no patient has both measures")
    shares = counts / n
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    observed, expected = float(np.trace(shares)), float(rows @ columns)
    if expected >= 1 - 1e-12:
        return not_estimable(method, "all patients are in one level", n=n)
    kappa = (observed - expected) / (1 - expected)
    error = math.sqrt(max(0.0, _kappa_variance(shares, rows, columns, kappa, expected) / n))
    lower, upper = max(-1.0, kappa - Z95 * error), min(1.0, kappa + Z95 * error)
    return Estimate(kappa, lower, upper, method, n, std_error=error)


def _kappa_variance(shares: Array, rows: Array, columns: Array, kappa: float, expected: float) -> float:
    own = np.diag(shares)
    diagonal = float((own * (1 - (rows + columns) * (1 - kappa)) ** 2).sum())
    sums = (columns[:, None] + rows[None, :]) ** 2 * shares
    beside = (1 - kappa) ** 2 * float(sums.sum() - np.trace(sums))
    return (diagonal + beside - (kappa - expected * (1 - kappa)) ** 2) / (1 - expected) ** 2


@dataclass(frozen=True, slots=True, eq=False)
class BlandAltman:
    """Differences of two measures in one unit, or their ratios.

    Attributes
    ----------
    mean : mean difference (second less first), or geometric mean ratio (second over first), with its t limits.
    low, high : limits of agreement, between which 95% of the patients are expected.
    middle, change : shape (n,), of each patient: mean and difference; on the log2 scale where `ratio`.
    """

    mean: Estimate
    low: float
    high: float
    middle: Array
    change: Array
    ratio: bool


def bland_altman(first: ArrayLike, second: ArrayLike, *, ratio: bool = False, constant: float = 1.0) -> BlandAltman:
    """Compare two measures of the same patients by their differences.

    Parameters
    ----------
    first, second : shape (n,), one unit; a patient who lacks one is left out.
    ratio : compare log2(value + constant) instead and return ratios, for densities that span decades.

    References
    ----------
    Bland, Altman. Lancet 1986;327:307.
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    kept = np.isfinite(a) & np.isfinite(b)
    a, b = a[kept], b[kept]
    if ratio:
        a, b = np.log2(a + constant), np.log2(b + constant)
    middle, change, n = (a + b) / 2, b - a, len(a)
    method = "Bland-Altman, " + ("geometric mean ratio" if ratio else "mean difference") + ", t interval"
    if n < FEWEST_PAIRS:
        missing = not_estimable(method, f"only {n} patients have both (fewer than {FEWEST_PAIRS})", n=n)
        return BlandAltman(missing, math.nan, math.nan, middle, change, ratio)
    mean, spread = float(change.mean()), float(change.std(ddof=1))
    half = t_quantile(n - 1) * spread / math.sqrt(n)

    def shown(value: float) -> float:
        return float(2**value) if ratio else value

    estimate = Estimate(shown(mean), shown(mean - half), shown(mean + half), method, n, std_error=spread / math.sqrt(n))
    return BlandAltman(estimate, shown(mean - Z95 * spread), shown(mean + Z95 * spread), middle, change, ratio)
