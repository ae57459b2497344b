"""Samples from the columns of measured values: wide columns, long tables, and files beside the patients' one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from tilexplorer import vocabulary
from tilexplorer.importers.mapping import Rule, Samples, Value, Where
from tilexplorer.importers.steps import Combine, Join
from tilexplorer.recognise.draft import Draft
from tilexplorer.recognise.guess import Recognised
from tilexplorer.recognise.layout import Layout, Related
from tilexplorer.recognise.source import Source

# The column that a long table's sample ids are made in.
MADE: Final = "made sample id"
_SHORT: Final = {"baseline": "baseline-", "on_treatment": "on-", "post_treatment": "post-", "unknown": ""}

# A share above this is written in percent; 1 % of room for rounding.
_LARGEST_SHARE: Final = 1.01

Group = tuple[str, str]


@dataclass(frozen=True)
class Sampling:
    """The [[samples]] blocks, and the steps and files of the tables that they need."""

    blocks: tuple[Samples, ...] = ()
    steps: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


def sampling(draft: Draft, plan: Layout) -> Sampling:
    """The blocks of every file that has measured values."""
    blocks: list[Samples] = []
    steps: dict[str, tuple[Any, ...]] = {}
    files: dict[str, str] = {}
    here: list[tuple[Source, Related | None]] = [(plan.main, None), *((r.source, r) for r in plan.related)]
    for source, related in here:
        if plan.column and source.of("measure"):
            table, patient, needed = _table(plan, source, related)
            blocks += _blocks(draft, plan, source, related, table, patient)
            if needed:
                steps[table], files[table] = needed, source.key
    return Sampling(tuple(blocks), steps, files)


def _table(plan: Layout, source: Source, related: Related | None) -> tuple[str, str, tuple[Any, ...]]:
    """The table of a file's samples, its column of patients, and the steps that it needs."""
    column = related.column if related else plan.column
    steps: list[Any] = []
    table, patient = source.key, column
    if related is not None and not related.exact:
        # Ids that differ in case only are matched by a join, and the patients' file says how they are written.
        steps.append(Join(table=plan.main.key, on={column: plan.column}, fold_case=True))
        table, patient = f"{source.key}_samples", f"{plan.main.key}:{plan.column}"
    if _needs_ids(source, column):
        parts = [one.column for role in ("timepoint", "tissue", "lesion") if (one := source.only(role))]
        steps.append(Combine(column=MADE, sources=(patient, *parts), separator="/"))
    return table, patient, tuple(steps)


def _needs_ids(source: Source, patient: str) -> bool:
    """Whether the table is long without ids of its samples: they are made of patient, timepoint and tissue."""
    long = not source.profile(patient).unique
    own = source.only("sample")
    usable = own is not None and source.profile(own.column).unique
    return long and not usable and any(source.only(role) for role in ("timepoint", "tissue", "lesion"))


def _blocks(
    draft: Draft, plan: Layout, source: Source, related: Related | None, table: str, patient: str
) -> list[Samples]:
    """A block for each timepoint and tissue that the names of the columns say; one block where they say none."""
    groups: dict[Group, list[Recognised]] = {}
    for one in source.of("measure"):
        if one.details.measure:
            groups.setdefault(group(source, one), []).append(one)
    several = len(groups) > 1 or sum(len(one.of("measure")) > 0 for one in draft.sources) > 1
    made = []
    for (timepoint, tissue), columns in groups.items():
        rules: dict[str, Any] = {
            "patient": plan.ids(patient) if related is None else Rule(column=patient),
            "sample": _sample(plan, source, related, patient, (timepoint, tissue), several),
            "timepoint": _timepoint(draft, source, timepoint),
            "tissue": _tissue(source, tissue),
        }
        facts: dict[str, Any] = {} if timepoint == "on_treatment" or tissue == "blood" else _facts(source)
        block = Samples(
            table=table,
            **rules,
            **facts,
            unknown_patients="error" if related is None or related.complete else "exclude",
            measured={name: value for one in columns for name, value in _values(source, one).items()},
        )
        made.append(block)
    return made


