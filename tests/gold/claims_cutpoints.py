"""Claims of maximally selected cut points and of restricted cubic splines in a survival case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.gold.harness import EXACT, FITTED, TIGHT, Case, Claim, Compared, NotCompared, leaves, number, numbers
from tilexplorer.statistics import cox
from tilexplorer.statistics.cox_fit import likelihood_ratio
from tilexplorer.statistics.maxstat import (
    HIGHEST,
    LOWEST,
    SelectedCut,
    lausen_1992,
    lausen_1994,
    logrank_scores,
    selected_cut,
    standardised,
)
from tilexplorer.statistics.results import Test
from tilexplorer.statistics.small import SHOW_ALL
from tilexplorer.statistics.splines import spline_basis
from tilexplorer.statistics.ties import merge_close_times

Array = NDArray[np.float64]

STATUS = "status where R has no finite answer"
UNBELIEVABLE = 40.0  # a standard error of a log hazard ratio with which R reports a coefficient at infinity


def maxstat_claims(case: Case) -> Iterator[Claim]:
    """Maximally selected log-rank statistics."""
    gold = case.gold("maxstat")
    if not gold:
        return
    yield NotCompared("maxstat/HL", "maxstat", "Hothorn-Lausen's exact p is not offered: Lau94 is the p that is shown")
    yield NotCompared("maxstat/exactGauss", "maxstat", "R's exactGauss p is a Monte Carlo value; Lau94 is shown")
    time, event, x = (numbers(case.input[name]) for name in ("time", "event", "x"))
    found = _selected(time, event, x)
    if "error" in gold["none"] or gold["none"]["M"] == "NaN":
        for name in [name for name in ("none", "Lau92", "Lau94") if name in gold]:
            yield from _hidden(f"maxstat/{name}", gold[name], found.test.shown)
        return
    for leaf, ours in (("cuts", found.cuts), ("stats", found.statistics)):
        yield Compared(f"maxstat/none/{leaf}", ours, gold["none"][leaf], "maxstat", TIGHT)
    p_values = {"none": None, "Lau92": found.p_1992, "Lau94": found.test.p_value}
    for name, p in p_values.items():
        yield Compared(f"maxstat/{name}/M", found.test.statistic, gold[name]["M"], "maxstat", TIGHT)
        yield Compared(f"maxstat/{name}/cut", found.cut, gold[name]["cut"], "maxstat", TIGHT)
        if p is not None:  # R's bounds may exceed 1, and fall below 0
            clipped = min(1.0, max(0.0, number(str(gold[name]["p"]))))
            yield Compared(f"maxstat/{name}/p", p, clipped, "maxstat", TIGHT)


def _selected(time: Array, event: Array, x: Array) -> SelectedCut:
    """Our cut; where close times are merged, which R's maxstat does not do, the same formulas on unmerged times."""
    if np.array_equal(merge_close_times(time), time):
        return selected_cut(time, event, x, thresholds=SHOW_ALL)
    cuts, statistics, below = standardised(logrank_scores(time, event), x, LOWEST, HIGHEST)
    best = int(statistics.argmax())
    m = float(statistics[best])
    test = Test(m, p_value=lausen_1994(m, below, time.size))
    return SelectedCut(test, float(cuts[best]), lausen_1992(m, LOWEST, HIGHEST), cuts, statistics)


def spline_claims(case: Case) -> Iterator[Claim]:
    """Cox models with restricted cubic splines at R's knots."""
    gold = case.gold("rcs_cox")
    if not gold:
        return
    time, event, x = (numbers(case.input[name]) for name in ("time", "event", "x"))
    line = cox.fit(cox.CoxDesign.make(time, event, 1 - event, x))
    for name, answer in gold.items():
        key = f"rcs_cox/{name}"
        knots = [number(str(knot)) for knot in np.atleast_1d(answer.get("knots", []))]
        curve = _fit(time, event, x, knots) if knots and min(np.diff(knots)) > 0 else None
        if _troubled(answer):
            yield from _hidden(key, answer, curve is not None and curve.shown)
        elif curve is not None:
            yield from _spline(key, answer, curve, line, knots, x)


def _fit(time: Array, event: Array, x: Array, knots: list[float]) -> cox.CoxFit:
    return cox.fit(cox.CoxDesign.make(time, event, 1 - event, spline_basis(x, knots)))


def _troubled(answer: dict[str, Any]) -> bool:
    """Whether R refuses, has an aliased column, or has let a coefficient run to infinity."""
    if "error" in answer or "NA" in answer["log_hr"]:
        return True
    return any(not 0 < number(str(each)) < UNBELIEVABLE for each in answer["se"])


def _hidden(key: str, answer: dict[str, Any], shown: bool) -> Iterator[Claim]:
    for leaf, _ in leaves(answer):
        yield Compared(f"{key}/{leaf}", "shown" if shown else "not shown", "not shown", STATUS, EXACT)


def _spline(
    key: str, answer: dict[str, Any], curve: cox.CoxFit, line: cox.CoxFit, knots: list[float], x: Array
) -> Iterator[Claim]:
    reference = float(np.median(x))
    grid = np.quantile(x, [0.05, 0.25, 0.75, 0.95])
    contrast = spline_basis(grid, knots) - spline_basis([reference], knots)
    error = np.sqrt(np.einsum("ij,jk,ik->i", contrast, curve.covariance, contrast))
    nonlinear = likelihood_ratio(curve, line)
    for leaf, ours, tolerance in (
        ("knots", knots, EXACT),
        ("ref", reference, TIGHT),
        ("grid", grid, TIGHT),
        ("log_hr", contrast @ curve.coef, FITTED),
        ("se", error, FITTED),
        ("lr_total", [curve.lr.statistic, curve.lr.df, curve.lr.p_value], FITTED),
        ("lr_nonlinear", [nonlinear.statistic, nonlinear.df, nonlinear.p_value], FITTED),
        ("loglik", curve.loglik, FITTED),
    ):
        yield Compared(f"{key}/{leaf}", ours, answer[leaf], "spline Cox", tolerance)
