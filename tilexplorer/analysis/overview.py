"""The overview: the cohorts at hand, who the selection is, who was left out, and what no cohort can answer."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.analysis.context import Context, describe
from tilexplorer.analysis.groups import Grouping, grouping
from tilexplorer.analysis.rates import estimate, tally
from tilexplorer.analysis.table_one import TableOne, table_one
from tilexplorer.queries import counts, events, responses
from tilexplorer.resolve import Resolved, resolve
from tilexplorer.scope import Scope, Step
from tilexplorer.selection import Selection
from tilexplorer.statistics.kaplan_meier import kaplan_meier
from tilexplorer.statistics.quantiles import median, median_follow_up
from tilexplorer.statistics.results import Estimate
from tilexplorer.statistics.tables import EventTable
from tilexplorer.store import Store

# Organs of the tumour types that the project set out to cover, as in the simulated cohorts.
SEED_ORGANS: Final = ("Lung", "Bowel", "Skin", "Kidney", "Bladder/urinary tract", "Head and neck", "Pancreas")


@dataclass(frozen=True)
class CohortCard:
    """A cohort of the store at a glance. Follow-up in days, by reverse Kaplan-Meier of overall survival."""

    cohort: str
    title: str
    patients: int
    deaths: int
    follow_up: Estimate
    tumours: tuple[str, ...]
    regimens: tuple[str, ...]
    studies: tuple[str, ...]
    endpoints: tuple[str, ...]
    measures: tuple[str, ...]
    licence: str
    citation: str
    doi: str
    simulated: bool
    notes: tuple[str, ...]


@dataclass(frozen=True)
class MeasuredGroup:
    """Patients with or without the measure: who has no biopsy is seldom chance."""

    label: str
    n: int
    response: Estimate
    evaluable: int
    responders: int
    deaths: int
    median: Estimate


@dataclass(frozen=True)
class Overview:
    """The overview of a store and a selection."""

    context: Context
    cards: tuple[CohortCard, ...]
    levels: Grouping
    table: TableOne
    measured: tuple[MeasuredGroup, ...]
    gaps: tuple[str, ...]


def overview(store: Store, selection: Selection) -> Overview:
    """Compute the overview. Its table is by infiltration level, whatever the other views are stratified by."""
    resolved = resolve(store, selection.only(by=("level",)))
    scope = Scope(resolved)
    scope.need_groups(("level",))
    sizes = counts(scope, {"level": "level"})
    levels = grouping(resolved, "level", sizes["level"], sizes["n"])
    return Overview(
        context=describe(resolved, scope),
        cards=tuple(cards(store)),
        levels=levels,
        table=table_one(scope, levels),
        measured=tuple(_measured(resolved)),
        gaps=tuple(gaps(store)),
    )


def cards(store: Store) -> list[CohortCard]:
    """Every cohort of the store, real ones first."""
    frame = store.table("cohort").sort_values(["simulated", "cohort"])
    wide = store.frame("SELECT cohort::VARCHAR AS cohort, tumour::VARCHAR AS tumour, regimen::VARCHAR AS regimen,"
                       " count(*)::BIGINT AS n FROM analysis GROUP BY ALL")  # fmt: skip
    deaths = _survival_counts(store)
    return [_card(store, row, wide[wide["cohort"] == row["cohort"]], deaths) for row in frame.to_dict("records")]


def _survival_counts(store: Store) -> pd.DataFrame:
    if "os_days" not in store.columns:
        return pd.DataFrame(columns=["cohort", "days", "events", "censored"])
    return store.frame(
        "SELECT cohort::VARCHAR AS cohort, os_days AS days, count(*) FILTER (os_event)::BIGINT AS events,"
        " count(*) FILTER (NOT os_event)::BIGINT AS censored FROM analysis WHERE os_days IS NOT NULL GROUP BY ALL"
    )


def _card(store: Store, row: Mapping[Hashable, object], wide: pd.DataFrame, deaths: pd.DataFrame) -> CohortCard:
    cohort = str(row["cohort"])
    own = deaths[deaths["cohort"] == cohort]
    table = event_table(own)
    measures = store.table("measure")
    endpoints = store.table("endpoint")
    studies = store.table("study")
    by_size = wide.groupby("tumour")["n"].sum().sort_values(ascending=False)
    by_regimen = wide.groupby("regimen")["n"].sum().sort_values(ascending=False)
    text = {key: str(row[key]) if isinstance(row[key], str) else "" for key in ("licence", "citation", "doi", "note")}
    return CohortCard(
        cohort=cohort,
        title=str(row["title"]),
        patients=int(wide["n"].sum()),
        deaths=table.n_events,
        follow_up=median_follow_up(table),
        tumours=tuple(f"{tumour_name(str(code))} ({n})" for code, n in by_size.items()),
        regimens=tuple(f"{name} ({n})" for name, n in by_regimen.items()),
        studies=tuple(studies.loc[studies["cohort"] == cohort, "title"]),
        endpoints=tuple(
            vocabulary.ENDPOINTS.get(e, e) for e in endpoints.loc[endpoints["cohort"] == cohort, "endpoint"]
        ),
        measures=tuple(measure_name(m) for m in measures.loc[measures["cohort"] == cohort, "measure"]),
        licence=text["licence"],
        citation=text["citation"],
        doi=text["doi"],
        simulated=bool(row["simulated"]),
        notes=tuple(line for line in text["note"].splitlines() if line),
    )


def tumour_name(code: str) -> str:
    """A tumour type in words, with its code."""
    known = vocabulary.tumours().get(code)
    return f"{known.name} [{code}]" if known else code


def measure_name(measure: str) -> str:
    """A measure in words."""
    known = vocabulary.measures().get(measure)
    return known.label if known else measure


def event_table(frame: pd.DataFrame) -> EventTable:
    """Counts by day as an event table of one group."""
    return EventTable.from_counts(
        frame["days"].to_numpy(dtype="int64"),
        frame["events"].to_numpy(dtype="int64"),
        frame["censored"].to_numpy(dtype="int64"),
    )


def _measured(resolved: Resolved) -> list[MeasuredGroup]:
    """Patients with and without the measure, before any level: response among the evaluable, and the endpoint."""
    found = []
    for label, condition in (("with the measure", "value_known"), ("without the measure", "NOT value_known")):
        scope = Scope(resolved)
        scope.steps.append(Step("", condition))
        found.append(_measured_group(resolved, label, scope))
    return [group for group in found if group.n] if all(g.n for g in found) else []


def _measured_group(resolved: Resolved, label: str, scope: Scope) -> MeasuredGroup:
    answers = tally(responses(scope, ()))
    outcome = Scope(resolved)
    outcome.steps = list(scope.steps)
    outcome.need_outcome(resolved.selection.endpoint)
    times = event_table(events(outcome, (), resolved.selection.endpoint))
    return MeasuredGroup(
        label=label,
        n=answers.n,
        response=estimate(answers, "orr", "evaluable", "clopper-pearson"),
        evaluable=answers.evaluable("orr"),
        responders=answers.responders("orr"),
        deaths=times.n_events,
        median=median(kaplan_meier(times, interval=resolved.selection.interval)),
    )


def gaps(store: Store) -> list[str]:
    """Organs of the seed without a real cohort that has both infiltration and immunotherapy, in words."""
    infiltration = ("immune_phenotype", *vocabulary.families()["cd8"])
    measures = store.table("measure")
    cohorts = store.table("cohort")
    real = cohorts[~cohorts["simulated"].astype(bool) & cohorts["immunotherapy"].fillna(False).astype(bool)]
    held = set(measures.loc[measures["measure"].isin(infiltration), "cohort"]) & set(real["cohort"])
    codes = store.frame(
        "SELECT DISTINCT cohort::VARCHAR AS cohort, tumour::VARCHAR AS tumour FROM analysis ORDER BY ALL"
    )
    covered = {
        vocabulary.tumours()[str(code)].organ
        for code in codes.loc[codes["cohort"].isin(held), "tumour"]
        if str(code) in vocabulary.tumours()
    }
    return [organ for organ in SEED_ORGANS if organ not in covered]
