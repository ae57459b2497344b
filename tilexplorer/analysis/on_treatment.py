"""The on-treatment view: which therapies go with a rise of infiltration, patient by patient.

Pairs are made within one measure of one cohort: a panel is a cohort, and values of two assays never meet.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.analysis.after_landmark import AfterLandmark, after_landmark
from tilexplorer.analysis.context import Context, describe
from tilexplorer.analysis.groups import Group, Grouping, grouping, id_of
from tilexplorer.analysis.missing import Missing, cohorts_with_samples, missing
from tilexplorer.analysis.paired_change import (
    JUDGED,
    RESPONSE_GROUPS,
    RESPONSE_LABELS,
    Change,
    Scale,
    between,
    change_of,
    scale_of,
    with_places,
)
from tilexplorer.analysis_table import quoted
from tilexplorer.infiltration import RECORDED
from tilexplorer.paired import lesion_pairs, need_pair, pairs
from tilexplorer.queries import counts, rows
from tilexplorer.resolve import DEFAULT_FAMILY, Resolved, resolve
from tilexplorer.scope import Scope
from tilexplorer.selection import Selection
from tilexplorer.statistics.multiplicity import family
from tilexplorer.statistics.ranks import spearman
from tilexplorer.statistics.results import Estimate, Test
from tilexplorer.store import Store

LESIONS: Final = {True: "treated lesion", False: "untreated lesion"}
_PERSON: Final = ["cohort", "patient"]


@dataclass(frozen=True)
class OtherMeasure:
    """Another measure of the same patients. `q_value` is adjusted over the measures of the panel (BH)."""

    measure: str
    label: str
    unit: str
    scale: Scale
    change: Change
    q_value: float


@dataclass(frozen=True)
class Blood:
    """Change in blood beside change in tissue, in patients with both: Spearman's rho."""

    measure: str
    label: str
    correlation: Estimate


@dataclass(frozen=True)
class PairPanel:
    """One cohort: its pairs altogether, by group, by response, by lesion; other measures; survival after a landmark."""

    cohort: str
    title: str
    measure: str
    label: str
    unit: str
    scale: Scale
    total: Change
    groups: tuple[Change, ...]
    between_groups: Test
    responses: tuple[Change, ...]
    between_responses: Test
    lesions: tuple[Change, ...]
    others: tuple[OtherMeasure, ...]
    blood: tuple[Blood, ...]
    landmark: AfterLandmark


@dataclass(frozen=True)
class OnTreatment:
    """The on-treatment view of a selection. `field` is what the groups are; `lacking` says what is not there."""

    context: Context
    field: str
    panels: tuple[PairPanel, ...]
    lacking: tuple[Missing, ...]

    @property
    def n(self) -> int:
        """Pairs of all panels."""
        return sum(panel.total.n for panel in self.panels)


def on_treatment(store: Store, selection: Selection) -> OnTreatment:
    """Compute the on-treatment view: groups by the first field of `by`, by therapy class where that is a level."""
    asked = resolve(store, selection)
    resolved, note = _with_number(asked)
    field = _field(resolved.selection)
    scope = Scope(resolved)
    need_pair(scope)
    if field not in ("therapy", "cohort", "study", "tumour", "regimen"):
        scope.need_groups((field,))
    # The link keeps the measure that was asked for: opened again, it says what this page says.
    context = replace(describe(resolved, scope, note, *_cautions()), selection=asked.selection, problems=asked.problems)
    if context.empty:
        return OnTreatment(context, field, (), (_lacking(store, resolved),))
    found = _Rows.read(resolved, scope, field)
    panels = tuple(_panel(found, cohort) for cohort in found.cohorts())
    return OnTreatment(context, field, panels, ())


def _with_number(asked: Resolved) -> tuple[Resolved, str]:
    """A category has no change: the CD8 family stands in for it, and the page says so."""
    if asked.kind != "category":
        return asked, ""
    chosen = resolve(asked.store, asked.selection.only(measure=DEFAULT_FAMILY, rule="tertile"))
    return chosen, f"{asked.measure_label} is a category without repeated values: {chosen.measure_label} instead"


