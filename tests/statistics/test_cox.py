"""Cox on counted rows: equal to expanded rows, however ties are summed; Firth where a level has no events."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tilexplorer.statistics import efron
from tilexplorer.statistics.cox import CoxDesign, fit, level_hazard_ratios
from tilexplorer.statistics.cox_blocks import Ties
from tilexplorer.statistics.proportional_hazards import ph_warning
from tilexplorer.statistics.results import Status
from tilexplorer.statistics.small import SHOW_ALL, Thresholds
from tilexplorer.statistics.tables import EventTable


def random_table(n: int, times: int, seed: int = 3) -> EventTable:
    """Patients of three levels in two strata with many ties."""
    r = np.random.default_rng(seed)
    level = r.integers(0, 3, n)
    time = np.minimum(r.exponential(times / (1 + level)), times - 1).astype(int)
    return EventTable.from_rows(
        time, r.random(n) < 0.6, group=level, groups=["a", "b", "c"], stratum=r.integers(0, 2, n), strata=["s", "t"]
    )


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_counted_rows_equal_expanded_rows(ties: Ties) -> None:
    table = random_table(400, 12)
    counted = fit(CoxDesign.of_levels(table, "a"), ties)
    repeats = table.events + table.censored
    event = np.concatenate([[1.0] * d + [0.0] * c for d, c in zip(table.events, table.censored, strict=True)])
    group, time, stratum = (np.repeat(each, repeats) for each in (table.group, table.time, table.stratum))
    columns = np.column_stack([group == 1, group == 2]).astype(float)
    expanded = fit(CoxDesign.make(time, event, 1 - event, columns, stratum=stratum), ties)
    np.testing.assert_allclose(counted.coef, expanded.coef, rtol=1e-10)
    np.testing.assert_allclose(counted.covariance, expanded.covariance, rtol=1e-10)
    assert counted.loglik == pytest.approx(expanded.loglik, rel=1e-12)


def test_power_series_equal_sums_term_by_term() -> None:
    count = np.array([8.0, 40.0, 999.0, 1000.0, 5000.0])
    at_risk = count * np.array([60, 100, 51, 80, 1000])
    risk, tied = at_risk * 1.3, count * np.array([1.1, 0.7, 5.0, 1.0, 20.0])
    sums = efron.Efron(count, at_risk)
    assert sums.many.size == count.size
    found = sums.sums(risk, tied)
    exact = np.array([term_by_term(*each) for each in zip(count, risk, tied, strict=True)])
    assert found.log == pytest.approx(exact[:, 0].sum(), rel=1e-13)
    # The likelihood multiplies every k/d with the events' share of the hazard, so that is the scale of precision.
    share = np.array([np.ones(5), tied / risk, np.ones(5), tied / risk, (tied / risk) ** 2])
    largest = exact[:, [1, 1, 3, 3, 3]].T
    gap = np.abs(np.array([*found.inverse, *found.squared]) - exact[:, 1:].T)
    assert (gap * share < 1e-13 * largest).all()


def term_by_term(count: float, risk: float, tied: float) -> list[float]:
    """Efron's sums over the events of one time, as they are written: log q, 1/q, (k/d)/q, 1/q^2, (k/d)/q^2, ..."""
    share = np.arange(int(count)) / count
    q = risk - share * tied
    terms = (np.log(q), 1 / q, share / q, 1 / q**2, share / q**2, (share / q) ** 2)
    return [math.fsum(term) for term in terms]


def test_events_without_any_hazard_left_keep_the_sums_finite() -> None:
    sums = efron.Efron(np.array([2.0, 9.0]), np.array([10.0, 1000.0])).sums(np.array([5.0, 900.0]), np.zeros(2))
    assert all(np.isfinite(part).all() for part in (*sums.inverse, *sums.squared))


def test_a_rotated_reference_gives_reciprocal_hazard_ratios() -> None:
    table = random_table(400, 30)
    forth = level_hazard_ratios(table, "a").hazard_ratios["b"]
    back = level_hazard_ratios(table, "b").hazard_ratios["a"]
    assert forth.value * back.value == pytest.approx(1, rel=1e-10)
    assert forth.lower * back.upper == pytest.approx(1, rel=1e-10)
    assert forth.p_value == pytest.approx(back.p_value, rel=1e-9)


def without_events_in(label: str) -> EventTable:
    """The random table with the events of a level taken for censorings."""
    table = random_table(120, 30).merge_strata()
    silent = table.group == table.groups.index(label)
    return replace(
        table,
        events=np.where(silent, 0, table.events),
        censored=np.where(silent, table.events + table.censored, table.censored),
    )


@pytest.mark.parametrize("label", ["a", "b"])
def test_a_level_without_events_gets_firths_estimate_and_says_so(label: str) -> None:
    found = level_hazard_ratios(without_events_in(label), "a")
    assert found.firth
    for estimate in found.hazard_ratios.values():
        assert "Firth" in estimate.method
        assert 0 < estimate.lower < estimate.value < estimate.upper < np.inf
    assert found.lr.shown
    assert not found.wald.shown


def test_thresholds_decide_what_is_shown() -> None:
    table = random_table(12, 30).merge_strata()
    assert {each.status for each in level_hazard_ratios(table, "a").hazard_ratios.values()} == {Status.SUPPRESSED}
    shown = level_hazard_ratios(table, "a", thresholds=SHOW_ALL).hazard_ratios
    assert {each.status for each in shown.values()} == {Status.OK}
    strict = level_hazard_ratios(random_table(400, 30), "a", thresholds=Thresholds(hazard_events=10_000))
    assert {each.status for each in strict.hazard_ratios.values()} == {Status.SUPPRESSED}


def test_hazards_that_cross_are_warned_of_and_proportional_ones_are_not() -> None:
    r = np.random.default_rng(5)
    group = np.repeat([0, 1], 400)
    constant = r.exponential(np.where(group == 0, 500, 800))
    # in b the hazard is twice that of a before day 300 and a quarter of it after
    early = r.exponential(250, 800)
    crossing = np.where(
        group == 0, r.exponential(500, 800), np.where(early < 300, early, 300 + r.exponential(2000, 800))
    )
    for time, expected in ((constant, False), (crossing, True)):
        table = EventTable.from_rows(time.astype(int), np.ones(800), group=group, groups=["a", "b"])
        assert ph_warning(table, "a").violated is expected


def test_no_warning_is_lost_by_looking_at_the_first_step_first(monkeypatch: pytest.MonkeyPatch) -> None:
    r = np.random.default_rng(11)
    tables = []
    for n in (30, 60, 150, 400) * 15:
        group = r.integers(0, 2, n)
        turn, fold = r.uniform(100, 600), r.uniform(0.3, 3.0)
        early = r.exponential(400, n)
        late = np.where(early < turn, early, turn + (early - turn) * fold)
        time = np.ceil(np.where(group == 1, late, r.exponential(400, n)))
        tables.append(EventTable.from_rows(time.astype(int), r.random(n) < 0.8, group=group, groups=["a", "b"]))
    quick = [ph_warning(table, "a").violated for table in tables]
    monkeypatch.setattr("tilexplorer.statistics.proportional_hazards.NEAR_FOLD", 0.0)
    assert quick == [ph_warning(table, "a").violated for table in tables]
    assert 3 < sum(quick) < 50
