"""Values as scores that can be compared between assays: ranks taken to a standard normal."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

BLOM = 3 / 8  # Blom G. Statistical Estimates and Transformed Beta-Variables. Wiley 1958


def rank_normal(values: ArrayLike, group: ArrayLike | None = None) -> NDArray[np.float64]:
    """Standard normal scores of the ranks: Phi^-1((rank - 3/8) / (n + 1/4)), ties at their mean rank.

    Parameters
    ----------
    values : shape (n,), in any unit; NaN stays NaN and is not ranked.
    group : shape (n,) labels; ranks are taken within each. None: one group.

    Returns
    -------
    shape (n,), in standard deviations of a normal variable. A value alone in its group scores 0.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    x = np.asarray(values, dtype=float)
    codes = np.zeros(len(x), dtype=int) if group is None else np.unique(np.asarray(group), return_inverse=True)[1]
    if len(codes) != len(x):
        raise ValueError(f"values and group differ in length: {len(x)} and {len(codes)}")
    scores = np.full(len(x), np.nan)
    for code in np.unique(codes):
        rows = np.flatnonzero((codes == code) & np.isfinite(x))
        ranks = stats.rankdata(x[rows])
        scores[rows] = special.ndtri((ranks - BLOM) / (len(rows) + 1 - 2 * BLOM))
    return scores
