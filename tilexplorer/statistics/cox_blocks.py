"""One stratum of Cox's partial likelihood, from rows or from levels: risk sets' moments, score and information.

Efron's term of an event time with d events needs sums over k = 0 .. d - 1 of powers of 1 / (S0 - k/d D0), where S0
is the risk set's sum of exp(x'b) and D0 that of the events (module `efron`). These scalars are all that depends on k,
so the vectors and matrices are made once per event time.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tilexplorer.statistics.efron import Efron
from tilexplorer.statistics.grids import Grid

Floats = NDArray[np.float64]
Numbers = NDArray[Any]  # float64, or complex128 where a derivative is taken by a complex step

Ties = Literal["efron", "breslow"]


class Sums(NamedTuple):
    """Of one block at one point: moments of the risk sets and of the events, and Efron's scalars, per event time."""

    loglik: Any
    risk: Numbers  # (1 + p + pairs, T)
    tied: Numbers  # the same of the events alone
    inverse: tuple[Numbers, Numbers]  # sums over k of 1/q, (k/d)/q
    squared: tuple[Numbers, Numbers, Numbers]  # of 1/q^2, (k/d)/q^2, (k/d)^2/q^2


class Block(ABC):
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

    @abstractmethod
    def at(self, coefficients: Numbers) -> tuple[Any, Numbers, Numbers | None]:
        """The events' sum of predictors, the moments of the risk sets and those of the events (None: no ties)."""

    def sums(self, coefficients: Numbers) -> Sums:
        """Everything that the likelihood and its derivatives need at a point."""
        predicted, risk, tied = self.at(coefficients)
        if self.efron is None or tied is None:
            inverse = self.event_count / risk[0]
            zero = np.zeros_like(inverse)
            loglik = predicted - self.event_count @ np.log(risk[0])
            return Sums(loglik, risk, 0 * risk, (inverse, zero), (inverse / risk[0], zero, zero))
        sums = self.efron.sums(risk[0], tied[0])
        return Sums(predicted - sums.log, risk, tied, sums.inverse, sums.squared)

    def total_score(self, sums: Sums) -> Numbers:
        """Observed less expected covariates of all times, (p,)."""
        first, tied = sums.risk[1 : self.p + 1], sums.tied[1 : self.p + 1]
        total: Numbers = self.observed.sum(axis=1) - first @ sums.inverse[0] + tied @ sums.inverse[1]
        return total

    def total_information(self, sums: Sums) -> Numbers:
        """The covariance of the covariates, summed over the times, (p, p): products, not one triangle per time."""
        second = sums.risk[self.p + 1 :] @ sums.inverse[0] - sums.tied[self.p + 1 :] @ sums.inverse[1]
        first, tied = sums.risk[1 : self.p + 1], sums.tied[1 : self.p + 1]
        plain, mixed, both = sums.squared
        crossed = (first * mixed) @ tied.T
        squares = (first * plain) @ first.T - crossed - crossed.T + (tied * both) @ tied.T
        total: Numbers = self.square(second) - squares
        return total

    def score(self, sums: Sums) -> Numbers:
        """Observed less expected covariates, (p, T)."""
        first, tied = sums.risk[1 : self.p + 1], sums.tied[1 : self.p + 1]
        expected: Numbers = first * sums.inverse[0] - tied * sums.inverse[1]
        return self.observed - expected

    def information(self, sums: Sums) -> Numbers:
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


class RowBlock(Block):
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


class LevelBlock(Block):
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
