"""Logistic regression with Firth's penalty: finite where the outcome is separated.

The penalised log likelihood l(b) + log det I(b) / 2 is maximised by Newton steps on the modified score; limits and p
come from its profile. Firth. Biometrika 1993;80:27. Heinze, Schemper. Stat Med 2002;21:2409.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from tilexplorer.statistics.results import NAN

Array = NDArray[np.float64]

HALF_CHI2_95 = float(special.chdtri(1, 0.05)) / 2
_STEPS = 500
_LONGEST_STEP = 5.0  # of one coefficient, in standard deviations of its covariate
_SCORE_TOLERANCE = 1e-11
_FARTHEST = 400.0  # standardised log odds beyond which there is no limit


@dataclass(frozen=True, slots=True, eq=False)
class FirthLogistic:
    """Coefficients of the columns of the design, in their own units.

    Attributes
    ----------
    coef, std_error, lower, upper, p_value : shape (k,): estimate, root of the inverse information's diagonal, profile
        limits, and p of the penalised likelihood ratio.
    covariance : shape (k, k), inverse information.
    loglik : penalised, at the estimate. lr : penalised likelihood ratio statistic of all columns but the first.
    converged : False where no maximum was found; nothing else is then to be read.
    """

    coef: Array
    std_error: Array
    lower: Array
    upper: Array
    p_value: Array
    covariance: Array
    loglik: float
    lr: float
    converged: bool


def penalised_loglik(y: Array, design: Array, beta: Array) -> float:
    """Log likelihood plus half the log determinant of the information; -inf where that is singular."""
    eta = design @ beta
    share = special.expit(eta)
    sign, log_determinant = np.linalg.slogdet((design.T * (share * (1 - share))) @ design)
    if sign <= 0:
        return -math.inf
    return float((y * eta - np.logaddexp(0.0, eta)).sum() + 0.5 * log_determinant)


def maximise(y: Array, design: Array, start: Array, free: NDArray[np.bool_]) -> tuple[Array, bool]:
    """Maximise over the free coefficients, the others held at their start. Returns beta and whether it converged."""
    beta = start.copy()
    current = penalised_loglik(y, design, beta)
    for _ in range(_STEPS):
        share = special.expit(design @ beta)
        weight = share * (1 - share)
        try:
            inverse = np.linalg.inv((design.T * weight) @ design)
            leverage = weight * np.einsum("ij,jk,ik->i", design, inverse, design)
            score = (design.T @ (y - share + leverage * (0.5 - share)))[free]
            step = np.linalg.solve(((design.T * weight) @ design)[np.ix_(free, free)], score)
        except np.linalg.LinAlgError:
            return beta, False
        if float(np.abs(score).max(initial=0.0)) < _SCORE_TOLERANCE * len(y):
            return beta, True
        step *= min(1.0, _LONGEST_STEP / float(np.abs(step).max()))
        beta, current, moved = _uphill(y, design, beta, free, step, current)
        if not moved:  # no height left to gain: the score is as small as rounding lets it be
            return beta, bool(np.abs(score).max() < 1e-6 * len(y))
    return beta, False


def _uphill(
    y: Array, design: Array, beta: Array, free: NDArray[np.bool_], step: Array, current: float
) -> tuple[Array, float, bool]:
    for halving in range(30):
        trial = beta.copy()
        trial[free] += step / 2**halving
        height = penalised_loglik(y, design, trial)
        if height >= current - 1e-13 * abs(current):
            return trial, height, bool(np.any(trial != beta))
    return beta, current, False


def firth_logistic(y: Array, design: Array) -> FirthLogistic:
    """Fit a design of full rank whose first column is the intercept.

    Parameters
    ----------
    y : shape (n,), 0 or 1, both present. design : shape (n, k).
    """
    scale = np.sqrt((design**2).mean(axis=0))
    scaled, k = design / scale, design.shape[1]
    free = np.ones(k, bool)
    beta, converged = maximise(y, scaled, np.zeros(k), free)
    if not converged:
        empty = np.full(k, NAN)
        return FirthLogistic(empty, empty, empty, empty, empty, np.full((k, k), NAN), NAN, NAN, False)
    share = special.expit(scaled @ beta)
    covariance = np.linalg.inv((scaled.T * (share * (1 - share))) @ scaled)
    error, top = np.sqrt(np.diag(covariance)), penalised_loglik(y, scaled, beta)
    limits = np.array([[_limit(y, scaled, beta, j, error[j], top, side) for side in (-1, 1)] for j in range(k)])
    lr = np.array([2 * (top - _profile(y, scaled, beta, j, 0.0)) for j in range(k)])
    null = maximise(y, scaled, np.zeros(k), np.arange(k) == 0)[0]
    return FirthLogistic(
        beta / scale,
        error / scale,
        limits[:, 0] / scale,
        limits[:, 1] / scale,
        np.asarray(special.chdtrc(1, np.maximum(lr, 0.0))),
        covariance / np.outer(scale, scale),
        # The penalty's determinant is that of the design in its own units.
        top + float(np.log(scale).sum()),
        max(0.0, 2 * (top - penalised_loglik(y, scaled, null))),
        True,
    )


def _profile(y: Array, design: Array, near: Array, j: int, value: float) -> float:
    """Largest penalised likelihood with coefficient j held at a value; NaN where none is found."""
    start = near.copy()
    start[j] = value
    free = np.arange(len(near)) != j
    beta, converged = maximise(y, design, start, free)
    return penalised_loglik(y, design, beta) if converged else NAN


def _limit(y: Array, design: Array, best: Array, j: int, error: float, top: float, side: int) -> float:
    """Where the profile has fallen by half the 95% point of chi-square(1), on one side; infinite where it does not."""

    def drop(distance: float) -> float:
        return top - _profile(y, design, best, j, float(best[j]) + side * distance) - HALF_CHI2_95

    far = 2.0 * error
    while not drop(far) > 0:
        far *= 2
        if far > _FARTHEST:
            return side * math.inf
    return float(best[j]) + side * float(optimize.brentq(drop, 0.0, far, xtol=1e-12, rtol=1e-13))
