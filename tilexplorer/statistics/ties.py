"""Times that differ only in their last bits are one time.

R merges them before it looks at ties (`survival::aeqSurv`); without it 0.1 + 0.2 and 0.3 are two event times.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TOLERANCE = math.sqrt(np.finfo(np.float64).eps)  # R's default


def merge_close_times(time: NDArray[Any]) -> NDArray[Any]:
    """Replace times closer than 1.5e-8, absolutely or relative to the mean distinct time, by the smallest of them.

    Parameters
    ----------
    time : finite times of any number of patients, any unit; the whole table at once, before any grouping.

    Returns
    -------
    The same shape and type; the array itself where nothing had to be merged.

    Notes
    -----
    The rule of `aeqSurv` in the R package survival 3.5: a chain of close neighbours collapses to its first.
    """
    distinct = np.unique(time)
    if distinct.size < 2:
        return time
    gaps = np.diff(distinct)
    scale = float(np.abs(distinct).mean())
    tied = (gaps <= TOLERANCE) | (gaps / scale <= TOLERANCE)
    if not tied.any():
        return time
    cuts = distinct[np.concatenate(([True], ~tied))]
    merged: NDArray[Any] = cuts[np.searchsorted(cuts, time, side="right") - 1]
    return merged


MOST_DAYS = 200_000  # of integer times, up to which a lookup table is quicker than sorting


def distinct_times(time: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The distinct times, ascending, and the position of each time among them."""
    if time.dtype.kind != "i" or time.size == 0 or int(time.max()) > MOST_DAYS or int(time.min()) < 0:
        distinct, position = np.unique(time, return_inverse=True)
        return distinct, position.astype(np.int64)
    seen = np.zeros(int(time.max()) + 1, bool)
    seen[time] = True
    return np.flatnonzero(seen).astype(time.dtype), (np.cumsum(seen) - 1)[time]


def number_up_to(moments: NDArray[Any], time: NDArray[Any]) -> NDArray[np.int64]:
    """How many of the ascending distinct moments are not later than each time."""
    if time.dtype.kind != "i" or time.size == 0 or int(time.max()) > MOST_DAYS or int(time.min()) < 0:
        return np.searchsorted(moments, time, side="right").astype(np.int64)
    seen = np.zeros(int(time.max()) + 1, bool)
    seen[moments] = True
    number: NDArray[np.int64] = np.cumsum(seen)[time]
    return number
