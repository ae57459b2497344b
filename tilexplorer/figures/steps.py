"""A step curve as arrays: begin it at 0, leave out what changes nothing, cut a piece out of it, read it at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


class _Curve(Protocol):
    @property
    def time_days(self) -> Floats: ...
    @property
    def survival(self) -> Floats: ...
    @property
    def lower(self) -> Floats: ...
    @property
    def upper(self) -> Floats: ...
    @property
    def at_risk(self) -> Floats | None: ...


@dataclass(frozen=True)
class Steps:
    """Times [d], ascending, and what holds from each of them on: S(t), its limits, the number at risk."""

    time: Floats
    survival: Floats
    lower: Floats
    upper: Floats
    at_risk: Floats

    @classmethod
    def of(cls, curve: _Curve) -> Self:
        """The arrays of a curve, as floats."""
        time = np.asarray(curve.time_days, dtype=float)
        at_risk = np.full(len(time), np.nan) if curve.at_risk is None else np.asarray(curve.at_risk, dtype=float)
        return cls(
            time,
            np.asarray(curve.survival, dtype=float),
            np.asarray(curve.lower, dtype=float),
            np.asarray(curve.upper, dtype=float),
            at_risk,
        )

    def take(self, places: NDArray[np.intp]) -> Steps:
        """The points at these places, in their order."""
        return Steps(
            self.time[places],
            self.survival[places],
            self.lower[places],
            self.upper[places],
            self.at_risk[places],
        )

    def moved(self, place: int, time: float) -> Steps:
        """The same points with one of them at another time."""
        times = self.time.copy()
        times[place] = time
        return Steps(times, self.survival, self.lower, self.upper, self.at_risk)


def from_zero(steps: Steps) -> Steps:
    """The curve from time 0 and 100% on, where it does not begin there."""
    if len(steps.time) and steps.time[0] <= 0:
        return steps
    first_risk = steps.at_risk[0] if len(steps.at_risk) else np.nan
    return Steps(
        np.concatenate([[0.0], steps.time]),
        np.concatenate([[1.0], steps.survival]),
        np.concatenate([[1.0], steps.lower]),
        np.concatenate([[1.0], steps.upper]),
        np.concatenate([[first_risk], steps.at_risk]),
    )


def only_changes(steps: Steps) -> Steps:
    """Leave out the times at which the curve does not fall (censorings alone): the drawing stays exactly the same."""
    keep = np.ones(len(steps.time), dtype=bool)
    keep[1:-1] = steps.survival[1:-1] != steps.survival[:-2]
    return steps.take(np.flatnonzero(keep))


def between(steps: Steps, start: float, end: float) -> Steps:
    """The piece from `start` to `end` [d]: what holds at `start`, each fall after it, and the level held at `end`.

    A fall exactly at `start` is in this piece and one exactly at `end` is not, unless the curve ends there: then it
    is drawn, since no other piece will.
    """
    inside = (steps.time > start) & (steps.time < end)
    if end >= steps.time[-1]:
        inside |= steps.time == steps.time[-1]
    held = max(0, int(np.searchsorted(steps.time, start, side="left")) - 1) if start > 0 else 0
    places = np.concatenate([[held], np.flatnonzero((steps.time == start) & (start > 0)), np.flatnonzero(inside)])
    piece = steps.take(places.astype(np.intp)).moved(0, start)
    if piece.time[-1] < end and end < steps.time[-1]:
        places = np.append(np.arange(len(piece.time)), len(piece.time) - 1)
        piece = piece.take(places).moved(len(places) - 1, end)
    return piece


def at(steps: Steps, times: Floats) -> Floats:
    """S(t), including the fall at t itself; 1 before the first time."""
    places = np.searchsorted(steps.time, times, side="right") - 1
    return np.where(places < 0, 1.0, steps.survival[np.maximum(places, 0)])