def _field(selection: Selection) -> str:
    return selection.by[0] if selection.by[0] != "level" else "therapy"


def _cautions() -> tuple[str, ...]:
    return (
        "patients with a second biopsy are a selected part: they lived to it, and could be biopsied",
        "without untreated patients a change over time cannot be told from what would have happened anyway, and the "
        "coldest tumours rise and the hottest fall by regression to the mean alone",
    )


def _lacking(store: Store, resolved: Resolved) -> Missing:
    there = cohorts_with_samples(store, "on_treatment")
    return missing(store, f"{resolved.measure_label} before and on treatment", there, measure=DEFAULT_FAMILY)


@dataclass(frozen=True)
class _Rows:
    """What the panels are computed from: pairs with who the patients are, and how many there are in all."""

    resolved: Resolved
    field: str
    pairs: pd.DataFrame
    lesions: pd.DataFrame
    sizes: pd.DataFrame
    order: Grouping

    @classmethod
    def read(cls, resolved: Resolved, scope: Scope, field: str) -> _Rows:
        """Ask the store."""
        people = rows(scope, _columns(resolved, scope, field))
        people["group"] = [id_of(field, value) for value in people["group"].astype(object)]
        sizes = _sizes(resolved, field)
        both = pairs(scope).merge(people, on=_PERSON)
        lesions = lesion_pairs(scope).merge(people, on=_PERSON)
        order = grouping(resolved, field, sizes["group"], sizes["n"])
        return cls(resolved, field, both, lesions, sizes, order)

    def cohorts(self) -> list[str]:
        """Cohorts with a pair, in the order of the selection."""
        there = set(self.pairs["cohort"])
        return [cohort for cohort in self.resolved.cohorts if cohort in there]


def _columns(resolved: Resolved, scope: Scope, field: str) -> dict[str, str]:
    columns = {
        "cohort": "a.cohort::VARCHAR",
        "patient": "a.patient",
        "study": "a.study::VARCHAR",
        "tumour": "a.tumour::VARCHAR",
        "group": scope.group(field),
        "response": "a.response::VARCHAR",
    }
    endpoint = resolved.selection.endpoint
    there = scope.has_endpoint(endpoint)
    columns["endpoint_days"] = f"a.{quoted(endpoint + '_days')}" if there else "NULL::INTEGER"
    columns["endpoint_event"] = f"a.{quoted(endpoint + '_event')}" if there else "NULL::BOOLEAN"
    return columns


def _sizes(resolved: Resolved, field: str) -> pd.DataFrame:
    """Patients of the filters by cohort, group, response and whether the measure is known at baseline."""
    scope = Scope(resolved)
    if field not in ("therapy", "cohort", "study", "tumour", "regimen"):
        scope.need_groups((field,))
    columns = {
        "cohort": "a.cohort::VARCHAR",
        "group": scope.group(field),
        "response": "a.response::VARCHAR",
        "known": "value_known",
    }
    found = counts(scope, columns)
    found["group"] = [id_of(field, value) for value in found["group"].astype(object)]
    found["response"] = _judged(found["response"])
    return found


def _judged(response: pd.Series) -> pd.Series:
    return response.map(RESPONSE_GROUPS).fillna("not evaluable")


def _panel(found: _Rows, cohort: str) -> PairPanel:
    measure = found.resolved.measure_of[cohort]
    every = found.pairs[found.pairs["cohort"] == cohort]
    own = every[every["measure"] == measure]
    if found.resolved.rule.name != RECORDED:
        own = with_places(found.resolved, own)
    scale = scale_of(measure, own[["before", "after"]].to_numpy(dtype=float).ravel())
    sizes = found.sizes[found.sizes["cohort"] == cohort]
    groups = _changes(found.order.groups, own, own["group"], sizes, sizes["group"], scale)
    answers = tuple(Group("response", label, label) for label in RESPONSE_LABELS)
    responses = _changes(answers, own, _judged(own["response"]), sizes, sizes["response"], scale)
    others = _others(every, measure, scale_sizes=sizes)
    label, unit = _words(measure)
    return PairPanel(
        cohort=cohort,
        title=found.resolved.title(cohort),
        measure=measure,
        label=label,
        unit=unit,
        scale=scale,
        total=_total(own, sizes, scale),
        groups=groups,
        between_groups=between(groups, scale),
        responses=responses,
        between_responses=between([c for c in responses if c.group.id in JUDGED], scale),
        lesions=_lesions(found, cohort, measure, sizes, scale),
        others=others,
        blood=tuple(_blood(every, measure)),
        landmark=after_landmark(own, found.resolved.selection.endpoint, found.resolved.selection.interval),
    )


