"""Logistic regression, with and without Firth's penalty."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tilexplorer.statistics.logistic import is_separated, likelihood_ratio, logistic_regression
from tilexplorer.statistics.results import Status
from tilexplorer.statistics.tables2x2 import odds_ratio

RNG = np.random.default_rng(2)
X = np.column_stack([RNG.normal(50, 10, 200), RNG.integers(0, 2, 200)])
Y = (RNG.random(200) < 1 / (1 + np.exp(-(X[:, 0] - 50) / 10))).astype(float)


def test_one_binary_covariate_is_the_sample_odds_ratio() -> None:
    y, group = np.repeat([1.0, 0, 1, 0], [30, 70, 18, 92]), np.repeat([1.0, 0], [100, 110])
    found = logistic_regression(y, group[:, None], ["group"]).odds_ratios["group"]
    expected = odds_ratio(30, 70, 18, 92)
    assert (found.value, found.lower, found.upper) == pytest.approx((expected.value, expected.lower, expected.upper))
    assert (found.n, found.events) == (210, 48)


def test_units_do_not_matter() -> None:
    plain = logistic_regression(Y, X, ["age", "arm"])
    scaled = logistic_regression(Y, X * [1e6, 1], ["age", "arm"])
    assert scaled.coef[1] * 1e6 == pytest.approx(plain.coef[1], rel=1e-9)
    assert scaled.p_value == pytest.approx(plain.p_value, rel=1e-7)


def test_firth_agrees_with_firthmodels() -> None:
    from firthmodels import FirthLogisticRegression

    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    found = logistic_regression(Y, scaled, ["a", "b"], firth=True)
    other = FirthLogisticRegression().fit(scaled, Y.astype(int))
    assert found.coef == pytest.approx(np.r_[other.intercept_, other.coef_], abs=1e-4)
    limits = other.conf_int(method="pl")
    assert found.lower[1:] == pytest.approx(limits[:2, 0], abs=1e-3)


def test_firth_of_one_binary_covariate_is_half_a_patient_per_cell() -> None:
    y, group = np.repeat([1.0, 0, 0], [5, 51, 29]), np.repeat([1.0, 0], [56, 29])
    found = logistic_regression(y, group[:, None], ["group"])
    assert found.firth
    assert "Firth" in found.odds_ratios["group"].method
    assert found.odds_ratios["group"].value == pytest.approx(odds_ratio(5, 51, 0, 29).value, rel=1e-8)
    assert math.isfinite(found.odds_ratios["group"].upper)


def test_likelihood_ratio_of_nested_models() -> None:
    full, reduced = logistic_regression(Y, X, ["age", "arm"]), logistic_regression(Y, X[:, :1], ["age"])
    test = likelihood_ratio(full, reduced)
    assert test.df == 1
    assert test.p_value == pytest.approx(full.p_value[2], abs=0.02)
    separated = logistic_regression(Y, (Y + 0.0)[:, None], ["y"])
    assert likelihood_ratio(separated, reduced).status is Status.NOT_ESTIMABLE


def test_separation_is_seen() -> None:
    assert is_separated(Y, Y[:, None])
    assert not is_separated(Y, X)


@pytest.mark.parametrize(
    ("y", "x", "reason"),
    [
        ([], np.empty((0, 1)), "no patients"),
        ([0, 0, 0], [[1], [2], [3]], "no responders"),
        ([1, 1, 1], [[1], [2], [3]], "every patient"),
        ([0, 1, 1], [[2], [2], [2]], "one value"),
        ([0, 1, math.nan], [[math.nan], [2], [2]], "every patient"),
    ],
)
def test_no_model(y: list[float], x: list[list[float]], reason: str) -> None:
    found = logistic_regression(y, x, ["x"])
    assert found.status is Status.NOT_ESTIMABLE
    assert reason in found.reason
    assert found.odds_ratios["x"].status is Status.NOT_ESTIMABLE


def test_aliased_covariates_and_few_responders() -> None:
    assert "independent" in logistic_regression(Y, np.column_stack([X, X[:, 0] * 2 + 1]), list("abc")).reason
    few = np.zeros(200)
    few[:4] = 1
    assert logistic_regression(few, X[:, :1], ["age"]).status is Status.SUPPRESSED
    few[:7] = 1
    assert logistic_regression(few, X[:, :1], ["age"]).status is Status.WARNING


def test_missing_rows_are_counted_and_bad_input_refused() -> None:
    x = X.copy()
    x[:3, 0] = math.nan
    assert logistic_regression(Y, x, ["a", "b"]).excluded == 3
    with pytest.raises(ValueError, match="0 or 1"):
        logistic_regression(Y + 1, X, ["a", "b"])
    with pytest.raises(ValueError, match="shape"):
        logistic_regression(Y, X, ["a"])
