"""Whether patients of a file are published already, under whatever name the cohort has: nobody is to count them twice.

Ids alone prove nothing, for many files begin with patient 1. The same id with the same time and event of the same
endpoint does, in enough patients.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from tilexplorer.importers.mapping import DAYS
from tilexplorer.store import Store

_THERE: Final = """
select cohort, patient, endpoint, days, event from outcome where lower(patient) in (select unnest($ids))
"""
_FEWEST: Final = 5
# So many of the patients whose ids are in both cohorts have to agree; sources repeat data with corrections.
_SHARE: Final = 0.8
# Times that one source gives in days and another in months differ by rounding.
_APART: Final = DAYS["months"] / 20 + 1


@dataclass(frozen=True, slots=True)
class Overlap:
    """A published cohort, how many patients of the file are in it, and how many the file has."""

    cohort: str
    same: int
    patients: int

    @property
    def sentence(self) -> str:
        """What that means for who publishes both."""
        return (
            f"{self.same} of {self.patients} patients have an id and an outcome of the published cohort {self.cohort}: "
            "if they are the same patients, choose one of the two cohorts in the sidebar, or they are counted twice"
        )


def overlaps(outcomes: pd.DataFrame, store: Store) -> tuple[Overlap, ...]:
    """The published cohorts that hold patients of a file, the largest overlap first.

    Parameters
    ----------
    outcomes
        The canonical table of the file. A published cohort of its own name is not compared: it will be replaced.
    store
        What is published.
    """
    ids = outcomes["patient"].astype(str).str.casefold().unique().tolist()
    there = store.frame(_THERE, {"ids": ids})
    there = there[~there["cohort"].isin(outcomes["cohort"].unique())]
    both = _keyed(outcomes).merge(_keyed(there), on=["key", "endpoint"], suffixes=("", "_there"))
    alike = (both["event"] == both["event_there"]) & ((both["days"] - both["days_there"]).abs() <= _APART)
    found = (
        both.assign(alike=alike).groupby(["cohort_there", "key"])["alike"].all().groupby(level=0).agg(["sum", "size"])
    )
    enough = found[(found["sum"] >= _FEWEST) & (found["sum"] >= _SHARE * found["size"])]
    patients = outcomes["patient"].nunique()
    made = (Overlap(str(name), int(same), patients) for name, same in enough["sum"].items())
    return tuple(sorted(made, key=lambda one: -one.same))


def _keyed(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Outcomes by ids as they are compared: without regard to case."""
    rows = outcomes[["cohort", "patient", "endpoint", "days", "event"]]
    return rows.assign(key=rows["patient"].astype(str).str.casefold(), days=rows["days"].astype("float64"))
