"""The rows that leave the store: whole cohorts, or the patients of a selection and nothing of anybody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pandas as pd

from tilexplorer.analysis_table import quoted
from tilexplorer.errors import InvalidQuery, UnknownCohort
from tilexplorer.importers.strict import nearest
from tilexplorer.queries import flow, rows
from tilexplorer.resolve import resolve
from tilexplorer.schema import BY_NAME, TABLES, Canonical, Table, with_rows
from tilexplorer.scope import Scope
from tilexplorer.selection import Selection
from tilexplorer.store import Store

COURSE: Final = ["cohort", "patient", "course"]
PATIENT: Final = ["cohort", "patient"]

# How the rows of a table follow the patients of a selection; the other tables are cards of their cohort.
_FOLLOWS: Final[Mapping[str, list[str]]] = {
    "course": COURSE,
    "outcome": COURSE,
    "patient": PATIENT,
    "sample": PATIENT,
    "value": PATIENT,
}
NOT_SELECTED: Final = "not in the exported selection"


@dataclass(frozen=True)
class Extract:
    """Canonical tables of one generation that are to be exported.

    Attributes
    ----------
    generation : id of the generation that they were taken from.
    tables : every canonical table, its rows in the order of its key.
    held : for each cohort, the number of courses that the generation holds.
    query : the selection as a query string; "" for whole cohorts.
    left_out : cohorts that were chosen and may not be pooled with the others, with the reason.
    """

    generation: str
    tables: Canonical
    held: Mapping[str, int]
    query: str = ""
    left_out: tuple[tuple[str, str], ...] = ()

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """Exported courses by cohort: the n of the pages."""
        found = self.tables["course"]["cohort"].value_counts()
        return {cohort: int(found.get(cohort, 0)) for cohort in self.tables.cohorts}

    @property
    def n(self) -> int:
        """Exported courses: the n of the pages."""
        return len(self.tables["course"])

    def partial(self, cohort: str) -> bool:
        """Whether only some of the cohort's patients are exported."""
        return self.counts[cohort] < self.held[cohort]

    @property
    def simulated(self) -> bool:
        """Whether any of the patients are simulated."""
        return bool(self.tables["cohort"]["simulated"].any())


def of_cohorts(store: Store, cohorts: Sequence[str]) -> Extract:
    """Whole cohorts by their ids, each with every row that the generation has of it.

    Raises
    ------
    UnknownCohort
        The store has no cohort of this name.
    """
    there = list(store.table("cohort")["cohort"])
    for name in cohorts:
        if name not in there:
            raise UnknownCohort(f"the store has no cohort '{name}'; {nearest(name, there)}")
    chosen = [name for name in there if name in set(cohorts)]
    tables = Canonical.of({table.name: _rows(store, table, chosen) for table in TABLES})
    held = tables["course"]["cohort"].value_counts()
    return Extract(store.generation, tables, {name: int(held.get(name, 0)) for name in chosen})


def of_selection(store: Store, selection: Selection) -> Extract:
    """The patients that the filters of a selection keep: as many as the patients page counts.

    What a view leaves out further, because it needs an endpoint or a measure, is exported: it belongs to the selection.

    Raises
    ------
    InvalidQuery
        A filter of the selection is not understood, so that more would be exported than was asked for; or nobody is
        left.
    """
    resolved = resolve(store, selection)
    if resolved.problems:
        raise InvalidQuery(f"nothing is exported while a part of the selection is ignored: {resolved.problems[0]}")
    scope = Scope(resolved)
    keys = rows(scope, {"cohort": "a.cohort::VARCHAR", "patient": "a.patient", "course": "a.course"})
    if keys.empty:
        raise InvalidQuery(f"the selection holds no patient: '{flow(scope).emptied_by}' left out the last one")
    whole = of_cohorts(store, sorted(keys["cohort"].unique()))
    query = resolved.selection.to_query(store.generation)
    return Extract(store.generation, _only(whole.tables, keys), whole.held, query, resolved.left_out)


def _rows(store: Store, table: Table, cohorts: Sequence[str]) -> pd.DataFrame:
    """The rows of a table that belong to the cohorts, in the order of its key: the same rows give the same file."""
    listed = ", ".join(quoted(name) for name in table.names)
    order = ", ".join(quoted(name) for name in (*table.key, *table.names))
    mine = "list_contains($cohorts, cohort)"
    where = mine if "cohort" in table.names else f"regimen IN (SELECT regimen FROM course WHERE {mine})"
    found = store.frame(f"SELECT {listed} FROM {table.name} WHERE {where} ORDER BY {order}", {"cohorts": list(cohorts)})
    return table.conform(found)


def _only(whole: Canonical, keys: pd.DataFrame) -> Canonical:
    """The tables of the cohorts with the rows of the chosen courses only."""
    frames = dict(whole.frames)
    for name, key in _FOLLOWS.items():
        frames[name] = whole[name][_matching(whole[name], keys, key)]
    for name in ("regimen", "component"):
        frames[name] = whole[name][whole[name]["regimen"].isin(frames["course"]["regimen"])]
    overlap = whole["overlap"]
    # An empty id means that another cohort holds all of its patients.
    frames["overlap"] = overlap[(overlap["patient"] == "") | _matching(overlap, keys, PATIENT)]
    frames["exclusion"] = _counted(whole, frames["course"])
    return Canonical.of(frames)


def _matching(frame: pd.DataFrame, keys: pd.DataFrame, key: list[str]) -> pd.Series:
    wanted = pd.MultiIndex.from_frame(keys[key])
    return pd.Series(pd.MultiIndex.from_frame(frame[key]).isin(wanted), index=frame.index)


def _counted(whole: Canonical, kept: pd.DataFrame) -> pd.DataFrame:
    """The source's exclusions, and how many patients of each cohort the selection left out."""
    left = whole["course"]["cohort"].value_counts().sub(kept["cohort"].value_counts(), fill_value=0)
    rows = [
        {"cohort": cohort, "what": "patient", "reason": NOT_SELECTED, "n": int(n)}
        for cohort, n in left.sort_index().items()
        if n > 0
    ]
    return with_rows(whole["exclusion"], BY_NAME["exclusion"], rows)
