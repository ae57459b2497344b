"""The Kaplan-Meier estimate with Greenwood's variance and three kinds of pointwise interval."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilexplorer.statistics import small
from tilexplorer.statistics.results import Z95
from tilexplorer.statistics.tables import EventTable, Times

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

Limits = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A survival curve: one entry per distinct observed time.

    Attributes
    ----------
    time : shape (T,), ascending, in the unit of the table.
    at_risk, events, censored : shape (T,): patients with time >= t; events and censorings at t.
    survival : shape (T,): S(t), right-continuous.
    std_error_log : shape (T,): Greenwood's standard error of log S(t); infinite where S is 0.
    lower, upper : shape (T,): pointwise 95% limits; NaN where R gives NA (S is 0; log-log also where S is 1).
    interval : "log-log", "log" or "plain".
    n, n_events : patients and events.
    last_time : the last observed time; NaN for no patients.
    """

    time: Times
    at_risk: Counts
    events: Counts
    censored: Counts
    survival: Floats
    std_error_log: Floats
    lower: Floats
    upper: Floats
    interval: str
    n: int
    n_events: int
    last_time: float

    def index(self, t: float) -> int:
        """The position of the last time <= t; -1 before the first."""
        return int(np.searchsorted(self.time, t, side="right")) - 1

    def at_risk_at(self, t: float) -> int:
        """Patients with time >= t."""
        position = int(np.searchsorted(self.time, t, side="left"))
        return int(self.at_risk[position]) if position < self.time.size else 0


def kaplan_meier(table: EventTable, *, interval: str = "log-log") -> Curve:
    """The survival curve of all patients of a table, pooled over its groups and strata.

    Parameters
    ----------
    table : any event table; an empty one gives an empty curve.
    interval : "log-log" (the default, as in SAS), "log" (R's default) or "plain".

    Raises
    ------
    ValueError
        If the interval has another name.

    Notes
    -----
    S(t) = prod(1 - d/n); var log S = sum d / (n (n - d)) (Greenwood 1926). An event at a time comes before a
    censoring at that time. Limits as R's survfit: clipped to [0, 1], undefined where S is 0.
    """
    if interval not in INTERVALS:
        raise ValueError(f"interval must be one of {', '.join(INTERVALS)}, not {interval!r}")
    one = table.pooled().merge_strata()
    leaving = one.events + one.censored
    n = int(leaving.sum())
    at_risk = n - np.cumsum(leaving) + leaving
    survival = np.cumprod(1.0 - one.events / at_risk)
    std_error = np.sqrt(np.cumsum(_greenwood(one.events, at_risk)))
    lower, upper = limits(survival, std_error, interval)
    last = float(one.time[-1]) if n else float("nan")
    return Curve(
        one.time, at_risk, one.events, one.censored, survival, std_error, lower, upper, interval,
        n, one.n_events, last,
    )  # fmt: skip


def curves(table: EventTable, interval: str = "log-log") -> dict[str, Curve]:
    """The curve of every group of a table, by label, in the table's order; a group without patients is empty."""
    return {label: kaplan_meier(table.of_group(label), interval=interval) for label in table.groups}


def _greenwood(events: Counts, at_risk: Counts) -> Floats:
    """Greenwood's terms d / (n (n - d)): 0 without events, infinite where nobody is left."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(events > 0, events / (at_risk * (at_risk - events).astype(np.float64)), 0.0)


def limits(survival: Floats, std_error_log: Floats, interval: str) -> Limits:
    """Pointwise 95% limits of a curve, of the named kind; NaN where they are undefined."""
    with np.errstate(divide="ignore", invalid="ignore"):
        lower, upper = INTERVALS[interval](survival, std_error_log)
    gone = survival == 0
    return np.where(gone, np.nan, lower), np.where(gone, np.nan, upper)


def _plain(survival: Floats, std_error_log: Floats) -> Limits:
    half = Z95 * std_error_log * survival
    return np.maximum(survival - half, 0.0), np.minimum(survival + half, 1.0)


def _log(survival: Floats, std_error_log: Floats) -> Limits:
    half, log_survival = Z95 * std_error_log, np.log(survival)
    return np.exp(log_survival - half), np.minimum(np.exp(log_survival + half), 1.0)


def _log_log(survival: Floats, std_error_log: Floats) -> Limits:
    log_survival = np.where(survival == 1.0, np.nan, np.log(survival))
    half = Z95 * std_error_log / log_survival  # negative
    centre = np.log(-log_survival)
    return np.exp(-np.exp(centre - half)), np.exp(-np.exp(centre + half))


INTERVALS: dict[str, Callable[[Floats, Floats], Limits]] = {"log-log": _log_log, "log": _log, "plain": _plain}


def tail_from(curve: Curve) -> float:
    """The first time at which too few are at risk to read the curve; NaN where that never happens."""
    below = np.flatnonzero(curve.at_risk < small.tail(curve.n))
    return float(curve.time[below[0]]) if below.size else math.nan
