"""The partial likelihood of Cox on counted rows, with Efron's or Breslow's ties, vectorised over event times.

A counted row stands for `events + censored` patients with the same time, stratum and covariates; Efron's rule takes
the d events of one time as d patients, so that the result is that of the expanded data. (Library weights are not
counts in this sense.)

Efron's term of an event time with d events needs sums over k = 0 .. d - 1 of powers of 1 / (S0 - k/d D0), where S0
is the risk set's sum of exp(x'b) and D0 that of the events (module `efron`). These scalars are all that depends on k,
so the vectors and matrices are made once per event time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tilexplorer.statistics.efron import Efron
from tilexplorer.statistics.grids import Grid, grids
from tilexplorer.statistics.tables import EventTable, Times
from tilexplorer.statistics.ties import merge_close_times

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Numbers = NDArray[Any]  # float64, or complex128 where a derivative is taken by a complex step

Ties = Literal["efron", "breslow"]

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
        self.blocks: list[_Block]
        codes = np.flatnonzero(np.diff(design.stratum, prepend=-1)) if design.levels else np.unique(design.stratum)
        self.strata = max(1, codes.size)
        if design.levels is not None:
            by_group = design.levels.covariates - centre
            self.blocks = [_LevelBlock(grid, by_group, ties) for grid in design.levels.grids]
            return
        rows_by_stratum = (np.flatnonzero(design.stratum == code) for code in codes)
        self.blocks = [
            _RowBlock(design.time[rows], design.events[rows], weight[rows], design.covariates[rows] - centre, ties)
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


class _Sums(NamedTuple):
    """Of one block at one point: moments of the risk sets and of the events, and Efron's scalars, per event time."""

    loglik: Any
    risk: Numbers  # (1 + p + pairs, T)
    tied: Numbers  # the same of the events alone
    inverse: tuple[Numbers, Numbers]  # sums over k of 1/q, (k/d)/q
    squared: tuple[Numbers, Numbers, Numbers]  # of 1/q^2, (k/d)/q^2, (k/d)^2/q^2


class _Block:
    """One stratum. Subclasses give the moments of its risk sets; what the likelihood makes of them is here."""

    event_time: Floats
    observed: Floats  # (p, T): sum of the events' covariates

    def __init__(self, p: int, count: Floats, at_risk: Floats, ties: Ties) -> None:
        self.p = p
        self.rows, self.columns = np.triu_indices(p)
        self.event_count = count
        self.efron = Efron(count, at_risk) if ties == "efron" and bool((count > 1).any()) else None

    def moments_of(self, covariates: Floats) -> Floats:
        """1, the covariates and their products in pairs, as rows: shape (1 + p + pairs, m)."""
        pairs = covariates[:, self.rows] * covariates[:, self.columns]
        return np.ascontiguousarray(np.vstack([np.ones(covariates.shape[0]), covariates.T, pairs.T]))

    def at(self, coefficients: Numbers) -> tuple[Any, Numbers, Numbers | None]:
        """The events' sum of predictors, the moments of the risk sets and those of the events (None: no ties)."""
        raise NotImplementedError

    def sums(self, coefficients: Numbers) -> _Sums:
        """Everything that the likelihood and its derivatives need at a point."""
        predicted, risk, tied = self.at(coefficients)
        if self.efron is None or tied is None:
            inverse = self.event_count / risk[0]
            zero = np.zeros_like(inverse)
            loglik = predicted - self.event_count @ np.log(risk[0])
            return _Sums(loglik, risk, 0 * risk, (inverse, zero), (inverse / risk[0], zero, zero))
        sums = self.efron.sums(risk[0], tied[0])
        return _Sums(predicted - sums.log, risk, tied, sums.inverse, sums.squared)

    def total_score(self, sums: _Sums) -> Numbers:
        """Observed less expected covariates of all times, (p,)."""
        first, tied = sums.risk[1 : self.p + 1], sums.tied[1 : self.p + 1]
        total: Numbers = self.observed.sum(axis=1) - first @ sums.inverse[0] + tied @ sums.inverse[1]
        return total

    def total_information(self, sums: _Sums) -> Numbers:
        """The covariance of the covariates, summed over the times, (p, p): products, not one triangle per time."""
        second = sums.risk[self.p + 1 :] @ sums.inverse[0] - sums.tied[self.p + 1 :] @ sums.inverse[1]
        first, tied = sums.risk[1 : self.p + 1], sums.tied[1 : self.p + 1]
        plain, mixed, both = sums.squared
        crossed = (first * mixed) @ tied.T
        squares = (first * plain) @ first.T - crossed - crossed.T + (tied * both) @ tied.T
        total: Numbers = self.square(second) - squares
        return total

    def score(self, sums: _Sums) -> Numbers:
        """Observed less expected covariates, (p, T)."""
        first, tied = sums.risk[1 : self.p + 1], sums.tied[1 : self.p + 1]
        expected: Numbers = first * sums.inverse[0] - tied * sums.inverse[1]
        return self.observed - expected

    def information(self, sums: _Sums) -> Numbers:
        """The upper triangle of the covariance of the covariates, (pairs, T)."""
        second = sums.risk[self.p + 1 :] * sums.inverse[0] - sums.tied[self.p + 1 :] * sums.inverse[1]
        first, tied = sums.risk[1 : self.p + 1], sums.tied[1 : self.p + 1]
        one, other = first[self.rows], first[self.columns]
        one_tied, other_tied = tied[self.rows], tied[self.columns]
        plain, mixed, both = sums.squared
        crossed = (one * other_tied + one_tied * other) * mixed
        result: Numbers = second - one * other * plain + crossed - one_tied * other_tied * both
        return result

    def square(self, triangle: Numbers) -> Numbers:
        """The symmetric matrix of an upper triangle, (pairs, ...) to (p, p, ...)."""
        matrix = np.zeros((self.p, self.p, *triangle.shape[1:]), triangle.dtype)
        matrix[self.rows, self.columns] = triangle
        matrix[self.columns, self.rows] = triangle
        return matrix


