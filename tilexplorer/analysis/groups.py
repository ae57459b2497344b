"""The groups of a view: what each is called, in which order they stand, and which level colour each has."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.infiltration import RECORDED
from tilexplorer.queries import strata_of
from tilexplorer.resolve import Resolved, options
from tilexplorer.scope import ALL_LEVELS
from tilexplorer.selection import BY

# Groups that have an order of their own, in which a trend may be asked for.
_FIXED_ORDER: Final[Mapping[str, tuple[str, ...]]] = {
    "line": ("1", "2", "3 or more"),
    "ecog": ("0", "1", "2 or more"),
    "prior_io": ("no", "yes"),
    "sex": vocabulary.SEXES,
    "msi": vocabulary.MSI,
    "sample_age": vocabulary.SAMPLE_AGES,
    "tmb": ("low", "high"),
}
_WITH_TREND: Final = ("line", "ecog", "tmb")


@dataclass(frozen=True, slots=True)
class Group:
    """A group of patients: its id within the field it comes from, and the words for it."""

    field: str
    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Grouping:
    """The groups of one field in their order.

    `ordered` says that the order has a meaning, so that a trend may be asked for; desert, excluded and inflamed are
    names, not steps.
    """

    field: str
    groups: tuple[Group, ...]
    ordered: bool

    @property
    def labels(self) -> tuple[str, ...]:
        """The words for the groups, in order."""
        return tuple(group.label for group in self.groups)

    def group(self, label: str) -> Group:
        """The group with these words."""
        return next(group for group in self.groups if group.label == label)


def label_of(resolved: Resolved, field: str, value: object) -> str:
    """The words for one value of a field."""
    if field == "level" and not isinstance(value, str):
        return ALL_LEVELS[int(value)]  # type: ignore[call-overload]
    text = str(value)
    if field == "tumour" and text in vocabulary.tumours():
        return f"{vocabulary.tumours()[text].name} ({text})"
    if field == "cohort":
        return resolved.title(text)
    if field == "study":
        return study_title(resolved, text)
    if field == "tmb":
        return f"TMB {text}"
    if field in ("line", "prior_io", "ecog"):
        return f"{BY[field]}: {text}"
    return text


def study_title(resolved: Resolved, study: str) -> str:
    """A study's name on pages."""
    frame = resolved.store.table("study")
    found = frame.loc[frame["study"] == study, "title"]
    return str(found.iloc[0]) if len(found) else study


def id_of(field: str, value: object) -> str:
    """A value as the id that queries and exports use."""
    if field == "level" and not isinstance(value, str):
        return ALL_LEVELS[int(value)]  # type: ignore[call-overload]
    return str(value)


def with_ids(counts: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """The counts with text ids g1_id and g2_id beside the group columns that came from the store."""
    made = counts.copy()
    for i, field in enumerate(by):
        column = f"g{i + 1}"
        made[f"{column}_id"] = [id_of(field, value) for value in made[column].astype(object)]
    return made


def grouping(resolved: Resolved, field: str, values: pd.Series, sizes: pd.Series) -> Grouping:
    """The groups that occur among `values`; categories without an order of their own stand by size, largest first."""
    totals = sizes.groupby(values.astype(object)).sum()
    present = list(totals.index)
    order = _order(resolved, field, present)
    if order is None:
        present.sort(key=lambda value: (-int(totals[value]), str(value)))
    else:
        present.sort(key=lambda value: _place(order, id_of(field, value)))
    groups = told_apart([Group(field, id_of(field, v), label_of(resolved, field, v)) for v in present])
    ordered = field in _WITH_TREND or (field == "level" and resolved.rule.name != RECORDED) or field == "pdl1"
    return Grouping(field, groups, ordered)


def told_apart(groups: Sequence[Group]) -> tuple[Group, ...]:
    """The groups with their ids in the words where two would have the same: two studies may share a title."""
    shared = {label for label, n in Counter(group.label for group in groups).items() if n > 1}
    return tuple(replace(g, label=f"{g.label} ({g.id})") if g.label in shared else g for g in groups)


def _order(resolved: Resolved, field: str, present: Sequence[object]) -> Sequence[str] | None:
    if field == "level" and resolved.rule.name == RECORDED:
        measure = next(iter(resolved.measure_of.values()), "")
        known = vocabulary.measures().get(measure)
        return known.levels if known else sorted(str(value) for value in present)
    if field == "level":
        return ALL_LEVELS
    if field == "pdl1":
        return options(resolved.store, "pdl1")
    return _FIXED_ORDER.get(field)


def _place(order: Sequence[str], value: str) -> float:
    return order.index(value) if value in order else math.inf


def strata_labels(frame: pd.DataFrame, by: Sequence[str]) -> pd.Series:
    """One text per row for its stratum (see `queries.strata_of`)."""
    columns = [f"stratum_{key}" for key in strata_of(by)]
    if not columns or frame.empty:
        return pd.Series("all", index=frame.index, dtype="object")
    text = frame[columns[0]].astype(str)
    for column in columns[1:]:
        text = text + " / " + frame[column].astype(str)
    return text


def default_reference(resolved: Resolved, first: Grouping, present: Sequence[str]) -> str:
    """The group that others are compared with: as asked for, else the arm without immunotherapy, else the first.

    `present` holds the labels of groups with patients; the answer is one of them, or "" where there is none.
    """
    there = [group for group in first.groups if group.label in present]
    for group in there:
        if resolved.selection.reference in (group.id, group.label):
            return group.label
    for group in there:
        if group.id in _comparators(resolved, first.field):
            return group.label
    return there[0].label if there else ""


def _comparators(resolved: Resolved, field: str) -> frozenset[str]:
    """Ids of regimens or class combinations without immunotherapy."""
    column = {"regimen": "regimen", "therapy": "combination"}.get(field)
    if column is None:
        return frozenset()
    frame = resolved.store.table("regimen")
    return frozenset(frame.loc[~frame["immunotherapy"].astype(bool), column])


def not_randomised(resolved: Resolved) -> str:
    """The caution for groups that were not assigned at random; "" where they were, or are not treatments."""
    if not {"regimen", "therapy", "cohort", "study"} & set(resolved.selection.by):
        return ""
    studies = resolved.store.table("study")
    held = studies[studies["cohort"].isin(resolved.cohorts)]
    if resolved.selection.study:
        held = held[held["study"].isin(resolved.selection.study)]
    if len(held) == 1 and bool(held["randomised"].fillna(False).all()):
        return ""
    return "the groups were not assigned at random: a difference between them need not be due to treatment"