def _words(measure: str) -> tuple[str, str]:
    known = vocabulary.measures().get(measure)
    return (known.label, known.unit) if known else (measure, "")


def _total(own: pd.DataFrame, sizes: pd.DataFrame, scale: Scale) -> Change:
    return change_of(
        Group("", "all", "all pairs"), own, scale, patients=int(sizes["n"].sum()),
        measured=int(sizes.loc[sizes["known"], "n"].sum()),
    )  # fmt: skip


def _changes(
    groups: Sequence[Group], own: pd.DataFrame, of: pd.Series, sizes: pd.DataFrame, size_of: pd.Series, scale: Scale
) -> tuple[Change, ...]:
    """The change of every group that has patients, pairs or not: "0 of 40" is an answer too."""
    made = []
    for group in groups:
        all_of = sizes[size_of == group.id]
        if len(all_of):
            known = int(all_of.loc[all_of["known"], "n"].sum())
            total = int(all_of["n"].sum())
            made.append(change_of(group, own[of == group.id], scale, patients=total, measured=known))
    return tuple(made)


def _lesions(found: _Rows, cohort: str, measure: str, sizes: pd.DataFrame, scale: Scale) -> tuple[Change, ...]:
    """Locally treated and other lesions apart, where the source tells them."""
    own = found.lesions[(found.lesions["cohort"] == cohort) & (found.lesions["measure"] == measure)]
    known = int(sizes.loc[sizes["known"], "n"].sum())
    parts = {kind: own[own["lesion_treated"].astype(bool) == kind] for kind in LESIONS}
    return tuple(
        change_of(Group("lesion", LESIONS[kind], LESIONS[kind]), part, scale, patients=known, measured=known)
        for kind, part in parts.items()
        if len(part)
    )


def _others(every: pd.DataFrame, chosen: str, *, scale_sizes: pd.DataFrame) -> tuple[OtherMeasure, ...]:
    """Every other measure of the same patients, in the order of the vocabulary."""
    known = [m for m in vocabulary.measures() if m in set(every["measure"]) and m != chosen]
    patients = int(scale_sizes["n"].sum())
    made = {}
    for measure in known:
        own = every[every["measure"] == measure]
        scale = scale_of(measure, own[["before", "after"]].to_numpy(dtype=float).ravel())
        made[measure] = scale, change_of(Group("", measure, "all pairs"), own, scale, patients=patients, measured=0)
    q_values = family({measure: change.test for measure, (_, change) in made.items()}, "bh").adjusted_p
    return tuple(
        OtherMeasure(measure, *_words(measure), scale, change, q_values.get(measure, math.nan))
        for measure, (scale, change) in made.items()
    )


def _blood(every: pd.DataFrame, chosen: str) -> list[Blood]:
    """Where blood was drawn as well: does it change with the tissue?"""
    found = []
    tissue = every[every["measure"] == chosen]
    for measure in every["measure"].unique():
        known = vocabulary.measures().get(str(measure))
        if known is None or known.compartment != "blood" or measure == chosen:
            continue
        both = tissue.merge(every[every["measure"] == measure], on=_PERSON, suffixes=("", "_blood"))
        rises = np.asarray(both["after"] - both["before"], dtype=float)
        in_blood = np.asarray(both["after_blood"] - both["before_blood"], dtype=float)
        found.append(Blood(str(measure), known.label, spearman(rises, in_blood)))
    return found
