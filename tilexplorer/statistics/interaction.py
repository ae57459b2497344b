"""Does infiltration change what the therapy does? One model, its interaction test, and the words it allows.

"Predictive" is written only with a comparator arm and a significant interaction test. Significance in one subgroup
and not in another is no evidence of a difference, so no subgroup has a p-value here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

import numpy as np
import pandas as pd

from tilexplorer.statistics import small
from tilexplorer.statistics.regression import CoxRegression, complete_cases, cox_regression
from tilexplorer.statistics.results import NAN, Estimate, Status, Test, no_test
from tilexplorer.statistics.small import DEFAULT, SHOW_ALL, Thresholds
from tilexplorer.statistics.terms import Category, Product, Term

Comparator = Literal["randomised", "concurrent", "none"]

ALPHA = 0.05


class Finding(StrEnum):
    """What the data allow to be said."""

    PREDICTIVE = "predictive"
    NO_DIFFERENCE_SHOWN = "no_difference_shown"
    NOT_SEPARABLE = "not_separable"
    NOT_TESTED = "not_tested"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A finding with its sentence."""

    finding: Finding
    sentence: str


@dataclass(frozen=True, slots=True)
class Interaction:
    """Therapy and infiltration in one model.

    Attributes
    ----------
    test : likelihood ratio of all interaction terms, df (a - 1)(b - 1).
    therapy_within : by (level, therapy): hazard ratio of the therapy against the comparator within the level.
    infiltration_within : by (therapy, level): hazard ratio of the level against the lowest within the therapy.
    verdict : what may be said.
    left_out : levels whose cells are too small, each with the reason.
    """

    test: Test
    therapy_within: dict[tuple[str, str], Estimate]
    infiltration_within: dict[tuple[str, str], Estimate]
    verdict: Verdict
    left_out: tuple[str, ...]
    n: int
    events: int
    excluded: int


def verdict_of(test: Test, comparator: Comparator, measure: str, therapy: str) -> Verdict:
    """Sentence that a test allows.

    Parameters
    ----------
    test : the interaction test.
    comparator : "randomised", "concurrent" (arms not randomised), or "none" (single arm).
    measure, therapy : names for the sentence.
    """
    if comparator == "none":
        return Verdict(
            Finding.NOT_SEPARABLE,
            f"{measure} can only be called associated with outcome: without a comparator arm prognostic and predictive"
            " are not separable.",
        )
    if not test.shown:
        return Verdict(Finding.NOT_TESTED, f"Whether {measure} predicts benefit was not tested: {test.reason}.")
    if test.p_value < ALPHA:
        caution = "" if comparator == "randomised" else " The arms were not randomised: confounding may explain it."
        return Verdict(
            Finding.PREDICTIVE,
            f"{measure} is predictive here: the effect of {therapy} differs between levels.{caution}",
        )
    return Verdict(
        Finding.NO_DIFFERENCE_SHOWN,
        f"No difference of the effect of {therapy} between levels of {measure} was shown; this does not show that"
        " there is none.",
    )


def interaction(
    frame: pd.DataFrame,
    duration: str,
    event: str,
    therapy: Category,
    infiltration: Category,
    *,
    comparator: Comparator,
    adjust: Sequence[Term] = (),
    strata: Sequence[str] = (),
    thresholds: Thresholds = DEFAULT,
) -> Interaction:
    """Test a therapy by infiltration interaction within one study.

    Parameters
    ----------
    frame : one row per patient of one study. therapy : reference level first (the comparator). infiltration : lowest
        level first.
    comparator : what the reference arm is; with "none" nothing is tested.
    adjust, strata : further terms and baseline strata.

    Returns
    -------
    Interaction
        Levels with a cell below ten patients or five events are left out and named.

    Raises
    ------
    KeyError
        If the frame lacks a column.
    """
    rows = complete_cases(frame, duration, event, (therapy, infiltration, *adjust), strata)
    excluded = len(frame) - len(rows)
    kept, left_out = _levels_that_count(rows, event, therapy, infiltration, thresholds)
    n, events = len(rows), int(pd.to_numeric(rows[event]).sum())
    reason = _not_testable(therapy, kept, comparator)
    if reason:
        test = no_test("interaction likelihood ratio test", reason, n=n, events=events)
        verdict = verdict_of(test, comparator, infiltration.column, therapy.column)
        return Interaction(test, {}, {}, verdict, left_out, n, events, excluded)
    levels = Category(infiltration.column, kept)
    product = Product(therapy, levels)
    terms = (therapy, levels, product, *adjust)
    inside = rows[rows[infiltration.column].astype(object).isin(kept)]
    # The cells were judged one by one above; the rule of events per coefficient is a warning here.
    model = cox_regression(inside, duration, event, terms, strata, thresholds=SHOW_ALL)
    test = _interaction_test(inside, duration, event, model, (therapy, levels, *adjust), strata)
    verdict = verdict_of(test, comparator, infiltration.column, therapy.column)
    return Interaction(
        test, _therapy_within(model, therapy, levels), _infiltration_within(model, therapy, levels), verdict, left_out,
        model.n, model.events, excluded,
    )  # fmt: skip


