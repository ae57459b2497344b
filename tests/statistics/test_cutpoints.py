"""Cuts: quantiles with ties, the maximally selected cut and its honest p, stability and cross-validation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from tilexplorer.statistics.cutpoints import cross_validated_cut, cut_stability, group_of, quantile_cuts, selected_cut
from tilexplorer.statistics.logrank import logrank
from tilexplorer.statistics.maxstat import logrank_scores
from tilexplorer.statistics.results import Status
from tilexplorer.statistics.tables import EventTable

RNG = np.random.default_rng(8)


def cohort(n: int, effect: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times, events and a measure; above 0.6 the hazard is multiplied by exp(effect)."""
    x = RNG.random(n)
    event_time = RNG.exponential(np.exp(-effect * (x > 0.6)))
    censoring = RNG.uniform(0.5, 3, n)
    return np.minimum(event_time, censoring), (event_time <= censoring).astype(float), x


def test_cut_belongs_to_the_low_group() -> None:
    assert group_of([1.0, 2.0, 2.5, np.nan], [2.0]).tolist() == [0, 0, 1, -1]
    assert quantile_cuts([1, 2, 3, 4], 2).sizes == (2, 2)
    assert quantile_cuts(np.arange(1, 10), 3).cuts == pytest.approx(np.quantile(np.arange(1, 10), [1 / 3, 2 / 3]))


def test_zero_inflated_measure_is_absent_or_present() -> None:
    found = quantile_cuts([0, 0, 0, 0, 1, 2, 3], 3)
    assert found.rule == "absent or present"
    assert found.sizes == (4, 3)
    assert "57%" in found.reason


def test_ties_give_the_sizes_that_they_give() -> None:
    found = quantile_cuts([1, 2, 2, 2, 2, 2, 2, 3, 4], 3)
    assert found.cuts == (2.0,)
    assert found.sizes == (7, 2)
    assert "tied" in found.reason


@pytest.mark.parametrize("x", [[], [np.nan], [3.0, 3.0]])
def test_values_that_cannot_be_cut(x: list[float]) -> None:
    assert quantile_cuts(x, 2).cuts == ()
    assert quantile_cuts(x, 2).reason


def test_number_of_groups_is_checked() -> None:
    with pytest.raises(ValueError, match="2, 3 or 4"):
        quantile_cuts([1, 2], 5)


def test_a_real_threshold_is_found() -> None:
    found = selected_cut(*cohort(300, effect=1.0))
    assert found.cut == pytest.approx(0.6, abs=0.08)
    assert found.test.p_value < 1e-4
    assert found.statistics.max() == found.test.statistic


def test_corrected_p_holds_its_level_where_the_naive_p_does_not() -> None:
    found = [selected_cut(*cohort(80)).test for _ in range(150)]
    naive = [float(special.chdtrc(1, test.statistic**2)) < 0.05 for test in found]
    assert np.mean(naive) > 0.25
    assert np.mean([test.p_value < 0.05 for test in found]) < 0.09


def test_scores_of_a_group_sum_to_observed_less_expected_events() -> None:
    time, event, x = cohort(400, effect=0.5)
    high = x > 0.5
    scores = logrank_scores(time, event)
    table = EventTable.from_rows(time, event, group=high.astype(int), groups=("low", "high"))
    found = logrank(table)
    assert scores[high].sum() == pytest.approx(found.observed[1] - found.expected[1], rel=1e-10)
    assert scores.sum() == pytest.approx(0, abs=1e-10)


def test_too_small_or_empty_for_a_selected_cut() -> None:
    time, event, x = cohort(49)
    assert selected_cut(time, event, x).test.status is Status.SUPPRESSED
    assert np.isnan(selected_cut(time, event, x).cut)
    assert cut_stability(time, event, x).status is Status.SUPPRESSED
    assert cross_validated_cut(time, event, x).test.status is Status.NOT_ESTIMABLE
    assert selected_cut(time, 0 * event, x).test.status is Status.NOT_ESTIMABLE
    assert selected_cut([], [], []).test.status is Status.NOT_ESTIMABLE
    time, event, x = cohort(80)
    assert selected_cut(time, event, 0 * x).test.status is Status.NOT_ESTIMABLE
    assert cross_validated_cut(time, event, 0 * x).test.status is Status.NOT_ESTIMABLE
    with pytest.raises(ValueError, match="shape"):
        selected_cut(time, event, x[1:])


def test_stability_is_seeded_and_tells_signal_from_noise() -> None:
    strong, noise = cohort(300, effect=1.5), cohort(300)
    steady, loose = cut_stability(*strong, resamples=100), cut_stability(*noise, resamples=100)
    assert steady.share_near > loose.share_near
    assert steady.upper - steady.lower < loose.upper - loose.lower
    assert cut_stability(*strong, resamples=100).cuts.tolist() == steady.cuts.tolist()


def test_cross_validated_groups_find_signal_and_only_signal() -> None:
    strong = cross_validated_cut(*cohort(200, effect=1.2), permutations=99)
    assert strong.test.p_value == pytest.approx(0.01)
    assert strong.high.sum() == pytest.approx(80, abs=25)
    assert "permutation" in strong.test.method
    p = [cross_validated_cut(*cohort(60), permutations=39).test.p_value for _ in range(20)]
    assert np.mean(np.array(p) <= 0.05) <= 0.25
    assert np.median(p) > 0.1
