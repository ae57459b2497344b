"""A selection met with a store: which cohorts, which measure of each, which rule, and what could not be used.

Everything that depends on both what was asked for and what the store holds is decided here, once, so that the queries,
the views and the page's controls agree: defaults, families, copies of the same patients, simulated against real.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.analysis_table import enum_type, measure_column
from tilexplorer.infiltration import RECORDED, LevelRule, parse_rule
from tilexplorer.selection import FILTERS, Selection
from tilexplorer.store import Store

DEFAULT_FAMILY = "cd8"
FAMILY_NOTE = "each cohort gives its first measure of the family, compared by level within the cohort, never by value"

# PD-L1 measures and the score in front of their classes ("" where the class names its score itself).
PDL1_SCORES: Mapping[str, str] = MappingProxyType(
    {"pdl1_ic": "", "pdl1_tc": "", "pdl1_tc_percent": "TC ", "pdl1_tps": "TPS ", "pdl1_cps": "CPS "}
)


@dataclass(frozen=True)
class Resolved:
    """A selection in the terms of one generation.

    Attributes
    ----------
    selection : the selection with every default filled in and unknown values dropped.
    cohorts : ids that are looked at.
    left_out : cohorts that were asked for and may not be pooled with the others, with the reason.
    measure_of : the measure taken for each cohort; cohorts without it are absent.
    kind : "number" or "category".
    rule : how the measure becomes levels.
    problems : what was asked for and is not in this store.
    notes : choices that the store made for the user, for "how this was made".
    """

    store: Store
    selection: Selection
    cohorts: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    measure_of: Mapping[str, str]
    kind: str
    rule: LevelRule
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def measure_label(self) -> str:
        """The measure or family in words."""
        name = self.selection.measure
        if name in vocabulary.families():
            return f"{name.upper()} family"
        known = vocabulary.measures().get(name)
        return known.label if known else name

    @property
    def simulated(self) -> bool:
        """Whether what is looked at is simulated."""
        frame = self.store.table("cohort")
        return bool(frame.loc[frame["cohort"].isin(self.cohorts), "simulated"].any())

    def title(self, cohort: str) -> str:
        """A cohort's name on pages."""
        frame = self.store.table("cohort").set_index("cohort")
        return str(frame.loc[cohort, "title"]) if cohort in frame.index else cohort


def resolve(store: Store, selection: Selection) -> Resolved:
    """Decide what a selection means in this store. Never fails: what is unknown becomes a problem to show."""
    problems: list[str] = []
    known = _known_values(store, selection, problems)
    cohorts, left_out = _cohorts(store, known)
    measure, notes = _measure(store, known, cohorts, problems)
    measure_of = _measure_of(store, measure, cohorts)
    kind = _kind(store, measure_of)
    rule = _rule(known.rule, kind, problems)
    endpoint = _endpoint(store, known.endpoint, problems)
    text = known.rule if rule.name == "cut" else rule.name
    chosen = known.only(measure=measure, rule=text, endpoint=endpoint)
    return Resolved(store, chosen, cohorts, left_out, measure_of, kind, rule, tuple(problems), tuple(notes))


def options(store: Store, key: str) -> tuple[str, ...]:
    """Every value that a filter may take in this store, in the dictionary's order."""
    if key == "cohort":
        return tuple(store.table("cohort")["cohort"])
    if key == "therapy":
        return therapy_options(store)
    if key in ("line", "ecog"):
        return _number_options(store, key)
    if key == "prior_io":
        return ("no", "yes")
    if key == "tmb":
        return ("low", "high") if measure_column("tmb") in store.columns else ()
    if key == "pdl1":
        return pdl1_options(store)
    return _enum_values(store, key)


def pdl1_options(store: Store) -> tuple[str, ...]:
    """PD-L1 classes with their score in the words, score by score: scores are never pooled."""
    return tuple(value for values in pdl1_values(store).values() for value in values)


def pdl1_values(store: Store) -> dict[str, tuple[str, ...]]:
    """The classes of each PD-L1 score that the store has, with the score in the words."""
    held = [m for m in PDL1_SCORES if measure_column(m) in store.columns]
    return {m: tuple(f"{PDL1_SCORES[m]}{v}" for v in _enum_values(store, measure_column(m))) for m in held}


def _enum_values(store: Store, column: str) -> tuple[str, ...]:
    values = store.frame(f"SELECT unnest(enum_range(NULL::{enum_type(column)}))::VARCHAR AS v")["v"]
    return tuple(str(value) for value in values if value)


def _number_options(store: Store, key: str) -> tuple[str, ...]:
    top = {"line": 3, "ecog": 2}[key]
    found = store.frame(f"SELECT DISTINCT least({key}, {top}) AS v FROM analysis WHERE {key} IS NOT NULL ORDER BY 1")
    return tuple(number_label(int(value), top) for value in found["v"])


def number_label(value: int, top: int) -> str:
    """A small count as an option: 1, 2, "3 or more"."""
    return f"{top} or more" if value >= top else str(value)


