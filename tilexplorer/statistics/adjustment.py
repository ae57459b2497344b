"""p-values adjusted over a family of tests, as R's `p.adjust`: tests without a p do not count."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def adjusted(p_values: Sequence[float], method: str) -> list[float]:
    """Holm ("holm") or Benjamini-Hochberg ("bh") adjusted p-values; NaN stays NaN.

    Raises
    ------
    ValueError
        If the method has another name.
    """
    if method not in ("holm", "bh"):
        raise ValueError(f"method must be holm or bh, not {method!r}")
    values = np.asarray(p_values, float)
    result = np.full(values.shape, np.nan)
    known = np.flatnonzero(~np.isnan(values))
    result[known] = _holm(values[known]) if method == "holm" else _benjamini_hochberg(values[known])
    return [float(value) for value in result]


def _holm(p: Floats) -> Floats:
    order = np.argsort(p, kind="stable")
    stepped = np.minimum(np.maximum.accumulate(np.arange(p.size, 0, -1) * p[order]), 1.0)
    result = np.empty_like(p)
    result[order] = stepped
    return result


def _benjamini_hochberg(p: Floats) -> Floats:
    order = np.argsort(p, kind="stable")[::-1]
    stepped = np.minimum(np.minimum.accumulate(p.size / np.arange(p.size, 0, -1) * p[order]), 1.0)
    result = np.empty_like(p)
    result[order] = stepped
    return result
