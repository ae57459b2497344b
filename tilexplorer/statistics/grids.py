"""Events and numbers at risk by group and event time: what log-rank tests and Cox models of levels have in common.

A grid is made once per table and kept as long as the table lives, since a page asks the same table for the k-sample
test, the trend, every pair, the hazard ratios and the test of their proportionality.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from tilexplorer.statistics.tables import EventTable, Times
from tilexplorer.statistics.ties import distinct_times, number_up_to

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """One stratum at its T event times.

    Attributes
    ----------
    time : shape (T,), ascending.
    events, at_risk : shape (K, T): events of each group at, and patients followed to, each event time.
    """

    time: Times
    events: Floats
    at_risk: Floats

    def of(self, groups: list[int]) -> Grid:
        """Some of the groups; times at which only the others had events stay, without events."""
        return Grid(self.time, self.events[groups], self.at_risk[groups])

    def between(self, after: float, until: float) -> Grid:
        """The event times after one time and up to another."""
        first, last = np.searchsorted(self.time, (after, until), side="right")
        kept = slice(int(first), int(last))
        return Grid(self.time[kept], self.events[:, kept], self.at_risk[:, kept])


_known: WeakKeyDictionary[EventTable, tuple[Grid, ...]] = WeakKeyDictionary()


def grids(table: EventTable) -> tuple[Grid, ...]:
    """One grid per stratum that has events, in the order of the strata."""
    found = _known.get(table)
    if found is None:
        found = _known[table] = _grids(table)
    return found


def _grids(table: EventTable) -> tuple[Grid, ...]:
    bounds = np.searchsorted(table.stratum, np.arange(len(table.strata) + 1))
    parts = (slice(int(start), int(stop)) for start, stop in pairwise(bounds))
    return tuple(_grid(table, rows) for rows in parts if table.events[rows].any())


def _grid(table: EventTable, rows: slice) -> Grid:
    group, time, events = table.group[rows], table.time[rows], table.events[rows]
    happened = events > 0
    moments, column = distinct_times(time[happened])
    size, width = len(table.groups), moments.size
    cell = group[happened] * width + column
    counts = np.bincount(cell, events[happened], size * width).astype(float)
    # A patient is at risk at every event time up to and including the last one followed.
    slot = group * (width + 1) + number_up_to(moments, time)
    leaving = np.bincount(slot, events + table.censored[rows], size * (width + 1)).astype(float)
    at_risk = np.ascontiguousarray(leaving.reshape(size, width + 1)[:, :0:-1].cumsum(axis=1)[:, ::-1])
    return Grid(moments, counts.reshape(size, width), at_risk)