def _predictors(covariates: Floats, coefficients: Numbers) -> Numbers:
    """Linear predictors less the largest; row by row, not by BLAS: equal rows must give equal predictors."""
    predictor: Numbers = (covariates * coefficients).sum(axis=1)
    centred: Numbers = predictor - predictor.real.max()
    return centred


class _RowBlock(_Block):
    """Rows sorted by descending time, so that risk sets are cumulative sums."""

    def __init__(self, time: Floats, events: Floats, weight: Floats, covariates: Floats, ties: Ties) -> None:
        order = np.argsort(-time, kind="stable")
        time, self.events, self.weight = time[order], events[order], weight[order]
        self.covariates = covariates[order]
        self.start = np.flatnonzero(np.concatenate(([True], np.diff(time) != 0)))
        stop = np.append(self.start[1:], time.size) - 1
        count = np.add.reduceat(self.events, self.start)
        self.happened = np.flatnonzero(count > 0)
        self.last = stop[self.happened]
        super().__init__(covariates.shape[1], count[self.happened], np.cumsum(self.weight)[self.last], ties)
        self.event_time = time[self.last]
        self.moments = self.moments_of(self.covariates)
        observed = np.add.reduceat(self.events * self.covariates.T, self.start, axis=1)
        self.observed = observed[:, self.happened]

    def at(self, coefficients: Numbers) -> tuple[Any, Numbers, Numbers | None]:
        """By cumulative sums over the rows."""
        predictor = _predictors(self.covariates, coefficients)
        relative = np.exp(predictor)
        risk = np.cumsum(self.moments * (self.weight * relative), axis=1)[:, self.last]
        if self.efron is None:
            return self.events @ predictor, risk, None
        tied = np.add.reduceat(self.moments * (self.events * relative), self.start, axis=1)[:, self.happened]
        return self.events @ predictor, risk, tied


class _LevelBlock(_Block):
    """Groups with the same covariates throughout: their numbers at risk are known, and a point costs a product."""

    def __init__(self, grid: Grid, covariates: Floats, ties: Ties) -> None:
        present = grid.at_risk.any(axis=1)
        self.at_risk, self.happened = grid.at_risk[present], grid.events[present]
        self.covariates = covariates[present]
        super().__init__(covariates.shape[1], self.happened.sum(axis=0), self.at_risk.sum(axis=0), ties)
        self.event_time = np.asarray(grid.time)
        self.moments = self.moments_of(self.covariates)
        self.events = self.happened.sum(axis=1)
        self.observed = self.covariates.T @ self.happened

    def at(self, coefficients: Numbers) -> tuple[Any, Numbers, Numbers | None]:
        """By products of the groups' moments with the counts."""
        predictor = _predictors(self.covariates, coefficients)
        weighted = self.moments * np.exp(predictor)
        tied = None if self.efron is None else weighted @ self.happened
        return self.events @ predictor, weighted @ self.at_risk, tied
