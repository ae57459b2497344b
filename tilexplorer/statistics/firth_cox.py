"""Cox's model with Firth's penalty, which stays finite where a group has no events.

Heinze and Schemper (2001, Biometrics 57:114): the log partial likelihood plus half the log determinant of the
information. Limits come from the profile of the penalised likelihood, p-values from penalised likelihood ratios.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from tilexplorer.statistics.cox_blocks import Ties
from tilexplorer.statistics.cox_likelihood import CoxDesign, PartialLikelihood
from tilexplorer.statistics.quadratic import rank
from tilexplorer.statistics.results import Status, Test, no_test

Floats = NDArray[np.float64]

COMPLEX_STEP = 1e-30
DIFFERENCE = 1e-5
MOST_ITERATIONS = 100
LONGEST_STEP = 2.0  # of one coefficient, as in coxphf
GRADIENT_TOLERANCE = 1e-10
ROUNDING = 1e-10  # of a log likelihood: near the top the gradient decides, not the height
FARTHEST = 60.0  # from the estimate, in which a limit is searched
QUANTILE = float(special.chdtri(1, 0.05)) / 2  # half the 0.95 quantile of chi-square with 1 df


@dataclass(frozen=True, slots=True, eq=False)
class FirthFit:
    """A penalised fit of p coefficients.

    Attributes
    ----------
    names : the p columns.
    coef, std_error : shape (p,): log hazard ratios and roots of the inverse information's diagonal.
    lower, upper : shape (p,): 95% profile likelihood limits of coef; NaN where the profile never falls so far.
    p_value : shape (p,): penalised likelihood ratio test of each coefficient.
    penalised_loglik : at the estimate.
    lr : penalised likelihood ratio test that all coefficients are zero.
    """

    names: tuple[str, ...]
    coef: Floats
    std_error: Floats
    lower: Floats
    upper: Floats
    p_value: Floats
    penalised_loglik: float
    lr: Test
    status: Status = Status.OK
    reason: str = ""


def fit(design: CoxDesign, ties: Ties = "efron") -> FirthFit:
    """Maximise the penalised likelihood; not estimable without events or with aliased covariates."""
    method = f"penalised likelihood ratio test (Firth), {ties.capitalize()} ties"
    target = _Penalised(PartialLikelihood(design, ties))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        if design.n_events == 0:
            return _no_fit(design, method, "no events")
        start = np.zeros(target.size)
        if rank(target.likelihood.value(start).information) < target.size:
            return _no_fit(design, method, "the covariates do not vary independently in the risk sets")
        free = np.ones(target.size, bool)
        best = target.maximise(start, free)
        if best is None:
            return _no_fit(design, method, "the penalised likelihood has no maximum that could be found")
        return _fitted(design, target, best, method)


def _fitted(design: CoxDesign, target: _Penalised, best: Floats, method: str) -> FirthFit:
    top = target.loglik(best)
    indices = range(target.size)
    limits = [_limits(target, best, top, index) for index in indices]
    statistics = np.array([2 * (top - target.profile(best, index, 0.0)[0]) for index in indices])
    statistic = 2 * (top - target.loglik(np.zeros(target.size)))
    lr = Test(
        statistic, target.size, float(special.chdtrc(target.size, max(statistic, 0.0))), method, design.n,
        design.n_events,
    )  # fmt: skip
    information = target.likelihood.value(best).information
    return FirthFit(
        design.names, best, np.sqrt(np.diag(np.linalg.inv(information))),
        np.array([lower for lower, _ in limits]), np.array([upper for _, upper in limits]),
        special.chdtrc(1, np.maximum(statistics, 0.0)), top, lr,
    )  # fmt: skip


def _no_fit(design: CoxDesign, method: str, reason: str) -> FirthFit:
    nothing = np.full(design.covariates.shape[1], np.nan)
    test = no_test(method, reason, n=design.n, events=design.n_events)
    return FirthFit(
        design.names,
        nothing,
        nothing,
        nothing,
        nothing,
        nothing,
        math.nan,
        test,
        Status.NOT_ESTIMABLE,
        reason,
    )


class _Penalised:
    """The penalised log likelihood, its gradient, and its maximum over some of the coefficients."""

    def __init__(self, likelihood: PartialLikelihood) -> None:
        self.likelihood = likelihood
        self.size = likelihood.size

    def loglik(self, coefficients: Floats) -> float:
        value = self.likelihood.value(coefficients)
        sign, log_determinant = np.linalg.slogdet(value.information)
        return float(value.loglik + 0.5 * log_determinant) if sign > 0 else -math.inf

    def gradient(self, coefficients: Floats) -> tuple[Floats, Floats]:
        """The modified score and the information."""
        value = self.likelihood.value(coefficients)
        inverse = np.linalg.inv(value.information)
        penalty = np.empty(self.size)
        for index in range(self.size):
            shifted = coefficients.astype(complex)
            shifted[index] += 1j * COMPLEX_STEP  # an exact derivative: no difference is taken
            slope = self.likelihood.value(shifted).information.imag / COMPLEX_STEP
            penalty[index] = 0.5 * float((inverse * slope.T).sum())
        return value.score + penalty, value.information

    def maximise(self, start: Floats, free: NDArray[np.bool_]) -> Floats | None:
        """The maximum over the free coefficients from a start, or None."""
        coefficients = start.copy()
        if not free.any():
            return coefficients
        current = self.loglik(coefficients)
        for _ in range(MOST_ITERATIONS):
            gradient, information = self.gradient(coefficients)
            if not np.isfinite(gradient).all():
                return None
            if float(np.abs(gradient[free]).max()) < GRADIENT_TOLERANCE:
                return coefficients
            step = np.zeros(self.size)
            curvature = self._curvature(coefficients, information)
            step[free] = np.linalg.solve(curvature[np.ix_(free, free)], gradient[free])
            step *= min(1.0, LONGEST_STEP / float(np.abs(step).max()))
            coefficients, after = self._uphill(coefficients, step, current)
            if after is None:
                return None
            current = after
        return None

    def _curvature(self, coefficients: Floats, information: Floats) -> Floats:
        """Minus the second derivatives, from differences of the exact gradient; the information where not positive.

        With the information alone, as in Firth (1993), convergence is linear and slow where the penalty rules.
        """
        columns = []
        for index in range(self.size):
            shift = np.zeros(self.size)
            shift[index] = DIFFERENCE
            ahead, behind = self.gradient(coefficients + shift)[0], self.gradient(coefficients - shift)[0]
            columns.append((behind - ahead) / (2 * DIFFERENCE))
        curvature: Floats = (np.array(columns) + np.array(columns).T) / 2
        if not np.isfinite(curvature).all() or np.linalg.eigvalsh(curvature).min() <= 0:
            return information
        return curvature

    def _uphill(self, coefficients: Floats, step: Floats, current: float) -> tuple[Floats, float | None]:
        """The step, halved until the likelihood does not fall; None where no fraction of it helps."""
        for halving in range(40):
            moved = coefficients + step * 0.5**halving
            after = self.loglik(moved)
            if after >= current - ROUNDING * max(1.0, abs(current)):
                return moved, after
        return coefficients, None

    def profile(self, near: Floats, index: int, value: float) -> tuple[float, Floats]:
        """The largest penalised likelihood with one coefficient fixed, and where it is; starts near a point."""
        start = near.copy()
        start[index] = value
        free = np.arange(self.size) != index
        found = self.maximise(start, free)
        return (-math.inf, start) if found is None else (self.loglik(found), found)


def _limits(target: _Penalised, best: Floats, top: float, index: int) -> tuple[float, float]:
    """Where the profile of one coefficient falls by half the chi-square quantile, below and above."""
    return _limit(target, best, top, index, -1.0), _limit(target, best, top, index, 1.0)


def _limit(target: _Penalised, best: Floats, top: float, index: int, direction: float) -> float:
    near = best

    def excess(distance: float) -> float:
        nonlocal near
        if distance == 0:
            return -QUANTILE
        loglik, near = target.profile(near, index, float(best[index]) + direction * distance)
        return top - loglik - QUANTILE if math.isfinite(loglik) else QUANTILE

    far = 1.0
    while excess(far) < 0:
        far *= 2
        if far > FARTHEST:
            return math.nan
    distance = optimize.brentq(excess, 0.0, far, xtol=1e-12, rtol=1e-13)
    return float(best[index]) + direction * float(distance)
