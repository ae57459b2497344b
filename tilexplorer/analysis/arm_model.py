"""Therapy, infiltration and their product in one model of one study, and every ratio that is read from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from tilexplorer.analysis.row_outcome import STRATUM, indicators
from tilexplorer.statistics import small
from tilexplorer.statistics.logistic import LogisticFit, likelihood_ratio, logistic_regression
from tilexplorer.statistics.regression import CoxRegression, cox_regression
from tilexplorer.statistics.results import NAN, Estimate, Status, Test, no_test, not_estimable
from tilexplorer.statistics.small import SHOW_ALL
from tilexplorer.statistics.terms import Category, Number, Product, Term, design_of

ARM = "arm"
SCORE = "score"
METHOD = "likelihood ratio test of all interaction terms"
GRID = 41

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Along:
    """The ratio of therapy against comparator along a measure: x on the model's scale, shape (m,)."""

    x: Array
    ratio: Array
    lower: Array
    upper: Array


@dataclass(frozen=True, eq=False)
class ArmModel:
    """What one model says.

    Attributes
    ----------
    test : likelihood ratio of the interaction.
    ratio_of_ratios : by level ("" for a measure as a number): how many times larger the ratio of infiltration is under
        therapy than under the comparator; Wald limits.
    therapy_within : by level, the ratio of therapy against comparator; empty for a number, which has `along`.
    infiltration_within : by (arm, level), the ratio per unit or against the lowest level. No row has a p-value.
    left_out : levels whose cells are too small, with the reason.
    """

    test: Test
    ratio_of_ratios: Mapping[str, Estimate]
    therapy_within: Mapping[str, Estimate]
    infiltration_within: Mapping[tuple[str, str], Estimate]
    along: Along | None
    left_out: tuple[str, ...]
    n: int
    events: int


Fitted = CoxRegression | LogisticFit


def fit_arms(frame: pd.DataFrame, outcome: str, arms: Category, infiltration: Number | Category) -> ArmModel:
    """Fit the interaction.

    Parameters
    ----------
    frame : patients of one study with `arm`, the infiltration column, stratum, and time and event, or responder.
    outcome : "survival" (Cox) or "response" (logistic). arms : comparator first. infiltration : lowest level first.
    """
    inside, kept, left_out = _large_enough(frame, outcome, arms, infiltration)
    n, events = len(inside), _events(inside, outcome)
    if kept is None:
        reason = "fewer than two levels have enough patients and events in every arm"
        if isinstance(infiltration, Number):
            reason = "an arm has too few patients or events"
        return ArmModel(no_test(METHOD, reason, n=n, events=events), {}, {}, {}, None, left_out, n, events)
    product = Product(arms, kept)
    full = _fit(inside, outcome, [arms, kept, product])
    test = _test(full, _fit(inside, outcome, [arms, kept]))
    if isinstance(kept, Number):
        return _of_number(inside, outcome, arms, kept, full, test, left_out)
    return _of_levels(outcome, arms, kept, full, test, left_out)


def _events(frame: pd.DataFrame, outcome: str) -> int:
    return int(frame["event" if outcome == "survival" else "responder"].sum())


def _large_enough(
    frame: pd.DataFrame, outcome: str, arms: Category, infiltration: Number | Category
) -> tuple[pd.DataFrame, Number | Category | None, tuple[str, ...]]:
    """Patients of the levels whose cells in every arm are large enough, those levels, and the others' reasons."""
    levels = infiltration.levels if isinstance(infiltration, Category) else ("",)
    kept, left_out = [], []
    for level in levels:
        part = frame[frame[infiltration.column] == level] if level else frame
        reasons = [_reason(part[part[ARM] == arm], outcome, level, arm) for arm in arms.levels]
        if any(reasons):
            left_out.append(next(reason for reason in reasons if reason))
        else:
            kept.append(level)
    if isinstance(infiltration, Number):
        return frame, infiltration if kept else None, tuple(left_out)
    inside = frame[frame[infiltration.column].isin(kept)]
    return inside, Category(infiltration.column, tuple(kept)) if len(kept) > 1 else None, tuple(left_out)


def _reason(cell: pd.DataFrame, outcome: str, level: str, arm: str) -> str:
    events = _events(cell, outcome)
    rarer = events if outcome == "survival" else min(events, len(cell) - events)
    judged = small.interaction_cell(len(cell), rarer)
    return "" if judged.shown else f"{level}{', ' if level else ''}{arm}: {judged.reason}"


