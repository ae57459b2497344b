"""Trend of a rate over levels."""

from __future__ import annotations

import pytest

from tilexplorer.statistics.results import Status
from tilexplorer.statistics.tables2x2 import chi_square
from tilexplorer.statistics.trend import cochran_armitage


def test_two_groups_are_the_chi_square() -> None:
    trend = cochran_armitage([30, 18], [100, 110])
    assert trend.test.statistic**2 == pytest.approx(chi_square([[30, 70], [18, 92]]).statistic)
    assert trend.departure.status is Status.NOT_ESTIMABLE


def test_sign_says_which_way_the_rate_goes() -> None:
    rising, falling = cochran_armitage([2, 5, 9], [20, 20, 20]), cochran_armitage([9, 5, 2], [20, 20, 20])
    assert rising.test.statistic == pytest.approx(-falling.test.statistic)
    assert rising.test.statistic > 0


def test_a_straight_line_has_no_departure() -> None:
    trend = cochran_armitage([2, 4, 6], [20, 20, 20])
    assert trend.departure.statistic == pytest.approx(0, abs=1e-12)
    assert trend.departure.df == 1


def test_scores_are_only_a_ruler() -> None:
    plain = cochran_armitage([2, 5, 9], [20, 25, 30]).test.p_value
    wider = cochran_armitage([2, 5, 9], [20, 25, 30], [10, 20, 30]).test.p_value
    uneven = cochran_armitage([2, 5, 9], [20, 25, 30], [0, 1, 5]).test.p_value
    assert wider == pytest.approx(plain)
    assert uneven != pytest.approx(plain)


def test_an_empty_level_keeps_the_place_of_the_others() -> None:
    gap = cochran_armitage([2, 0, 9], [20, 0, 30])
    assert gap.scores == (0.0, 2.0)
    assert gap.test.p_value == pytest.approx(cochran_armitage([2, 9], [20, 30]).test.p_value)


@pytest.mark.parametrize(
    ("responders", "n"), [([0, 0, 0], [5, 6, 7]), ([5, 6], [5, 6]), ([3], [9]), ([], []), ([0, 0], [0, 0])]
)
def test_no_trend_to_test(responders: list[int], n: list[int]) -> None:
    trend = cochran_armitage(responders, n)
    assert trend.test.status is Status.NOT_ESTIMABLE
    assert trend.departure.status is Status.NOT_ESTIMABLE
    assert trend.test.reason


def test_impossible_input_is_refused() -> None:
    with pytest.raises(ValueError, match="lengths"):
        cochran_armitage([1, 2], [5, 5, 5])
    with pytest.raises(ValueError, match="responders"):
        cochran_armitage([6, 2], [5, 5])
