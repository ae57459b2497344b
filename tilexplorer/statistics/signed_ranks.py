"""Signed ranks of paired values: Wilcoxon's test in R's variants, Pratt's, and the Hodges-Lehmann change."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from tilexplorer.statistics.rank_laws import (
    last_positive,
    lower_quantile,
    sign_sum_law,
    tie_term,
    two_tailed,
)
from tilexplorer.statistics.results import Z95, Estimate, Test, no_test, not_estimable

Array = NDArray[np.float64]
RankMethod = Literal["auto", "exact", "normal"]

EXACT_BELOW = 50
MOST_AVERAGES = 3_000  # pairs; more than 4.5 million Walsh averages are not made
_NAME = "Wilcoxon signed-rank test"
_CHANGE = "Hodges-Lehmann change"


@dataclass(frozen=True, slots=True)
class Shift:
    """A rank test and the shift that belongs to it, on the scale of the values."""

    test: Test
    shift: Estimate


def paired_differences(before: ArrayLike, after: ArrayLike) -> Array:
    """After minus before of the complete pairs.

    Raises
    ------
    ValueError
        If the two differ in length: they are not pairs.
    """
    first, second = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(f"pairs need two arrays of one length, not shapes {first.shape} and {second.shape}")
    change = second - first
    return np.asarray(change[np.isfinite(change)])


def signed_rank(before: ArrayLike, after: ArrayLike, method: RankMethod = "auto", *, correction: bool = True) -> Shift:
    """Test whether paired values changed.

    Parameters
    ----------
    before, after : shape (n,); pairs with a missing value are left out, pairs without change are dropped.
    method : `auto` is R's rule: exact below 50 pairs without ties and zeros, else normal with tie correction.
        `exact` with ties is the exact permutation law of the midranks.
    correction : continuity correction of the normal approximation (and of its limits).

    Returns
    -------
    Shift
        `test.statistic` is V, the sum of the ranks of rises; the shift is the pseudomedian of after - before.
        `n` counts all complete pairs.
    """
    change = paired_differences(before, after)
    n, moved = len(change), change[change != 0]
    if len(moved) == 0:
        reason = "no complete pairs" if n == 0 else "no pair changed"
        return Shift(no_test(_NAME, reason, n=n), not_estimable(_CHANGE, reason, n=n))
    tied = len(np.unique(np.abs(moved))) < len(moved)
    clean = n < EXACT_BELOW and len(moved) == n and not tied
    exact = method == "exact" or (method == "auto" and clean)
    test = _exact_test(moved, n) if exact else _normal_test(moved, n, correction)
    return Shift(test, _change(moved, n, exact and not tied, correction))


def _ranks(moved: Array) -> Array:
    return np.asarray(rankdata(np.abs(moved)), dtype=float)


def _exact_test(moved: Array, n: int) -> Test:
    doubled = 2 * _ranks(moved)
    seen = float(doubled[moved > 0].sum())
    return Test(seen / 2, math.nan, two_tailed(sign_sum_law(doubled), seen), f"{_NAME}, exact", n)


def _standardised(moved: Array, correction: bool) -> float:
    ranks, k = _ranks(moved), len(moved)
    gap = float(ranks[moved > 0].sum()) - k * (k + 1) / 4
    sigma = math.sqrt(k * (k + 1) * (2 * k + 1) / 24 - tie_term(np.abs(moved)) / 48)
    return (gap - (math.copysign(0.5, gap) if correction and gap else 0.0)) / sigma


def _normal_test(moved: Array, n: int, correction: bool) -> Test:
    z = _standardised(moved, correction)
    how = "normal approximation with tie correction" + (" and continuity correction" if correction else "")
    statistic = float(_ranks(moved)[moved > 0].sum())
    return Test(statistic, math.nan, math.erfc(abs(z) / math.sqrt(2)), f"{_NAME}, {how}", n)


def _change(moved: Array, n: int, exact: bool, correction: bool) -> Estimate:
    method = f"{_CHANGE}, {'exact' if exact else 'normal'} limits from the inverted test"
    if len(moved) > MOST_AVERAGES:
        return not_estimable(method, f"made up to {MOST_AVERAGES:,} pairs only", n=n)
    averages = np.sort((np.add.outer(moved, moved) / 2)[np.triu_indices(len(moved))])
    if exact:
        law = sign_sum_law(np.arange(1, len(moved) + 1, dtype=float))
        first = max(1, lower_quantile(law, 0.025))
        limits = float(averages[first - 1]), float(averages[len(averages) - first])
    else:
        limits = _normal_limits(moved, averages, correction)
    return Estimate(float(np.median(averages)), *limits, method, n)


def _normal_limits(moved: Array, averages: Array, correction: bool) -> tuple[float, float]:
    """Changes at which the normal test turns significant, where R looks: between least and greatest change."""
    low, high = float(moved.min()), float(moved.max())
    if low == high:
        return math.nan, math.nan

    def excess(shift: float, z: float) -> float:
        left = moved - shift
        left = left[left != 0]
        return _standardised(left, correction) - z if len(left) else -z

    lower = last_positive(lambda shift: excess(shift, Z95), low, high)
    upper = last_positive(lambda shift: excess(shift, -Z95), low, high)
    return _nearest(averages, lower), _nearest(averages, upper)


def _nearest(averages: Array, place: float) -> float:
    """The Walsh average at which the step lies, free of the bisection's last bit."""
    return float(averages[np.abs(averages - place).argmin()])


def pratt(before: ArrayLike, after: ArrayLike) -> Test:
    """Signed-rank test that ranks the unchanged pairs and then drops them; `statistic` is z, no correction.

    Pratt. JASA 1959;54:655.
    """
    method = f"{_NAME}, zeros after Pratt, normal approximation"
    change = paired_differences(before, after)
    if not np.any(change):
        return no_test(method, "no complete pairs" if len(change) == 0 else "no pair changed", n=len(change))
    signed = np.sign(change) * rankdata(np.abs(change))
    z = float(signed.sum() / math.sqrt(float((signed**2).sum())))
    return Test(z, math.nan, math.erfc(abs(z) / math.sqrt(2)), method, len(change))
