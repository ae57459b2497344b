"""What rank tests share: exact laws of rank sums, tie terms, and the inversion of a test into limits of a shift."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

_STEPS = 2_000  # bisection ends when two doubles touch, long before


def finite(values: ArrayLike) -> Array:
    """The finite values, as floats in one dimension: missing values never enter a rank."""
    flat = np.asarray(values, dtype=float).ravel()
    return np.asarray(flat[np.isfinite(flat)])


def tie_sizes(values: Array) -> Array:
    """Size of each set of equal values."""
    return np.unique(values, return_counts=True)[1].astype(float)


def tie_term(values: Array) -> float:
    """Sum over ties of t**3 - t, which every tie correction takes off."""
    t = tie_sizes(values)
    return float((t**3 - t).sum())


def sample_sum_law(scores: Array, size: int) -> Array:
    """Law of the sum of `size` scores drawn without replacement.

    Parameters
    ----------
    scores : shape (N,), whole numbers >= 0 (ranks, or midranks doubled).

    Returns
    -------
    Array
        Probability of each sum 0, 1, 2, ...
    """
    whole = np.rint(scores).astype(int)
    ways = np.zeros((size + 1, int(whole.sum()) + 1))
    ways[0, 0] = 1.0
    for score in whole:
        for taken in range(size, 0, -1):
            ways[taken, score:] += ways[taken - 1, : ways.shape[1] - score]
    return np.asarray(ways[size] / ways[size].sum())


def sign_sum_law(scores: Array) -> Array:
    """Law of the sum of those scores whose fair coin shows heads; whole numbers >= 0."""
    whole = np.rint(scores).astype(int)
    law = np.zeros(int(whole.sum()) + 1)
    law[0] = 1.0
    for score in whole:
        shifted = np.zeros_like(law)
        shifted[score:] = law[: len(law) - score]
        law = (law + shifted) / 2
    return law


def two_tailed(law: Array, observed: float) -> float:
    """Probability of a value as far from the mean as the observed one.

    Without ties the law is symmetric and this is R's twice the smaller tail.
    """
    places = np.arange(len(law))
    mean = float(places @ law)
    far = np.abs(places - mean) >= abs(observed - mean) * (1 - 1e-12) - 1e-9
    return float(min(1.0, law[far].sum()))


def lower_quantile(law: Array, probability: float) -> int:
    """Smallest place whose cumulative probability reaches the given one, to rounding."""
    return int(np.searchsorted(np.cumsum(law), probability - 10 * np.finfo(float).eps))


def last_positive(f: Callable[[float], float], low: float, high: float) -> float:
    """Place in [low, high] where a falling step function ceases to be positive, to the last bit.

    The whole interval's end where it has one sign only, as R does.
    """
    if f(low) <= 0:
        return low
    if f(high) > 0:
        return high
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if f(middle) > 0 else (low, middle)
    return high