def _not_testable(therapy: Category, kept: tuple[str, ...], comparator: Comparator) -> str:
    if comparator == "none":
        return "no comparator arm in this study"
    if len(therapy.levels) < 2:
        return "one arm only"
    return "fewer than two levels have enough patients and events in every arm" if len(kept) < 2 else ""


def _levels_that_count(
    rows: pd.DataFrame, event: str, therapy: Category, infiltration: Category, thresholds: Thresholds
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Levels whose cells all reach the threshold, and the others with the first reason."""
    kept, left_out = [], []
    for level in infiltration.levels:
        reason = ""
        for arm in therapy.levels:
            cell = rows[(rows[infiltration.column] == level) & (rows[therapy.column] == arm)]
            judged = small.interaction_cell(len(cell), int(pd.to_numeric(cell[event]).sum()), thresholds)
            if not judged.shown:
                reason = reason or f"{level}, {arm}: {judged.reason}"
        if reason:
            left_out.append(reason)
        else:
            kept.append(level)
    return tuple(kept), tuple(left_out)


def _interaction_test(
    rows: pd.DataFrame, duration: str, event: str, full: CoxRegression, terms: Sequence[Term], strata: Sequence[str]
) -> Test:
    from scipy.special import chdtrc

    method = "likelihood ratio test of all interaction terms"
    reduced = cox_regression(rows, duration, event, terms, strata, thresholds=SHOW_ALL)
    if not (full.shown and reduced.shown):
        return no_test(method, full.reason or reduced.reason, n=full.n, events=full.events)
    statistic = max(0.0, 2 * (full.loglik - reduced.loglik))
    df = len(full.names) - len(reduced.names)
    return Test(statistic, df, float(chdtrc(df, statistic)), method, full.n, full.events)


def _therapy_within(model: CoxRegression, therapy: Category, levels: Category) -> dict[tuple[str, str], Estimate]:
    product = Product(therapy, levels)
    return {
        (level, arm): _without_p(model, [name, *_cell(product, name, levels, level)])
        for level in levels.levels
        for arm, name in zip(therapy.levels[1:], therapy.names(), strict=True)
    }


def _cell(product: Product, therapy_name: str, levels: Category, level: str) -> list[str]:
    """Name of the interaction coefficient of an arm and a level; none for the reference level."""
    if level == levels.levels[0]:
        return []
    wanted = f"{therapy_name} x {levels.column}: {level}"
    return [name for name in product.names() if name == wanted]


def _infiltration_within(model: CoxRegression, therapy: Category, levels: Category) -> dict[tuple[str, str], Estimate]:
    product = Product(therapy, levels)
    ratios = {}
    for level, level_name in zip(levels.levels[1:], levels.names(), strict=True):
        ratios[(therapy.levels[0], level)] = _without_p(model, [level_name])
        for arm, arm_name in zip(therapy.levels[1:], therapy.names(), strict=True):
            ratios[(arm, level)] = _without_p(model, [level_name, *_cell(product, arm_name, levels, level)])
    return ratios


def _without_p(model: CoxRegression, names: Sequence[str]) -> Estimate:
    """Hazard ratio of a sum of coefficients; subgroup p-values invite a wrong comparison and are left out."""
    weights = np.isin(np.asarray(model.names), list(names)).astype(float)
    found = model.contrast(weights)
    return replace(found, p_value=NAN) if found.status is not Status.SUPPRESSED else found
