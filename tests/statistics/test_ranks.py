"""Rank tests and correlations: exactness by listing, invariances, and input that says nothing."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from tilexplorer.statistics.ranks import (
    jonckheere,
    kendall,
    kruskal_wallis,
    mann_whitney,
    pratt,
    signed_rank,
    spearman,
)
from tilexplorer.statistics.results import Status

RNG = np.random.default_rng(5)


def test_exact_p_with_ties_is_the_share_of_all_relabelings() -> None:
    a, b = [1.0, 2.0, 2.0, 5.0], [2.0, 3.0, 5.0, 5.0, 8.0]
    both = np.array(a + b)
    ranks = stats.rankdata(both)
    mean = len(a) * (len(both) + 1) / 2
    seen = abs(ranks[: len(a)].sum() - mean)
    sums = [abs(ranks[list(rows)].sum() - mean) for rows in itertools.combinations(range(len(both)), len(a))]
    expected = np.mean(np.array(sums) >= seen - 1e-9)
    assert mann_whitney(a, b, "exact").test.p_value == pytest.approx(expected, rel=1e-12)


def test_signed_rank_exact_p_is_the_share_of_all_signs() -> None:
    change = np.array([0.4, -0.4, 1.0, 2.0, -0.1, 3.0, 1.0])
    ranks = stats.rankdata(np.abs(change))
    mean = ranks.sum() / 2
    seen = abs(ranks[change > 0].sum() - mean)
    sums = [abs(ranks @ signs - mean) for signs in itertools.product([0, 1], repeat=len(change))]
    found = signed_rank(np.zeros(7), change, "exact")
    assert found.test.p_value == pytest.approx(np.mean(np.array(sums) >= seen - 1e-9), rel=1e-12)


def test_r_rule_chooses_exact_or_normal() -> None:
    a, b = RNG.normal(size=20), RNG.normal(size=30)
    assert "exact" in mann_whitney(a, b).test.method
    assert "normal" in mann_whitney(np.round(a), np.round(b)).test.method
    assert "normal" in mann_whitney(RNG.normal(size=50), b).test.method
    assert "exact" in signed_rank(a, a + RNG.normal(size=20)).test.method
    assert "normal" in signed_rank(a, np.r_[a[:1], RNG.normal(size=19)]).test.method  # a pair without change


def test_shift_is_the_median_of_all_differences() -> None:
    for m, n in ((5, 5), (5, 4), (60, 51), (3, 3)):
        a, b = RNG.normal(1, 2, m), np.round(RNG.normal(0, 2, n), 1)
        expected = np.median(np.subtract.outer(a, b))
        found = mann_whitney(a, b).shift
        assert found.value == pytest.approx(expected, abs=1e-12)
        assert found.lower <= found.value <= found.upper


def test_limits_of_the_shift_are_where_the_test_turns() -> None:
    a, b = RNG.normal(0.7, 1, 60), RNG.normal(0, 1, 70)
    shift = mann_whitney(a, b, "normal").shift
    for limit, side in ((shift.lower, -1), (shift.upper, 1)):
        assert mann_whitney(a - limit - side * 1e-6, b, "normal").test.p_value < 0.05
        assert mann_whitney(a - limit + side * 1e-6, b, "normal").test.p_value > 0.05


def test_swapping_the_groups_only_turns_the_sign() -> None:
    a, b = RNG.normal(size=12), RNG.normal(1, 1, 15)
    one, other = mann_whitney(a, b), mann_whitney(b, a)
    assert one.test.p_value == pytest.approx(other.test.p_value)
    assert (one.shift.lower, one.shift.upper) == pytest.approx((-other.shift.upper, -other.shift.lower))


def test_missing_values_are_left_out() -> None:
    a, b = [1.0, math.nan, 3.0, 9.0], [2.0, 4.0, math.nan]
    assert mann_whitney(a, b).test == mann_whitney([1.0, 3.0, 9.0], [2.0, 4.0]).test
    assert signed_rank([1, math.nan, 3], [2, 5, 7]).test.n == 2


@pytest.mark.parametrize(("a", "b"), [([], [1.0]), ([1.0], []), ([2.0, 2.0], [2.0]), ([math.nan], [1.0])])
def test_nothing_to_compare(a: list[float], b: list[float]) -> None:
    found = mann_whitney(a, b)
    assert found.test.status is found.shift.status is Status.NOT_ESTIMABLE
    assert kruskal_wallis([a, b]).status is Status.NOT_ESTIMABLE
    assert jonckheere([a, b]).test.status is Status.NOT_ESTIMABLE


def test_pairs_without_change() -> None:
    for before, after in (([], []), ([1.0, 2.0], [1.0, 2.0]), ([math.nan], [3.0])):
        assert signed_rank(before, after).test.status is Status.NOT_ESTIMABLE
        assert pratt(before, after).status is Status.NOT_ESTIMABLE
    with pytest.raises(ValueError, match="one length"):
        signed_rank([1, 2], [1, 2, 3])
    one = signed_rank([1.0], [2.0])
    assert one.test.p_value == 1
    assert one.shift.value == 1


def test_agree_with_scipy() -> None:
    groups = [np.round(RNG.normal(i / 2, 1, 15), 1) for i in range(3)]
    x, y = np.concatenate(groups), np.repeat([0.0, 1.0, 2.0], 15)
    expected = stats.kruskal(*groups)
    assert kruskal_wallis(groups).statistic == pytest.approx(expected.statistic, rel=1e-12)
    assert spearman(x, y).p_value == pytest.approx(stats.spearmanr(x, y).pvalue, rel=1e-9)
    assert kendall(x, y).p_value == pytest.approx(stats.kendalltau(x, y, method="asymptotic").pvalue, rel=1e-9)


def test_jonckheere_of_two_groups_is_the_uncorrected_rank_sum() -> None:
    a, b = np.round(RNG.normal(size=12), 1), np.round(RNG.normal(1, 1, 14), 1)
    assert jonckheere([a, b]).test.p_value == pytest.approx(
        mann_whitney(a, b, "normal", correction=False).test.p_value, rel=1e-10
    )
    assert jonckheere([a, b]).test.statistic > 0


def test_perfect_and_impossible_correlations() -> None:
    assert spearman([1, 2, 3, 4], [2, 4, 6, 8]).value == 1
    assert spearman([1, 2, 3, 4], [2, 4, 6, 8]).p_value == 0
    for x, y in (([1, 2], [3, 4]), ([1, 1, 1], [1, 2, 3]), ([], [])):
        assert spearman(x, y).status is kendall(x, y).status is Status.NOT_ESTIMABLE
    with pytest.raises(ValueError, match="one length"):
        spearman([1, 2, 3], [1, 2])
