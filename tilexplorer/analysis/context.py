"""What every view says about its selection: who is in it, who is not and why, by which rules, from which data."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.infiltration import RECORDED
from tilexplorer.queries import Flow, counts, flow
from tilexplorer.resolve import Resolved, resolve
from tilexplorer.response_source import cautions as rate_cautions
from tilexplorer.scope import Scope
from tilexplorer.selection import Selection
from tilexplorer.store import Store

ARCHIVAL: Final = ("1 to 2 years", "over 2 years")


@dataclass(frozen=True)
class Source:
    """A cohort as it is cited under a figure."""

    cohort: str
    title: str
    citation: str
    doi: str
    licence: str
    population: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Context:
    """The part of a result that every view shares.

    Attributes
    ----------
    generation : id of the data generation.
    selection : with every default filled in.
    n : patients analysed. chosen : patients of the chosen cohorts before any filter.
    excluded : reason and number, in the order in which they were left out.
    emptied_by : the filter that left nobody, where n is 0.
    measure, rule : in words. problems : what was asked for and is not there. warnings : cautions to show.
    notes : choices made for the user.
    """

    generation: str
    selection: Selection
    n: int
    chosen: int
    excluded: tuple[tuple[str, int], ...]
    emptied_by: str
    simulated: bool
    measure: str
    rule: str
    sources: tuple[Source, ...]
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    cohorts: tuple[str, ...] = field(default=())

    @property
    def empty(self) -> bool:
        """Whether nobody remains."""
        return self.n == 0


def describe(resolved: Resolved, scope: Scope, *warnings: str) -> Context:
    """The context of a view whose patients are those of `scope`."""
    found = whole_flow(resolved, scope)
    uses_level = any(step.filter == "measure" for step in scope.steps)
    return Context(
        generation=resolved.store.generation,
        selection=resolved.selection,
        n=found.remaining,
        chosen=found.chosen,
        excluded=found.excluded,
        emptied_by=_emptied(resolved, found),
        simulated=resolved.simulated,
        measure=resolved.measure_label if uses_level else "",
        rule=resolved.rule.words if uses_level else "",
        sources=tuple(sources(resolved)),
        problems=resolved.problems,
        warnings=(*(w for w in warnings if w), *_cautions(resolved, scope, found, uses_level=uses_level)),
        notes=(*resolved.notes, *(_rule_notes(resolved) if uses_level else ())),
        cohorts=resolved.cohorts,
    )


def whole_flow(resolved: Resolved, scope: Scope) -> Flow:
    """The flow of a scope, with the patients of cohorts that were asked for and may not be pooled counted first."""
    found = flow(scope)
    if not resolved.left_out:
        return found
    sizes = resolved.store.frame("SELECT cohort::VARCHAR AS cohort, count(*)::BIGINT AS n FROM analysis GROUP BY 1")
    n_of = dict(zip(sizes["cohort"], sizes["n"], strict=True))
    apart = tuple((f"{resolved.title(c)}: {reason}", int(n_of.get(c, 0))) for c, reason in resolved.left_out)
    return replace(found, chosen=found.chosen + sum(n for _, n in apart), excluded=(*apart, *found.excluded))


def _emptied(resolved: Resolved, found: Flow) -> str:
    if found.remaining:
        return ""
    return found.emptied_by if resolved.cohorts else "no cohort of this store can be shown with this selection"


def sources(resolved: Resolved) -> list[Source]:
    """The cohorts that are looked at, as they are cited."""
    frame = resolved.store.table("cohort").set_index("cohort")
    found = []
    for cohort in resolved.cohorts:
        row = frame.loc[cohort].fillna("")
        notes = tuple(line for line in str(row["note"]).splitlines() if line)
        found.append(
            Source(
                cohort,
                str(row["title"]),
                str(row["citation"]),
                str(row["doi"]),
                str(row["licence"]),
                str(row["population"]),
                notes,
            )
        )
    return found


def _cautions(resolved: Resolved, scope: Scope, found: Flow, *, uses_level: bool) -> list[str]:
    cautions = []
    if uses_level and found.remaining:
        cautions += _biopsy_caution(scope, found)
    if resolved.selection.measure in vocabulary.families() and uses_level:
        cautions.append(
            "cohorts are compared by level within each cohort's own assay: a high level in one is not the same density "
            "as a high level in another"
        )
    measures = resolved.store.table("measure")
    held = measures[measures["cohort"].isin(resolved.cohorts)]
    chosen = held.loc[[resolved.measure_of.get(c) == m for c, m in zip(held["cohort"], held["measure"], strict=True)]]
    if uses_level:
        cautions += [str(note) for note in chosen["note"].dropna().unique() if note]
    if any(step.filter == "response" for step in scope.steps):
        cautions += rate_cautions(resolved.store, resolved.selection.response, resolved.cohorts)
    return cautions


def _biopsy_caution(scope: Scope, found: Flow) -> list[str]:
    """Most tissue called baseline is archival: say how old it is."""
    found_ages = counts(scope, {"sample_age": "a.sample_age::VARCHAR"})
    ages = found_ages["n"].groupby(found_ages["sample_age"].fillna("unknown")).sum()
    old = int(sum(ages.get(name, 0) for name in ARCHIVAL))
    unknown = int(ages.get("unknown", 0))
    parts = []
    if old:
        parts.append(f"{old} of {found.remaining} biopsies were over a year old when treatment started")
    if unknown:
        parts.append(f"the age of {unknown} of {found.remaining} biopsies is not recorded")
    return ["; ".join(parts)] if parts else []


def _rule_notes(resolved: Resolved) -> list[str]:
    """Where a rule fell back because a cohort, study and tumour type was too small or tied."""
    if resolved.rule.name in (RECORDED, "cut"):
        return []
    rules: pd.DataFrame = resolved.store.table("level_rule")
    used = rules[(rules["rule"] == resolved.rule.name) & (rules["reason"] != "")]
    used = used.loc[[resolved.measure_of.get(c) == m for c, m in zip(used["cohort"], used["measure"], strict=True)]]
    return [f"{resolved.title(str(row.cohort))}, {row.tumour}: {row.reason} (n {row.n})" for row in used.itertuples()]


def selection_flow(store: Store, selection: Selection) -> Flow:
    """The patients that a selection's filters and groups leave, before any outcome is asked for."""
    resolved = resolve(store, selection)
    scope = Scope(resolved)
    scope.need_groups(resolved.selection.by)
    return whole_flow(resolved, scope)
