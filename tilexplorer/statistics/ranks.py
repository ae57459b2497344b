"""Rank tests of two or more groups. Signed ranks and rank correlations lie beside it and are offered here too.

Sources: Hollander, Wolfe, Chicken. Nonparametric Statistical Methods, 3rd ed. 2014; the defaults are those of R's
wilcox.test, kruskal.test and cor.test.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special
from scipy.stats import rankdata

from tilexplorer.statistics.correlation import kendall, spearman
from tilexplorer.statistics.rank_laws import (
    finite,
    last_positive,
    lower_quantile,
    sample_sum_law,
    tie_sizes,
    tie_term,
    two_tailed,
)
from tilexplorer.statistics.results import Z95, Estimate, Test, no_test, not_estimable
from tilexplorer.statistics.signed_ranks import RankMethod, Shift, pratt, signed_rank

__all__ = [
    "Jonckheere",
    "RankMethod",
    "Shift",
    "jonckheere",
    "kendall",
    "kruskal_wallis",
    "mann_whitney",
    "pratt",
    "signed_rank",
    "spearman",
]

Array = NDArray[np.float64]
Pick = Literal["exact", "normal"]

EXACT_BELOW = 50  # R: exact when both samples are smaller than this and no value repeats
_NAME = "Mann-Whitney test"
_SHIFT = "Hodges-Lehmann shift"


def mann_whitney(x: ArrayLike, y: ArrayLike, method: RankMethod = "auto", *, correction: bool = True) -> Shift:
    """Compare two samples by ranks, and estimate by how much the first lies above the second.

    Parameters
    ----------
    x, y : shape (m,), (n,); missing values are left out.
    method : `auto` is R's rule: exact below 50 patients per group without ties, else normal with tie correction.
        `exact` with ties is the exact permutation law of the midranks.
    correction : continuity correction of the normal approximation (and of its limits).

    Returns
    -------
    Shift
        `test.statistic` is W, the number of pairs with x above y (ties count half). The shift is the median of the
        m x n differences, with the limits of the inverted test.
    """
    a, b = finite(x), finite(y)
    n = len(a) + len(b)
    if len(a) == 0 or len(b) == 0:
        reason = "a group has no values"
        return Shift(no_test(_NAME, reason, n=n), not_estimable(_SHIFT, reason, n=n))
    both = np.concatenate([a, b])
    if both.min() == both.max():
        reason = "all values are equal"
        return Shift(no_test(_NAME, reason, n=n), not_estimable(_SHIFT, reason, n=n))
    tied = len(np.unique(both)) < n
    small = len(a) < EXACT_BELOW and len(b) < EXACT_BELOW
    exact = method == "exact" or (method == "auto" and small and not tied)
    test = _exact_test(a, both, n) if exact else _normal_test(a, b, correction)
    limits = _exact_limits(a, b) if exact and not tied else _normal_limits(a, b, correction)
    return Shift(test, Estimate(_centre(a, b), *limits, _shift_method(exact and not tied), n))


def _shift_method(exact: bool) -> str:
    return f"{_SHIFT}, {'exact' if exact else 'normal'} limits from the inverted test"


def _exact_test(a: Array, both: Array, n: int) -> Test:
    ranks = rankdata(both)
    # Midranks are halves: doubled they are whole. The smallest possible sum is the origin.
    doubled = np.asarray(2 * ranks, dtype=float)
    law = sample_sum_law(doubled, len(a))
    seen = float(doubled[: len(a)].sum())
    statistic = seen / 2 - len(a) * (len(a) + 1) / 2
    return Test(statistic, math.nan, two_tailed(law, seen), f"{_NAME}, exact", n)


def _wins(a: Array, b: Array, shift: float = 0.0) -> float:
    """Pairs in which a - shift exceeds b, ties half; b sorted."""
    moved = a - shift
    below, up_to = np.searchsorted(b, moved, "left"), np.searchsorted(b, moved, "right")
    return float((below + up_to).sum()) / 2


def _sigma(a: Array, b: Array, ties: float) -> float:
    m, n, total = len(a), len(b), len(a) + len(b)
    return math.sqrt(m * n / 12 * (total + 1 - ties / (total * (total - 1))))


def _normal_test(a: Array, b: Array, correction: bool) -> Test:
    both = np.concatenate([a, b])
    statistic = _wins(a, np.sort(b))
    gap = statistic - len(a) * len(b) / 2
    z = (gap - (math.copysign(0.5, gap) if correction and gap else 0.0)) / _sigma(a, b, tie_term(both))
    how = "normal approximation with tie correction" + (" and continuity correction" if correction else "")
    return Test(statistic, math.nan, math.erfc(abs(z) / math.sqrt(2)), f"{_NAME}, {how}", len(both))


def _exact_limits(a: Array, b: Array) -> tuple[float, float]:
    """Order statistics of the differences, at the exact quantile of W."""
    law = sample_sum_law(np.arange(1, len(a) + len(b) + 1, dtype=float), len(a))
    first = max(1, lower_quantile(law[len(a) * (len(a) + 1) // 2 :], 0.025))
    differences = np.sort(np.subtract.outer(a, b).ravel())
    return float(differences[first - 1]), float(differences[len(differences) - first])


def _normal_limits(a: Array, b: Array, correction: bool) -> tuple[float, float]:
    """Shifts at which the normal test turns significant."""
    b = np.sort(b)
    # Between two differences only ties within a sample remain.
    sigma = _sigma(a, b, tie_term(a) + tie_term(b))

    def excess(shift: float, z: float) -> float:
        gap = _wins(a, b, shift) - len(a) * len(b) / 2
        return (gap - (math.copysign(0.5, gap) if correction and gap else 0.0)) / sigma - z

    low, high = float(a.min() - b.max()), float(a.max() - b.min())
    if sigma == 0:
        return math.nan, math.nan
    return (
        last_positive(lambda shift: excess(shift, Z95), low, high),
        last_positive(lambda shift: excess(shift, -Z95), low, high),
    )


def _centre(a: Array, b: Array) -> float:
    """Median of all differences, without making them: where half of the pairs win."""
    b = np.sort(b)
    count = len(a) * len(b)
    low, high = float(np.nextafter(a.min() - b.max(), -math.inf)), float(a.max() - b.min())

    def ranked(rank: int) -> float:
        """The difference that has this many others above it."""
        return last_positive(lambda d: float(np.searchsorted(b, a - d, "left").sum()) - rank, low, high)

    return (ranked((count - 1) // 2) + ranked(count // 2)) / 2


def kruskal_wallis(groups: Sequence[ArrayLike]) -> Test:
    """Test whether several samples lie at the same place (tie-corrected chi-square).

    Parameters
    ----------
    groups : K samples; missing values are left out and empty samples do not count.
    """
    method = "Kruskal-Wallis test"
    samples = [sample for sample in map(finite, groups) if len(sample)]
    n = sum(len(sample) for sample in samples)
    if len(samples) < 2:
        return no_test(method, "fewer than two groups have values", n=n)
    both = np.concatenate(samples)
    if both.min() == both.max():
        return no_test(method, "all values are equal", n=n)
    ranks = np.split(rankdata(both), np.cumsum([len(sample) for sample in samples])[:-1])
    between = sum(float(rank.sum()) ** 2 / len(rank) for rank in ranks)
    statistic = (12 * between / (n * (n + 1)) - 3 * (n + 1)) / (1 - tie_term(both) / (n**3 - n))
    df = len(samples) - 1
    return Test(statistic, df, float(special.chdtrc(df, statistic)), method, n)


@dataclass(frozen=True, slots=True)
class Jonckheere:
    """Jonckheere-Terpstra test: the standardised test (`statistic` is z), with J, its mean and variance."""

    test: Test
    pairs: float = math.nan
    expected: float = math.nan
    variance: float = math.nan


def jonckheere(groups: Sequence[ArrayLike]) -> Jonckheere:
    """Test for a trend of location over ordered samples (z > 0: values rise with the order).

    Normal approximation with the full tie variance, no continuity correction: Hollander and Wolfe, eq. 6.19.
    """
    method = "Jonckheere-Terpstra trend test"
    samples = [sample for sample in map(finite, groups) if len(sample)]
    total = sum(len(sample) for sample in samples)
    if len(samples) < 2:
        return Jonckheere(no_test(method, "fewer than two groups have values", n=total))
    both = np.concatenate(samples)
    if both.min() == both.max():
        return Jonckheere(no_test(method, "all values are equal", n=total))
    pairs = sum(_wins(later, np.sort(earlier)) for earlier, later in itertools.combinations(samples, 2))
    n = np.array([len(sample) for sample in samples], dtype=float)
    expected = float(total**2 - (n**2).sum()) / 4
    variance = _jonckheere_variance(n, tie_sizes(both), total)
    z = (pairs - expected) / math.sqrt(variance)
    test = Test(z, math.nan, math.erfc(abs(z) / math.sqrt(2)), method, total)
    return Jonckheere(test, pairs, expected, variance)


def _jonckheere_variance(n: Array, t: Array, total: int) -> float:
    def cubic(k: Array) -> float:
        return float((k * (k - 1) * (2 * k + 5)).sum())

    def triple(k: Array) -> float:
        return float((k * (k - 1) * (k - 2)).sum())

    def double(k: Array) -> float:
        return float((k * (k - 1)).sum())

    everyone = np.array([float(total)])
    first = (cubic(everyone) - cubic(n) - cubic(t)) / 72
    second = triple(n) * triple(t) / (36 * triple(everyone)) if total > 2 else 0.0
    return first + second + double(n) * double(t) / (8 * double(everyone))
