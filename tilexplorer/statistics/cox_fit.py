"""Cox's proportional hazards model on counted rows, and hazard ratios of levels against a reference."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tilexplorer.statistics import small
from tilexplorer.statistics.cox_blocks import Ties
from tilexplorer.statistics.cox_likelihood import CoxDesign, PartialLikelihood, Value
from tilexplorer.statistics.quadratic import correlation_scale, rank
from tilexplorer.statistics.results import Z95, Estimate, Status, Test, no_test, not_estimable
from tilexplorer.statistics.small import DEFAULT, Thresholds

Floats = NDArray[np.float64]

MOST_ITERATIONS = 60
LOGLIK_TOLERANCE = 1e-13
STEP_TOLERANCE = 1e-9  # in standard deviations of the covariates
# An information that fell below this share of that at zero means a coefficient on its way to infinity.
MONOTONE = 1e-6

MONOTONE_REASON = "monotone likelihood: a coefficient is infinite"


@dataclass(frozen=True, slots=True, eq=False)
class CoxFit:
    """A fitted model of p coefficients.

    Attributes
    ----------
    names : the p columns of the design.
    coef, std_error : shape (p,): log hazard ratios; NaN where the model is not estimable.
    covariance : shape (p, p).
    loglik, loglik_null : at the estimate and at zero.
    lr, wald, score : tests that all coefficients are zero.
    n, events : patients and events.
    ties : "efron" or "breslow".
    likelihood : the function that was maximised, for diagnostics.
    """

    names: tuple[str, ...]
    coef: Floats
    std_error: Floats
    covariance: Floats
    loglik: float
    loglik_null: float
    lr: Test
    wald: Test
    score: Test
    n: int
    events: int
    ties: Ties
    status: Status = Status.OK
    reason: str = ""
    likelihood: PartialLikelihood | None = field(default=None, repr=False)

    @property
    def shown(self) -> bool:
        """Whether there are coefficients."""
        return self.status in (Status.OK, Status.WARNING)

    def hazard_ratio(self, index: int, *, thresholds: Thresholds = DEFAULT) -> Estimate:
        """exp(coefficient) with Wald limits and p; the standard error is that of the log hazard ratio."""
        method = f"Cox, {self.ties.capitalize()} ties, Wald interval"
        if not self.shown:
            return not_estimable(method, self.reason, n=self.n, events=self.events)
        coefficient, error = float(self.coef[index]), float(self.std_error[index])
        result = Estimate(
            math.exp(coefficient), math.exp(coefficient - Z95 * error), math.exp(coefficient + Z95 * error),
            method, self.n, self.events, error, 2 * float(special.ndtr(-abs(coefficient / error))),
        )  # fmt: skip
        return small.hazard_ratio(self.events, len(self.names), thresholds).apply(result)


def fit(design: CoxDesign, ties: Ties = "efron") -> CoxFit:
    """Maximise the partial likelihood by Newton-Raphson with step halving.

    Parameters
    ----------
    design : counted rows; the result is that of the expanded rows.
    ties : "efron" (R's default) or "breslow" (SAS's).

    Returns
    -------
    CoxFit; not estimable, with the reason, without events, with aliased covariates or a monotone likelihood.
    """
    likelihood = PartialLikelihood(design, ties)
    if design.n_events == 0:
        return _no_fit(likelihood, math.nan, "no events" if design.n else "no patients")
    null, found = _search(likelihood)
    if isinstance(found, str):
        return _no_fit(likelihood, null.loglik, found)
    return _fitted(likelihood, null, *found)


def peak(likelihood: PartialLikelihood) -> Floats | None:
    """The coefficients alone, shape (p,); None where `fit` would not be estimable."""
    found = _search(likelihood)[1] if likelihood.n_events else ""
    return None if isinstance(found, str) else found[0]


def _search(likelihood: PartialLikelihood) -> tuple[Value, tuple[Floats, Value] | str]:
    """The likelihood at zero, and the maximum or why there is none."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        null = likelihood.value(np.zeros(likelihood.size))
        if rank(null.information) < likelihood.size:
            return null, "the covariates do not vary independently in the risk sets"
        found = maximise(likelihood, null)
    if found is None:
        return null, "the likelihood has no maximum that could be found"
    return null, MONOTONE_REASON if _is_monotone(null, found[1]) else found


