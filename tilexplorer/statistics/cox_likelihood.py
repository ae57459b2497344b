"""The partial likelihood of Cox on counted rows, with Efron's or Breslow's ties, vectorised over event times.

A counted row stands for `events + censored` patients with the same time, stratum and covariates; Efron's rule takes
the d events of one time as d patients, so that the result is that of the expanded data. (Library weights are not
counts in this sense.)

What one stratum gives is in `cox_blocks`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tilexplorer.statistics.cox_blocks import Block, LevelBlock, Numbers, RowBlock, Ties
from tilexplorer.statistics.grids import Grid, grids
from tilexplorer.statistics.tables import EventTable, Times
from tilexplorer.statistics.ties import merge_close_times

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

MOST_LEVELS = 64  # groups up to which risk sets are counted by group


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Covariates that are the same in a whole group: shape (K, p); and the grid of each stratum with events."""

    covariates: Floats
    grids: tuple[Grid, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CoxDesign:
    """Counted rows with covariates.

    Attributes
    ----------
    time : shape (m,), not negative, close times already merged.
    events, censored : shape (m,) counts.
    covariates : shape (m, p).
    stratum : shape (m,) codes; every stratum has a baseline hazard of its own.
    names : the p columns.
    levels : of an event table with few groups: the covariates of each group and the risk sets by group, which
        spare the rows; None otherwise.
    """

    time: Times
    events: Floats
    censored: Floats
    covariates: Floats
    stratum: Codes
    names: tuple[str, ...]
    levels: Levels | None = None

    @classmethod
    def make(
        cls,
        time: ArrayLike,
        events: ArrayLike,
        censored: ArrayLike,
        covariates: ArrayLike,
        *,
        stratum: ArrayLike | None = None,
        names: Sequence[str] | None = None,
    ) -> CoxDesign:
        """A design of any rows: merges close times, leaves out rows with missing or negative numbers.

        Raises
        ------
        ValueError
            If the shapes do not fit together.
        """
        times = np.asarray(time, float)
        happened, left = np.asarray(events, float), np.asarray(censored, float)
        columns = np.asarray(covariates, float)
        columns = columns[:, None] if columns.ndim == 1 else columns
        codes = np.zeros(times.size, np.int64) if stratum is None else np.unique(stratum, return_inverse=True)[1]
        if not times.shape == happened.shape == left.shape == codes.shape == columns.shape[:1]:
            raise ValueError("times, counts, strata and covariates differ in length")
        labels = tuple(names) if names is not None else tuple(f"x{i + 1}" for i in range(columns.shape[1]))
        if len(labels) != columns.shape[1]:
            raise ValueError(f"{columns.shape[1]} covariates need as many names, got {len(labels)}")
        with np.errstate(invalid="ignore"):
            good = np.isfinite(times) & (times >= 0) & np.isfinite(columns).all(axis=1)
            good &= (happened >= 0) & (left >= 0) & (happened + left > 0)
        times, happened, left, columns, codes = (a[good] for a in (times, happened, left, columns, codes))
        return cls(merge_close_times(times), happened, left, columns, codes, labels)

    @classmethod
    def of_levels(cls, table: EventTable, reference: str) -> CoxDesign:
        """Indicators of every group of a table but the reference, stratified by the table's strata.

        Raises
        ------
        ValueError
            If the reference is not a group of the table.
        """
        if reference not in table.groups:
            raise ValueError(f"no such group: {reference}")
        others = [code for code, label in enumerate(table.groups) if label != reference]
        by_group = np.eye(len(table.groups))[:, others]
        names = tuple(table.groups[code] for code in others)
        counts = table.events.astype(float), table.censored.astype(float)
        levels = Levels(by_group, grids(table)) if len(table.groups) <= MOST_LEVELS else None
        return cls(table.time, *counts, by_group[table.group], table.stratum, names, levels)

    def between(self, after: float, until: float) -> CoxDesign:
        """The same patients with only the events after one time and up to another; of a design with levels.

        Raises
        ------
        ValueError
            If the design has no levels.
        """
        if self.levels is None:
            raise ValueError("only a design of few levels can be cut by time")
        return replace(self, levels=Levels(self.levels.covariates, tuple(self._cut(after, until))))

    def _cut(self, after: float, until: float) -> Iterator[Grid]:
        for grid in self.levels.grids if self.levels else ():
            kept = grid.between(after, until)
            if kept.time.size:
                yield kept

    @property
    def n(self) -> int:
        """Patients."""
        return int(self.events.sum() + self.censored.sum())

    @property
    def n_events(self) -> int:
        """Events."""
        return int(self.events.sum())


class Value(NamedTuple):
    """The log partial likelihood at a point, its gradient (p,), and the information (p, p)."""

    loglik: Any
    score: Numbers
    information: Numbers


class ByTime(NamedTuple):
    """Contributions of T event times: time (T,), events (T,), score (T, p), information (T, p, p)."""

    time: Floats
    events: Floats
    score: Floats
    information: Floats


class PartialLikelihood:
    """The log partial likelihood of a design as a function of the coefficients.

    Covariates are centred at their means for precision; the coefficients do not change by it.
    """

    def __init__(self, design: CoxDesign, ties: Ties = "efron") -> None:
        if ties not in ("efron", "breslow"):
            raise ValueError(f"ties must be efron or breslow, not {ties!r}")
        self.design = design
        self.ties: Ties = ties
        weight = design.events + design.censored
        total = weight.sum()
        centre = weight @ design.covariates / total if total > 0 else np.zeros(design.covariates.shape[1])
        self.blocks: list[Block]
        codes = np.flatnonzero(np.diff(design.stratum, prepend=-1)) if design.levels else np.unique(design.stratum)
        self.strata = max(1, codes.size)
        if design.levels is not None:
            by_group = design.levels.covariates - centre
            self.blocks = [LevelBlock(grid, by_group, ties) for grid in design.levels.grids]
            return
        rows_by_stratum = (np.flatnonzero(design.stratum == code) for code in codes)
        self.blocks = [
            RowBlock(design.time[rows], design.events[rows], weight[rows], design.covariates[rows] - centre, ties)
            for rows in rows_by_stratum
            if design.events[rows].any()
        ]

    @property
    def n_events(self) -> float:
        """Events that enter the likelihood."""
        return float(sum(block.event_count.sum() for block in self.blocks))

    @property
    def size(self) -> int:
        """The number of coefficients."""
        return len(self.design.names)

    def value(self, coefficients: Numbers) -> Value:
        """Log likelihood, score and information, summed over strata."""
        total: Any = 0.0
        score: Numbers = np.zeros(self.size, coefficients.dtype)
        information: Numbers = np.zeros((self.size, self.size), coefficients.dtype)
        for block in self.blocks:
            part = block.sums(coefficients)
            total += part.loglik
            score = score + block.total_score(part)
            information = information + block.total_information(part)
        return Value(total, score, information)

    def by_time(self, coefficients: Floats) -> ByTime:
        """The contributions of every event time of every stratum."""
        time, events = [np.zeros(0)], [np.zeros(0)]
        score, information = [np.zeros((0, self.size))], [np.zeros((0, self.size, self.size))]
        for block in self.blocks:
            part = block.sums(coefficients)
            time.append(block.event_time)
            events.append(block.event_count)
            score.append(block.score(part).T)
            information.append(block.square(block.information(part)).transpose(2, 0, 1))
        return ByTime(*(np.concatenate(parts) for parts in (time, events, score, information)))
