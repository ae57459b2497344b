"""The adjusted model: what infiltration says on top of what a clinic knows, and infiltration by a second marker."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.analysis.context import Context, describe
from tilexplorer.analysis.continuous import ContinuousEffect, continuous_effect, effect_of
from tilexplorer.analysis.groups import id_of, label_of
from tilexplorer.analysis.missing import Missing
from tilexplorer.analysis.model_fit import (
    Fitted,
    Proportional,
    added,
    complete,
    discrimination,
    fit_model,
    proportional,
)
from tilexplorer.analysis.model_terms import TermState, columns, independent, model_terms, prepared, states
from tilexplorer.analysis.power import Possible
from tilexplorer.analysis.power_per_unit import possible
from tilexplorer.analysis.quadrants import Quadrants, quadrants
from tilexplorer.analysis.row_outcome import Rows, need_outcome, outcome_rows
from tilexplorer.analysis.survival import clock_cautions
from tilexplorer.analysis.synthesis_scale import scale_of
from tilexplorer.infiltration import RECORDED
from tilexplorer.resolve import Resolved, resolve
from tilexplorer.scope import ALL_LEVELS, Scope
from tilexplorer.selection import Selection
from tilexplorer.statistics.added_value import AddedValue
from tilexplorer.statistics.results import Estimate, Test
from tilexplorer.statistics.terms import Category, Number, Term, design_of
from tilexplorer.store import Store

INFILTRATION = "infiltration"


@dataclass(frozen=True, eq=False)
class Model:
    """The model view of a selection.

    Attributes
    ----------
    terms : every term, whether it is in the model and how many patients lack it, among those with measure and outcome.
    eligible : these patients. n, events : the complete cases of the model. unit : of infiltration.
    alone_all, alone : the ratio of infiltration as a number without other terms, in all eligible patients and in the
        complete cases; None where infiltration enters by level.
    full, clinic : the model with and without infiltration. added : likelihood ratio test of infiltration.
    discrimination : the change in C. proportional : for survival.
    strata : baselines of the model. power : the smallest adjusted ratios of infiltration that could have been shown.
    """

    context: Context
    outcome: str
    outcome_words: str
    why_not: str
    unit: str
    scale: str
    terms: tuple[TermState, ...]
    eligible: int
    n: int
    events: int
    alone_all: ContinuousEffect | None
    alone: ContinuousEffect | None
    full: Fitted | None
    clinic: Fitted | None
    added: Test | None
    discrimination: AddedValue | None
    proportional: Proportional | None
    strata: int
    quadrants: Quadrants | Missing | None
    power: tuple[Possible, ...] = ()

    @property
    def infiltration(self) -> dict[str, Estimate]:
        """The adjusted ratios of infiltration, by coefficient."""
        found = self.full.ratios if self.full is not None else {}
        return {name: ratio for name, ratio in found.items() if name.startswith(INFILTRATION)}

    @property
    def chosen(self) -> tuple[str, ...]:
        """The terms of the model."""
        return tuple(term.id for term in self.terms if term.chosen)


def model(store: Store, selection: Selection) -> Model:
    """Compute the model view: `terms` of the selection, `effect` continuous or levels, `outcome` either."""
    resolved = resolve(store, selection)
    by_level = _by_level(resolved)
    first = _scope(resolved, level=by_level)
    rows = outcome_rows(first, {"value": "value", "level": "level", **columns(first)})
    if rows.frame.empty:
        return _nothing(resolved, first, rows)
    found = independent(resolved, states(resolved, rows.frame), rows)
    chosen = tuple(term.id for term in found if term.chosen)
    scope = _scope(resolved, level=by_level)
    for term in found:
        if term.chosen:
            scope.need_recorded(columns(scope)[term.id], term.words)
    context = describe(resolved, scope, *(clock_cautions(resolved) if rows.outcome == "survival" else ()))
    rows, marker, unit, words = _with_infiltration(resolved, rows, by_level=by_level)
    kept = complete(Rows(prepared(rows.frame), rows.outcome, rows.words, rows.why_not), chosen)
    return _model(store, resolved, context, rows, kept, found, marker, unit, words)


def _model(
    store: Store,
    resolved: Resolved,
    context: Context,
    rows: Rows,
    kept: Rows,
    terms: tuple[TermState, ...],
    marker: Term,
    unit: str,
    words: str,
) -> Model:
    clinic = model_terms(resolved, [term.id for term in terms if term.chosen], kept.frame)
    usable = not rows.why_not and len(kept.frame) > 0
    full = fit_model(kept, [*clinic, marker]) if usable else None
    without = fit_model(kept, clinic) if full is not None and clinic else _empty(kept)
    number = isinstance(marker, Number)
    return Model(
        context=context,
        outcome=rows.outcome,
        outcome_words=rows.words,
        why_not=rows.why_not or ("" if len(kept.frame) else "no patient has every chosen term"),
        unit=unit,
        scale=words,
        terms=terms,
        eligible=len(rows.frame),
        n=len(kept.frame),
        events=kept.events,
        alone_all=continuous_effect(rows, scale_of(resolved)) if number else None,
        alone=effect_of(kept, kept.frame[INFILTRATION].to_numpy(dtype=float), unit) if number and usable else None,
        full=full,
        clinic=without if clinic else None,
        added=_added(kept, full, without if clinic else None, marker),
        discrimination=discrimination(kept, clinic, marker) if full is not None and full.shown else None,
        proportional=proportional(kept, [*clinic, marker]) if full is not None and full.shown else None,
        strata=len(kept.strata),
        quadrants=quadrants(store, resolved),
        power=tuple(_power(kept, clinic, marker, unit)) if full is not None and full.shown else (),
    )


def _power(kept: Rows, clinic: list[Term], marker: Term, unit: str) -> list[Possible]:
    """What each coefficient of infiltration could have shown beside all others of the model."""
    design, _, places = design_of(kept.frame, [*clinic, marker])
    found = []
    own = places[INFILTRATION]
    for place, name in zip(range(own.start, own.stop), marker.names(), strict=True):
        label, reference = name.partition(": ")[2], unit.removeprefix("v ")
        words = (f"{label}, adjusted", reference) if label else (f"{unit}, adjusted", "")
        found.append(possible(kept, design[:, place], *words, beside=np.delete(design, place, axis=1)))
    return found


def _added(kept: Rows, full: Fitted | None, clinic: Fitted | None, marker: Term) -> Test | None:
    """What infiltration adds; without other terms it is the test of the model itself."""
    if full is None:
        return None
    if clinic is not None:
        return added(full, clinic)
    return (
        effect_of(kept, kept.frame[INFILTRATION].to_numpy(dtype=float), "").test if isinstance(marker, Number) else None
    )


def _empty(kept: Rows) -> Fitted:
    return Fitted({}, float("nan"), 0, len(kept.frame), kept.events, False, "no other terms")


def _by_level(resolved: Resolved) -> bool:
    return resolved.kind == "category" or resolved.selection.effect == "levels"


def _scope(resolved: Resolved, *, level: bool) -> Scope:
    scope = Scope(resolved)
    scope.need_measure(level=level)
    need_outcome(scope)
    return scope


def _with_infiltration(resolved: Resolved, rows: Rows, *, by_level: bool) -> tuple[Rows, Term, str, str]:
    """The column of infiltration: its levels against the coldest, or its score."""
    frame = rows.frame.copy()
    if not by_level:
        scale = scale_of(resolved)
        frame[INFILTRATION] = scale.scores(frame).to_numpy(dtype=float)
        return Rows(frame, rows.outcome, rows.words, rows.why_not), Number(INFILTRATION), scale.words, scale.rule
    frame[INFILTRATION] = [label_of(resolved, "level", value) for value in frame["level"].astype(object)]
    present = {id_of("level", value) for value in frame["level"].astype(object)}
    levels = tuple(level for level in _levels(resolved) if level in present)
    made = Rows(frame, rows.outcome, rows.words, rows.why_not)
    return made, Category(INFILTRATION, levels), f"v {levels[0]}", resolved.rule.words


def _levels(resolved: Resolved) -> tuple[str, ...]:
    if resolved.rule.name != RECORDED:
        return ALL_LEVELS
    known = vocabulary.measures().get(next(iter(resolved.measure_of.values()), ""))
    return known.levels if known else ()


def _nothing(resolved: Resolved, scope: Scope, rows: Rows) -> Model:
    found: pd.DataFrame = rows.frame
    return Model(
        describe(resolved, scope), rows.outcome, rows.words, "nobody is left", "", "", states(resolved, found), 0, 0, 0,
        None, None, None, None, None, None, None, 0, None,
    )  # fmt: skip
