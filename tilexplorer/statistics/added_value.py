"""What a marker adds to a model in discrimination: the change in C, corrected for having been fitted to these patients.

The change is optimistic where it is measured on the patients to whom the models were fitted. Both models are refitted
in bootstrap resamples; what they lose from the resample to the original patients is the optimism (Harrell, Lee, Mark.
Stat Med 1996;15:361), and the limits are the bootstrap's, shifted by it (Noma et al. Stat Med 2021;40:5691).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilexplorer.statistics.results import Estimate, not_estimable

Array = NDArray[np.float64]
Rows = NDArray[np.int64]

RESAMPLES = 200
FEWER_RESAMPLES = 100  # from MANY_PATIENTS on, where each refit takes long
MANY_PATIENTS = 400
SEED = 20240611
MOST_PATIENTS = 1000  # more make the bootstrap slower than a page may be
LEAST_FITTED = 0.9  # share of the resamples that must have given a fit

Fit = Callable[[Rows, Array], "Array | None"]
Score = Callable[[Rows, Array], float]


@dataclass(frozen=True, slots=True)
class AddedValue:
    """Discrimination of a model with and without a marker.

    Attributes
    ----------
    without, with_marker : apparent C of the two models.
    change : optimism-corrected change in C with bootstrap limits.
    apparent, optimism : the change as measured, and what of it is owed to fitting.
    resamples, seed : of the bootstrap.
    """

    without: float
    with_marker: float
    change: Estimate
    apparent: float
    optimism: float
    resamples: int
    seed: int


def comparable(time: Array, event: Array, stratum: Rows) -> NDArray[np.bool_]:
    """Pairs that count for Harrell's C, shape (n, n): the first has the event before the second, within a stratum.

    Made once, so that a bootstrap only looks pairs up; `concordance.harrell` gives the same C in less memory.
    """
    earlier = (time[:, None] < time) | ((time[:, None] == time) & (event[:, None] > event))
    pairs: NDArray[np.bool_] = earlier & (event[:, None] > 0) & (stratum[:, None] == stratum)
    return pairs


def concordance(pairs: NDArray[np.bool_], score: Array) -> float:
    """Share of the pairs in which the first has the higher score, ties counted half; one half without any pair."""
    first, second = np.nonzero(pairs)
    if not first.size:
        return 0.5
    difference = score[first] - score[second]
    return float(((difference > 0).sum() + 0.5 * (difference == 0).sum()) / first.size)


def added_value(
    clinic: Array, marker: Array, fit: Fit, score: Score, *, resamples: int | None = None, seed: int = SEED
) -> AddedValue:
    """Compare a clinical design with the same and a marker.

    Parameters
    ----------
    clinic : shape (n, p), p may be 0. marker : shape (n, q).
    fit : coefficients of a design on the rows given, or None where there is no fit.
    resamples : None: 200, and 100 from 400 patients on.
    score : C of a linear predictor (of the rows given) on those rows.
    """
    n, both = len(marker), np.column_stack([clinic, marker])
    resamples = resamples or (FEWER_RESAMPLES if n >= MANY_PATIENTS else RESAMPLES)
    everybody: Rows = np.arange(n, dtype=np.int64)
    method = f"change in C, optimism corrected, {resamples} bootstrap resamples, seed {seed}"
    coefficients = _fitted(clinic, both, fit, everybody)
    if coefficients is None:
        return _none(method, "a model has no fit", n, seed)
    found = _judged(clinic, both, coefficients, score, everybody)
    apparent = found[1] - found[0]
    rng = np.random.default_rng(seed)
    draws = [_resample(clinic, both, fit, score, rng.integers(0, n, n)) for _ in range(resamples)]
    kept = [draw for draw in draws if draw is not None]
    if len(kept) < LEAST_FITTED * resamples:
        missing = not_estimable(method, f"only {len(kept)} of {resamples} resamples could be fitted", n=n)
        return AddedValue(found[0], found[1], missing, apparent, math.nan, resamples, seed)
    inside, outside = np.array(kept).T
    optimism = float((inside - outside).mean())
    lower, upper = np.quantile(inside, [0.025, 0.975]) - optimism
    change = Estimate(apparent - optimism, float(lower), float(upper), method, n)
    return AddedValue(found[0], found[1], change, apparent, optimism, resamples, seed)


def _resample(clinic: Array, both: Array, fit: Fit, score: Score, rows: Rows) -> tuple[float, float] | None:
    """Change in C within the resample, and of the same models on the original patients."""
    coefficients = _fitted(clinic, both, fit, rows)
    if coefficients is None:
        return None
    everybody: Rows = np.arange(len(both), dtype=np.int64)
    inside, outside = (_judged(clinic, both, coefficients, score, at) for at in (rows, everybody))
    return inside[1] - inside[0], outside[1] - outside[0]


def _fitted(clinic: Array, both: Array, fit: Fit, on: Rows) -> tuple[Array, Array] | None:
    """Coefficients of both models on some rows; a model without covariates has none to fit."""
    found = [fit(on, design) if design.shape[1] else np.empty(0) for design in (clinic, both)]
    return None if found[0] is None or found[1] is None else (found[0], found[1])


def _judged(
    clinic: Array, both: Array, coefficients: tuple[Array, Array], score: Score, at: Rows
) -> tuple[float, float]:
    """C of both models at some rows; without covariates every patient has one score."""
    designs = zip((clinic, both), coefficients, strict=True)
    first, second = (score(at, x[at] @ coef) if x.shape[1] else 0.5 for x, coef in designs)
    return first, second


def _none(method: str, reason: str, n: int, seed: int) -> AddedValue:
    return AddedValue(math.nan, math.nan, not_estimable(method, reason, n=n), math.nan, math.nan, 0, seed)
