"""Cox regression on rows, splines, the second opinion, and the interaction verdict."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from tilexplorer.statistics.interaction import Finding, interaction, verdict_of
from tilexplorer.statistics.regression import cox_regression, fit_rows
from tilexplorer.statistics.results import Status, Test
from tilexplorer.statistics.second_opinion import lifelines_cox
from tilexplorer.statistics.spline_effect import spline_effect
from tilexplorer.statistics.splines import knots_for, place_knots, spline_basis
from tilexplorer.statistics.terms import Category, Number, Product, Spline

LEVEL, ARM = Category("level", ("low", "high")), Category("arm", ("chemo", "io"))


def trial(n: int, interaction_effect: float, seed: int = 1) -> pd.DataFrame:
    """Two arms, two levels, integer days; in the high level io multiplies the hazard by exp(effect) more."""
    rng = np.random.default_rng(seed)
    high, io = rng.integers(0, 2, n), rng.integers(0, 2, n)
    age = rng.normal(60, 10, n)
    log_hazard = 0.3 * high - 0.2 * io + interaction_effect * high * io + 0.02 * (age - 60)
    time = np.ceil(rng.exponential(400 * np.exp(-log_hazard)))
    stop = np.ceil(rng.uniform(200, 1500, n))
    return pd.DataFrame(
        {
            "days": np.minimum(time, stop).astype(int),
            "event": time <= stop,
            "level": np.where(high, "high", "low"),
            "arm": np.where(io, "io", "chemo"),
            "age": age,
            "tumour": rng.choice(["a", "b"], n),
        }
    )


FRAME = trial(400, -1.0)


def test_lifelines_agrees() -> None:
    terms = (LEVEL, ARM, Number("age"))
    found = cox_regression(FRAME, "days", "event", terms, ["tumour"])
    design = np.column_stack([term.design(FRAME) for term in terms])
    other = lifelines_cox(FRAME["days"], FRAME["event"], design, stratum=FRAME["tumour"])
    assert other.reason == ""
    assert found.coef == pytest.approx(other.coef, abs=1e-6)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(other.std_error, abs=1e-6)
    assert found.loglik == pytest.approx(other.loglik, abs=1e-6)


def test_unit_of_a_number_scales_its_hazard_ratio() -> None:
    one = cox_regression(FRAME, "days", "event", [Number("age")]).hazard_ratios["age"]
    ten = cox_regression(FRAME, "days", "event", [Number("age", 10)]).hazard_ratios["age per 10"]
    assert ten.value == pytest.approx(one.value**10)
    assert ten.p_value == pytest.approx(one.p_value)


def test_missing_values_are_excluded_and_counted() -> None:
    frame = FRAME.copy()
    frame.loc[:4, "age"] = math.nan
    frame.loc[5:6, "level"] = None
    frame.loc[7, "days"] = -1
    frame.loc[8, "level"] = "unheard of"
    found = cox_regression(frame, "days", "event", [LEVEL, Number("age")])
    assert found.excluded == 9
    assert found.n == 391


def test_term_of_several_columns_has_a_likelihood_ratio_test() -> None:
    spline = Spline("age", place_knots(FRAME["age"], 3))
    found = cox_regression(FRAME, "days", "event", [LEVEL, spline])
    assert found.term_tests[spline.label].df == 2
    assert "ratio" in found.term_tests[spline.label].method
    assert "Wald" in found.term_tests["level"].method


def test_too_few_events_and_nothing_to_fit() -> None:
    few = FRAME.assign(event=np.arange(400) < 9)
    assert cox_regression(few, "days", "event", [LEVEL]).status is Status.SUPPRESSED
    assert np.isnan(cox_regression(few, "days", "event", [LEVEL]).coef).all()
    assert cox_regression(FRAME.assign(event=False), "days", "event", [LEVEL]).status is Status.NOT_ESTIMABLE
    assert cox_regression(FRAME[:0], "days", "event", [LEVEL]).status is Status.NOT_ESTIMABLE
    aliased = FRAME.assign(again=FRAME["age"] * 2)
    model = cox_regression(aliased, "days", "event", [Number("age"), Number("again")])
    assert model.status is Status.NOT_ESTIMABLE
    assert model.contrast([1, 0]).status is Status.NOT_ESTIMABLE
    with pytest.raises(KeyError):
        cox_regression(FRAME, "days", "event", [Number("absent")])


def test_lifelines_failure_is_a_reason_not_a_number() -> None:
    time, event = np.arange(1, 21), np.repeat([1, 0], 10)
    assert lifelines_cox(time, event, event[:, None] * 1.0).reason


def test_spline_is_linear_outside_and_smooth_inside() -> None:
    knots = (1.0, 2.0, 4.0, 7.0)
    outside = spline_basis(np.array([8.0, 9.0, 10.0]), knots)
    assert np.diff(outside, 2, axis=0) == pytest.approx(np.zeros((1, 3)), abs=1e-10)
    assert spline_basis(np.array([-3.0, 0.5]), knots)[:, 1:] == pytest.approx(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="rising"):
        spline_basis([1.0], [1, 1, 2])
    with pytest.raises(ValueError, match="3, 4 or 5"):
        place_knots([1.0], 6)
    assert place_knots([1, 1, 1, 1, 2], 3) == ()
    assert place_knots([], 3) == ()
    assert (knots_for(99), knots_for(100)) == (3, 4)


def test_spline_effect_finds_a_curve_and_accepts_a_line() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=500)
    for curve, bent in ((x**2, True), (x, False)):
        time = rng.exponential(np.exp(-0.7 * curve))
        found = spline_effect(time, np.ones(500), x)
        assert found.overall.p_value < 1e-6
        assert (found.nonlinear.p_value < 0.001) is bent
        at_reference = spline_effect(time, np.ones(500), x, grid=[found.reference])
        assert at_reference.log_hr == pytest.approx([0.0], abs=1e-12)
        assert at_reference.std_error == pytest.approx([0.0], abs=1e-9)


def test_spline_effect_of_too_little() -> None:
    x = np.arange(60.0)
    assert spline_effect(x + 1, np.arange(60) < 39, x).overall.status is Status.SUPPRESSED
    assert spline_effect(x + 1, np.ones(60), np.minimum(x, 2)).overall.status is Status.NOT_ESTIMABLE


def test_interaction_is_tested_in_one_model() -> None:
    found = interaction(FRAME, "days", "event", ARM, LEVEL, comparator="randomised", strata=["tumour"])
    assert found.test.df == 1
    assert found.test.p_value < 0.01
    assert found.verdict.finding is Finding.PREDICTIVE
    low, high = found.therapy_within[("low", "io")], found.therapy_within[("high", "io")]
    assert high.value < low.value
    assert math.isnan(low.p_value)
    assert math.isnan(high.p_value)
    ratio = found.infiltration_within[("io", "high")].value / found.infiltration_within[("chemo", "high")].value
    assert ratio == pytest.approx(high.value / low.value)


def test_therapy_within_a_level_does_not_depend_on_the_reference() -> None:
    turned = Category("level", ("high", "low"))
    one = interaction(FRAME, "days", "event", ARM, LEVEL, comparator="randomised").therapy_within[("high", "io")]
    other = interaction(FRAME, "days", "event", ARM, turned, comparator="randomised").therapy_within[("high", "io")]
    assert (one.value, one.lower) == pytest.approx((other.value, other.lower))


def test_without_a_comparator_the_word_is_associated() -> None:
    found = interaction(FRAME, "days", "event", ARM, LEVEL, comparator="none")
    assert not found.test.shown
    assert found.verdict.finding is Finding.NOT_SEPARABLE
    assert "associated" in found.verdict.sentence


def test_words_of_the_verdict() -> None:
    significant, other = Test(p_value=0.01), Test(p_value=0.5)
    assert "not randomised" in verdict_of(significant, "concurrent", "CD8", "therapy").sentence
    assert verdict_of(other, "randomised", "CD8", "therapy").finding is Finding.NO_DIFFERENCE_SHOWN
    assert "does not show" in verdict_of(other, "randomised", "CD8", "therapy").sentence


def test_small_cells_leave_their_level_out_by_name() -> None:
    frame = FRAME.copy()
    frame.loc[:8, "level"] = "middle"
    three = Category("level", ("low", "middle", "high"))
    found = interaction(frame, "days", "event", ARM, three, comparator="randomised")
    assert len(found.left_out) == 1
    assert found.left_out[0].startswith("middle")
    assert found.test.df == 1
    alone = interaction(frame[frame["level"] != "high"], "days", "event", ARM, three, comparator="randomised")
    assert alone.verdict.finding is Finding.NOT_TESTED


def test_products_name_every_pair() -> None:
    product = Product(ARM, Category("level", ("low", "mid", "high")))
    assert product.names() == ("arm: io x level: mid", "arm: io x level: high")
    assert product.label == "arm x level"
    assert fit_rows(FRAME["days"], FRAME["event"], LEVEL.design(FRAME), ["high"]).shown
