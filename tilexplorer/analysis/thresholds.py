"""The thresholds view: what the answer depends on. The measure as a number first, then every rule, then every cut."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilexplorer.analysis.context import Context, describe
from tilexplorer.analysis.continuous import ContinuousEffect, continuous_effect
from tilexplorer.analysis.cut_rules import RuleEffect, rule_effects
from tilexplorer.analysis.cut_sweep import SweepPoint, sweep
from tilexplorer.analysis.missing import Missing, missing
from tilexplorer.analysis.named_cuts import NamedCut, named_cut
from tilexplorer.analysis.power import Possible
from tilexplorer.analysis.power_per_unit import possible
from tilexplorer.analysis.row_outcome import STRATUM, Rows, indicators, informative, need_outcome, outcome_rows
from tilexplorer.analysis.survival import clock_cautions
from tilexplorer.analysis.synthesis_scale import Scale, scale_of
from tilexplorer.analysis.two_measures import TwoMeasures, two_measures
from tilexplorer.resolve import Resolved, resolve
from tilexplorer.scope import Scope
from tilexplorer.selection import Selection
from tilexplorer.statistics.cutpoints import CrossValidatedCut, CutStability, SelectedCut, cut_stability, selected_cut
from tilexplorer.statistics.cutpoints import cross_validated_cut as cross_validated
from tilexplorer.statistics.results import no_test
from tilexplorer.statistics.roc import RocCurve, roc
from tilexplorer.statistics.spline_effect import SplineEffect, spline_effect
from tilexplorer.statistics.spline_response import ResponseCurve, response_curve
from tilexplorer.store import Store

Floats = NDArray[np.float64]

MOST_RESAMPLED = 2000  # patients; above, a page would wait too long for the resamples
ONE_STRATUM = (
    "a cut chosen over several cohorts, studies or tumour types would compare these with each other: choose one"
)
SEVERAL_STRATA = (
    "one cut over several cohorts or tumour types partly compares these with each other; the rules within cohort, "
    "study and tumour type do not"
)


@dataclass(frozen=True, eq=False)
class Exploratory:
    """The cut that was chosen by the outcome, and what it is worth."""

    selected: SelectedCut
    stability: CutStability | None
    cross_validated: CrossValidatedCut | None


@dataclass(frozen=True, eq=False)
class Thresholds:
    """The thresholds view of a selection.

    Attributes
    ----------
    scale, continuous : the measure as a number. axis : what the figures' x axis shows; log2 where `log_axis`.
    x : shape (n,): the patients' values on that axis, ascending.
    spline : of survival, or None; curve : of response, or None.
    rules : every rule side by side. sweep : the effect at every cut. exploratory : for survival.
    roc : for response. compared : the same patients under a second measure.
    needs : what is missing for the view, or None. cut : the chosen cut with its name and version.
    comparisons : tests that the view makes. power : the smallest ratio per unit that could have been shown.
    """

    context: Context
    outcome: str
    outcome_words: str
    why_not: str
    scale: Scale
    continuous: ContinuousEffect
    axis: str
    log_axis: bool
    x: Floats
    n: int
    events: int
    spline: SplineEffect | None
    curve: ResponseCurve | None
    rules: tuple[RuleEffect, ...]
    sweep: tuple[SweepPoint, ...]
    exploratory: Exploratory | None
    roc: RocCurve | None
    compared: TwoMeasures | Missing | None
    needs: Missing | None
    cut: NamedCut | None
    strata: int
    power: tuple[Possible, ...] = ()

    @property
    def comparisons(self) -> int:
        """Tests with a p-value in this view: the continuous one and one per rule."""
        tests = [self.continuous.test, *(rule.test for rule in self.rules)]
        return sum(test.shown for test in tests)


def thresholds(store: Store, selection: Selection) -> Thresholds:
    """Compute the thresholds view: `outcome` says for survival or response, `other` names a second measure."""
    resolved = resolve(store, selection)
    scope = thresholds_scope(resolved)
    number = resolved.kind == "number"
    rows = outcome_rows(scope, {"value": "value"}) if number else None
    scale = scale_of(resolved)
    survival = resolved.selection.outcome == "survival"
    if rows is None or rows.frame.empty:
        return _nothing(resolved, scope, scale)
    x, axis, log_axis = _axis(resolved, scale, rows)
    usable = not rows.why_not
    strata = len(rows.strata)
    several = SEVERAL_STRATA if strata > 1 else ""
    clocks = clock_cautions(resolved) if survival else []
    return Thresholds(
        context=describe(resolved, scope, several, *clocks),
        outcome=rows.outcome,
        outcome_words=rows.words,
        why_not=rows.why_not,
        scale=scale,
        continuous=continuous_effect(rows, scale),
        axis=axis,
        log_axis=log_axis,
        x=np.sort(x),
        n=len(x),
        events=rows.events,
        spline=_spline(rows, x) if survival else None,
        curve=_curve(rows, x) if usable and not survival else None,
        rules=rule_effects(store, resolved),
        sweep=sweep(rows, x),
        exploratory=_exploratory(rows, x) if survival else None,
        roc=roc(rows.frame["responder"], x) if usable and not survival else None,
        compared=two_measures(store, resolved),
        needs=None,
        cut=named_cut(resolved.selection),
        strata=strata,
        power=(possible(rows, scale.scores(rows.frame).to_numpy(dtype=float), scale.words),) if usable else (),
    )


def thresholds_scope(resolved: Resolved) -> Scope:
    """The patients of the view: measured, with the outcome; whether they have a level plays no part."""
    scope = Scope(resolved)
    scope.need_measure(level=False)
    need_outcome(scope)
    return scope


def _nothing(resolved: Resolved, scope: Scope, scale: Scale) -> Thresholds:
    """Nobody to show: a category has no cut, or nobody has measure and outcome."""
    nobody = Rows(outcome_rows(scope, {"value": "value"}).frame.iloc[:0], "", "", "nobody is left")
    none = continuous_effect(nobody, scale)
    empty: Floats = np.empty(0)
    return Thresholds(
        describe(resolved, scope), resolved.selection.outcome, "", "", scale, none, "", False, empty, 0, 0, None, None,
        (), (), None, None, None, _needs(resolved), named_cut(resolved.selection), 0,
    )  # fmt: skip


def _needs(resolved: Resolved) -> Missing | None:
    """A measured number to cut, and the cohorts that have one by default."""
    if resolved.kind == "number":
        return None
    frame = resolved.store.table("measure")
    numbers = frame[frame["kind"] == "number"]
    own = numbers[numbers["cohort"].isin(resolved.cohorts)]
    held = own if len(own) else numbers
    measure = str(held["measure"].iloc[0]) if len(held) else ""
    cohorts = list(held.loc[held["measure"] == measure, "cohort"])
    return missing(resolved.store, "measured number to cut: its measure is a category", cohorts, measure=measure)


def _axis(resolved: Resolved, scale: Scale, rows: Rows) -> tuple[Floats, str, bool]:
    """Where patients stand on the x axis: log2 of a ratio scale, the value of one measure, else the rank score."""
    values = rows.frame["value"].to_numpy(dtype=float)
    unit = _unit(resolved)
    if scale.doubling:
        return np.log2(values + scale.constant), f"{resolved.measure_label} [{unit}]", True
    if unit:
        return values, f"{resolved.measure_label} [{unit}]", False
    return scale.scores(rows.frame).to_numpy(dtype=float), f"{resolved.measure_label}, rank score [SD]", False


def _unit(resolved: Resolved) -> str:
    """The unit that all cohorts share; "" where measures, units or assays differ."""
    frame = resolved.store.table("measure")
    pairs = zip(frame["cohort"], frame["measure"], strict=True)
    used = frame.loc[[resolved.measure_of.get(c) == m for c, m in pairs]]
    alike = used["measure"].nunique() == 1 and used["unit"].nunique() == 1 and used["assay"].nunique() == 1
    return str(used["unit"].iloc[0]) if alike else ""


def _spline(rows: Rows, x: Floats) -> SplineEffect:
    frame = rows.frame
    return spline_effect(frame["time"], frame["event"], x, stratum=frame[STRATUM].to_numpy())


def _curve(rows: Rows, x: Floats) -> ResponseCurve:
    kept = informative(rows)
    return response_curve(rows.frame["responder"][kept], x[kept], indicators(rows.frame[STRATUM][kept]))


def _exploratory(rows: Rows, x: Floats) -> Exploratory:
    time, event = rows.frame["time"], rows.frame["event"]
    if len(rows.strata) > 1:
        test = no_test("maximally selected log-rank statistic", ONE_STRATUM, n=len(x), events=rows.events)
        return Exploratory(SelectedCut(test), None, None)
    selected = selected_cut(time, event, x)
    if not selected.test.shown or len(x) > MOST_RESAMPLED:
        return Exploratory(selected, None, None)
    return Exploratory(selected, cut_stability(time, event, x), cross_validated(time, event, x))


def on_unit(found: Thresholds, place: float) -> float:
    """A place on the axis in the unit of the measure."""
    return float(2**place - found.scale.constant) if found.log_axis else place
