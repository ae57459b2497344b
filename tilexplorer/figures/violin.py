"""The outline of a violin: how dense the patients lie along the axis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import gaussian_kde

Floats = NDArray[np.float64]

LEAST_VALUES = 10  # distinct ones, below which a density is an invention
POINTS = 64


def outline(places: Floats, half_width: float) -> tuple[Floats, Floats]:
    """A closed outline around 0 as (across, along), widest where most values lie; empty where too few differ.

    The density is Gaussian with Scott's bandwidth in the units of the axis (so on the log scale where the axis is),
    and is cut at the smallest and the largest value: a violin must not promise patients whom nobody saw.
    """
    known = places[np.isfinite(places)]
    if np.unique(known).size < LEAST_VALUES:
        return np.zeros(0), np.zeros(0)
    along = np.linspace(known.min(), known.max(), POINTS)
    density = gaussian_kde(known)(along)
    across = half_width * density / density.max()
    return np.concatenate([across, -across[::-1], across[:1]]), np.concatenate([along, along[::-1], along[:1]])
