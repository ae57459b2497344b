"""Every function of the survival kernel on data that decide nothing: a status and a reason, no error, no warning."""

from __future__ import annotations

import math
import time as clock
from typing import Any

import numpy as np
import pytest

from tilexplorer.statistics import competing_risks, concordance, fine_gray, firth_cox, landmark
from tilexplorer.statistics.cause_table import CauseTable
from tilexplorer.statistics.cox import CoxDesign, fit, level_hazard_ratios
from tilexplorer.statistics.gray import gray
from tilexplorer.statistics.kaplan_meier import INTERVALS, curves, kaplan_meier
from tilexplorer.statistics.logrank import logrank, logrank_trend, pairwise
from tilexplorer.statistics.milestones import milestone_test, survival_at, survival_difference
from tilexplorer.statistics.proportional_hazards import WARNING_P, ph_test, ph_warning
from tilexplorer.statistics.quantiles import follow_up_range, median, median_follow_up, quantile
from tilexplorer.statistics.results import Estimate, Status, Test
from tilexplorer.statistics.risk_table import risk_table
from tilexplorer.statistics.rmst import default_tau, restricted_mean, rmst_difference, rmst_ratio
from tilexplorer.statistics.small import DEFAULT, SHOW_ALL, Thresholds
from tilexplorer.statistics.tables import EventTable
from tilexplorer.statistics.time_dependent_auc import time_dependent_auc

GROUPS = ("a", "b", "c")
TABLES = {
    "empty": EventTable.from_rows([], [], group=np.array([], object), groups=GROUPS),
    "one patient": EventTable.from_rows([5], [1], group=["a"], groups=GROUPS),
    "one group": EventTable.from_rows([5, 6, 7], [1, 0, 1], group=["b"] * 3, groups=GROUPS),
    "no events": EventTable.from_rows(range(1, 10), [0] * 9, group=list("abcabcabc"), groups=GROUPS),
    "all events": EventTable.from_rows(range(1, 10), [1] * 9, group=list("abcabcabc"), groups=GROUPS),
    "all at time 0": EventTable.from_rows([0] * 6, [1, 0] * 3, group=list("abcabc"), groups=GROUPS),
    "all tied": EventTable.from_rows([4] * 6, [1] * 6, group=list("abcabc"), groups=GROUPS),
    "a group without weight": EventTable.from_rows([1, 2, 3, 4], [1, 1, 0, 1], group=list("abab"), groups=GROUPS),
    "a group without events": EventTable.from_rows(
        range(1, 13), [1, 0, 1, 1, 0, 1, 1, 0, 0, 1, 0, 1], group=list("abcabcabcabc"), groups=GROUPS
    ),
    "groups never together": EventTable.from_rows(
        [1, 2, 3, 4], [1, 1, 1, 1], group=list("aabb"), stratum=list("xxyy"), groups=GROUPS
    ),
    "levels missing, undeclared and in no order": EventTable.from_rows(
        range(1, 13),
        [1, 0, 1] * 4,
        group=np.array(["c", None, "a", "b", "z", "a", "c", "c", "b", "a", "b", "c"], dtype=object),
        groups=GROUPS,
    ),
    "nothing valid": EventTable.from_rows([-1, np.nan, 3], [1, 1, np.nan], group=["a", "b", "a"], groups=GROUPS),
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("thresholds", [SHOW_ALL, DEFAULT], ids=["any size", "usual sizes"])
def test_results_are_numbers_or_reasons(name: str, thresholds: Thresholds) -> None:
    table = TABLES[name]
    options: Any = {"thresholds": thresholds}
    found = {interval: curves(table, interval) for interval in INTERVALS}["log-log"]
    first, second = found["a"], found["b"]
    results: list[Estimate | Test] = [
        *(quantile(curve) for curve in found.values()),
        *(median(curve, **options) for curve in found.values()),
        median_follow_up(table),
        survival_at(first, 3), survival_difference(first, second, 3), milestone_test(first, second, 3),
        restricted_mean(first, 3, **options), restricted_mean(first, -1, **options),
        rmst_difference(first, second, 3, **options), rmst_ratio(first, second, 3, **options),
        logrank(table, **options).test, logrank(table, rho=1, **options).test, logrank_trend(table, **options),
        *(pair.test for pair in pairwise(table, **options)), *(pair.test for pair in pairwise(table, "bh", **options)),
        *level_hazard_ratios(table, "a", **options).hazard_ratios.values(),
        level_hazard_ratios(table, "a", "breslow", **options).lr,
        ph_test(fit(CoxDesign.of_levels(table, "a"))).overall,
    ]  # fmt: skip
    for result in results:
        number = result.value if isinstance(result, Estimate) else result.statistic
        assert math.isfinite(number) if result.shown and result.reason != "not reached" else result.reason
    risk_table(table, [0, 5, 2])
    warning = ph_warning(table, "a")
    assert warning.reason or warning.level or warning.p_value >= WARNING_P
    follow_up_range(table)
    default_tau(table)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_rows_that_decide_nothing(n: int) -> None:
    time, event, score = np.arange(1.0, n + 1), np.zeros(n), np.ones(n)
    assert concordance.harrell(time, event, score).estimate.status is Status.NOT_ESTIMABLE
    assert concordance.uno(time, event, score).estimate.status is Status.NOT_ESTIMABLE
    assert time_dependent_auc(time, event, score, 1.0).status is Status.NOT_ESTIMABLE
    assert fine_gray.fit(time, event, score).status is Status.NOT_ESTIMABLE
    design = CoxDesign.make(time, event, 1 - event, score)
    assert fit(design).status is Status.NOT_ESTIMABLE
    assert firth_cox.fit(design).status is Status.NOT_ESTIMABLE
    causes = CauseTable.from_rows(time, event)
    assert gray(causes, "1").status is Status.NOT_ESTIMABLE
    assert competing_risks.cumulative_incidence(causes, "1").n_events == 0
    assert landmark.responders_from(time, event, np.full(n, np.nan), 1.0).table.n == max(0, n - 1)


def test_a_covariate_that_separates_the_events_is_not_estimable() -> None:
    event = np.array([1, 1, 1, 0, 0, 0.0])
    model = fit(CoxDesign.make([1, 2, 3, 4, 5, 6], event, 1 - event, event))
    assert model.status is Status.NOT_ESTIMABLE
    assert "monotone" in model.reason


def test_aliased_covariates_are_not_estimable() -> None:
    x = np.array([1.0, 3, 2, 5, 4, 6])
    model = fit(CoxDesign.make([1, 2, 3, 4, 5, 6], np.ones(6), np.zeros(6), np.column_stack([x, 2 * x])))
    assert model.status is Status.NOT_ESTIMABLE


def test_a_hundred_thousand_groups_end_in_a_reason() -> None:
    n = 100_000
    table = EventTable.from_rows(np.arange(n) % 977, np.ones(n), group=np.arange(n), groups=[str(i) for i in range(n)])
    started = clock.monotonic()
    assert "groups" in logrank(table).test.reason
    assert "groups" in logrank_trend(table).reason
    assert "levels" in level_hazard_ratios(table, "0").lr.reason
    assert pairwise(table) == ()
    assert "levels" in ph_warning(table, "0").reason
    assert kaplan_meier(table).n == n
    assert default_tau(table) >= 0
    assert risk_table(table, [0, 365]).at_risk.shape == (n, 2)
    assert clock.monotonic() - started < 30