def therapy_options(store: Store) -> tuple[str, ...]:
    """Classes that a regimen may contain, then the exact combinations: "anti-PD-1 only", "anti-PD-1 + anti-CTLA-4"."""
    classes = set(store.table("component").query("role == 'treatment'")["class"])
    exact = sorted({exact_combination(text) for text in store.table("regimen")["combination"]})
    return (*(c for c in vocabulary.THERAPY_CLASSES if c in classes), *exact)


def exact_combination(combination: str) -> str:
    """A combination of classes as an option of its own, told apart from "contains the class"."""
    return combination if " + " in combination else f"{combination} only"


def regimens_of(store: Store, therapies: tuple[str, ...]) -> tuple[str, ...]:
    """Regimens that contain one of the classes, or are one of the exact combinations."""
    component = store.table("component").query("role == 'treatment'")
    containing = set(component.loc[component["class"].isin(therapies), "regimen"])
    regimen = store.table("regimen")
    exact = set(regimen.loc[regimen["combination"].map(exact_combination).isin(therapies), "regimen"])
    return tuple(sorted(containing | exact))


def _known_values(store: Store, selection: Selection, problems: list[str]) -> Selection:
    """Drop values that this store does not have, and report them."""
    changes: dict[str, tuple[str, ...]] = {}
    for key in ("cohort", *FILTERS):
        asked: tuple[str, ...] = getattr(selection, key)
        if not asked:
            continue
        there = options(store, key)
        unknown = [value for value in asked if value not in there]
        if unknown:
            problems.append(f"{key} {', '.join(repr(v) for v in unknown)} is not in this store and is ignored")
            changes[key] = tuple(value for value in asked if value in there)
    return selection.only(**changes) if changes else selection


def _cohorts(store: Store, selection: Selection) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The cohorts to look at. Real and simulated, immunotherapy and natural history are never pooled."""
    frame = store.table("cohort")
    chosen = frame[frame["cohort"].isin(selection.cohort)] if selection.cohort else frame
    left: list[tuple[str, str]] = []
    for mask, reason in (
        (chosen["simulated"].astype(bool), "simulated patients are never pooled with real ones"),
        (~chosen["immunotherapy"].astype(bool), "natural history is never pooled with an immunotherapy cohort"),
    ):
        mask = mask.reindex(chosen.index)
        if mask.any() and not mask.all():
            if selection.cohort:
                left += [(cohort, reason) for cohort in chosen.loc[mask, "cohort"]]
            chosen = chosen[~mask]
    return tuple(chosen["cohort"]), tuple(left)


def _measure(
    store: Store, selection: Selection, cohorts: tuple[str, ...], problems: list[str]
) -> tuple[str, list[str]]:
    """The measure or family that was asked for, else the cohorts' common default, else what they hold."""
    asked = selection.measure
    if asked in vocabulary.families():
        return asked, [FAMILY_NOTE]
    if asked in set(store.table("measure")["measure"]):
        return asked, []
    if asked:
        problems.append(f"measure '{asked}' is not in this store and is ignored")
    frame = store.table("cohort")
    declared = frame.loc[frame["cohort"].isin(cohorts), "default_measure"].dropna()
    defaults = declared[declared != ""].unique()  # a mapping need not declare one
    if len(defaults) == 1:
        return str(defaults[0]), []
    if len(defaults) == 0:
        return _undeclared(store, cohorts), []
    return DEFAULT_FAMILY, [f"the chosen cohorts have different default measures; {FAMILY_NOTE}"]


def _undeclared(store: Store, cohorts: tuple[str, ...]) -> str:
    """The CD8 family, or the first measure of the cohorts where they hold none of it, such as blood alone."""
    frame = store.table("measure")
    held = set(frame.loc[frame["cohort"].isin(cohorts), "measure"])
    first = (measure for measure in vocabulary.measures() if measure in held)
    return DEFAULT_FAMILY if held.intersection(vocabulary.families()[DEFAULT_FAMILY]) else next(first, DEFAULT_FAMILY)


def _measure_of(store: Store, measure: str, cohorts: tuple[str, ...]) -> dict[str, str]:
    frame = store.table("measure")
    order = vocabulary.families().get(measure, (measure,))
    found: dict[str, str] = {}
    for cohort in cohorts:
        held = set(frame.loc[frame["cohort"] == cohort, "measure"])
        first = next((m for m in order if m in held), None)
        if first is not None:
            found[cohort] = first
    return found


def _kind(store: Store, measure_of: Mapping[str, str]) -> str:
    frame: pd.DataFrame = store.table("measure")
    kinds = set(frame.loc[frame["measure"].isin(list(measure_of.values())), "kind"])
    return "category" if kinds == {"category"} else "number"


def _rule(text: str, kind: str, problems: list[str]) -> LevelRule:
    default = RECORDED if kind == "category" else "tertile"
    rule = parse_rule(text or default)
    if (rule.name == RECORDED) == (kind == "category"):
        return rule
    problems.append(f"rule '{text}' does not fit a {kind}: {parse_rule(default).words} instead")
    return parse_rule(default)


def _endpoint(store: Store, asked: str, problems: list[str]) -> str:
    if f"{asked}_days" in store.columns:
        return asked
    if asked not in vocabulary.ENDPOINTS:
        problems.append(f"endpoint '{asked}' is unknown and is ignored: os instead")
        return "os"
    return asked