def group(source: Source, one: Recognised) -> Group:
    """Timepoint and tissue that a column's name says; blood also where the measure is one of blood."""
    blood = vocabulary.measures()[one.details.measure].compartment == "blood"
    tissue = one.details.tissue or ("blood" if blood else "")
    timepoint = one.details.timepoint
    # A column of the table says it for every row: the name repeats it.
    if source.only("timepoint"):
        timepoint = ""
    return timepoint, "" if source.only("tissue") else tissue


def _sample(plan: Layout, source: Source, related: Related | None, patient: str, group: Group, several: bool) -> Rule:
    """Ids of samples: the file's own, made ones, or the patient's with the timepoint and tissue in front."""
    own = source.only("sample")
    column = related.column if related else patient
    if _needs_ids(source, column):
        return Rule(column=MADE)
    timepoint, tissue = group
    beside = plan.samples_beside()
    first = timepoint in ("", "baseline") and tissue != "blood"
    if beside is not None and source is plan.main and first:
        return Rule(column=f"{beside.source.key}:{beside.source.of('sample')[0].column}")
    if own is not None and source.profile(own.column).unique and first:
        # Where the file has no id of a sample, the patient's has to do.
        complete = source.profile(own.column).n == len(source.frame)
        return Rule(column=own.column) if complete else Rule(columns=(own.column, patient))
    if not several and not timepoint and not tissue:
        return Rule(column=patient)
    return Rule(column=patient, prefix=("blood-" if tissue == "blood" else "") + _SHORT[timepoint or "baseline"])


def _timepoint(draft: Draft, source: Source, said: str) -> Rule:
    own = source.only("timepoint")
    if own is not None:
        return Rule(column=own.column, map=dict(own.details.map))
    return Rule(value=said or draft.timepoint or "baseline")


def _tissue(source: Source, said: str) -> Rule:
    own = source.only("tissue")
    if own is not None:
        return Rule(column=own.column, map=dict(own.details.map))
    return Rule(value=said or "tumour")


def _facts(source: Source) -> dict[str, Rule]:
    """The further columns about samples."""
    made = {}
    for role in ("site", "origin", "sample_age", "days", "lesion"):
        if one := source.only(role):
            made[role] = Rule(column=one.column, map=dict(one.details.map), factor=one.details.factor)
    return made


def _values(source: Source, one: Recognised) -> dict[str, Value]:
    """The values of a column: one measure, or one for tumour and one for blood where a column says which is which."""
    name, details = one.details.measure, one.details
    twin, tissue = f"{name}_blood", source.only("tissue")
    if tissue is not None and twin in vocabulary.measures():
        return {
            measure: Value(
                column=one.column,
                decimal=details.decimal,
                limits=details.limits,
                factor=_factor(source, one, rows, measure),
                where=Where(tissue.column, rows),
            )
            for measure, word in ((name, "tumour"), (twin, "blood"))
            if (rows := tuple(value for value, made in tissue.details.map if made == word))
        }
    number = vocabulary.measures()[name].kind == "number"
    return {
        name: Value(
            column=one.column,
            map=dict(details.map),
            factor=details.factor,
            decimal=details.decimal,
            limits=details.limits and number,
        )
    }


def _factor(source: Source, one: Recognised, rows: tuple[str, ...], name: str) -> float:
    """The factor of a share in some rows of a long table, where tumour and blood may be written in different units."""
    tissue = source.only("tissue")
    if tissue is None or vocabulary.measures()[name].scale != "fraction":
        return one.details.factor
    chosen = source.profile(tissue.column).cells.isin(rows).to_numpy(dtype=bool, na_value=False)
    values = source.profile(one.column).numbers[chosen]
    return 0.01 if np.nanmax(values, initial=0.0) > _LARGEST_SHARE else 1.0
