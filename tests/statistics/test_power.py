"""The smallest effects that data could have shown, against published tables and against simulation of the tests."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tilexplorer.statistics import power
from tilexplorer.statistics.results import Status


def test_schoenfeld_needs_the_events_of_the_textbook() -> None:
    """Equal groups, hazard ratio 2, 80% power: 65.3 events (Collett, Modelling Survival Data, formula 15.4)."""
    at_65, at_66 = (power.hazard_ratio(100, 100, events).upper for events in (65, 66))
    assert at_66 < 2 < at_65
    found = power.hazard_ratio(100, 100, 66)
    assert found.lower * found.upper == pytest.approx(1)


def test_unequal_groups_show_less() -> None:
    assert power.hazard_ratio(20, 180, 100).upper > power.hazard_ratio(100, 100, 100).upper


def test_a_measure_of_two_values_is_two_groups() -> None:
    """Hsieh and Lavori's formula with the variance p (1 - p) is Schoenfeld's."""
    share = 0.3
    by_sd = power.hazard_ratio_per_unit(math.sqrt(share * (1 - share)), 200, 80)
    assert by_sd.upper == pytest.approx(power.hazard_ratio(60, 140, 80).upper, rel=1e-12)


def test_an_interaction_of_halves_needs_four_times_the_events() -> None:
    main = power.hazard_ratio(100, 100, 100)
    crossed = power.interaction_ratio(100, 100, 400, 0.5)
    assert crossed.upper == pytest.approx(main.upper, rel=1e-12)


def test_rates_as_in_fleiss() -> None:
    """Sizes for 80% power at 0.05 without correction: 20% v 40% needs 81 in each group (81.2), 50% v 70% 93 (92.9)."""
    assert power.rate_difference(81, 81, 16).upper == pytest.approx(0.20, abs=0.004)
    assert power.rate_difference(93, 93, 46).upper == pytest.approx(0.20, abs=0.004)


def test_the_detectable_difference_is_found_four_times_in_five() -> None:
    n, base = 150, 0.3
    difference = power.rate_difference(n, n, 45).upper
    rng = np.random.default_rng(5)
    x1, x0 = rng.binomial(n, base + difference, 40_000), rng.binomial(n, base, 40_000)
    mean = (x1 + x0) / (2 * n)
    z = (x1 - x0) / n / np.sqrt(mean * (1 - mean) * 2 / n)
    assert np.mean(np.abs(z) > 1.959963984540054) == pytest.approx(0.8, abs=0.02)


def test_a_side_without_room_is_not_a_number() -> None:
    found = power.rate_difference(20, 20, 2)
    assert math.isnan(found.lower)
    assert 0.3 < found.upper < 0.5


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (power.hazard_ratio(0, 0, 0), "no patients"),
        (power.hazard_ratio(10, 0, 5), "only one group"),
        (power.hazard_ratio(10, 10, 0), "no events"),
        (power.rate_difference(0, 5, 1), "only one group"),
        (power.rate_difference(1, 1, 1), "no difference of rates is large enough for so few patients"),
        (power.hazard_ratio_per_unit(0.0001, 10, 1), "too few events"),
    ],
)
def test_nothing_is_promised_without_data(found: power.Detectable, reason: str) -> None:
    assert (found.status, found.reason) == (Status.NOT_ESTIMABLE, reason)
    assert not found.shown


@pytest.mark.parametrize("pairs", [8, 34])
def test_a_paired_ratio_is_found_four_times_in_five(pairs: int) -> None:
    spread = 0.9
    rng = np.random.default_rng(11)
    found = power.paired_ratio(spread / math.sqrt(pairs), pairs)
    logs = rng.normal(math.log(found.upper), spread, (40_000, pairs))
    t = logs.mean(axis=1) / (logs.std(axis=1, ddof=1) / math.sqrt(pairs))
    critical = {8: 2.364624, 34: 2.034515}[pairs]  # t tables, 0.975, 7 and 33 df
    assert np.mean(np.abs(t) > critical) == pytest.approx(0.8, abs=0.01)
    assert found.lower * found.upper == pytest.approx(1)


def test_a_paired_change_is_the_logarithm_of_the_ratio() -> None:
    assert power.paired_change(0.2, 12).upper == pytest.approx(math.log(power.paired_ratio(0.2, 12).upper))


def test_studies_put_together_by_a_z_test_need_2_8_standard_errors() -> None:
    found = power.pooled_ratio(0.1, math.inf, 500, 300, "hazard ratio")
    assert math.log(found.upper) == pytest.approx(0.1 * (1.959964 + 0.841621), abs=1e-6)
    few = power.pooled_ratio(0.1, 2, 500, 300, "hazard ratio")
    assert few.upper > found.upper  # three studies have to estimate how much they disagree


@pytest.mark.parametrize("found", [power.paired_ratio(math.nan, 0), power.paired_change(0.0, 5),
                                   power.pooled_ratio(math.nan, math.inf, 0, 0, "odds ratio")])  # fmt: skip
def test_without_pairs_or_studies_nothing_is_claimed(found: power.Detectable) -> None:
    assert found.status is Status.NOT_ESTIMABLE
    assert found.reason
