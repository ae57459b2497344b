"""Whether hazards are proportional: the score test of Grambsch and Therneau, and a warning that n alone cannot set off.

The test is exact in the sense of R's survival >= 3.0: the score test of a coefficient that changes with g(t), not
the older approximation from scaled Schoenfeld residuals.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tilexplorer.statistics.cox_fit import CoxFit, fit, peak
from tilexplorer.statistics.cox_likelihood import ByTime, CoxDesign, PartialLikelihood
from tilexplorer.statistics.grids import grids
from tilexplorer.statistics.quadratic import quadratic_form
from tilexplorer.statistics.results import NAN, Test, no_test
from tilexplorer.statistics.tables import EventTable
from tilexplorer.statistics.ties import distinct_times

Floats = NDArray[np.float64]
Transform = Literal["km", "rank", "identity"]

MOST_LEVELS = 60
WARNING_P = 0.01
WARNING_FOLD = 1.5
NEAR_FOLD = 1.35  # by the first step alone, which misses the whole fold by a few per cent at most
MOST_LOG_FOLD = 50.0


@dataclass(frozen=True, slots=True)
class PHTest:
    """Tests of proportional hazards: one per term, and one of all terms together."""

    names: tuple[str, ...]
    tests: tuple[Test, ...]
    overall: Test


@dataclass(frozen=True, slots=True)
class PHWarning:
    """Whether the hazard ratios of a figure change so much that one number misleads.

    Attributes
    ----------
    violated : p < 0.01 and, for some level, hazard ratios before and after the median event time that differ
        1.5-fold or more.
    p_value : of the overall test; NaN where there is none.
    level : the level whose hazard ratio changes most; before, after : its two hazard ratios; NaN where p >= 0.01
        or halves that hardly differ leave nothing to warn of, or where a half cannot be fitted.
    median_event_time : where the time is split.
    """

    violated: bool
    p_value: float = NAN
    level: str = ""
    before: float = NAN
    after: float = NAN
    median_event_time: float = NAN
    reason: str = ""


def ph_test(model: CoxFit, transform: Transform = "km", terms: dict[str, Sequence[int]] | None = None) -> PHTest:
    """Test each term of a fitted Cox model for a coefficient that changes with time.

    Parameters
    ----------
    model : a fit of `cox_fit.fit`.
    transform : g(t): "km" 1 - S(t-) of all patients, "rank" among all observed times, "identity".
    terms : columns of each term by name; None: every column a term of its own.

    Raises
    ------
    ValueError
        If the transform has another name.
    """
    if transform not in ("km", "rank", "identity"):
        raise ValueError(f"transform must be km, rank or identity, not {transform!r}")
    return _ph_test(model, _by_time(model), transform, terms)


def _by_time(model: CoxFit) -> ByTime | None:
    """What every event time adds to score and information at the fit; None without a fit."""
    if not model.shown or model.likelihood is None:
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        return model.likelihood.by_time(model.coef)


def _ph_test(
    model: CoxFit, parts: ByTime | None, transform: Transform, terms: dict[str, Sequence[int]] | None
) -> PHTest:
    grouped = terms if terms is not None else {name: [index] for index, name in enumerate(model.names)}
    method = f"test of proportional hazards (Grambsch-Therneau score test), {transform} transform"
    if parts is None or model.likelihood is None:
        nothing = no_test(method, model.reason, n=model.n, events=model.events)
        return PHTest(tuple(grouped), tuple(nothing for _ in grouped), nothing)
    score, variance = _score_of_change(model, parts, _transformed(model.likelihood.design, parts.time, transform))
    tests = [_test(score, variance, list(columns), method, model) for columns in grouped.values()]
    overall = _test(score, variance, list(range(len(model.names))), method, model)
    return PHTest(tuple(grouped), tuple(tests), overall)


def _transformed(design: CoxDesign, event_time: Floats, transform: Transform) -> Floats:
    """g at the event times; over all strata together, as R."""
    if transform == "identity":
        return event_time
    weight = design.events + design.censored
    time, position = distinct_times(design.time)
    leaving = np.bincount(position, weight)
    if transform == "rank":
        before = np.cumsum(leaving) - leaving
        values = before + (leaving + 1) / 2
    else:
        at_risk = np.cumsum(leaving[::-1])[::-1]
        survival = np.cumprod(1 - np.bincount(position, design.events) / at_risk)
        values = 1 - np.concatenate(([1.0], survival[:-1]))
    result: Floats = values[np.searchsorted(time, event_time)]
    return result


def _score_of_change(model: CoxFit, parts: ByTime, values: Floats) -> tuple[Floats, Floats]:
    """The score of the coefficients of g(t) x at zero, and its variance given the fitted coefficients."""
    centred = values - np.average(values, weights=parts.events)
    score = centred @ parts.score
    mixed = np.tensordot(centred, parts.information, 1)
    squared = np.tensordot(centred**2, parts.information, 1)
    return score, squared - mixed @ model.covariance @ mixed


def _test(score: Floats, variance: Floats, columns: list[int], method: str, model: CoxFit) -> Test:
    block = variance[np.ix_(columns, columns)]
    if not np.all(np.diag(block) > 0):
        return no_test(method, "the times do not vary", n=model.n, events=model.events)
    statistic, df = quadratic_form(block, score[columns])
    return Test(statistic, df, float(special.chdtrc(df, statistic)), method, model.n, model.events)


def ph_warning(table: EventTable, reference: str, model: CoxFit | None = None) -> PHWarning:
    """Whether the hazard ratios of a table's levels change by more than chance and more than 1.5-fold.

    A p-value alone would set off at any large n; a fold alone at any small one.

    Parameters
    ----------
    model : the fit of some or all of the table's levels, where it is at hand (`CoxLevels.fit`).
    """
    table = table.nonempty()
    if reference not in table.groups or len(table.groups) < 2:
        return PHWarning(False, reason="fewer than two levels")
    if len(table.groups) > MOST_LEVELS:
        return PHWarning(False, reason=f"more than {MOST_LEVELS} levels")
    model = model or fit(CoxDesign.of_levels(table, reference))
    parts = _by_time(model)
    test = _ph_test(model, parts, "km", None).overall
    if parts is None or not test.shown:
        return PHWarning(False, reason=test.reason)
    split = median_event_time(table)
    if test.p_value >= WARNING_P or _first_fold(parts, split) < NEAR_FOLD:  # the halves need no fit
        return PHWarning(False, test.p_value, median_event_time=split)
    change = _largest_change(model, split)
    if change is None:
        return PHWarning(False, test.p_value, median_event_time=split, reason="a half has too few events")
    level, before, after = change
    fold = max(before, after) / min(before, after)
    return PHWarning(fold >= WARNING_FOLD, test.p_value, level, before, after, split)


def _first_fold(parts: ByTime, split: float) -> float:
    """The largest change of a hazard ratio between the halves as Newton's first step from the fit of both has it.

    It lacks what further steps would add, which is little where the halves differ little; infinite where a half
    alone does not determine the coefficients.
    """
    steps = []
    for half in (parts.time <= split, parts.time > split):
        try:
            steps.append(np.linalg.solve(parts.information[half].sum(axis=0), parts.score[half].sum(axis=0)))
        except np.linalg.LinAlgError:
            return math.inf
    return math.exp(min(float(np.abs(steps[0] - steps[1]).max()), MOST_LOG_FOLD))


def median_event_time(table: EventTable) -> float:
    """The time by which half of the events have happened (the smallest such time); NaN without events."""
    strata = grids(table)
    if not strata:
        return NAN
    time = np.concatenate([grid.time for grid in strata])
    order = np.argsort(time, kind="stable")
    happened = np.cumsum(np.concatenate([grid.events.sum(axis=0) for grid in strata])[order])
    return float(time[order][np.searchsorted(happened, happened[-1] / 2)])


def _largest_change(model: CoxFit, split: float) -> tuple[str, float, float] | None:
    """The level whose hazard ratio differs most between the halves of the time; None where a half has no fit."""
    if model.likelihood is None:
        return None
    whole = model.likelihood.design
    halves = (whole.between(-math.inf, split), whole.between(split, math.inf))
    before, after = (peak(PartialLikelihood(half, model.ties)) for half in halves)
    if before is None or after is None:
        return None
    change = int(np.argmax(np.abs(before - after)))
    return model.names[change], math.exp(before[change]), math.exp(after[change])
