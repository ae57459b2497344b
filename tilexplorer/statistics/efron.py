"""Efron's sums over the events of one time, by expansion where they are few and by power series where they are many.

With d events at a time, S the risk set's sum of relative hazards and D that of the events, Efron's likelihood needs
the sums over k = 0 .. d - 1 of log q, 1/q, (k/d)/q, 1/q^2, (k/d)/q^2 and (k/d)^2/q^2, where q = S - (k/d) D.
With x = D/S they are series in x whose coefficients are the power sums P_j(d) = sum of (k/d)^j, so that the cost of
an event time does not grow with d: ten million patients cost what ten thousand do.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Numbers = NDArray[Any]

MANY = 8  # events at one time from which the series is cheaper
SMALL_SHARE = 0.02  # of the risk set, up to which the events of a time are summed by series
LARGEST_RATIO = 0.4  # of x; beyond it the series converges too slowly
SUMMED = 1000  # power sums of fewer events are added up, of more by Euler and Maclaurin
PRECISION = 1e-17


class EfronSums(NamedTuple):
    """The sum of all log q, and per event time the sums of 1/q, (k/d)/q and 1/q^2, (k/d)/q^2, (k/d)^2/q^2."""

    log: Any
    inverse: tuple[Numbers, Numbers]
    squared: tuple[Numbers, Numbers, Numbers]


class Efron:
    """The sums for fixed numbers of events, and of patients at risk, at T times; for any S and D."""

    def __init__(self, count: Floats, at_risk: Floats) -> None:
        self.count = count
        by_series = (count >= MANY) & (count <= SMALL_SHARE * at_risk)
        self.many, self.few = np.flatnonzero(by_series), np.flatnonzero(~by_series)
        self._known: Floats = np.zeros((0, self.many.size))

    def sums(self, risk: Numbers, tied: Numbers) -> EfronSums:
        """All sums at S = risk and D = tied, each of shape (T,)."""
        log, first, second = self._moments(risk, tied)
        # With q = S - (k/d) D, each k/d is (S - q) / D; what cancels here is lost again in the product with D.
        inverse = np.divide(1.0, tied, out=np.zeros_like(tied), where=tied != 0)
        shared = (risk * first - self.count) * inverse
        mixed = (risk * second - first) * inverse
        return EfronSums(log, (first, shared), (second, mixed, (risk * mixed - shared) * inverse))

    def _moments(self, risk: Numbers, tied: Numbers) -> tuple[Any, Numbers, Numbers]:
        """The sum of all log q, and per event time the sums of 1/q and 1/q^2."""
        ratio = tied[self.many] / risk[self.many]
        largest = float(np.abs(ratio).max(initial=0.0))
        if self.many.size == 0 or not largest <= LARGEST_RATIO:
            return self._expanded(self._everything, risk, tied)
        more, *many = self._series(risk[self.many], ratio, largest)
        if self.few.size == 0:
            return more, many[0], many[1]
        log, *few = self._expanded(self._few_events, risk[self.few], tied[self.few])
        parts = np.empty((2, self.count.size), np.result_type(few[0], many[0]))
        parts[:, self.few], parts[:, self.many] = few, many
        return log + more, parts[0], parts[1]

    @cached_property
    def _everything(self) -> tuple[Codes, Floats, Codes]:
        return _expansion(self.count)

    @cached_property
    def _few_events(self) -> tuple[Codes, Floats, Codes]:
        return _expansion(self.count[self.few])

    @staticmethod
    def _expanded(expansion: tuple[Codes, Floats, Codes], risk: Numbers, tied: Numbers) -> tuple[Any, Numbers, Numbers]:
        """The sum of logs and the two sums (T,), term by term."""
        position, share, start = expansion
        left = risk[position] - share * tied[position]
        reciprocal = 1 / left
        both = np.stack((reciprocal, reciprocal * reciprocal))
        first, second = np.add.reduceat(both, start, axis=1)
        return np.log(left).sum(), first, second

    def _series(self, risk: Numbers, ratio: Numbers, largest: float) -> tuple[Any, Numbers, Numbers]:
        """The same by power series in the ratio x: the sum of P_j x^j, of (j + 1) P_j x^j, and of P_j x^j / j."""
        terms = 2 if largest == 0 else max(2, math.ceil(math.log(PRECISION) / math.log(largest)))
        powers = np.empty((terms, ratio.size), ratio.dtype)
        powers[0], powers[1:] = 1.0, ratio
        np.multiply.accumulate(powers, axis=0, out=powers)
        powers *= self._power_sums(terms)
        order = np.arange(terms, dtype=float)
        reciprocal = np.divide(1.0, order, out=np.zeros(terms), where=order > 0)
        first, second, log = np.stack((np.ones(terms), order + 1, reciprocal)) @ powers
        logs = self.count[self.many] @ np.log(risk) - log.sum()
        return logs, first / risk, second / (risk * risk)

    def _power_sums(self, number: int) -> Floats:
        """P_j(d) for j < number and every time with many events, shape (number, T)."""
        if self._known.shape[0] < number:
            distinct, where = np.unique(self.count[self.many], return_inverse=True)
            self._known = power_sums(distinct, number + 4)[:, where]
        return self._known[:number]


def _expansion(count: Floats) -> tuple[Codes, Floats, Codes]:
    """For every single event its time's position and its k/d; and where each time starts."""
    whole = count.astype(np.int64)
    start = np.cumsum(whole) - whole
    position = np.repeat(np.arange(whole.size), whole)
    share = (np.arange(position.size) - start[position]) / whole[position]
    return position, share, start


def power_sums(count: Floats, number: int) -> Floats:
    """Sums over k < d of (k/d)^j for j = 0 .. number - 1 and each d in count, shape (number, T)."""
    result = np.empty((number, count.size))
    summed = count < SUMMED
    order = np.arange(number)[:, None]
    if summed.any():
        whole = count[summed].astype(np.int64)
        running = np.cumsum((np.arange(int(whole.max())) / whole.max()) ** order, axis=1)
        result[:, summed] = running[:, whole - 1] * (whole.max() / whole) ** order
    large = count[~summed]
    if large.size:
        result[:, ~summed] = _euler_maclaurin(large, order.astype(float))
    return result


def _euler_maclaurin(d: Floats, j: Floats) -> Floats:
    """The power sums of many events; the remainder is below 1e-15 of them for d >= 1000 and j <= 50."""
    total = d / (j + 1) - np.where(j > 0, 0.5, 0.0)
    factor = np.ones_like(j)
    for order, coefficient in ((1, 1 / 12), (3, -1 / 720), (5, 1 / 30240)):
        factor = np.ones_like(j)
        for below in range(order):
            factor = factor * (j - below)
        # derivatives at d less those at 0, which differ from 0 only where the derivative is a constant
        total = total + coefficient * np.where(j == order, 0.0, factor) / d**order
    return total
