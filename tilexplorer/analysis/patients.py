"""The patients view: a table of the selection, one patient's profile, patients like a described one, and times.

Identifiers are those that the source published. A cohort of which fewer patients are selected than the smallest cell
that may be shown contributes no row, and is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from tilexplorer import formatting
from tilexplorer.analysis.context import Context, describe
from tilexplorer.analysis.groups import label_of
from tilexplorer.analysis.like import Like, endpoint_words, like
from tilexplorer.analysis.profile import Profile, label, profile
from tilexplorer.analysis_table import measure_column, quoted
from tilexplorer.queries import counts, first_rows
from tilexplorer.resolve import Resolved, resolve
from tilexplorer.scope import Scope
from tilexplorer.selection import Selection
from tilexplorer.statistics import small
from tilexplorer.store import Store
from tilexplorer.timescale import DAYS_PER_MONTH

MOST_ROWS: Final = 5000  # of the table; the rest is reached by a narrower selection
MOST_LANES: Final = 60  # of the swimmer plot

# Columns that are always there: name, column of the wide table, words.
FIELDS: Final = (
    ("cohort", "a.cohort::VARCHAR", "Cohort"),
    ("patient", "a.patient", "Patient"),
    ("study", "a.study::VARCHAR", "Study"),
    ("tumour", "a.tumour::VARCHAR", "Tumour"),
    ("regimen", "a.regimen::VARCHAR", "Regimen"),
    ("line", "a.line", "Line"),
    ("prior_io", "a.prior_io", "Immunotherapy before"),
    ("age", "a.age", "Age"),
    ("sex", "a.sex::VARCHAR", "Sex"),
    ("ecog", "a.ecog", "ECOG"),
    ("response", "a.response::VARCHAR", "Response"),
)
NOT_MEASURED: Final = "not measured"


@dataclass(frozen=True)
class Patients:
    """The patients view of a selection.

    Attributes
    ----------
    by_cohort : id and title of each cohort and its number of selected patients.
    table : a row per patient (at most MOST_ROWS): FIELDS, value, level, days and event of the endpoint, and a column
        for each other measure that the chosen cohorts hold, with ids as names.
    words : column ids in words, in order; `extra` are those of the other measures.
    withheld : cohorts whose patients are too few to be shown one by one, with their number.
    lanes : a row per drawn patient with times [days]: follow_up, died, progression, biopsies, response.
    drawable : patients with a time, of whom `lanes` are an even choice.
    """

    context: Context
    by_cohort: tuple[tuple[str, str, int], ...]
    endpoint: str
    endpoint_words: str
    table: pd.DataFrame
    words: dict[str, str]
    extra: tuple[str, ...]
    withheld: tuple[tuple[str, int], ...]
    lanes: pd.DataFrame
    drawable: int
    profile: Profile
    like: Like


def patients(store: Store, selection: Selection) -> Patients:
    """Compute the patients view: the selection's filters choose, `patient` and the `like_` fields ask for one."""
    resolved = resolve(store, selection)
    scope = Scope(resolved)
    context = describe(resolved, scope, *_cautions(resolved))
    sizes = by_cohort(resolved, scope)
    withheld = tuple((cohort, title, n) for cohort, title, n in sizes if n < small.DEFAULT.disclosure_cell)
    table, words, extra = _table(resolved, scope, [cohort for cohort, _, _ in withheld])
    lanes, drawable = _lanes(resolved, table)
    asked = resolved.selection.patient
    return Patients(
        context=context,
        by_cohort=sizes,
        endpoint=resolved.selection.endpoint,
        endpoint_words=endpoint_words(resolved),
        table=table,
        words=words,
        extra=extra,
        withheld=tuple((title, n) for _, title, n in withheld),
        lanes=lanes,
        drawable=drawable,
        profile=profile(resolved, asked, small.DEFAULT.disclosure_cell) if asked else Profile(),
        like=like(resolved),
    )


def by_cohort(resolved: Resolved, scope: Scope) -> tuple[tuple[str, str, int], ...]:
    """Id, title and number of patients of each cohort that has any in the scope."""
    found = counts(scope, {"cohort": "a.cohort::VARCHAR"}).sort_values("cohort")
    return tuple((str(c), resolved.title(str(c)), int(n)) for c, n in zip(found["cohort"], found["n"], strict=True))


def _cautions(resolved: Resolved) -> list[str]:
    found = []
    if len(set(resolved.measure_of.values())) > 1:
        found.append("the cohorts give different measures: their values stand in one column but are not on one scale")
    return found


