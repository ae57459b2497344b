"""Restricted cubic splines of a continuous measure: Harrell's basis and his places for the knots.

Harrell. Regression Modeling Strategies, 2nd ed. 2015, section 2.4.5 and table 2.3.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

# Quantiles (type 7) of the knots, by their number.
KNOT_QUANTILES: dict[int, tuple[float, ...]] = {
    3: (0.1, 0.5, 0.9),
    4: (0.05, 0.35, 0.65, 0.95),
    5: (0.05, 0.275, 0.5, 0.725, 0.95),
}
MANY_EVENTS = 100  # from here four knots, below three


def knots_for(events: int) -> int:
    """Number of knots that this many events carry: three below 100 events, else four."""
    return 4 if events >= MANY_EVENTS else 3


def place_knots(x: ArrayLike, number: int) -> tuple[float, ...]:
    """Knots at Harrell's quantiles of x; missing values are left out.

    Returns
    -------
    The knots, rising; an empty tuple where tied values leave fewer distinct knots than asked for (no spline then: a
    measure that sits on few values is a category).

    Raises
    ------
    ValueError
        If the number is not 3, 4 or 5.
    """
    if number not in KNOT_QUANTILES:
        raise ValueError(f"a restricted cubic spline has 3, 4 or 5 knots here, not {number}")
    values = np.asarray(x, dtype=float)
    values = values[np.isfinite(values)]
    if values.size == 0:
        return ()
    places = np.quantile(values, KNOT_QUANTILES[number])
    return tuple(places.tolist()) if len(np.unique(places)) == number else ()


def spline_basis(x: ArrayLike, knots: ArrayLike) -> Array:
    """Harrell's restricted cubic spline basis: linear beyond the outer knots.

    Parameters
    ----------
    x : shape (n,). knots : shape (k,), strictly rising, k >= 3.

    Returns
    -------
    Array
        Shape (n, k - 1): x itself, then k - 2 cubic columns divided by the squared range of the knots, so that all
        columns have the unit of x (Hmisc's norm=2).

    Raises
    ------
    ValueError
        If there are fewer than three knots or they do not rise.
    """
    places, values = np.asarray(knots, dtype=float), np.asarray(x, dtype=float)
    if len(places) < 3 or np.any(np.diff(places) <= 0):
        raise ValueError(f"knots must be at least three rising numbers, not {places.tolist()}")
    last, before = places[-1], places[-2]
    scale = (last - places[0]) ** 2
    columns = [values]
    for knot in places[:-2]:
        tail = _cube(values - before) * (last - knot) - _cube(values - last) * (before - knot)
        columns.append((_cube(values - knot) - tail / (last - before)) / scale)
    return np.column_stack(columns)


def _cube(z: Array) -> Array:
    return np.asarray(np.maximum(z, 0.0) ** 3)
