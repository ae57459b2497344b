"""The event table: how many events and censorings each group of each stratum had at each time.

It is all that Kaplan-Meier, the log-rank tests, restricted means and Cox models of categories need, at any number
of patients. SQL makes it; the constructors here also make it from patients, for tests and small selections.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tilexplorer.statistics.labels import ALL, Codes, encode
from tilexplorer.statistics.ties import merge_close_times

# int64 in the app (days), float64 where a source has another unit
Times = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class EventTable:
    """Counts by stratum, group and time, sorted by those three, one row per distinct combination.

    Attributes
    ----------
    stratum, group : shape (R,) codes into `strata` and `groups`.
    time : shape (R,) int64 or float64, not negative; days in the app, any unit here.
    events, censored : shape (R,) int64 counts; their sum is positive in every row.
    groups, strata : the labels in dictionary order; a level may have no rows.
    excluded : patients that were left out: time missing or negative, event missing, level missing or undeclared.
    """

    stratum: Codes
    group: Codes
    time: Times
    events: NDArray[np.int64]
    censored: NDArray[np.int64]
    groups: tuple[str, ...] = (ALL,)
    strata: tuple[str, ...] = (ALL,)
    excluded: int = 0

    @classmethod
    def from_counts(
        cls,
        time: ArrayLike,
        events: ArrayLike,
        censored: ArrayLike,
        *,
        group: ArrayLike | None = None,
        stratum: ArrayLike | None = None,
        groups: Sequence[str] | None = None,
        strata: Sequence[str] | None = None,
    ) -> EventTable:
        """The table of counts that are already aggregated, in any order, with or without duplicates.

        Parameters
        ----------
        time, events, censored : shape (m,); a row with a missing or negative value is excluded and counted.
        group, stratum : shape (m,) labels, or codes into groups and strata; None: one for all.
        groups, strata : the labels in dictionary order; None: in the order of first appearance.

        Raises
        ------
        ValueError
            If the arrays differ in length.
        """
        times = _times(time)
        happened, left = _counts(events, times.size), _counts(censored, times.size)
        group_code, group_names = encode(group, groups, times.size)
        stratum_code, stratum_names = encode(stratum, strata, times.size)
        with np.errstate(invalid="ignore"):
            good = np.isfinite(times) & (times >= 0) & (happened >= 0) & (left >= 0)
        good &= np.isfinite(happened) & np.isfinite(left) & (group_code >= 0) & (stratum_code >= 0)
        excluded = 0 if good.all() else _patients(happened[~good], left[~good])
        if excluded or not good.all():
            times, happened, left = times[good], happened[good], left[good]
            group_code, stratum_code = group_code[good], stratum_code[good]
        return _table(
            stratum_code, group_code, merge_close_times(times), happened.astype(np.int64), left.astype(np.int64),
            group_names, stratum_names, excluded,
        )  # fmt: skip

    @classmethod
    def from_rows(
        cls,
        time: ArrayLike,
        event: ArrayLike,
        *,
        group: ArrayLike | None = None,
        stratum: ArrayLike | None = None,
        groups: Sequence[str] | None = None,
        strata: Sequence[str] | None = None,
    ) -> EventTable:
        """The table of one row per patient; event is 1 or True for an event, 0 or False for a censoring.

        Any other or a missing event value excludes the patient, as `from_counts` says.
        """
        times = _times(time)
        flag = _counts(event, times.size)
        flag = np.where((flag == 0) | (flag == 1), flag, np.nan)
        return cls.from_counts(times, flag, 1 - flag, group=group, stratum=stratum, groups=groups, strata=strata)

    @property
    def n(self) -> int:
        """Patients."""
        return self.n_events + int(self.censored.sum())

    @property
    def n_events(self) -> int:
        """Events."""
        return int(self.events.sum())

    @property
    def n_by_group(self) -> NDArray[np.int64]:
        """Patients of each group, shape (K,)."""
        return self._by_group(self.events + self.censored)

    @property
    def events_by_group(self) -> NDArray[np.int64]:
        """Events of each group, shape (K,)."""
        return self._by_group(self.events)

    def _by_group(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.bincount(self.group, counts, len(self.groups)).astype(np.int64)

    def of_group(self, label: str) -> EventTable:
        """One group alone, with its strata.

        Raises
        ------
        ValueError
            If no group has this label.
        """
        if len(self.strata) > 1 or label not in self.groups:
            return self.only((label,))
        code = self.groups.index(label)  # its rows lie together
        start, stop = np.searchsorted(self.group, (code, code + 1))
        rows = slice(int(start), int(stop))
        return replace(
            self,
            stratum=self.stratum[rows],
            group=np.zeros(rows.stop - rows.start, np.int64),
            time=self.time[rows],
            events=self.events[rows],
            censored=self.censored[rows],
            groups=(label,),
        )

    def only(self, groups: Iterable[str]) -> EventTable:
        """These groups alone, in the order of this table.

        Raises
        ------
        ValueError
            If a label is not a group of this table.
        """
        wanted = set(groups)
        unknown = wanted.difference(self.groups)
        if unknown:
            raise ValueError(f"no such group: {', '.join(sorted(unknown))}")
        if len(wanted) == len(self.groups):
            return self
        return self._keep_groups([label in wanted for label in self.groups])

    def nonempty(self) -> EventTable:
        """Without the groups that have no patients."""
        present = np.zeros(len(self.groups), bool)
        present[self.group] = True
        return self if present.all() else self._keep_groups(present)

    def _keep_groups(self, keep: ArrayLike) -> EventTable:
        kept = np.asarray(keep, bool)
        rows = kept[self.group]
        renumbered = np.cumsum(kept) - 1
        return replace(
            self,
            stratum=self.stratum[rows],
            group=renumbered[self.group[rows]],
            time=self.time[rows],
            events=self.events[rows],
            censored=self.censored[rows],
            groups=tuple(label for label, is_kept in zip(self.groups, kept, strict=True) if is_kept),
        )

    def pooled(self) -> EventTable:
        """All groups as one, with the strata kept."""
        if len(self.groups) == 1:
            return self
        one = np.zeros_like(self.group)
        return self._rebuilt(self.stratum, one, (ALL,), self.strata)

    def merge_strata(self) -> EventTable:
        """The strata summed, with the groups kept."""
        if len(self.strata) == 1:
            return self
        one = np.zeros_like(self.stratum)
        return self._rebuilt(one, self.group, self.groups, (ALL,))

    def _rebuilt(self, stratum: Codes, group: Codes, groups: tuple[str, ...], strata: tuple[str, ...]) -> EventTable:
        return _table(stratum, group, self.time, self.events, self.censored, groups, strata, self.excluded)

    def flipped(self) -> EventTable:
        """Events and censorings exchanged: the table of the follow-up."""
        return replace(self, events=self.censored, censored=self.events)

    def after(self, landmark: float) -> EventTable:
        """Patients still followed strictly after the landmark, with the clock started again there."""
        rows = self.time > landmark
        return replace(
            self,
            stratum=self.stratum[rows],
            group=self.group[rows],
            time=self.time[rows] - landmark,
            events=self.events[rows],
            censored=self.censored[rows],
        )

    def until(self, limit: float) -> EventTable:
        """Follow-up ended at a limit: whoever is followed longer is censored there."""
        beyond = self.time > limit
        if not beyond.any():
            return self
        time = np.where(beyond, np.asarray(limit, self.time.dtype), self.time)
        events = np.where(beyond, 0, self.events)
        censored = np.where(beyond, self.events + self.censored, self.censored)
        return _table(self.stratum, self.group, time, events, censored, self.groups, self.strata, self.excluded)


def _times(time: ArrayLike) -> Times:
    array = np.asarray(time)
    if array.ndim != 1:
        raise ValueError(f"times must be one-dimensional, got shape {array.shape}")
    if np.issubdtype(array.dtype, np.integer):
        return array.astype(np.int64, copy=False)
    return array.astype(np.float64, copy=False)


def _counts(counts: ArrayLike, length: int) -> NDArray[np.float64]:
    array = np.asarray(counts, np.float64)  # float first: a missing count arrives as NaN
    if array.shape != (length,):
        raise ValueError(f"expected {length} counts, got an array of shape {array.shape}")
    return array


def _patients(events: NDArray[np.float64], censored: NDArray[np.float64]) -> int:
    """How many patients the excluded rows hold: at least one where a count is itself missing."""
    unknown = ~(np.isfinite(events) & np.isfinite(censored) & (events >= 0) & (censored >= 0))
    return int(np.where(unknown, 1.0, np.nan_to_num(events) + np.nan_to_num(censored)).sum())


def _table(
    stratum: Codes,
    group: Codes,
    time: Times,
    events: NDArray[np.int64],
    censored: NDArray[np.int64],
    groups: tuple[str, ...],
    strata: tuple[str, ...],
    excluded: int,
) -> EventTable:
    """Sort, merge duplicates, drop rows without patients."""
    rows = events + censored > 0
    cell = stratum * max(len(groups), 1) + group
    if not (rows.all() and _sorted(cell, time)):
        kept = np.flatnonzero(rows)
        one_cell = len(groups) == 1 and len(strata) == 1
        order = kept[np.argsort(time[kept], kind="stable") if one_cell else np.lexsort((time[kept], cell[kept]))]
        stratum, group, cell = stratum[order], group[order], cell[order]
        time, events, censored = time[order], events[order], censored[order]
    if time.size == 0:
        return EventTable(stratum, group, time, events, censored, groups, strata, excluded)
    first = np.concatenate(([True], (np.diff(cell) != 0) | (np.diff(time) != 0)))
    if not first.all():
        start = np.flatnonzero(first)
        stratum, group, time = stratum[start], group[start], time[start]
        events, censored = np.add.reduceat(events, start), np.add.reduceat(censored, start)
    return EventTable(stratum, group, time, events, censored, groups, strata, excluded)


def _sorted(cell: Codes, time: Times) -> bool:
    """Whether rows already ascend by cell and time."""
    step = np.diff(cell)
    return bool(((step > 0) | ((step == 0) & (time[1:] >= time[:-1]))).all())
