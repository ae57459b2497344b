"""Therapy combinations: which the store holds, how patients fared on each by infiltration level, and against one class.

The rates and the medians are those of the response and the survival page for the same patients: this view puts them
side by side. No therapy is ranked: combinations were given to different patients in different studies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.analysis.components import Versus, against_components
from tilexplorer.analysis.context import Context, describe
from tilexplorer.analysis.groups import not_randomised
from tilexplorer.analysis.response import GroupResponse, Response, response
from tilexplorer.analysis.survival import GroupSurvival, Survival, survival
from tilexplorer.queries import Flow, counts
from tilexplorer.resolve import Resolved, resolve
from tilexplorer.response_source import cautions as rate_cautions
from tilexplorer.scope import Scope
from tilexplorer.selection import Selection
from tilexplorer.statistics.results import Estimate, not_estimable
from tilexplorer.store import Store

LEVEL_THERAPY: Final = ("level", "therapy")


@dataclass(frozen=True)
class Outcome:
    """Response and survival of one group, from the views of their own; each with its own denominator.

    `level` is "" for all patients, measured or not.
    """

    level: str
    responders: int
    denominator: int
    rate: Estimate
    n_survival: int
    events: int
    median: Estimate


@dataclass(frozen=True)
class Combination:
    """One combination of therapy classes.

    Attributes
    ----------
    classes : its components. regimens, cohorts, tumours : ids in which it was given. n : patients of the selection.
    immunotherapy : False for a comparator arm.
    overall : all patients. levels : by infiltration level, cold to hot.
    """

    id: str
    classes: tuple[str, ...]
    immunotherapy: bool
    regimens: tuple[str, ...]
    cohorts: tuple[str, ...]
    tumours: tuple[str, ...]
    n: int
    overall: Outcome
    levels: tuple[Outcome, ...]


@dataclass(frozen=True)
class Therapies:
    """The view of a selection.

    `level_flow` says who of the selection has a level and an outcome: for response, then for survival.
    """

    context: Context
    endpoint_words: str
    rate_words: str
    components: tuple[str, ...]
    combinations: tuple[Combination, ...]
    versus: tuple[Versus, ...]
    level_flow: tuple[Flow, Flow]


def therapies(store: Store, selection: Selection) -> Therapies:
    """Compute the view: `response` names the rate, `endpoint` the time, measure and rule the levels."""
    resolved = resolve(store, selection)
    scope = Scope(resolved)
    held = _held(scope)
    found = _Outcomes.of(store, resolved.selection)
    combinations = [_combination(resolved, str(name), part, found) for name, part in held.groupby("therapy")]
    combinations.sort(key=lambda c: (-c.n, c.id))
    present = {name for combination in combinations for name in combination.classes}
    several = not_randomised(replace(resolved, selection=resolved.selection.only(by=("therapy",))))
    return Therapies(
        context=_context(resolved, scope, several if len(combinations) > 1 else ""),
        endpoint_words=vocabulary.ENDPOINTS.get(resolved.selection.endpoint, resolved.selection.endpoint),
        rate_words=vocabulary.RESPONSE_RATES[resolved.selection.response],
        components=tuple(name for name in vocabulary.THERAPY_CLASSES if name in present),
        combinations=tuple(combinations),
        versus=tuple(against_components(resolved, [(c.id, c.classes) for c in combinations])),
        level_flow=(_flow(found.response_by_level.context), _flow(found.survival_by_level.context)),
    )


def _held(scope: Scope) -> pd.DataFrame:
    """Patients by combination, regimen, cohort and tumour type."""
    columns = {"therapy": "a.combination", "regimen": "a.regimen", "cohort": "a.cohort", "tumour": "a.tumour"}
    found = counts(scope, {name: f"{sql}::VARCHAR" for name, sql in columns.items()})
    return found.sort_values(list(columns), ignore_index=True)


def _context(resolved: Resolved, scope: Scope, caution: str) -> Context:
    of_rate = rate_cautions(resolved.store, resolved.selection.response, resolved.cohorts)
    found = describe(resolved, scope, caution, *of_rate)
    return replace(found, measure=resolved.measure_label, rule=resolved.rule.words)


def _flow(context: Context) -> Flow:
    return Flow(context.chosen, context.excluded, context.n, context.emptied_by)


@dataclass(frozen=True)
class _Outcomes:
    """The response and the survival view, by therapy and by level within therapy."""

    response_overall: Response
    survival_overall: Survival
    response_by_level: Response
    survival_by_level: Survival

    @classmethod
    def of(cls, store: Store, selection: Selection) -> _Outcomes:
        whole, split = selection.only(by=("therapy",)), selection.only(by=LEVEL_THERAPY)
        return cls(response(store, whole), survival(store, whole), response(store, split), survival(store, split))

    def overall(self, therapy: str) -> Outcome:
        """All patients of a combination."""
        responses = [g for panel in self.response_overall.panels for g in panel.groups if g.group.id == therapy]
        times = [g for panel in self.survival_overall.panels for g in panel.groups if g.group.id == therapy]
        return _outcome("", responses, times)

    def by_level(self, therapy: str) -> tuple[Outcome, ...]:
        """Each level of a combination in which somebody has an outcome, in the levels' order."""
        responses = [p for p in self.response_by_level.panels if p.group and p.group.id == therapy]
        times = [p for p in self.survival_by_level.panels if p.group and p.group.id == therapy]
        labels = dict.fromkeys(
            [g.group.label for panel in responses for g in panel.groups]
            + [g.group.label for panel in times for g in panel.groups]
        )
        found = []
        for label in labels:
            answered = [g for panel in responses for g in panel.groups if g.group.label == label]
            followed = [g for panel in times for g in panel.groups if g.group.label == label]
            found.append(_outcome(label, answered, followed))
        return tuple(found)


def _outcome(level: str, answered: Sequence[GroupResponse], followed: Sequence[GroupSurvival]) -> Outcome:
    rate, median = not_estimable("rate", "response not recorded"), not_estimable("median", "time not recorded")
    one = answered[0] if answered else None
    two = followed[0] if followed else None
    return Outcome(
        level=level,
        responders=one.responders if one else 0,
        denominator=one.denominator if one else 0,
        rate=one.rate if one else rate,
        n_survival=two.n if two else 0,
        events=two.events if two else 0,
        median=two.median if two else median,
    )


def _combination(resolved: Resolved, name: str, part: pd.DataFrame, found: _Outcomes) -> Combination:
    frame = resolved.store.table("regimen").set_index("regimen")
    return Combination(
        id=name,
        classes=classes_of(name),
        immunotherapy=bool(frame.loc[list(part["regimen"]), "immunotherapy"].astype(bool).any()),
        regimens=tuple(dict.fromkeys(part["regimen"])),
        cohorts=tuple(resolved.title(c) for c in dict.fromkeys(part["cohort"])),
        tumours=tuple(dict.fromkeys(part["tumour"])),
        n=int(part["n"].sum()),
        overall=found.overall(name),
        levels=found.by_level(name),
    )


def classes_of(combination: str) -> tuple[str, ...]:
    """The therapy classes in a combination's name."""
    return tuple(combination.split(" + "))
