"""The partial likelihood of Cox on counted rows, with Efron's or Breslow's ties, vectorised over event times.

A counted row stands for `events + censored` patients with the same time, stratum and covariates; Efron's rule takes
the d events of one time as d patients, so that the result is that of the expanded data. (Library weights are not
counts in this sense.)

Efron's term of an event time with d events needs sums over k = 0 .. d - 1 of powers of 1 / (S0 - k/d D0), where S0
is the risk set's sum of exp(x'b) and D0 that of the events. These scalars are all that depends on k, so the vectors
and matrices are made once per event time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tilexplorer.statistics.tables import EventTable
from tilexplorer.statistics.ties import merge_close_times

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Numbers = NDArray[Any]  # float64, or complex128 where a derivative is taken by a complex step

Ties = Literal["efron", "breslow"]


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
    """

    time: Floats
    events: Floats
    censored: Floats
    covariates: Floats
    stratum: Codes
    names: tuple[str, ...]

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
        return cls(table.time.astype(float), *counts, covariates, table.stratum, names)

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
        self.blocks = [
            _Block(design.time[rows], design.events[rows], weight[rows], centred[rows], ties)
            for rows in (np.flatnonzero(design.stratum == code) for code in np.unique(design.stratum))
            if design.events[rows].any()
        ]

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
    """One stratum, sorted by descending time, so that risk sets are cumulative sums."""

    def __init__(self, time: Floats, events: Floats, weight: Floats, covariates: Floats, ties: Ties) -> None:
        order = np.argsort(-time, kind="stable")
        time, self.events, self.weight = time[order], events[order], weight[order]
        self.covariates = covariates[order]
        p = covariates.shape[1]
        self.rows, self.columns = np.triu_indices(p)
        pairs = self.covariates[:, self.rows] * self.covariates[:, self.columns]
        self.moments = np.ascontiguousarray(np.vstack([np.ones(time.size), self.covariates.T, pairs.T]))
        self.start = np.flatnonzero(np.concatenate(([True], np.diff(time) != 0)))
        stop = np.append(self.start[1:], time.size) - 1
        count = np.add.reduceat(self.events, self.start)
        self.happened = np.flatnonzero(count > 0)
        self.last = stop[self.happened]
        self.event_time, self.event_count = time[self.last], count[self.happened]
        observed = np.add.reduceat(self.events * self.covariates.T, self.start, axis=1)
        self.observed = observed[:, self.happened]  # (p, T): sum of the events' covariates
        self.efron = ties == "efron" and bool((self.event_count > 1).any())

    @cached_property
    def expansion(self) -> tuple[Codes, Floats, Codes]:
        """For every single event: its event time's position, its k/d; and where each event time starts."""
        count = self.event_count.astype(np.int64)
        start = np.cumsum(count) - count
        position = np.repeat(np.arange(count.size), count)
        share = (np.arange(position.size) - start[position]) / count[position]
        return position, share, start

    def sums(self, coefficients: Numbers) -> _Sums:
        # row by row, not by BLAS: equal rows must give equal predictors
        predictor = (self.covariates * coefficients).sum(axis=1)
        predictor = predictor - predictor.real.max()
        relative = np.exp(predictor)
        risk = np.cumsum(self.moments * (self.weight * relative), axis=1)[:, self.last]
        loglik = self.events @ predictor
        if not self.efron:
            inverse = self.event_count / risk[0]
            zero = np.zeros_like(inverse)
            loglik = loglik - self.event_count @ np.log(risk[0])
            return _Sums(loglik, risk, zero + 0 * risk, (inverse, zero), (inverse / risk[0], zero, zero))
        tied = np.add.reduceat(self.moments * (self.events * relative), self.start, axis=1)[:, self.happened]
        position, share, start = self.expansion
        left = risk[0][position] - share * tied[0][position]
        reciprocal = 1 / left
        shared = share * reciprocal
        terms = (reciprocal, shared, reciprocal * reciprocal, shared * reciprocal, shared * shared)
        one, two, three, four, five = (np.add.reduceat(term, start) for term in terms)
        return _Sums(loglik - np.log(left).sum(), risk, tied, (one, two), (three, four, five))

    def score(self, sums: _Sums) -> Numbers:
        """Observed less expected covariates, (p, T)."""
        p = self.covariates.shape[1]
        expected: Numbers = sums.risk[1 : p + 1] * sums.inverse[0] - sums.tied[1 : p + 1] * sums.inverse[1]
        return self.observed - expected

    def information(self, sums: _Sums) -> Numbers:
        """The upper triangle of the covariance of the covariates, (pairs, T)."""
        p = self.covariates.shape[1]
        second = sums.risk[p + 1 :] * sums.inverse[0] - sums.tied[p + 1 :] * sums.inverse[1]
        first, tied = sums.risk[1 : p + 1], sums.tied[1 : p + 1]
        one, other = first[self.rows], first[self.columns]
        one_tied, other_tied = tied[self.rows], tied[self.columns]
        plain, mixed, both = sums.squared
        crossed = (one * other_tied + one_tied * other) * mixed
        result: Numbers = second - one * other * plain + crossed - one_tied * other_tied * both
        return result

    def square(self, triangle: Numbers) -> Numbers:
        """The symmetric matrix of an upper triangle, (pairs, ...) to (p, p, ...)."""
        p = self.covariates.shape[1]
        matrix = np.zeros((p, p, *triangle.shape[1:]), triangle.dtype)
        matrix[self.rows, self.columns] = triangle
        matrix[self.columns, self.rows] = triangle
        return matrix