def maximise(likelihood: PartialLikelihood, start: Value) -> tuple[Floats, Value] | None:
    """The coefficients of the largest likelihood and its value there, from zero; None where it does not converge."""
    coefficients, value = np.zeros(likelihood.size), start
    scale = correlation_scale(start.information) / math.sqrt(max(likelihood.n_events, 1.0))
    for _ in range(MOST_ITERATIONS):
        step = _solve(value.information, value.score)
        if step is None:
            return None
        if float(np.abs(step * scale).max(initial=0.0)) < STEP_TOLERANCE:
            return coefficients + step, value  # the derivatives do not change by such a step
        factor = 1.0
        after = likelihood.value(coefficients + step)
        while not after.loglik >= value.loglik - 1e-12 * abs(value.loglik) and factor > 1e-6:
            factor /= 2
            after = likelihood.value(coefficients + factor * step)
        gain = abs(after.loglik - value.loglik)
        coefficients, value = coefficients + factor * step, after
        if gain <= LOGLIK_TOLERANCE * max(1.0, abs(after.loglik)) and _is_monotone(start, value):
            return coefficients, value
    return (coefficients, value) if _is_monotone(start, value) else None


def _solve(information: Floats, score: Floats) -> Floats | None:
    if not (np.isfinite(information).all() and np.isfinite(score).all()):
        return None
    scale = correlation_scale(information)
    try:
        step: Floats = np.linalg.solve(information / np.outer(scale, scale), score / scale) / scale
    except np.linalg.LinAlgError:
        return None
    return step


def _is_monotone(null: Value, value: Value) -> bool:
    """Whether information has all but vanished in some direction."""
    if not np.isfinite(value.information).all() or not value.information.size:
        return bool(value.information.size)
    root = np.linalg.cholesky(null.information)
    half = np.linalg.solve(root, value.information)
    relative = np.linalg.eigvalsh(np.linalg.solve(root, half.T))
    return bool(relative.min() < MONOTONE)


def _fitted(likelihood: PartialLikelihood, null: Value, coefficients: Floats, value: Value) -> CoxFit:
    design = likelihood.design
    scale = correlation_scale(value.information)
    covariance = np.linalg.inv(value.information / np.outer(scale, scale)) / np.outer(scale, scale)
    wald = float(coefficients @ value.information @ coefficients)
    score = float(null.score @ np.linalg.solve(null.information, null.score))
    return CoxFit(
        names=design.names,
        coef=coefficients,
        std_error=np.sqrt(np.diag(covariance)),
        covariance=covariance,
        loglik=float(value.loglik),
        loglik_null=float(null.loglik),
        lr=_chi_square(likelihood, "likelihood ratio", 2 * float(value.loglik - null.loglik)),
        wald=_chi_square(likelihood, "Wald", wald),
        score=_chi_square(likelihood, "score", score),
        n=design.n,
        events=design.n_events,
        ties=likelihood.ties,
        likelihood=likelihood,
    )


def _method(likelihood: PartialLikelihood, name: str) -> str:
    return f"Cox {name} test, {likelihood.ties.capitalize()} ties"


def _chi_square(likelihood: PartialLikelihood, name: str, statistic: float) -> Test:
    design, df, method = likelihood.design, likelihood.size, _method(likelihood, name)
    if df == 0:
        return no_test(method, "no covariates", n=design.n, events=design.n_events)
    return Test(
        statistic, df, float(special.chdtrc(df, max(statistic, 0.0))), method, design.n, design.n_events,
        strata=likelihood.strata,
    )  # fmt: skip


def _no_fit(likelihood: PartialLikelihood, loglik_null: float, reason: str) -> CoxFit:
    design, p = likelihood.design, likelihood.size

    def nothing(name: str) -> Test:
        return no_test(_method(likelihood, name), reason, n=design.n, events=design.n_events)

    return CoxFit(
        names=design.names,
        coef=np.full(p, np.nan),
        std_error=np.full(p, np.nan),
        covariance=np.full((p, p), np.nan),
        loglik=math.nan,
        loglik_null=float(loglik_null),
        lr=nothing("likelihood ratio"),
        wald=nothing("Wald"),
        score=nothing("score"),
        n=design.n,
        events=design.n_events,
        ties=likelihood.ties,
        status=Status.NOT_ESTIMABLE,
        reason=reason,
        likelihood=likelihood,
    )


def likelihood_ratio(full: CoxFit, reduced: CoxFit) -> Test:
    """The likelihood ratio test of the coefficients that `full` has beyond `reduced`, both on the same rows."""
    method = f"likelihood ratio test between Cox models, {full.ties.capitalize()} ties"
    if not full.shown or not reduced.shown:
        reason = full.reason or reduced.reason
        return no_test(method, reason, n=full.n, events=full.events)
    df = len(full.names) - len(reduced.names)
    if df <= 0:
        return no_test(method, "the models do not differ", n=full.n, events=full.events)
    statistic = 2 * (full.loglik - reduced.loglik)
    return Test(statistic, df, float(special.chdtrc(df, max(statistic, 0.0))), method, full.n, full.events)
