"""Paired changes and the random-intercept model."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tilexplorer.statistics.pairs import geometric_mean_ratio, mean_change, random_intercept
from tilexplorer.statistics.results import Status

RNG = np.random.default_rng(11)


def test_fold_change_of_doubling() -> None:
    before = np.array([1.0, 3.0, 10.0, 40.0])
    after = before * np.array([1.8, 2.2, 2.0, 2.0])
    found = geometric_mean_ratio(before, after)
    assert found.value == pytest.approx((1.8 * 2.2 * 4) ** 0.25)
    assert found.lower < found.value < found.upper
    back = geometric_mean_ratio(after, before)
    assert (back.lower, back.upper) == pytest.approx((1 / found.upper, 1 / found.lower))


def test_zeros_need_a_constant_which_is_named() -> None:
    before, after = [0.0, 1.0, 2.0], [1.0, 4.0, 3.0]
    assert geometric_mean_ratio(before, after).status is Status.NOT_ESTIMABLE
    found = geometric_mean_ratio(before, after, 0.5)
    assert found.shown
    assert "0.5" in found.method


@pytest.mark.parametrize(("before", "after"), [([], []), ([1.0], [2.0]), ([1.0, 2.0], [2.0, 3.0])])
def test_too_little_to_estimate(before: list[float], after: list[float]) -> None:
    assert mean_change(before, after).status is Status.NOT_ESTIMABLE


def test_complete_pairs_give_the_paired_t_test() -> None:
    before = RNG.normal(5, 2, 12)
    after = before + RNG.normal(1, 0.5, 12)
    paired = mean_change(before, after)
    model = random_intercept(np.tile(np.arange(12), 2), np.repeat([0, 1], 12), np.r_[before, after])
    assert model.slope.value == pytest.approx(paired.value, rel=1e-10)
    assert model.slope.std_error == pytest.approx(paired.std_error, rel=1e-8)
    assert model.df == 11


def test_unpaired_visits_agree_with_statsmodels() -> None:
    from statsmodels.regression.mixed_linear_model import MixedLM

    patient = np.repeat(np.arange(30), RNG.integers(1, 4, 30))
    x = RNG.integers(0, 2, len(patient)).astype(float)
    y = RNG.normal(0, 2, 30)[patient] + 0.8 * x + RNG.normal(0, 1, len(patient))
    found = random_intercept(patient, x, y)
    design = np.column_stack([np.ones(len(x)), x])
    expected = MixedLM(y, design, groups=patient).fit(reml=True)
    assert found.slope.value == pytest.approx(expected.params[1], rel=1e-4)
    between = float(np.asarray(expected.cov_re)[0, 0])
    assert found.variance_between == pytest.approx(between, rel=1e-3)
    assert found.variance_within == pytest.approx(expected.scale, rel=1e-3)
    # statsmodels' own standard errors add the curvature in the variances, which R's do not.
    whole = between * (patient[:, None] == patient) + expected.scale * np.eye(len(x))
    covariance = np.linalg.inv(design.T @ np.linalg.solve(whole, design))
    assert found.slope.std_error == pytest.approx(math.sqrt(covariance[1, 1]), rel=1e-3)


def test_no_variance_between_patients_is_zero_not_a_crash() -> None:
    patient = np.repeat(np.arange(10), 2)
    x = np.tile([0.0, 1.0], 10)
    y = np.tile([1.0, -1.0], 10) * np.tile([1.0, 1.1], 10) + 0.01 * np.arange(20) % 0.03
    assert random_intercept(patient, x, y).variance_between >= 0


@pytest.mark.parametrize(
    ("patient", "x", "y"),
    [
        ([], [], []),
        ([1, 1], [0, 1], [2.0, 3.0]),
        ([1, 2, 3, 4], [0, 1, 0, 1], [1.0, 2.0, 3.0, 4.0]),
        ([1, 1, 2, 2], [0, 1, 0, 1], [5.0, 5.0, 5.0, 5.0]),
        ([1, 1, 2, 2], [0, math.nan, 0, math.nan], [5.0, 6.0, 7.0, 5.0]),
    ],
)
def test_no_model(patient: list[int], x: list[float], y: list[float]) -> None:
    found = random_intercept(patient, x, y)
    assert found.slope.status is Status.NOT_ESTIMABLE
    assert found.slope.reason


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="lengths"):
        random_intercept([1, 2], [0, 1], [1.0])
