"""Curves, medians, log-rank tests and Cox models against lifelines on random small tables with many ties.

Known differences, which the comparison leaves out: lifelines prints limits 0 and 1 where S is 0 or 1 (R: undefined);
its median misses times at which S equals one half up to rounding; without events it prints p = 1 (ours: no test);
on non-maxima it only warns, so that Cox is compared where ours has a finite maximum, at its tightest precision.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test

from tilexplorer.statistics.cox import CoxDesign, fit
from tilexplorer.statistics.kaplan_meier import kaplan_meier
from tilexplorer.statistics.logrank import logrank
from tilexplorer.statistics.quantiles import quantile
from tilexplorer.statistics.small import SHOW_ALL
from tilexplorer.statistics.tables import EventTable

Rows = list[tuple[int, bool, str]]
rows = st.lists(st.tuples(st.integers(1, 12), st.booleans(), st.sampled_from("abc")), min_size=2, max_size=40)
many = settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def arrays(data: Rows) -> tuple[Any, Any, Any]:
    """Times, events and groups."""
    time, event, group = zip(*data, strict=True)
    return np.array(time), np.array(event, int), np.array(group)


@many
@given(rows)
def test_curve_and_limits(data: Rows) -> None:
    time, event, _ = arrays(data)
    curve = kaplan_meier(EventTable.from_rows(time, event))
    theirs = KaplanMeierFitter().fit(time, event)
    survival = theirs.survival_function_.iloc[:, 0].loc[curve.time].to_numpy()
    np.testing.assert_allclose(curve.survival, survival, atol=1e-12)
    inside = (curve.survival > 1e-12) & (curve.survival < 1 - 1e-12)
    limits = theirs.confidence_interval_.loc[curve.time].to_numpy()[inside]
    np.testing.assert_allclose(np.column_stack([curve.lower, curve.upper])[inside], limits, atol=1e-10)
    assert np.isnan(curve.lower[~inside]).all()


@many
@given(rows)
def test_median(data: Rows) -> None:
    time, event, _ = arrays(data)
    curve = kaplan_meier(EventTable.from_rows(time, event))
    if np.isclose(curve.survival, 0.5).any():
        return  # lifelines misses it by rounding, and does not take the middle of the step
    theirs = KaplanMeierFitter().fit(time, event).median_survival_time_
    ours = quantile(curve).value
    assert (math.isnan(ours) and math.isinf(theirs)) or ours == theirs


@many
@given(rows)
def test_logrank(data: Rows) -> None:
    time, event, group = arrays(data)
    ours = logrank(EventTable.from_rows(time, event, group=group), thresholds=SHOW_ALL)
    if not ours.test.shown or (ours.expected == 0).any() or ours.test.reason:
        return  # lifelines counts groups that are never at risk at an event
    theirs = multivariate_logrank_test(time, group, event)
    assert ours.test.statistic == pytest.approx(theirs.test_statistic, rel=1e-8, abs=1e-10)
    assert ours.test.p_value == pytest.approx(theirs.p_value, rel=1e-8, abs=1e-10)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.integers(-3, 3)), min_size=12, max_size=40))
def test_cox_with_efron_ties(data: list[tuple[int, bool, int]]) -> None:
    time, event, x = (np.array(column, float) for column in zip(*data, strict=True))
    model = fit(CoxDesign.make(time, event, 1 - event, x))
    if not model.shown or abs(model.coef[0]) > 3:
        return
    frame = pd.DataFrame({"time": time, "event": event, "x": x})
    options = {"precision": 1e-12, "r_precision": 1e-14}
    theirs = CoxPHFitter().fit(frame, "time", "event", fit_options=options)
    assert model.coef[0] == pytest.approx(theirs.params_["x"], abs=1e-7)
    assert model.std_error[0] == pytest.approx(theirs.standard_errors_["x"], rel=1e-6)
