"""What a view needs and the selection does not have: what it is, which cohorts have it, and the link that shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tilexplorer.selection import Selection
from tilexplorer.store import Store


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that is not in the selection.

    Attributes
    ----------
    what : in words. cohorts : ids of the cohorts of the store that have it. titles : their names.
    query : the query string that shows it; "" where no cohort has it.
    said : the whole of it in words of its own; "" for the usual ones.
    """

    what: str
    cohorts: tuple[str, ...]
    titles: tuple[str, ...]
    query: str
    said: str = ""

    @property
    def words(self) -> str:
        """The whole of it as a sentence."""
        if self.said:
            return self.said
        if not self.cohorts:
            return f"The selection has no {self.what}, and no cohort of this store has it."
        return f"The selection has no {self.what}. It is recorded in: {', '.join(self.titles)}."


def missing(store: Store, what: str, cohorts: Sequence[str], **shown: object) -> Missing:
    """Say that `what` is missing; `shown` are the fields of the selection that shows the first of the cohorts."""
    titles = dict(zip(store.table("cohort")["cohort"], store.table("cohort")["title"], strict=True))
    simulated = set(store.table("cohort").query("simulated")["cohort"])
    order = sorted(dict.fromkeys(cohorts), key=lambda cohort: (cohort in simulated, list(titles).index(cohort)))
    query = Selection(cohort=(order[0],)).only(**shown).to_query(store.generation) if order else ""
    return Missing(what, tuple(order), tuple(str(titles[cohort]) for cohort in order), query)


def cohorts_measuring(store: Store, measures: Sequence[str]) -> tuple[str, ...]:
    """Ids of the cohorts that have every one of the measures."""
    frame = store.table("measure")
    held = frame[frame["measure"].isin(list(measures))].groupby("cohort")["measure"].nunique()
    return tuple(str(cohort) for cohort in held.index[held == len(set(measures))])


def cohorts_with_samples(store: Store, timepoint: str) -> tuple[str, ...]:
    """Ids of the cohorts that have measured numbers at a timepoint."""
    found = store.frame(
        'SELECT DISTINCT x.cohort FROM "value" x JOIN sample s USING (cohort, patient, sample)'
        " WHERE s.timepoint = $timepoint AND x.number IS NOT NULL ORDER BY 1",
        {"timepoint": timepoint},
    )
    return tuple(found["cohort"])
