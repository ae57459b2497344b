"""Concordance of a score with survival: Harrell's C, and Uno's with inverse probability of censoring weights.

A pair counts where the one with the shorter time had an event (a censoring at the same time is longer). It is
concordant where that one has the higher score. Counts are made on a grid of times by distinct scores, block by
block, so that memory stays bounded.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tilexplorer.statistics.results import NAN, Z95, Estimate, not_estimable
from tilexplorer.statistics.ties import merge_close_times

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

BLOCK = 2_000_000  # cells of a block of the grid

LAST_BITS = 1e-14  # of the largest score


@dataclass(frozen=True, slots=True)
class Concordance:
    """Numbers of pairs, their weights, and C with its standard error (infinitesimal jackknife, as R).

    concordant, discordant, tied_score : weighted comparable pairs; tied_time, tied_both : pairs of events at one
    time, which do not count.
    """

    concordant: float
    discordant: float
    tied_score: float
    tied_time: float
    tied_both: float
    estimate: Estimate


def harrell(
    time: ArrayLike,
    event: ArrayLike,
    score: ArrayLike,
    *,
    stratum: ArrayLike | None = None,
    count: ArrayLike | None = None,
) -> Concordance:
    """Harrell's C: the share of comparable pairs in which the higher score has the event first.

    Parameters
    ----------
    time, event, score : shape (n,); higher scores mean higher risk; ties in score count half.
    stratum : shape (n,); pairs are compared within strata only.
    count : shape (n,): patients of each row; None: one each.
    """
    rows = _Rows.make(time, event, score, stratum, count)
    return _concordance(rows, np.ones_like(rows.time), "Harrell's C")


def uno(time: ArrayLike, event: ArrayLike, score: ArrayLike, *, tau: float = math.inf) -> Concordance:
    """Uno's C: pairs weighted by 1 / G(t-)^2, G the Kaplan-Meier estimate of staying uncensored.

    Pairs whose event is later than tau do not count. Equal to R's `concordance(timewt = "n/G2", ymax = tau)`;
    libraries that take G(t) differ at ties. (Uno et al. 2011, Stat Med 30:1105.)
    """
    rows = _Rows.make(time, event, score, None, None)
    with np.errstate(divide="ignore"):
        weight = np.where(rows.time <= tau, 1 / censoring_free(rows.time, rows.event, rows.count) ** 2, 0.0)
    until = "" if math.isinf(tau) else f" to {tau:g}"
    return _concordance(rows, np.where(rows.event > 0, weight, 0.0), f"Uno's C{until}, weights 1/G(t-)^2")


def censoring_free(time: Floats, event: Floats, count: Floats) -> Floats:
    """G(t-) at each time: the probability of not being censored before it; at ties the events leave first."""
    distinct, position = np.unique(time, return_inverse=True)
    at_risk = np.cumsum(np.bincount(position, count)[::-1])[::-1] - np.bincount(position, count * event)
    lost = np.bincount(position, count * (1 - event))
    staying = np.cumprod(1 - lost / np.maximum(at_risk, lost + (lost == 0)))
    result: Floats = np.concatenate(([1.0], staying[:-1]))[position] if distinct.size else np.zeros(0)
    return result


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    time: Floats
    event: Floats
    score: Floats
    stratum: Codes
    count: Floats

    @classmethod
    def make(
        cls, time: ArrayLike, event: ArrayLike, score: ArrayLike, stratum: ArrayLike | None, count: ArrayLike | None
    ) -> _Rows:
        """Rows without missing values; ValueError where the lengths differ."""
        times, events, scores = (np.asarray(values, float) for values in (time, event, score))
        codes = np.zeros(times.size, np.int64) if stratum is None else np.unique(stratum, return_inverse=True)[1]
        counts = np.ones(times.size) if count is None else np.asarray(count, float)
        if not times.shape == events.shape == scores.shape == codes.shape == counts.shape:
            raise ValueError("time, event, score, stratum and count differ in length")
        good = np.isfinite(times) & (times >= 0) & np.isin(events, (0, 1)) & np.isfinite(scores) & (counts > 0)
        merged = merge_close_times(times[good])
        return cls(merged, events[good], _merge_last_bits(scores[good]), codes[good], counts[good])


def _merge_last_bits(score: Floats) -> Floats:
    """Scores that differ by rounding alone are one score: sums of coefficients that cancel are no order of risk."""
    distinct, position = np.unique(score, return_inverse=True)
    if distinct.size < 2:
        return score
    largest = float(np.abs(distinct).max())
    new = np.concatenate(([True], np.diff(distinct) > LAST_BITS * largest))
    merged: Floats = distinct[new][np.cumsum(new) - 1][position]
    return merged


def _concordance(rows: _Rows, weight: Floats, method: str) -> Concordance:
    """Pairs and C; weight: of each row's pairs where the row is the one with the event."""
    n, events = int(rows.count.sum()), int((rows.count * rows.event).sum())
    pairs, tied_time, tied_both = np.zeros(3), 0.0, 0.0
    influence = np.zeros((rows.time.size, 3))
    for code in np.unique(rows.stratum):
        inside = np.flatnonzero(rows.stratum == code)
        grid = _Grid(rows, weight, inside)
        influence[inside] = grid.as_event() + grid.as_rival()
        pairs += (grid.as_event() * (rows.count * rows.event)[inside, None]).sum(axis=0)
        both = grid.tied_events()
        tied_time, tied_both = tied_time + both[0], tied_both + both[1]
    comparable = float(pairs.sum())
    if not comparable > 0:
        estimate = not_estimable(method, "no comparable pair", n=n, events=events)
        return Concordance(0.0, 0.0, 0.0, tied_time, tied_both, estimate)
    somers = float(pairs[0] - pairs[1]) / comparable
    shift = (influence[:, 0] - influence[:, 1] - influence.sum(axis=1) * somers) / comparable
    error = math.sqrt(float((rows.count * shift**2).sum())) / 2
    value = (somers + 1) / 2
    estimate = Estimate(
        value, max(0.0, value - Z95 * error), min(1.0, value + Z95 * error), method, n, events, error, NAN
    )
    concordant, discordant, tied = (float(each) for each in pairs)
    return Concordance(concordant, discordant, tied, tied_time, tied_both, estimate)


