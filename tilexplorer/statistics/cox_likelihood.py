"""The partial likelihood of Cox on counted rows, with Efron's or Breslow's ties, vectorised over event times.

A counted row stands for `events + censored` patients with the same time, stratum and covariates; Efron's rule takes
the d events of one time as d patients, so that the result is that of the expanded data. (Library weights are not
counts in this sense.)

Efron's term of an event time with d events needs sums over k = 0 .. d - 1 of powers of 1 / (S0 - k/d D0), where S0
is the risk set's sum of exp(x'b) and D0 that of the events (module `efron`). These scalars are all that depends on k,
so the vectors and matrices are made once per event time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tilexplorer.statistics.efron import Efron
from tilexplorer.statistics.tables import EventTable, Times
from tilexplorer.statistics.ties import distinct_times, merge_close_times

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Numbers = NDArray[Any]  # float64, or complex128 where a derivative is taken by a complex step

Ties = Literal["efron", "breslow"]

MOST_PATTERNS = 64  # distinct rows of covariates up to which risk sets are counted by pattern


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
    pattern : shape (m,) codes of distinct rows of covariates, where they are few; None otherwise.
    """

    time: Times
    events: Floats
    censored: Floats
    covariates: Floats
    stratum: Codes
    names: tuple[str, ...]
    pattern: Codes | None = None

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
        covariates = (table.group[:, None] == np.array(others, np.int64)).astype(float)
        names = tuple(table.groups[code] for code in others)
        counts = table.events.astype(float), table.censored.astype(float)
        pattern = table.group if len(table.groups) <= MOST_PATTERNS else None
        return cls(table.time, *counts, covariates, table.stratum, names, pattern)

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
        centred = design.covariates - centre
        rows_by_stratum = (np.flatnonzero(design.stratum == code) for code in np.unique(design.stratum))
        self.blocks = [self._block(rows, weight, centred) for rows in rows_by_stratum if design.events[rows].any()]

    def _block(self, rows: Codes, weight: Floats, centred: Floats) -> _Block:
        design = self.design
        parts = design.time[rows], design.events[rows], weight[rows], centred[rows]
        if design.pattern is None:
            return _RowBlock(*parts, self.ties)
        return _PatternBlock(*parts, design.pattern[rows], self.ties)

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
            score = score + block.score(part).sum(axis=1)
            information = information + block.square(block.information(part).sum(axis=1))
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


class _PatternBlock(_Block):
    """Rows of few distinct covariates: numbers at risk of each are counted once, and a point costs a product."""

    def __init__(
        self, time: Floats, events: Floats, weight: Floats, covariates: Floats, pattern: Codes, ties: Ties
    ) -> None:
        distinct, first, row = np.unique(pattern, return_index=True, return_inverse=True)
        moment, column = distinct_times(time)
        happened, leaving = np.zeros((distinct.size, moment.size)), np.zeros((distinct.size, moment.size))
        cell = row * moment.size + column
        happened += np.bincount(cell, events, happened.size).reshape(happened.shape)
        leaving += np.bincount(cell, weight, leaving.size).reshape(leaving.shape)
        with_events = np.flatnonzero(happened.any(axis=0))
        self.at_risk = np.ascontiguousarray(leaving[:, ::-1].cumsum(axis=1)[:, ::-1][:, with_events])
        self.happened = np.ascontiguousarray(happened[:, with_events])
        super().__init__(covariates.shape[1], self.happened.sum(axis=0), self.at_risk.sum(axis=0), ties)
        self.event_time = moment[with_events]
        self.covariates = covariates[first]
        self.moments = self.moments_of(self.covariates)
        self.events = self.happened.sum(axis=1)
        self.observed = self.covariates.T @ self.happened

    def at(self, coefficients: Numbers) -> tuple[Any, Numbers, Numbers | None]:
        """By products of the patterns' moments with the counts."""
        predictor = _predictors(self.covariates, coefficients)
        weighted = self.moments * np.exp(predictor)
        tied = None if self.efron is None else weighted @ self.happened
        return self.events @ predictor, weighted @ self.at_risk, tied
