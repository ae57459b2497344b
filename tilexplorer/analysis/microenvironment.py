"""The microenvironment view: what goes with a hot or a cold tumour, measure by measure, cohort by cohort.

Values of two cohorts are two assays unless declared comparable, so every comparison stays within a cohort.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.analysis.context import Context, describe
from tilexplorer.analysis.groups import Grouping, grouping, id_of
from tilexplorer.analysis.measure_correlations import Correlations, correlations
from tilexplorer.analysis.measure_rows import (
    CategoryRow,
    MeasureRow,
    category_counts,
    category_test,
    compare,
    group_values,
)
from tilexplorer.analysis.measure_themes import THEMES, order_of
from tilexplorer.analysis.missing import Missing, missing
from tilexplorer.analysis.two_regions import TwoRegions, two_regions
from tilexplorer.analysis_table import measure_column, quoted
from tilexplorer.infiltration import RECORDED
from tilexplorer.paired import several_samples
from tilexplorer.queries import rows
from tilexplorer.resolve import Resolved, resolve
from tilexplorer.scope import Scope
from tilexplorer.selection import Selection
from tilexplorer.statistics.multiplicity import family
from tilexplorer.statistics.ranks import spearman
from tilexplorer.statistics.results import Estimate
from tilexplorer.store import Store

RESPONDERS: Final = {"CR": "CR/PR", "PR": "CR/PR", "CRPR": "CR/PR", "SD": "SD/PD", "SDPD": "SD/PD", "PD": "SD/PD"}
RESPONSE_ORDER: Final = ("SD/PD", "CR/PR")
MOST_PATIENTS: Final = 500_000  # rank tests of values need every patient's row
QUALITY: Final = ("cibersort_p",)  # measures of the assay, not of the tumour
_DEFINES: Final = "this measure makes the groups"


@dataclass(frozen=True)
class Composition:
    """Patients of each tumour type by level, in the order of the levels."""

    labels: tuple[str, ...]
    levels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Lesions:
    """Patients with several samples at one time: how alike two lesions of one patient are (Spearman's rho)."""

    cohort: str
    title: str
    label: str
    timepoint: str
    patients: int
    correlation: Estimate


@dataclass(frozen=True)
class Microenvironment:
    """The microenvironment view of a selection.

    `rows` and `categories` are by the groups of `field`, of `sizes` patients; `by_response` and `correlations` are of
    the `people` whom the
    filters leave, with a group or without; each row prints its own n.
    """

    context: Context
    people: int
    field: str
    levels: Grouping
    sizes: tuple[int, ...]
    rows: tuple[MeasureRow, ...]
    categories: tuple[CategoryRow, ...]
    by_response: tuple[MeasureRow, ...]
    correlations: tuple[Correlations, ...]
    regions: tuple[TwoRegions, ...]
    composition: Composition
    lesions: tuple[Lesions, ...]
    lacking: tuple[Missing, ...]


def microenvironment(store: Store, selection: Selection) -> Microenvironment:
    """Compute the microenvironment view: groups by the first field of `by`, by default the infiltration level."""
    resolved = resolve(store, selection)
    field = resolved.selection.by[0]
    scope = Scope(resolved)
    scope.need_groups((field,))
    context = describe(resolved, scope, *_cautions(resolved, field))
    if context.chosen > MOST_PATIENTS:
        return _too_many(context, field)
    everybody = Scope(resolved)
    held = _held(resolved)
    grouped = _read(resolved, scope, field, held)
    people = _read(resolved, everybody, field, held)
    levels = grouping(resolved, field, grouped["group"], pd.Series(1, index=grouped.index))
    kinds = _kinds(resolved)
    return Microenvironment(
        context=context,
        people=len(people),
        field=field,
        levels=levels,
        sizes=tuple(int((grouped["group"] == group.id).sum()) for group in levels.groups),
        rows=_with_q(_measure_rows(resolved, grouped, levels, kinds)),
        categories=_categories_with_q(_category_rows(resolved, grouped, levels, kinds)),
        by_response=_with_q(_response_rows(people, kinds)),
        correlations=_correlations(resolved, people, kinds),
        regions=_regions(resolved, people, held),
        composition=_composition(grouped, levels),
        lesions=_lesions(resolved, everybody),
        lacking=_lacking(resolved),
    )


def _too_many(context: Context, field: str) -> Microenvironment:
    note = f"more than {MOST_PATIENTS:,} patients: distributions are not drawn; choose fewer cohorts"
    told = replace(context, warnings=(note, *context.warnings))
    empty = Composition((), (), ())
    return Microenvironment(told, 0, field, Grouping(field, (), ordered=False), (), (), (), (), (), (), empty, (), ())


def _cautions(resolved: Resolved, field: str) -> list[str]:
    found = [
        "signatures share genes with each other and with measures of T cells: that they go together is partly how they "
        "are made"
    ]
    if field == "level" and resolved.rule.name not in (RECORDED, "cut"):
        found.append(
            "levels are cut within each tumour type, so every type has about the same share of hot tumours by "
            "construction; a recorded phenotype or a chosen cut tells them apart"
        )
    if len(tumours := _tumours(resolved)) > len(resolved.cohorts):
        found.append(
            f"a cohort of several tumour types ({len(tumours)} in all): correlations and distributions mix differences "
            "between the types with those within them; filter one type to see it alone"
        )
    return found


def _tumours(resolved: Resolved) -> tuple[str, ...]:
    """Tumour types of the selection, as far as the filters tell."""
    if resolved.selection.tumour:
        return resolved.selection.tumour
    rules = resolved.store.table("level_rule")
    return tuple(rules.loc[rules["cohort"].isin(resolved.cohorts), "tumour"].unique())


def _held(resolved: Resolved) -> list[str]:
    """Measures that a cohort of the selection has and the wide table holds, in the order of the themes."""
    frame = resolved.store.table("measure")
    own = set(frame[frame["cohort"].isin(resolved.cohorts)]["measure"]) - set(QUALITY)
    return sorted((m for m in own if measure_column(m) in resolved.store.columns), key=order_of)


def _read(resolved: Resolved, scope: Scope, field: str, held: Sequence[str]) -> pd.DataFrame:
    columns = {
        "cohort": "a.cohort::VARCHAR",
        "study": "a.study::VARCHAR",
        "tumour": "a.tumour::VARCHAR",
        "group": scope.group(field),
        "response": "a.response::VARCHAR",
    }
    kinds = {m: resolved.store.columns[measure_column(m)] for m in held}
    for measure, kind in kinds.items():
        cast = "" if kind == "DOUBLE" else "::VARCHAR"
        columns[measure] = f"a.{quoted(measure_column(measure))}{cast}"
    found = rows(scope, columns)
    found["group"] = [id_of(field, v) if pd.notna(v) else None for v in found["group"].astype(object)]
    return found


def _kinds(resolved: Resolved) -> dict[str, dict[str, str]]:
    """Kind of every held measure by cohort: cohort -> measure -> number or category."""
    frame = resolved.store.table("measure")
    held = set(_held(resolved))
    return {
        cohort: {
            m: str(kind)
            for m, kind in sorted(zip(own["measure"], own["kind"], strict=True), key=lambda pair: order_of(pair[0]))
            if m in held
        }
        for cohort, own in ((c, frame[frame["cohort"] == c]) for c in resolved.cohorts)
    }


def _defines(resolved: Resolved, field: str, cohort: str, measure: str) -> str:
    return _DEFINES if field == "level" and resolved.measure_of.get(cohort) == measure else ""


def _measure_rows(
    resolved: Resolved, grouped: pd.DataFrame, levels: Grouping, kinds: dict[str, dict[str, str]]
) -> list[MeasureRow]:
    ids = [(group.id, group.label) for group in levels.groups]
    found = []
    for cohort, measures in kinds.items():
        own = grouped[grouped["cohort"] == cohort]
        for measure in (m for m, kind in measures.items() if kind == "number"):
            because = _defines(resolved, levels.field, cohort, measure)
            row = _measure_row(cohort, measure, own, own["group"], ids, because)
            found += [row] if row.n else []
    return found


def _response_rows(people: pd.DataFrame, kinds: dict[str, dict[str, str]]) -> list[MeasureRow]:
    ids = [(label, label) for label in RESPONSE_ORDER]
    found = []
    for cohort, measures in kinds.items():
        own = people[people["cohort"] == cohort]
        answer = own["response"].map(RESPONDERS)
        for measure in (m for m, kind in measures.items() if kind == "number"):
            row = _measure_row(cohort, measure, own, answer, ids, "")
            found += [row] if row.n else []
    return found


def _measure_row(
    cohort: str, measure: str, own: pd.DataFrame, of: pd.Series, ids: Sequence[tuple[str, str]], because: str
) -> MeasureRow:
    groups = tuple(group_values(label, own.loc[of == key, measure]) for key, label in ids)
    groups = tuple(group for group in groups if group.n)
    label, unit, scale = _words(measure)
    return MeasureRow(cohort, measure, label, unit, scale, groups, *compare(groups, because))


def _words(measure: str) -> tuple[str, str, str]:
    known = vocabulary.measures().get(measure)
    return (known.label, known.unit, known.scale) if known else (measure, "", "score")


def _with_q(found: Sequence[MeasureRow]) -> tuple[MeasureRow, ...]:
    q = family({f"{row.cohort}/{row.measure}": row.test for row in found}, "bh").adjusted_p
    return tuple(replace(row, q_value=q[f"{row.cohort}/{row.measure}"]) for row in found)


def _category_rows(
    resolved: Resolved, grouped: pd.DataFrame, levels: Grouping, kinds: dict[str, dict[str, str]]
) -> list[CategoryRow]:
    ids = {group.id: group.label for group in levels.groups}
    found = []
    for cohort, measures in kinds.items():
        own = grouped[grouped["cohort"] == cohort]
        for measure in (m for m, kind in measures.items() if kind == "category"):
            known = vocabulary.measures().get(measure)
            there = set(own[measure].dropna())
            names = [n for n in (known.levels if known else sorted(there)) if n in there]
            if names and len(own):
                counts = category_counts(own[measure], own["group"], ids, names)
                test = category_test(counts, _defines(resolved, levels.field, cohort, measure))
                label = _words(measure)[0]
                found.append(CategoryRow(cohort, measure, label, tuple(ids.values()), tuple(names), counts, test))
    return found


def _categories_with_q(found: Sequence[CategoryRow]) -> tuple[CategoryRow, ...]:
    q = family({f"{row.cohort}/{row.measure}": row.test for row in found}, "bh").adjusted_p
    return tuple(replace(row, q_value=q[f"{row.cohort}/{row.measure}"]) for row in found)


def _correlations(
    resolved: Resolved, people: pd.DataFrame, kinds: dict[str, dict[str, str]]
) -> tuple[Correlations, ...]:
    found = []
    for cohort, measures in kinds.items():
        names = [m for m, kind in measures.items() if kind == "number"]
        own = people[people["cohort"] == cohort]
        made = correlations(cohort, resolved.title(cohort), own, names, [_words(m)[0] for m in names])
        found += [made] if made is not None else []
    return tuple(found)


def _regions(resolved: Resolved, people: pd.DataFrame, held: Sequence[str]) -> tuple[TwoRegions, ...]:
    if not {"cd8_density_centre", "cd8_density_margin"} <= set(held):
        return ()
    made = [
        two_regions(resolved.store, cohort, resolved.title(cohort), people[people["cohort"] == cohort])
        for cohort in resolved.cohorts
    ]
    return tuple(one for one in made if one is not None)


def _composition(grouped: pd.DataFrame, levels: Grouping) -> Composition:
    names = tuple(group.label for group in levels.groups)
    if grouped.empty or levels.field == "tumour":
        return Composition((), names, ())
    table = pd.crosstab(grouped["tumour"], grouped["group"])
    table = table.reindex(columns=[group.id for group in levels.groups], fill_value=0)
    table = table.loc[table.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    labels = tuple(f"{known.name} ({code})" if (known := vocabulary.tumours().get(str(code))) else str(code)
                   for code in table.index)  # fmt: skip
    return Composition(labels, names, tuple(tuple(int(n) for n in line) for line in table.to_numpy()))


def _lesions(resolved: Resolved, scope: Scope) -> tuple[Lesions, ...]:
    """Two samples of one patient at one time: the first two by sample id."""
    every = several_samples(scope)
    found = []
    for (cohort, measure, timepoint), own in every.groupby(["cohort", "measure", "timepoint"]):
        two = own[own.groupby("patient").cumcount() < 2].groupby("patient")["value"].agg(["first", "last"])
        rho = spearman(np.asarray(two["first"], dtype=float), np.asarray(two["last"], dtype=float))
        label = _words(str(measure))[0]
        title = resolved.title(str(cohort))
        found.append(Lesions(str(cohort), title, label, str(timepoint).replace("_", " "), len(two), rho))
    return tuple(found)


def _lacking(resolved: Resolved) -> tuple[Missing, ...]:
    """Sides of the microenvironment that no cohort of the selection measured, and who has them."""
    frame = resolved.store.table("measure")
    there = set(frame.loc[frame["cohort"].isin(resolved.cohorts), "measure"])
    found = []
    for theme, measures in THEMES.items():
        if not there & set(measures):
            holders = frame[frame["measure"].isin(measures)]["cohort"]
            found.append(missing(resolved.store, f"measure of {theme}", tuple(str(c) for c in holders)))
    return tuple(found)
