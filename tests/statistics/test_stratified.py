"""Two groups within strata."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tilexplorer.statistics.proportions import difference_limits
from tilexplorer.statistics.results import Status
from tilexplorer.statistics.stratified import mantel_haenszel
from tilexplorer.statistics.tables2x2 import odds_ratio

# Three tumour types: the rates differ, the odds ratio is about 2 in each.
TABLES = np.array([[[12, 28], [7, 33]], [[20, 20], [14, 26]], [[6, 44], [3, 47]]])


def test_agrees_with_statsmodels() -> None:
    from statsmodels.stats.contingency_tables import StratifiedTable

    found, expected = mantel_haenszel(TABLES), StratifiedTable(list(TABLES.astype(float)))
    limits = expected.oddsratio_pooled_confint()
    assert found.odds_ratio.value == pytest.approx(expected.oddsratio_pooled, rel=1e-10)
    assert (found.odds_ratio.lower, found.odds_ratio.upper) == pytest.approx(limits, rel=1e-10)
    assert found.cmh.statistic == pytest.approx(expected.test_null_odds().statistic, rel=1e-10)
    assert found.cmh_corrected.p_value == pytest.approx(expected.test_null_odds(True).pvalue, rel=1e-10)
    assert found.breslow_day.statistic == pytest.approx(expected.test_equal_odds().statistic, rel=1e-10)
    assert found.tarone.statistic == pytest.approx(expected.test_equal_odds(True).statistic, rel=1e-10)


def test_one_stratum_is_the_plain_table() -> None:
    found = mantel_haenszel(TABLES[:1])
    plain = odds_ratio(12, 28, 7, 33)
    exact = odds_ratio(12, 28, 7, 33, "conditional")
    assert (found.odds_ratio.lower, found.odds_ratio.upper) == pytest.approx((plain.lower, plain.upper))
    assert (found.exact.value, found.exact.lower) == pytest.approx((exact.value, exact.lower), rel=1e-9)
    assert found.risk_difference.value == pytest.approx(5 / 40)
    assert found.risk_difference.lower == pytest.approx(difference_limits(12, 40, 7, 40, "wald")[0], abs=2e-3)
    assert found.breslow_day.status is Status.NOT_ESTIMABLE


def test_strata_without_information_change_nothing_and_are_named() -> None:
    empty = [[[0, 9], [0, 8]], [[5, 0], [6, 0]], [[3, 4], [0, 0]], [[0, 0], [0, 0]]]
    found, plain = mantel_haenszel([*empty, *TABLES.tolist()]), mantel_haenszel(TABLES)
    assert found.odds_ratio.value == pytest.approx(plain.odds_ratio.value)
    assert found.cmh == plain.cmh
    assert found.breslow_day == plain.breslow_day
    assert found.strata == 3
    assert [d.index for d in found.dropped] == [0, 1, 2, 3]
    reasons = [d.reason for d in found.dropped]
    assert reasons == ["no responders", "all responded", "one group only", "no patients"]


def test_simpson_the_strata_agree_while_the_pool_turns_round() -> None:
    """The kidney-stone figures (Charig et al. BMJ 1986;292:879): A wins twice and loses pooled."""
    tables = [[[81, 6], [234, 36]], [[192, 71], [55, 25]]]
    pooled = np.sum(tables, axis=0)
    assert mantel_haenszel(tables).odds_ratio.value > 1
    assert odds_ratio(*pooled.ravel().tolist()).value < 1


@pytest.mark.parametrize("tables", [[], [[[0, 5], [0, 6]]], [[[3, 2], [0, 0]]]])
def test_nothing_to_compare(tables: list[Any]) -> None:
    found = mantel_haenszel(tables)
    assert found.strata == 0
    for result in (
        found.odds_ratio,
        found.cmh,
        found.cmh_corrected,
        found.exact,
        found.breslow_day,
        found.tarone,
    ):
        assert result.status is Status.NOT_ESTIMABLE
        assert result.reason


def test_infinite_common_odds_ratio_is_left_to_the_exact_interval() -> None:
    found = mantel_haenszel([[[4, 6], [0, 9]], [[3, 5], [0, 8]]])
    assert found.odds_ratio.status is Status.NOT_ESTIMABLE
    assert found.exact.value == math.inf
    assert 1 < found.exact.lower < found.exact.upper == math.inf


def test_wrong_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        mantel_haenszel([[1, 2], [3, 4]])
    with pytest.raises(ValueError, match="negative"):
        mantel_haenszel([[[1, 2], [-3, 4]]])