class _Grid:
    """Counts of one stratum by time and score, visited in blocks of times."""

    def __init__(self, rows: _Rows, weight: Floats, inside: Codes) -> None:
        self.times, self.row = np.unique(rows.time[inside], return_inverse=True)
        self.scores, self.column = np.unique(rows.score[inside], return_inverse=True)
        self.event, self.count = rows.event[inside] > 0, rows.count[inside]
        self.weight = np.zeros(self.times.size)
        self.weight[self.row[self.event]] = weight[inside][self.event]
        self.height = max(1, BLOCK // self.scores.size)

    def _dense(self, start: int, stop: int, events: bool) -> Floats:
        chosen = (self.row >= start) & (self.row < stop) & (self.event == events)
        flat = (self.row[chosen] - start) * self.scores.size + self.column[chosen]
        counts = np.bincount(flat, self.count[chosen], (stop - start) * self.scores.size)
        return counts.astype(np.float64).reshape(stop - start, self.scores.size)

    def _blocks(self, descending: bool) -> Iterator[tuple[int, int]]:
        starts = range(0, self.times.size, self.height)
        for start in reversed(starts) if descending else starts:
            yield start, min(start + self.height, self.times.size)

    def as_event(self) -> Floats:
        """Weighted numbers of rivals with a lower, higher and equal score, for each row with an event, (n, 3)."""
        result = np.zeros((self.row.size, 3))
        later = np.zeros(self.scores.size)
        for start, stop in self._blocks(descending=True):
            happened, left = self._dense(start, stop, True), self._dense(start, stop, False)
            leaving = happened + left
            rivals = np.cumsum(leaving[::-1], axis=0)[::-1] - happened + later
            later = later + leaving.sum(axis=0)
            lower = np.cumsum(rivals, axis=1) - rivals
            mine = np.flatnonzero((self.row >= start) & (self.row < stop) & self.event)
            place = self.row[mine] - start, self.column[mine]
            total = rivals.sum(axis=1)[place[0]]
            result[mine, 0], result[mine, 2] = lower[place], rivals[place]
            result[mine, 1] = total - lower[place] - rivals[place]
        return result * self.weight[self.row][:, None]

    def as_rival(self) -> Floats:
        """Weighted numbers of earlier events with a higher, lower and equal score, for each row, (n, 3)."""
        result = np.zeros((self.row.size, 3))
        before = np.zeros((3, self.scores.size))
        for start, stop in self._blocks(descending=False):
            happened = self._dense(start, stop, True) * self.weight[start:stop, None]
            lower = np.cumsum(happened, axis=1) - happened
            higher = happened.sum(axis=1)[:, None] - lower - happened
            parts = np.stack([higher, lower, happened])
            through = np.cumsum(parts, axis=1) + before[:, None, :]
            mine = np.flatnonzero((self.row >= start) & (self.row < stop))
            place = self.row[mine] - start, self.column[mine]
            # an event meets the events before it, a censoring also those at its own time
            own = parts[:, place[0], place[1]] * self.event[mine]
            result[mine] = (through[:, place[0], place[1]] - own).T
            before = through[:, -1]
        return result

    def tied_events(self) -> tuple[float, float]:
        """Pairs of events at one time, with different and with equal scores."""
        different, equal = 0.0, 0.0
        for start, stop in self._blocks(descending=False):
            happened = self._dense(start, stop, True)
            same = (happened * (happened - 1) / 2).sum(axis=1)
            total = happened.sum(axis=1)
            different += float((total * (total - 1) / 2 - same).sum())
            equal += float(same.sum())
        return different, equal
