"""Rules of the survival views: sizes below which nothing is printed, times beyond follow-up, strata, tau, orders."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tilexplorer.statistics import concordance, small
from tilexplorer.statistics.cause_table import CauseTable
from tilexplorer.statistics.competing_risks import cumulative_incidence, incidence_at
from tilexplorer.statistics.kaplan_meier import kaplan_meier
from tilexplorer.statistics.landmark import responders_from
from tilexplorer.statistics.logrank import logrank, logrank_trend, pairwise
from tilexplorer.statistics.milestones import survival_at, survival_difference
from tilexplorer.statistics.quantiles import NOT_REACHED, median, quantile
from tilexplorer.statistics.results import Status
from tilexplorer.statistics.risk_table import risk_table
from tilexplorer.statistics.rmst import default_tau, restricted_mean
from tilexplorer.statistics.small import SHOW_ALL
from tilexplorer.statistics.tables import EventTable

MONTH = 30.4375


def test_a_median_that_was_not_reached_is_ok_with_its_reason() -> None:
    result = median(kaplan_meier(EventTable.from_rows(range(1, 11), [1, 0, 0, 0, 0, 0, 0, 0, 0, 0])))
    assert (result.status, result.reason) == (Status.OK, NOT_REACHED)
    assert math.isnan(result.value)


def test_a_median_with_four_at_risk_is_not_printed() -> None:
    # 8 patients: half are gone at day 5, when 4 are at risk; one more patient makes it 5
    assert median(kaplan_meier(EventTable.from_rows(range(1, 9), [1] * 8))).status is Status.SUPPRESSED
    assert median(kaplan_meier(EventTable.from_rows(range(1, 10), [1] * 9))).value == 5


@pytest.mark.parametrize(("events", "expected"), [([1, 1, 1, 0, 1, 1], 4), ([1, 1, 1, 1, 0, 1, 0, 1], 5)])
def test_a_half_that_rounding_hides_is_found(events: list[int], expected: float) -> None:
    assert quantile(kaplan_meier(EventTable.from_rows(range(1, len(events) + 1), events))).value == expected


def test_at_risk_counts_those_who_leave_that_day_and_events_come_first() -> None:
    table = EventTable.from_rows([10, 10, 10, 20], [1, 0, 1, 0])
    assert risk_table(table, [10, 0, 20, 21]).at_risk.tolist() == [[4, 4, 1, 0]]
    assert risk_table(table, [10, 0]).events.tolist() == [[2, 0]]
    assert kaplan_meier(table).survival.tolist() == [0.5, 0.5]


def test_beyond_follow_up_nothing_is_printed() -> None:
    curve = kaplan_meier(EventTable.from_rows([10, 20, 30], [1, 0, 0]))
    assert survival_at(curve, 30).shown
    assert survival_at(curve, 31).reason == "beyond follow-up"
    assert survival_difference(curve, curve, 31).status is Status.SUPPRESSED
    assert restricted_mean(curve, 31).status is Status.SUPPRESSED


def test_before_the_first_time_the_restricted_mean_is_tau() -> None:
    result = restricted_mean(kaplan_meier(EventTable.from_rows([10, 20], [1, 1])), 5, thresholds=SHOW_ALL)
    assert (result.value, result.std_error) == (5, 0)


@pytest.mark.parametrize(("months", "tau"), [(40.2, 36), (17.9, 12), (11.5, 9), (2.9, 2), (18, 18)])
def test_tau_is_the_largest_round_number_of_months_that_every_group_reaches(months: float, tau: int) -> None:
    long, short = [3000] * 10, [months * MONTH] * 10
    table = EventTable.from_rows([*long, *short, 5], [1] * 21, group=list("a" * 10 + "b" * 10 + "c"))
    assert default_tau(table) == pytest.approx(tau * MONTH)


def test_a_stratum_with_one_group_adds_nothing() -> None:
    time, event, group = [1, 2, 3, 4, 5, 6], [1, 1, 0, 1, 1, 1], list("ababab")
    one = logrank(EventTable.from_rows(time, event, group=group, stratum=["x"] * 6), thresholds=SHOW_ALL)
    more = EventTable.from_rows([*time, 7, 8], [*event, 1, 1], group=[*group, "a", "a"], stratum=["x"] * 6 + ["y"] * 2)
    found = logrank(more, thresholds=SHOW_ALL)
    assert found.test.statistic == pytest.approx(one.test.statistic, rel=1e-12)
    assert found.test.strata == 2


def test_a_group_without_patients_takes_no_degree_of_freedom() -> None:
    time, event, group = list(range(1, 13)), [1] * 12, list("ab") * 6
    two = logrank(EventTable.from_rows(time, event, group=group, groups=["a", "b"]), thresholds=SHOW_ALL).test
    three = logrank(EventTable.from_rows(time, event, group=group, groups=["a", "z", "b"]), thresholds=SHOW_ALL).test
    assert (two.df, two.p_value) == (three.df, three.p_value)


def test_a_test_with_few_events_is_suppressed_and_with_few_patients_warned() -> None:
    few = EventTable.from_rows(range(1, 21), [1, 1, 1, 1] + [0] * 16, group=list("ab") * 10)
    assert logrank(few).test.status is Status.SUPPRESSED
    assert math.isnan(logrank(few).test.p_value)
    small_groups = EventTable.from_rows(range(1, 13), [1] * 12, group=list("ab") * 6)
    assert logrank(small_groups).test.status is Status.WARNING


def test_the_trend_of_two_groups_is_the_logrank_test_and_turns_with_the_order() -> None:
    time, event, group = list(range(1, 21)), [1, 1, 0, 1] * 5, list("aabab") * 4
    forth = EventTable.from_rows(time, event, group=group, groups=["a", "b"])
    back = EventTable.from_rows(time, event, group=group, groups=["b", "a"])
    z = logrank_trend(forth, thresholds=SHOW_ALL).statistic
    assert z**2 == pytest.approx(logrank(forth, thresholds=SHOW_ALL).test.statistic, rel=1e-12)
    assert logrank_trend(back, thresholds=SHOW_ALL).statistic == pytest.approx(-z, rel=1e-12)
    with pytest.raises(ValueError, match="need as many scores"):
        logrank_trend(forth, [1])


def test_pairs_are_tested_alone_and_stratified_where_the_table_is() -> None:
    r = np.random.default_rng(1)
    table = EventTable.from_rows(
        r.integers(1, 40, 90), r.integers(0, 2, 90), group=r.integers(0, 3, 90), groups=["a", "b", "c"],
        stratum=r.integers(0, 2, 90), strata=["s", "t"],
    )  # fmt: skip
    for pair in pairwise(table, thresholds=SHOW_ALL):
        alone = logrank(table.only((pair.first, pair.second)), thresholds=SHOW_ALL).test
        assert pair.test.statistic == pytest.approx(alone.statistic, rel=1e-12)
        assert pair.test.n == alone.n
        assert pair.adjusted_p >= pair.test.p_value


def test_a_landmark_leaves_out_and_counts_those_who_left_by_then() -> None:
    found = responders_from([50, 60, 60, 90, 120], [1, 1, 0, 1, 0], [10, np.nan, 20, 30, 80], 60)
    assert (found.excluded_events, found.excluded_censored, found.table.n) == (2, 1, 2)
    assert found.table.n_by_group.tolist() == [1, 1]  # a response at 80 comes too late
    assert found.table.only(["response"]).time.tolist() == [30]


def test_incidences_of_all_causes_and_survival_sum_to_one() -> None:
    r = np.random.default_rng(2)
    time, cause = r.integers(1, 30, 200), r.integers(0, 3, 200)
    table = CauseTable.from_rows(time, cause)
    total = sum(cumulative_incidence(table, each).incidence for each in table.causes)
    survival = kaplan_meier(EventTable.from_rows(time, cause > 0)).survival
    np.testing.assert_allclose(total + survival, 1, atol=1e-12)
    assert incidence_at(cumulative_incidence(table, "1"), 99).status is Status.SUPPRESSED


def test_verdicts_are_worst_first_and_configurable() -> None:
    assert small.hazard_ratio(9, 1).status is Status.SUPPRESSED
    assert small.hazard_ratio(14, 3).status is Status.SUPPRESSED
    assert small.hazard_ratio(29, 3).status is Status.WARNING
    assert small.hazard_ratio(30, 3) == small.FINE
    assert small.quantile_groups(60) == 3
    assert small.quantile_groups(59) == 2
    assert small.quantile_groups(19) == 1
    assert small.auc(9, 100).status is Status.SUPPRESSED
    assert small.rate(4, small.Thresholds(rate_patients=4)).shown
    assert not small.curve(4).shown


def test_scores_that_differ_by_rounding_are_ties() -> None:
    time, event = np.arange(1.0, 5), np.ones(4)
    score = np.array([0.1 + 0.2, 0.3, 0.3, 0.1])
    assert concordance.harrell(time, event, score).estimate.value == pytest.approx((3 + 3 * 0.5) / 6)