def _fit(frame: pd.DataFrame, outcome: str, terms: Sequence[Term]) -> Fitted:
    if outcome == "survival":
        # The cells were judged one by one before; the rule of events per coefficient would judge them twice.
        return cox_regression(frame, "time", "event", terms, [STRATUM], thresholds=SHOW_ALL)
    matrix, names, _ = design_of(frame, terms)
    beside = indicators(frame[STRATUM])
    named = [*names, *(f"stratum {i}" for i in range(beside.shape[1]))]
    y = frame["responder"].to_numpy(dtype=float)
    return logistic_regression(y, np.column_stack([matrix, beside]), named, firth=False, guard=False)


def _test(full: Fitted, reduced: Fitted) -> Test:
    if isinstance(full, LogisticFit) and isinstance(reduced, LogisticFit):
        return replace(likelihood_ratio(full, reduced), method=METHOD)
    if not (full.shown and reduced.shown):
        return no_test(METHOD, full.reason or reduced.reason, n=full.n, events=full.events)
    statistic = max(0.0, 2 * (full.loglik - reduced.loglik))
    df = len(full.names) - len(reduced.names)
    return Test(statistic, df, float(special.chdtrc(df, statistic)), METHOD, full.n, full.events)


def _ratio(model: Fitted, weights: Mapping[str, float], outcome: str, *, p: bool = False) -> Estimate:
    """exp of a sum of coefficients with Wald limits; without p, since p by subgroup invites a wrong comparison."""
    method = f"{'Cox' if outcome == 'survival' else 'logistic regression'}, Wald interval of a contrast"
    if not model.shown:
        return not_estimable(method, model.reason, n=model.n, events=model.events)
    w = np.array([weights.get(name, 0.0) for name in model.names])
    value, error = float(w @ model.coef), float(np.sqrt(max(0.0, float(w @ model.covariance @ w))))
    z = 1.959963984540054 * error
    p_value = 2 * float(special.ndtr(-abs(value / error))) if p and error > 0 else NAN
    return Estimate(
        float(np.exp(value)), float(np.exp(value - z)), float(np.exp(value + z)), method, model.n, model.events,
        error, p_value, Status.OK,
    )  # fmt: skip


def _of_number(
    frame: pd.DataFrame,
    outcome: str,
    arms: Category,
    score: Number,
    model: Fitted,
    test: Test,
    left_out: tuple[str, ...],
) -> ArmModel:
    arm_name, product_name = arms.names()[0], Product(arms, score).names()[0]
    first, last = np.quantile(frame[score.column].to_numpy(dtype=float), [0.05, 0.95]).tolist()
    x = np.linspace(first, last, GRID)
    points = [_ratio(model, {arm_name: 1.0, product_name: float(at)}, outcome) for at in x]
    along = Along(x, *(np.array([getattr(e, side) for e in points]) for side in ("value", "lower", "upper")))
    return ArmModel(
        test=test,
        ratio_of_ratios={"": _ratio(model, {product_name: 1.0}, outcome, p=True)},
        therapy_within={},
        infiltration_within={
            (arms.levels[0], ""): _ratio(model, {score.column: 1.0}, outcome),
            (arms.levels[1], ""): _ratio(model, {score.column: 1.0, product_name: 1.0}, outcome),
        },
        along=along if model.shown else None,
        left_out=left_out,
        n=model.n,
        events=model.events,
    )


def _of_levels(
    outcome: str, arms: Category, levels: Category, model: Fitted, test: Test, left_out: tuple[str, ...]
) -> ArmModel:
    arm_name = arms.names()[0]
    own = dict(zip(levels.levels[1:], levels.names(), strict=True))
    crossed = dict(zip(levels.levels[1:], Product(arms, levels).names(), strict=True))
    therapy = {levels.levels[0]: _ratio(model, {arm_name: 1.0}, outcome)}
    therapy |= {level: _ratio(model, {arm_name: 1.0, name: 1.0}, outcome) for level, name in crossed.items()}
    infiltration = {(arms.levels[0], level): _ratio(model, {name: 1.0}, outcome) for level, name in own.items()}
    infiltration |= {
        (arms.levels[1], level): _ratio(model, {own[level]: 1.0, name: 1.0}, outcome) for level, name in crossed.items()
    }
    ratios = {level: _ratio(model, {name: 1.0}, outcome, p=True) for level, name in crossed.items()}
    return ArmModel(test, ratios, therapy, infiltration, None, left_out, model.n, model.events)
