"""Tests of a table and the odds ratio, against full enumeration and published figures."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.special import gammaln

from tilexplorer.statistics import fisher_exact as exact_module
from tilexplorer.statistics.fisher_exact import fisher_exact
from tilexplorer.statistics.results import Status
from tilexplorer.statistics.tables2x2 import association, chi_square, fisher, odds_ratio
from tilexplorer.statistics.trend import cochran_armitage

# Mariathasan. Nature 2018;554:544: responders of 83, 112 and 102 patients at PD-L1 level IC0, IC1, IC2+.
IMVIGOR_BY_IC = [[13, 70], [20, 92], [35, 67]]


def brute_force_p(table: np.ndarray) -> float:
    """Freeman-Halton p of a small r x c table by listing every table with its margins."""
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    cells = itertools.product(range(len(rows) - 1), range(len(columns) - 1))
    inner = [range(int(min(rows[i], columns[j])) + 1) for i, j in cells]
    weights = []
    for choice in itertools.product(*inner):
        full = np.zeros(table.shape)
        full[:-1, :-1] = np.reshape(choice, (len(rows) - 1, len(columns) - 1))
        full[:-1, -1] = rows[:-1] - full[:-1].sum(axis=1)
        full[-1] = columns - full.sum(axis=0)
        if full.min() >= 0:
            weights.append(-gammaln(full + 1).sum())
    p = np.exp(np.array(weights) - max(weights))
    observed = math.exp(-gammaln(table + 1).sum() - max(weights))
    return float(p[p <= observed * (1 + 1e-7)].sum() / p.sum())


def test_published_p_of_response_by_pdl1_level() -> None:
    assert fisher_exact(np.array(IMVIGOR_BY_IC)).p_value == pytest.approx(0.003847, abs=5e-7)


@pytest.mark.parametrize("shape", [(2, 2), (3, 2), (4, 2), (2, 3), (3, 3)])
def test_exact_p_equals_the_full_listing(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(7)
    for _ in range(4):
        table: Any = rng.integers(0, 6, shape) + np.eye(*shape, dtype=int)
        assert fisher_exact(table).p_value == pytest.approx(brute_force_p(table), rel=1e-10)


def test_exact_p_does_not_depend_on_the_order_of_rows_or_columns() -> None:
    table = np.array([[3, 17], [9, 11], [1, 30], [12, 9], [0, 8]])
    p = fisher_exact(table).p_value
    for order in ((4, 2, 0, 1, 3), (1, 0, 3, 2, 4)):
        assert fisher_exact(table[list(order)]).p_value == pytest.approx(p, rel=1e-10)
    assert fisher_exact(table.T).p_value == pytest.approx(p, rel=1e-10)


def test_few_events_in_many_groups_stay_exact() -> None:
    table = np.column_stack([[1, 0, 2, 0, 3, 0, 1, 0, 0, 1], np.full(10, 60)])
    found = fisher_exact(table)
    assert "Monte Carlo" not in found.method
    assert 0 < found.p_value <= 1


def test_beyond_the_limit_a_seeded_and_labelled_simulation_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    table = np.array(IMVIGOR_BY_IC)
    monkeypatch.setattr(exact_module, "LARGEST_LISTING", 10)
    simulated = fisher_exact(table)
    assert "Monte Carlo" in simulated.method
    assert "seed" in simulated.method
    assert simulated.p_value == pytest.approx(0.003847, abs=8e-4)
    assert fisher_exact(table).p_value == simulated.p_value


def test_a_hundred_thousand_groups_end_in_a_reason() -> None:
    answers = np.random.default_rng(1).integers(0, 2, 100_000)
    table = np.column_stack([answers, 1 - answers])
    assert "too many" in association(table).reason
    assert chi_square(table).df == len(table) - 1
    assert cochran_armitage(answers, np.ones(len(answers))).test.shown


@pytest.mark.parametrize("table", [(8, 2, 1, 5), (5, 51, 0, 29), (10, 0, 0, 20), (120, 280, 90, 320)])
def test_two_by_two_equals_scipy(table: tuple[int, int, int, int]) -> None:
    a, b, c, d = table
    expected = stats.fisher_exact(np.array([[a, b], [c, d]])).pvalue
    assert fisher(a, b, c, d).p_value == pytest.approx(expected, rel=1e-10)
    assert fisher_exact(np.array([[a, b], [c, d]])).p_value == pytest.approx(expected, rel=1e-10)


def test_empty_rows_and_columns_do_not_count() -> None:
    with_empty = chi_square([[10, 20], [0, 0], [30, 15]])
    assert with_empty.df == 1
    assert with_empty.statistic == pytest.approx(chi_square([[10, 20], [30, 15]]).statistic)
    assert chi_square([[10, 0], [30, 0]]).status is Status.NOT_ESTIMABLE
    assert fisher(0, 0, 3, 4).status is Status.NOT_ESTIMABLE
    assert association([[5, 0], [7, 0], [2, 0]]).status is Status.NOT_ESTIMABLE
    assert association(np.zeros((3, 2))).status is Status.NOT_ESTIMABLE
    assert association(np.zeros((0, 2))).status is Status.NOT_ESTIMABLE


def test_the_rule_chooses_the_test() -> None:
    assert association(IMVIGOR_BY_IC).method.startswith("Pearson")
    assert association([[9, 1], [3, 7]]).method == "Fisher's exact test"
    assert association([[9, 1], [3, 7], [2, 2]]).method.startswith("Fisher's exact test (Freeman-Halton")


def test_small_expected_counts_are_named() -> None:
    found = chi_square([[9, 1], [3, 7]])
    assert found.status is Status.WARNING
    assert "4.0" in found.reason


@pytest.mark.parametrize("table", [[[1, -2], [3, 4]], [[1.5, 2], [3, 4]], [1, 2, 3]])
def test_what_is_no_table_of_counts_is_refused(table: Any) -> None:
    with pytest.raises(ValueError, match="table of counts"):
        chi_square(table)
    with pytest.raises(ValueError, match="table of counts"):
        association(table)


def test_odds_ratio_without_zero_is_woolf() -> None:
    found = odds_ratio(30, 70, 18, 92)
    assert "Woolf" in found.method
    assert found.value == pytest.approx(30 * 92 / (70 * 18))


def test_zero_cell_gets_a_finite_point_and_open_limits() -> None:
    found = odds_ratio(5, 51, 0, 29)
    assert found.status is Status.WARNING
    assert found.value == pytest.approx(5.5 * 29.5 / (51.5 * 0.5))
    assert found.upper == math.inf
    assert 0 < found.lower < 1
    assert "Haldane" in found.method
    assert "mid-p" in found.method


def test_empty_margin_has_no_odds_ratio() -> None:
    for method in ("auto", "woolf", "conditional", "mid-p", "haldane"):
        assert odds_ratio(0, 10, 0, 20, method).status is Status.NOT_ESTIMABLE
    assert odds_ratio(5, 51, 0, 29, "woolf").status is Status.NOT_ESTIMABLE


def test_conditional_odds_ratio_equals_scipy() -> None:
    found = odds_ratio(9, 1, 3, 7, "conditional")
    expected = stats.contingency.odds_ratio([[9, 1], [3, 7]])
    interval = expected.confidence_interval(0.95)
    assert found.value == pytest.approx(expected.statistic, rel=1e-8)
    assert (found.lower, found.upper) == pytest.approx((interval.low, interval.high), rel=1e-8)


def test_large_tables_neither_overflow_nor_warn() -> None:
    found = odds_ratio(40_000, 60_000, 39_000, 61_000, "mid-p")
    assert found.value == pytest.approx(40 * 61 / (60 * 39), rel=1e-4)
    assert 0 < fisher(40_000, 60_000, 39_000, 61_000).p_value < 1e-4
