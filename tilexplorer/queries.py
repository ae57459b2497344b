"""The questions that are put to a generation: two aggregates, the flow of exclusions, and rows where needed.

`events` and `responses` return counts: a row per stratum, group and day, or per stratum, group and category. Everything
that the statistics need follows from them, at any number of patients.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from tilexplorer.analysis_table import measure_column, quoted
from tilexplorer.scope import Scope
from tilexplorer.store import Store

STRATA: Final = ("cohort", "study", "tumour")


def strata_of(by: Sequence[str]) -> tuple[str, ...]:
    """The fields that make strata: cohort, study and tumour type, minus what is in `by`.

    A study lies within one cohort: groups that are cohorts or studies would never meet in a stratum of either.
    """
    given = {*by, "cohort", "study"} if {"cohort", "study"} & set(by) else set(by)
    return tuple(key for key in STRATA if key not in given)


@dataclass(frozen=True, slots=True)
class Flow:
    """How many patients were chosen, how many each step left out in turn, and how many remain."""

    chosen: int
    excluded: tuple[tuple[str, int], ...]
    remaining: int
    emptied_by: str = ""


def flow(scope: Scope) -> Flow:
    """Patients left out by each step in turn, each counted at the first step that it fails."""
    whens = " ".join(f"WHEN NOT coalesce({s.keep}, false) THEN {i}" for i, s in enumerate(scope.steps))
    step = f"CASE {whens} ELSE -1 END" if scope.steps else "-1"
    found = scope.run(f"SELECT {step} AS step, count(*)::BIGINT AS n FROM a GROUP BY 1")
    counts = dict(zip(found["step"], found["n"], strict=True))
    excluded = tuple((s.reason, int(counts[i])) for i, s in enumerate(scope.steps) if counts.get(i))
    remaining = int(counts.get(-1, 0))
    chosen = int(sum(counts.values()))
    return Flow(chosen, excluded, remaining, "" if remaining else _emptied_by(scope, counts, chosen))


def emptied_cohorts(scope: Scope) -> dict[str, str]:
    """For each chosen cohort of which nobody remains, the step that left out its last patient."""
    step = " ".join(f"WHEN NOT coalesce({s.keep}, false) THEN {i}" for i, s in enumerate(scope.steps))
    case = f"CASE {step} ELSE {len(scope.steps)} END" if step else "0"
    found = scope.run(f"SELECT a.cohort::VARCHAR AS cohort, max({case}) AS step FROM a GROUP BY 1 ORDER BY 1")
    return {
        str(cohort): scope.steps[int(last)].reason
        for cohort, last in zip(found["cohort"], found["step"], strict=True)
        if int(last) < len(scope.steps)
    }


def _emptied_by(scope: Scope, counts: Mapping[int, int], chosen: int) -> str:
    left = chosen
    for i, step in enumerate(scope.steps):
        left -= int(counts.get(i, 0))
        if left == 0:
            return step.reason
    return "no cohort chosen"


def _grouping(scope: Scope, by: Sequence[str]) -> tuple[str, list[str]]:
    """The select list of strata and groups, and their names."""
    strata = strata_of(by)
    parts = [f"a.{key} AS stratum_{key}" for key in strata]
    parts += [f"{scope.group(key)} AS g{i + 1}" for i, key in enumerate(by)]
    return ", ".join(parts), [f"stratum_{key}" for key in strata] + [f"g{i + 1}" for i in range(len(by))]


def events(scope: Scope, by: Sequence[str], endpoint: str) -> pd.DataFrame:
    """Counts by stratum, group and day: columns stratum_*, g1, g2, days, events, censored (int64)."""
    keys, names = _grouping(scope, by)
    if not scope.has_endpoint(endpoint):
        return pd.DataFrame(columns=[*names, "days", "events", "censored"])
    days, event = f"a.{quoted(endpoint + '_days')}", f"a.{quoted(endpoint + '_event')}"
    select = (
        f"SELECT {keys + ', ' if keys else ''}{days} AS days, count(*) FILTER ({event})::BIGINT AS events,"
        f" count(*) FILTER (NOT {event})::BIGINT AS censored FROM a WHERE {scope.where()} GROUP BY ALL"
    )
    return scope.run(select)


def responses(scope: Scope, by: Sequence[str]) -> pd.DataFrame:
    """Counts by stratum, group and category: columns stratum_*, g1, g2, response, benefit, durable, n (int64)."""
    keys, _ = _grouping(scope, by)
    select = (
        f"SELECT {keys + ', ' if keys else ''}a.response::VARCHAR AS response, a.benefit, a.durable,"
        f" count(*)::BIGINT AS n FROM a WHERE {scope.where()} GROUP BY ALL"
    )
    return scope.run(select)


def rows(scope: Scope, columns: Mapping[str, str]) -> pd.DataFrame:
    """A row per patient where counts cannot answer: `columns` maps a name to a column of the wide table or to SQL of
    this module's own making, never to a user's text."""
    listed = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in columns.items())
    return scope.run(f"SELECT {listed} FROM a WHERE {scope.where()}")


def first_rows(scope: Scope, columns: Mapping[str, str], order: Sequence[str], most: int) -> pd.DataFrame:
    """As `rows`, at most `most` of them in the order of some of the names."""
    listed = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in columns.items())
    by = ", ".join(quoted(name) for name in order)
    return scope.run(f"SELECT {listed} FROM a WHERE {scope.where()} ORDER BY {by} LIMIT {int(most)}")


def counts(scope: Scope, columns: Mapping[str, str]) -> pd.DataFrame:
    """Patients by every combination of `columns` (as for `rows`): those columns and n (int64)."""
    listed = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in columns.items())
    return scope.run(f"SELECT {listed}, count(*)::BIGINT AS n FROM a WHERE {scope.where()} GROUP BY ALL")


def quartiles(scope: Scope, column: str, by: str) -> pd.DataFrame:
    """Quartiles (type 7) and the number with a value of a numeric column: columns g1, q1, median, q3, n, missing."""
    return scope.run(
        f"SELECT {scope.group(by)} AS g1, quantile_cont({column}, 0.25) AS q1, quantile_cont({column}, 0.5) AS median,"
        f" quantile_cont({column}, 0.75) AS q3, count({column})::BIGINT AS n,"
        f" (count(*) - count({column}))::BIGINT AS missing FROM a WHERE {scope.where()} GROUP BY 1"
    )


def holds_zero(store: Store, measure: str, cohorts: Sequence[str]) -> bool:
    """Whether any patient of the cohorts has a value of zero or less before treatment, whatever the filters say."""
    column = measure_column(measure)
    if column not in store.columns:
        return False
    select = f"SELECT min({quoted(column)}) AS lowest FROM analysis WHERE list_contains($cohorts, cohort::VARCHAR)"
    return bool((store.frame(select, {"cohorts": list(cohorts)})["lowest"] <= 0).any())