def _table(
    resolved: Resolved, scope: Scope, withheld: list[str]
) -> tuple[pd.DataFrame, dict[str, str], tuple[str, ...]]:
    endpoint = resolved.selection.endpoint
    extra = _other_measures(resolved)
    columns = {name: sql for name, sql, _ in FIELDS} | {"value": "value", "level": "level"}
    if scope.has_endpoint(endpoint):
        columns |= {"days": f"a.{quoted(endpoint + '_days')}", "event": f"a.{quoted(endpoint + '_event')}"}
    columns |= {measure: f"a.{quoted(measure_column(measure))}" for measure in extra}
    found = first_rows(scope, columns, ("cohort", "patient"), MOST_ROWS)
    found = found[~found["cohort"].isin(withheld)].reset_index(drop=True)
    for name in ("days", "event"):
        if name not in found:
            found[name] = None
    found["level"] = [_level(resolved, value) for value in found["level"].astype(object)]
    words = {name: text for name, _, text in FIELDS} | {
        "value": resolved.measure_label,
        "level": "Level",
        "days": f"{endpoint_words(resolved)} [months]",
        "event": "Event",
    }
    return found, words | {measure: label(measure) for measure in extra}, extra


def _level(resolved: Resolved, value: object) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return NOT_MEASURED
    return label_of(resolved, "level", value)


def _other_measures(resolved: Resolved) -> tuple[str, ...]:
    """Measures that any chosen cohort holds at baseline, in the dictionary's order, without the chosen one."""
    held = resolved.store.table("measure")
    there = set(held.loc[held["cohort"].isin(resolved.cohorts), "measure"]) - set(resolved.measure_of.values())
    columns = [name.removeprefix("m_") for name in resolved.store.columns if name.startswith("m_")]
    return tuple(measure for measure in columns if measure in there)


def _lanes(resolved: Resolved, table: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """An even choice of at most MOST_LANES patients with a survival time, longest first, and how many have one."""
    keys = ["cohort", "patient"]
    if "os_days" not in resolved.store.columns or table.empty:
        return pd.DataFrame(columns=[*keys, "follow_up"]), 0
    progression = "pfs_days" in resolved.store.columns
    times = resolved.store.frame(
        "SELECT cohort::VARCHAR AS cohort, patient, os_days AS follow_up, os_event AS died,"
        f" {'CASE WHEN pfs_event THEN pfs_days END' if progression else 'NULL::INTEGER'} AS progression"
        " FROM analysis a WHERE list_contains($cohorts, a.cohort) AND os_days IS NOT NULL AND course = 1",
        {"cohorts": list(resolved.cohorts)},
    )
    joined = table[[*keys, "response", "level", "regimen"]].merge(times, on=keys)
    joined = joined.sort_values(["follow_up", *keys], ascending=[False, True, True], ignore_index=True)
    chosen = np.unique(np.linspace(0, max(len(joined) - 1, 0), min(MOST_LANES, len(joined))).round().astype(int))
    drawn = joined.iloc[chosen].reset_index(drop=True)
    drawn["biopsies"] = _biopsies(resolved, drawn)
    return drawn, len(joined)


def _biopsies(resolved: Resolved, drawn: pd.DataFrame) -> list[tuple[int, ...]]:
    """Days of each drawn patient's dated samples of the tumour after the start of treatment."""
    ids = [f"{c}/{p}" for c, p in zip(drawn["cohort"], drawn["patient"], strict=True)]
    found = resolved.store.frame(
        "SELECT cohort || '/' || patient AS id, days FROM sample WHERE tissue = 'tumour' AND days > 0"
        " AND list_contains($ids, cohort || '/' || patient) ORDER BY days",
        {"ids": ids},
    )
    days = found.groupby("id")["days"].agg(list).to_dict()
    return [tuple(int(day) for day in days.get(name, ())) for name in ids]


def shown_table(found: Patients, extra: list[str]) -> pd.DataFrame:
    """The table with names in words, times in months, and the chosen ones of the other measures."""
    names = [name for name in found.words if name not in found.extra or name in extra]
    made = found.table[names].copy()
    made["days"] = (pd.to_numeric(made["days"]) / DAYS_PER_MONTH).round(1)
    made["event"] = ["" if pd.isna(e) else ("yes" if e else "no") for e in made["event"]]
    made["prior_io"] = ["" if pd.isna(e) else ("yes" if e else "no") for e in made["prior_io"]]
    return made.rename(columns=found.words)


def size_words(found: Patients) -> str:
    """How much of the selection the table shows."""
    rows, n = len(found.table), found.context.n
    held = "; ".join(f"{title}: {few} patients, too few to be shown one by one" for title, few in found.withheld)
    shown = (
        f"{formatting.count(rows)} of {formatting.count(n)} patients"
        if rows < n
        else f"all {formatting.count(n)} patients"
    )
    return f"{shown}{'; ' + held if held else ''}"
