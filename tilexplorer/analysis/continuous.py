"""The effect of a measure as a number: one ratio per doubling or per standard deviation, in strata of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tilexplorer.analysis.row_outcome import STRATUM, Rows, indicators, informative
from tilexplorer.analysis.synthesis_scale import Scale
from tilexplorer.statistics.logistic import LogisticFit, likelihood_ratio, logistic_regression
from tilexplorer.statistics.regression import cox_regression
from tilexplorer.statistics.results import Estimate, Test, no_test, not_estimable
from tilexplorer.statistics.terms import Number


@dataclass(frozen=True)
class ContinuousEffect:
    """One ratio for the whole range of a measure.

    Attributes
    ----------
    ratio : hazard ratio or odds ratio per unit of the scale, with limits and Wald p.
    test : likelihood ratio test of the measure. unit : "per doubling", "per standard deviation of rank", "per level".
    """

    ratio: Estimate
    test: Test
    unit: str


def continuous_effect(rows: Rows, scale: Scale) -> ContinuousEffect:
    """The measure's effect as a number."""
    return effect_of(rows, scale.scores(rows.frame).to_numpy(dtype=float), scale.words)


def effect_of(rows: Rows, score: np.ndarray, unit: str) -> ContinuousEffect:
    """The effect of a score per unit: Cox stratified by cohort, study and tumour, or logistic with their indicators."""
    if rows.why_not:
        return ContinuousEffect(not_estimable("", rows.why_not), no_test("", rows.why_not), unit)
    if rows.outcome == "survival":
        return _hazard(rows, score, unit)
    return _odds(rows, score, unit)


def _hazard(rows: Rows, score: np.ndarray, unit: str) -> ContinuousEffect:
    frame = rows.frame[["time", "event", STRATUM]].assign(score=score)
    model = cox_regression(frame, "time", "event", [Number("score")], [STRATUM])
    return ContinuousEffect(model.hazard_ratios["score"], model.lr, unit)


def _odds(rows: Rows, score: np.ndarray, unit: str) -> ContinuousEffect:
    kept = informative(rows)
    y, beside = rows.frame["responder"].to_numpy(dtype=float)[kept], indicators(rows.frame[STRATUM][kept])
    score = score[kept]
    full = _logistic(y, np.column_stack([score, beside]))
    ratio = full.odds_ratios.get("x0", not_estimable("logistic regression", full.reason))
    test = full.lr if not beside.shape[1] else likelihood_ratio(full, _logistic(y, beside))
    return ContinuousEffect(ratio, test, unit)


def _logistic(y: np.ndarray, design: np.ndarray) -> LogisticFit:
    return logistic_regression(y, design, [f"x{i}" for i in range(design.shape[1])])
