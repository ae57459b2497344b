"""Rates and differences: published figures, behaviour at the ends, and input that cannot be."""

from __future__ import annotations

import math
from typing import Any

import pytest
from scipy import stats

from tilexplorer.statistics.proportions import (
    DIFFERENCE_METHODS,
    INTERVALS,
    DifferenceMethod,
    Interval,
    difference_limits,
    rate,
    rate_difference,
    rate_limits,
    risk_ratio,
)
from tilexplorer.statistics.results import Status


@pytest.mark.parametrize(("x", "n"), [(0, 12), (1, 12), (6, 12), (11, 12), (12, 12), (137, 298)])
def test_clopper_pearson_and_wilson_agree_with_scipy(x: int, n: int) -> None:
    names: dict[Interval, Any] = {"clopper-pearson": "exact", "wilson": "wilson", "wilson-cc": "wilsoncc"}
    for interval, method in names.items():
        expected = stats.binomtest(x, n).proportion_ci(0.95, method)
        assert rate_limits(x, n, interval) == pytest.approx((expected.low, expected.high), abs=1e-10)


@pytest.mark.parametrize("interval", INTERVALS)
def test_every_interval_holds_its_estimate_and_mirrors(interval: Interval) -> None:
    for x in range(21):
        lower, upper = rate_limits(x, 20, interval)
        assert lower <= x / 20 <= upper
        assert rate_limits(20 - x, 20, interval) == pytest.approx((1 - upper, 1 - lower), abs=1e-12)


@pytest.mark.parametrize("interval", INTERVALS)
def test_shown_limits_stay_between_nothing_and_everything(interval: Interval) -> None:
    for x in range(11):
        shown = rate(x, 10, interval)
        assert shown.status is Status.OK
        assert 0 <= shown.lower < shown.upper <= 1


def test_small_group_keeps_its_counts_and_loses_its_percentage() -> None:
    small = rate(3, 4)
    assert small.status is Status.SUPPRESSED
    assert (small.n, small.events) == (4, 3)
    assert math.isnan(small.value)
    assert math.isnan(small.lower)
    assert "x/n" in small.reason
    assert rate(3, 5).shown


def test_no_patients_is_not_a_rate() -> None:
    assert rate(0, 0).status is Status.NOT_ESTIMABLE
    assert rate_difference(1, 5, 0, 0).status is Status.NOT_ESTIMABLE
    assert risk_ratio(0, 0, 1, 5).status is Status.NOT_ESTIMABLE


@pytest.mark.parametrize(("x", "n"), [(-1, 5), (6, 5), (1, 0)])
def test_impossible_counts_are_refused(x: int, n: int) -> None:
    with pytest.raises(ValueError, match="0 <= x <= n"):
        rate(x, n)
    with pytest.raises(ValueError, match="0 <= x <= n"):
        rate_difference(1, 5, x, n)
    with pytest.raises(ValueError, match="0 <= x <= n"):
        risk_ratio(x, n, 1, 5)


def test_difference_agrees_with_newcombe_1998_table_ii() -> None:
    """Newcombe. Stat Med 1998;17:873, Table II, contrasts (a) 56/70 - 48/80 and (h) 10/10 - 0/10."""
    published: dict[DifferenceMethod, tuple[float, float]] = {
        "newcombe": (0.0524, 0.3339),
        "mee": (0.0533, 0.3377),
        "miettinen-nurminen": (0.0528, 0.3382),
        "wald": (0.0575, 0.3425),
    }
    for method, limits in published.items():
        assert difference_limits(56, 70, 48, 80, method) == pytest.approx(limits, abs=5e-5)
    assert difference_limits(10, 10, 0, 10, "newcombe") == pytest.approx((0.6075, 1.0), abs=5e-5)


@pytest.mark.parametrize("method", DIFFERENCE_METHODS)
def test_difference_changes_sign_when_the_groups_change_places(method: DifferenceMethod) -> None:
    for x1, n1, x2, n2 in ((5, 56, 0, 29), (0, 10, 0, 20), (10, 10, 0, 20), (9, 10, 3, 10), (7, 7, 6, 6)):
        lower, upper = difference_limits(x1, n1, x2, n2, method)
        assert difference_limits(x2, n2, x1, n1, method) == pytest.approx((-upper, -lower), abs=1e-9)
        assert -1 <= lower <= x1 / n1 - x2 / n2 <= upper <= 1 or method == "wald"


def test_score_limits_put_the_statistic_on_its_critical_value() -> None:
    """The limit is where the score test at 5% changes its mind, whatever the formula of the limit."""
    lower, upper = difference_limits(30, 100, 18, 110, "mee")
    inside, outside = lower + 1e-6, lower - 1e-6
    assert _score_p(30, 100, 18, 110, inside) > 0.05 > _score_p(30, 100, 18, 110, outside)
    assert _score_p(30, 100, 18, 110, upper - 1e-6) > 0.05 > _score_p(30, 100, 18, 110, upper + 1e-6)


def _score_p(x1: int, n1: int, x2: int, n2: int, difference: float) -> float:
    """Score test by a numerical search for the constrained maximum, without the cubic."""
    from scipy.optimize import minimize_scalar

    def loss(p2: float) -> float:
        p1 = p2 + difference
        return -float(stats.binom.logpmf(x1, n1, p1) + stats.binom.logpmf(x2, n2, p2))

    bounds = (max(0, -difference) + 1e-9, min(1, 1 - difference) - 1e-9)
    p2 = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-13}).x
    p1 = p2 + difference
    z = (x1 / n1 - x2 / n2 - difference) / math.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    return float(2 * stats.norm.sf(abs(z)))


def test_small_group_suppresses_the_difference_and_the_ratio() -> None:
    assert rate_difference(1, 4, 10, 20).status is Status.SUPPRESSED
    assert risk_ratio(1, 4, 10, 20).status is Status.SUPPRESSED


def test_risk_ratio_is_katz() -> None:
    found = risk_ratio(30, 100, 18, 110)
    assert found.value == pytest.approx(11 / 6)
    assert math.log(found.upper / found.value) == pytest.approx(math.log(found.value / found.lower))
    assert found.std_error == pytest.approx(math.sqrt(1 / 30 - 1 / 100 + 1 / 18 - 1 / 110))
    assert risk_ratio(0, 10, 3, 10).status is Status.NOT_ESTIMABLE
    assert risk_ratio(10, 10, 10, 10).status is Status.WARNING
