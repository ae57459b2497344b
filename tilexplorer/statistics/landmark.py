"""Landmark tables: groups that are formed after the start of follow-up, compared from a fixed time on.

Whoever had the event or was lost before the landmark is left out and counted; the groups are what was known at the
landmark; the clock starts again there (Anderson, Cain and Gelber 1983, J Clin Oncol 1:710). This is the only way in
which responders and non-responders may be compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tilexplorer.statistics.tables import EventTable
from tilexplorer.statistics.ties import merge_close_times


@dataclass(frozen=True, slots=True, eq=False)
class Landmark:
    """A table from the landmark on, and who is not in it.

    Attributes
    ----------
    landmark : in the unit of the times.
    table : time since the landmark.
    excluded_events, excluded_censored : patients with an event or a censoring at or before the landmark.
    """

    landmark: float
    table: EventTable
    excluded_events: int
    excluded_censored: int

    @property
    def excluded(self) -> int:
        """All patients left out."""
        return self.excluded_events + self.excluded_censored


def landmark_table(table: EventTable, landmark: float) -> Landmark:
    """The patients of a table who were followed beyond the landmark; groups must be those known at the landmark."""
    gone = table.time <= landmark
    return Landmark(landmark, table.after(landmark), int(table.events[gone].sum()), int(table.censored[gone].sum()))


def responders_from(
    time: ArrayLike,
    event: ArrayLike,
    response_time: ArrayLike,
    landmark: float,
    *,
    stratum: ArrayLike | None = None,
    labels: tuple[str, str] = ("no response yet", "response"),
) -> Landmark:
    """Responders and non-responders by the landmark, from rows.

    Parameters
    ----------
    time, event : shape (n,) follow-up from the start and 1 for an event.
    response_time : shape (n,) time of response; NaN for none.
    landmark : chosen before looking, e.g. the first planned scan.
    labels : of those without and with a response by then.
    """
    when = np.asarray(response_time, float)
    with np.errstate(invalid="ignore"):
        group = (when <= landmark).astype(np.int64)
    merged = merge_close_times(np.asarray(time, float))
    table = EventTable.from_rows(merged, event, group=group, stratum=stratum, groups=labels)
    return landmark_table(table, landmark)
