"""Claims of maximally selected cut points and of restricted cubic splines in a survival case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.gold.harness import FITTED, Case, Claim, Compared, NotCompared, number, numbers
from tilexplorer.statistics.cutpoints import SelectedCut, selected_cut
from tilexplorer.statistics.maxstat import HIGHEST, LOWEST, lausen_1992, lausen_1994, logrank_scores, standardised
from tilexplorer.statistics.regression import fit_rows
from tilexplorer.statistics.results import Test
from tilexplorer.statistics.small import SHOW_ALL
from tilexplorer.statistics.spline_effect import SplineEffect, spline_effect
from tilexplorer.statistics.splines import place_knots
from tilexplorer.statistics.ties import merge_close_times

Array = NDArray[np.float64]

NO_EVENTS = "no events: nothing to select or fit, and the status says so"
HL = "Hothorn and Lausen's exact p needs memory in the gigabytes at real sizes: Lausen 1992 and 1994 are shown"
GAUSS = "a Monte Carlo integral in R, which no view shows"
HMISC_KNOTS = "Hmisc moves end knots where values tie or below 100 patients; the fit is compared at R's knots"
SINGULAR = "R's fit ran to infinity; ours is not estimable, and the status says so"


def _columns(case: Case) -> tuple[Array, Array, Array]:
    time, event, x = (numbers(case.input[name]) for name in ("time", "event", "x"))
    return time, event, x


def maxstat_claims(case: Case) -> Iterator[Claim]:
    """Maximally selected log-rank statistics."""
    gold = case.gold("maxstat")
    if not gold:
        return
    time, event, x = _columns(case)
    found = _selected_cut(time, event, x)
    if not event.any():
        assert not found.test.shown
        yield NotCompared("maxstat", "maxstat", NO_EVENTS)
        return
    for key, reason in (("HL", HL), ("exactGauss", GAUSS)):
        if key in gold:
            yield NotCompared(f"maxstat/{key}", f"maxstat {key}", reason)
    parts = ("none", "Lau92", "Lau94")
    for part in parts:
        yield from _selected(f"maxstat/{part}", gold[part], found)
    for leaf, ours in (("cuts", found.cuts), ("stats", found.statistics)):
        yield Compared(f"maxstat/none/{leaf}", ours, gold["none"][leaf], f"maxstat {leaf}")
    for part, p_value in (("Lau92", found.p_1992), ("Lau94", found.test.p_value)):
        # Both are bounds, which R lets exceed 1.
        yield Compared(f"maxstat/{part}/p", p_value, min(1.0, number(str(gold[part]["p"]))), f"maxstat p {part}")


def _selected_cut(time: Array, event: Array, x: Array) -> SelectedCut:
    """Our cut; where we merge close times, as R's maxstat does not, the same formulas on the times as they are."""
    if np.array_equal(merge_close_times(time), time):
        return selected_cut(time, event, x, thresholds=SHOW_ALL)
    cuts, statistics, below = standardised(logrank_scores(time, event), x, LOWEST, HIGHEST)
    best = int(statistics.argmax())
    m = float(statistics[best])
    test = Test(m, p_value=lausen_1994(m, below, time.size))
    return SelectedCut(test, float(cuts[best]), lausen_1992(m, LOWEST, HIGHEST), cuts, statistics)


def _selected(key: str, gold: dict[str, Any], found: SelectedCut) -> Iterator[Claim]:
    for leaf, ours in (("M", found.test.statistic), ("cut", found.cut)):
        yield Compared(f"{key}/{leaf}", ours, gold[leaf], f"maxstat {leaf}")


def spline_claims(case: Case) -> Iterator[Claim]:
    """Cox models with restricted cubic splines of three, four and five knots."""
    for name, gold in (case.gold("rcs_cox") or {}).items():
        key = f"rcs_cox/{name}"
        if "error" in gold:
            yield NotCompared(key, "spline Cox", "R refuses")
            continue
        time, event, x = _columns(case)
        yield from _knots(f"{key}/knots", gold["knots"], x)
        found = spline_effect(time, event, x, knots=gold["knots"], grid=gold["grid"], thresholds=SHOW_ALL)
        if not found.overall.shown:
            assert _ran_away(time, event, x, gold), f"{case.name}: {key} fits in R"
            reason = NO_EVENTS if not event.any() else SINGULAR
            for leaf in ("ref", "grid", "log_hr", "se", "lr_total", "lr_nonlinear", "loglik"):
                yield NotCompared(f"{key}/{leaf}", "spline Cox", reason)
            continue
        yield from _effect(key, gold, found, x)


def _ran_away(time: Array, event: Array, x: Array, gold: dict[str, Any]) -> bool:
    """Whether R's answer is not one: undefined errors, or a log likelihood of zero."""
    line = fit_rows(time, event, x[:, None], ["x"])
    return not line.shown or not np.isfinite([number(str(se)) for se in gold["se"]]).all() or gold["loglik"] == 0


def _knots(key: str, gold: list[float], x: Array) -> Iterator[Claim]:
    _, sizes = np.unique(x, return_counts=True)
    if len(x) < 100 or sizes.max() / len(x) >= 0.05:
        yield NotCompared(key, "spline knots", HMISC_KNOTS)
        return
    yield Compared(key, place_knots(x, len(gold)), gold, "spline knots")


def _effect(key: str, gold: dict[str, Any], found: SplineEffect, x: Array) -> Iterator[Claim]:
    yield Compared(f"{key}/ref", found.reference, gold["ref"], "spline reference")
    yield Compared(f"{key}/grid", np.quantile(x, [0.05, 0.25, 0.75, 0.95]), gold["grid"], "spline grid")
    yield Compared(f"{key}/log_hr", found.log_hr, gold["log_hr"], "spline Cox log HR", FITTED)
    yield Compared(f"{key}/se", found.std_error, gold["se"], "spline Cox se", FITTED)
    yield Compared(f"{key}/loglik", found.loglik, gold["loglik"], "spline Cox loglik", FITTED)
    for leaf, test in (("lr_total", found.overall), ("lr_nonlinear", found.nonlinear)):
        ours = [test.statistic, test.df, test.p_value]
        yield Compared(f"{key}/{leaf}", ours, gold[leaf], f"spline Cox {leaf}", FITTED)
