"""Numbers at risk, and events and censorings so far, below a survival figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tilexplorer.statistics.tables import EventTable

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class RiskTable:
    """Counts of K groups at T times.

    Attributes
    ----------
    times : shape (T,), in the unit of the table.
    at_risk : shape (K, T): patients with time >= t.
    events, censored : shape (K, T): cumulative, with time <= t.
    groups : the K labels.
    """

    times: NDArray[np.float64]
    at_risk: Counts
    events: Counts
    censored: Counts
    groups: tuple[str, ...]


def risk_table(table: EventTable, times: ArrayLike) -> RiskTable:
    """Count the patients of every group at the given times, strata summed.

    Raises
    ------
    ValueError
        If times is not one-dimensional.
    """
    moments = np.asarray(times, np.float64)
    if moments.ndim != 1:
        raise ValueError(f"times must be one-dimensional, got shape {moments.shape}")
    order = np.argsort(moments, kind="stable")
    back = np.argsort(order, kind="stable")
    ascending = moments[order]
    entering = _by_slot(table, table.events + table.censored, ascending, "right")
    at_risk = np.cumsum(entering[:, ::-1], axis=1)[:, ::-1][:, 1:]
    events = np.cumsum(_by_slot(table, table.events, ascending, "left"), axis=1)[:, :-1]
    censored = np.cumsum(_by_slot(table, table.censored, ascending, "left"), axis=1)[:, :-1]
    return RiskTable(moments, at_risk[:, back], events[:, back], censored[:, back], table.groups)


def _by_slot(table: EventTable, counts: Counts, moments: NDArray[np.float64], side: Literal["left", "right"]) -> Counts:
    """Counts per group and slot between ascending moments, shape (K, T + 1).

    side "left": slot j holds moments[j - 1] < time <= moments[j]; "right": moments[j - 1] <= time < moments[j].
    """
    width = moments.size + 1
    slot = np.searchsorted(moments, table.time, side=side)
    flat = np.bincount(table.group * width + slot, counts, len(table.groups) * width)
    return flat.astype(np.int64).reshape(len(table.groups), width)
