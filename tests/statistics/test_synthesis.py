"""Meta-analysis by the rules for few studies, adjusted p-values, and E-values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from tilexplorer.statistics.evalue import e_value
from tilexplorer.statistics.multiplicity import benjamini_hochberg, family, holm
from tilexplorer.statistics.results import Estimate, Status, Test, no_test, not_estimable
from tilexplorer.statistics.synthesis import interval, pool, q_profile, synthesise

Y = [-0.6, -0.2, -0.9, 0.1, -0.4]
V = [0.05, 0.08, 0.10, 0.04, 0.12]


def test_one_study_is_not_pooled_and_two_give_the_common_effect() -> None:
    assert synthesise([], []).estimate.status is Status.NOT_ESTIMABLE
    assert "one study" in synthesise(Y[:1], V[:1]).estimate.reason
    two = synthesise(Y[:2], V[:2])
    assert "common effect" in two.estimate.method
    assert two.prediction.status is Status.NOT_ESTIMABLE


def test_three_studies_get_modified_hartung_knapp_and_a_cautious_prediction() -> None:
    found = synthesise(Y[:3], V[:3])
    assert "modified Hartung-Knapp" in found.estimate.method
    assert found.prediction.status is Status.WARNING
    assert synthesise(Y, V).prediction.status is Status.OK


def test_modified_limits_are_never_narrower_than_z() -> None:
    alike, variances = [-0.50, -0.51, -0.49], [0.05, 0.06, 0.05]  # less spread than chance allows
    pooled = pool(alike, variances)
    z, modified = interval(pooled), interval(pooled, hartung_knapp=True)
    plain = interval(pooled, hartung_knapp=True, modified=False)
    assert plain.upper - plain.lower < z.upper - z.lower < modified.upper - modified.lower


def test_equal_effects_have_no_heterogeneity() -> None:
    found = synthesise([-0.4] * 4, V[:4])
    assert found.tau2.value == 0
    assert found.i2.value == 0
    assert found.q.p_value == pytest.approx(1)


def test_reml_is_the_maximum_of_the_restricted_likelihood() -> None:
    y, v = np.array(Y), np.array(V)

    def height(tau2: float) -> float:
        w = 1 / (v + tau2)
        mean = w @ y / w.sum()
        return float(-0.5 * (np.log(v + tau2).sum() + np.log(w.sum()) + w @ (y - mean) ** 2))

    best = pool(Y, V, "REML").tau2
    assert best > 0
    assert height(best) > max(height(best * 0.999), height(best * 1.001))


def test_q_profile_limits_hold_the_estimate() -> None:
    lower, upper = q_profile(Y, V)
    assert lower <= pool(Y, V).tau2 <= upper
    assert all(math.isnan(limit) for limit in q_profile(Y[:1], V[:1]))


def test_unusable_studies_are_refused_by_name() -> None:
    for y, v in (([1.0, math.nan], [1.0, 1.0]), ([1.0, 2.0], [1.0, 0.0]), ([1.0], [1.0, 2.0])):
        with pytest.raises(ValueError, match=r"variance|shape"):
            synthesise(y, v)


def test_adjusted_p_values() -> None:
    p = [0.01, 0.04, 0.03, 0.2]
    assert holm(p) == pytest.approx([0.04, 0.09, 0.09, 0.2])
    assert benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p))
    tests = {"a": Test(p_value=0.01), "b": no_test("x", "too few"), "c": Test(p_value=0.04)}
    found = family(tests)
    assert found.made == 2
    assert found.adjusted_p["a"] == pytest.approx(0.02)
    assert math.isnan(found.adjusted_p["b"])


def test_published_e_value() -> None:
    """VanderWeele, Ding. Ann Intern Med 2017;167:268: RR 3.9 (1.8 to 8.7) gives 7.26 and 3.0."""
    found = e_value(Estimate(3.9, 1.8, 8.7), hazard=False)
    assert found.point == pytest.approx(7.26, abs=0.005)
    assert found.limit == pytest.approx(3.0, abs=0.005)


def test_e_value_of_protection_and_of_nothing() -> None:
    harm = e_value(Estimate(2.0, 1.25, 3.2), hazard=True)
    protection = e_value(Estimate(0.5, 1 / 3.2, 0.8), hazard=True)
    assert (harm.point, harm.limit) == pytest.approx((protection.point, protection.limit))
    assert e_value(Estimate(1.2, 0.9, 1.6), hazard=True).limit == 1
    rare = e_value(Estimate(2.0, 1.2, 3.0), hazard=True, event_share=0.1)
    assert rare.point == pytest.approx(2 + math.sqrt(2))
    assert rare.point > e_value(Estimate(2.0, 1.2, 3.0), hazard=True, event_share=0.5).point
    assert math.isnan(e_value(not_estimable("HR", "no events"), hazard=True).point)
