"""Counts by group, time and cause: the event table of competing risks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tilexplorer.statistics.labels import Codes, encode
from tilexplorer.statistics.tables import EventTable, Times
from tilexplorer.statistics.ties import merge_close_times


@dataclass(frozen=True, slots=True, eq=False)
class CauseTable:
    """One row per distinct (group, time), sorted by both.

    Attributes
    ----------
    group : shape (R,) codes into groups.
    time : shape (R,).
    counts : shape (R, 1 + C): censored, then the events of each of the C causes.
    groups, causes : labels in dictionary order.
    excluded : patients with a missing or negative time, a missing group or an unknown cause.
    """

    group: Codes
    time: Times
    counts: NDArray[np.int64]
    groups: tuple[str, ...]
    causes: tuple[str, ...]
    excluded: int = 0

    @classmethod
    def from_rows(
        cls,
        time: ArrayLike,
        cause: ArrayLike,
        *,
        group: ArrayLike | None = None,
        groups: Sequence[str] | None = None,
        causes: Sequence[str] = ("1", "2"),
    ) -> CauseTable:
        """One row per patient; cause is 0 for a censoring and the cause's number from 1 on for an event.

        Raises
        ------
        ValueError
            If the arrays differ in length.
        """
        times, number = np.asarray(time, float), np.asarray(cause, float)
        if times.ndim != 1 or times.shape != number.shape:
            raise ValueError("time and cause must be one-dimensional and of one length")
        codes, labels = encode(group, groups, times.size)
        good = np.isfinite(times) & (times >= 0) & np.isin(number, np.arange(len(causes) + 1)) & (codes >= 0)
        times, codes, number = merge_close_times(times[good]), codes[good], number[good].astype(np.int64)
        keys, position = np.unique(np.column_stack([codes, times]), axis=0, return_inverse=True)
        counts = np.zeros((keys.shape[0], len(causes) + 1), np.int64)
        np.add.at(counts, (position.ravel(), number), 1)
        excluded = int((~good).sum())
        return cls(keys[:, 0].astype(np.int64), keys[:, 1], counts, labels, tuple(causes), excluded)

    @property
    def n(self) -> int:
        """Patients."""
        return int(self.counts.sum())

    def of_group(self, label: str) -> CauseTable:
        """One group alone.

        Raises
        ------
        ValueError
            If no group has this label.
        """
        if label not in self.groups:
            raise ValueError(f"no such group: {label}")
        rows = self.group == self.groups.index(label)
        only = np.zeros(int(rows.sum()), np.int64)
        return replace(self, group=only, time=self.time[rows], counts=self.counts[rows], groups=(label,))

    def cause_specific(self, cause: str) -> EventTable:
        """The event table of one cause, the other causes counted as censored: for the cause-specific hazard."""
        column = 1 + self.causes.index(cause)
        events = self.counts[:, column]
        censored = self.counts.sum(axis=1) - events
        return EventTable.from_counts(self.time, events, censored, group=self.group, groups=self.groups)
