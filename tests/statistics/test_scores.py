"""Normal scores: by hand, with ties, within groups, with missing values."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tilexplorer.statistics.scores import rank_normal


def test_blom_scores_by_hand() -> None:
    expected = stats.norm.ppf((np.array([3, 1, 2]) - 0.375) / 3.25)
    np.testing.assert_allclose(rank_normal([9.0, -1.0, 4.0]), expected, rtol=1e-14)


def test_ties_share_their_mean_rank_and_missing_values_stay() -> None:
    found = rank_normal([1.0, np.nan, 5.0, 5.0])
    assert np.isnan(found[1])
    assert found[2] == found[3] == pytest.approx(stats.norm.ppf((2.5 - 0.375) / 3.25))


def test_ranks_are_taken_within_each_group() -> None:
    found = rank_normal([1.0, 2.0, 1000.0, 2000.0, 7.0], ["a", "a", "b", "b", "c"])
    np.testing.assert_allclose(found[:2], found[2:4])
    assert found[4] == 0


def test_other_units_give_the_same_scores() -> None:
    values = np.random.default_rng(3).lognormal(size=50)
    np.testing.assert_array_equal(rank_normal(values), rank_normal(np.log(values) * 40 - 3))


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="3 and 2"):
        rank_normal([1.0, 2.0, 3.0], ["a", "b"])
