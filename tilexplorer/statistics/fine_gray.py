"""The proportional subdistribution hazards model of Fine and Gray (1999, JASA 94:496).

Patients who had another event stay in the risk set with weight G(t-) / G(T-), G the Kaplan-Meier estimate of staying
uncensored. The variance is the sandwich with the term for the estimated weights, as R's cmprsk.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tilexplorer.statistics.results import Status
from tilexplorer.statistics.ties import merge_close_times

Floats = NDArray[np.float64]

MOST_ITERATIONS = 50
TOLERANCE = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class FineGrayFit:
    """Log subdistribution hazard ratios (p,), their standard errors, and the log pseudo-likelihood."""

    coef: Floats
    std_error: Floats
    loglik: float
    n: int
    events: int
    status: Status = Status.OK
    reason: str = ""


def fit(time: ArrayLike, cause: ArrayLike, covariates: ArrayLike, *, of_interest: int = 1) -> FineGrayFit:
    """Fit the model of one cause; Breslow's ties.

    Parameters
    ----------
    time : shape (n,).
    cause : shape (n,): 0 censored, else the number of the cause.
    covariates : shape (n, p).

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    """
    times, causes, columns = np.asarray(time, float), np.asarray(cause, float), np.asarray(covariates, float)
    columns = columns[:, None] if columns.ndim == 1 else columns
    if not times.shape == causes.shape == columns.shape[:1]:
        raise ValueError("time, cause and covariates differ in length")
    good = np.isfinite(times) & (times >= 0) & np.isfinite(causes) & np.isfinite(columns).all(axis=1)
    nothing = np.full(columns.shape[1], np.nan)
    n = int(good.sum())
    if not (causes[good] == of_interest).any():
        return FineGrayFit(nothing, nothing, math.nan, n, 0, Status.NOT_ESTIMABLE, "no events of this cause")
    model = _Model(merge_close_times(times[good]), causes[good], columns[good], of_interest)
    coefficients = model.maximise()
    events = int(model.count.sum())
    if coefficients is None:
        reason = "the likelihood has no maximum that could be found"
        return FineGrayFit(nothing, nothing, math.nan, n, events, Status.NOT_ESTIMABLE, reason)
    error = np.sqrt(np.diag(model.sandwich(coefficients)))
    return FineGrayFit(coefficients, error, model.value(coefficients)[0], n, events)


class _Model:
    """The weighted likelihood on the grid of patients by event times of the cause."""

    def __init__(self, time: Floats, cause: Floats, covariates: Floats, of_interest: int) -> None:
        self.time, self.cause, self.covariates = time, cause, covariates - covariates.mean(axis=0, keepdims=True)
        self.own = cause == of_interest
        self.event_time, where = np.unique(time[self.own], return_inverse=True)
        self.count = np.bincount(where, minlength=self.event_time.size).astype(float)
        self.distinct, self.position = np.unique(time, return_inverse=True)
        lost = np.bincount(self.position, cause == 0)
        self.at_risk = np.cumsum(np.bincount(self.position)[::-1])[::-1].astype(float)
        self.lost = lost.astype(float)
        staying = np.concatenate(([1.0], np.cumprod(1 - self.lost / self.at_risk)))[:-1]  # G(t-)
        other = (cause != 0) & ~self.own
        still = time[:, None] >= self.event_time
        at_event = staying[np.searchsorted(self.distinct, self.event_time)]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(staying[self.position] > 0, 1 / staying[self.position], 0.0)
        self.weight = np.where(still, 1.0, np.where(other[:, None], at_event * share[:, None], 0.0))  # (n, T)
        self.other = other

    def moments(self, coefficients: Floats) -> tuple[Floats, Floats, Floats]:
        """S0 (T,), the mean covariates (T, p), and the weighted relative hazards (n, T)."""
        relative = self.weight * np.exp((self.covariates * coefficients).sum(axis=1))[:, None]
        total = relative.sum(axis=0)
        return total, relative.T @ self.covariates / total[:, None], relative

    def value(self, coefficients: Floats) -> tuple[float, Floats, Floats]:
        """Log pseudo-likelihood, score and information."""
        total, mean, relative = self.moments(coefficients)
        predictor = self.covariates[self.own] @ coefficients
        score = self.covariates[self.own].sum(axis=0) - self.count @ mean
        per_patient = relative @ (self.count / total)
        information = (self.covariates.T * per_patient) @ self.covariates - (mean.T * self.count) @ mean
        return float(predictor.sum() - self.count @ np.log(total)), score, information

    def maximise(self) -> Floats | None:
        """Newton-Raphson with step halving; None where it does not converge."""
        coefficients: Floats = np.zeros(self.covariates.shape[1])
        loglik, score, information = self.value(coefficients)
        for _ in range(MOST_ITERATIONS):
            if np.linalg.matrix_rank(information) < coefficients.size:
                return None
            step = np.linalg.solve(information, score)
            factor = 1.0
            after = self.value(coefficients + step)
            while not after[0] >= loglik - 1e-10 * abs(loglik) and factor > 1e-6:
                factor /= 2
                after = self.value(coefficients + factor * step)
            coefficients = coefficients + factor * step
            loglik, score, information = after
            if float(np.abs(score).max()) < TOLERANCE * max(1.0, abs(loglik)):
                return coefficients
        return None

    def sandwich(self, coefficients: Floats) -> Floats:
        """The robust covariance: influence of each patient on the score, through the weights too."""
        information = self.value(coefficients)[2]
        influence = self._of_score(coefficients) + self._of_weights(coefficients)
        inverse = np.linalg.inv(information)
        covariance: Floats = inverse @ (influence.T @ influence) @ inverse
        return covariance

    def _of_score(self, coefficients: Floats) -> Floats:
        total, mean, relative = self.moments(coefficients)
        hazard = self.count / total
        expected = self.covariates * (relative @ hazard)[:, None] - relative @ (hazard[:, None] * mean)
        observed = np.zeros_like(self.covariates)
        where = np.searchsorted(self.event_time, self.time[self.own])
        observed[self.own] = self.covariates[self.own] - mean[where]
        result: Floats = observed - expected
        return result

    def _of_weights(self, coefficients: Floats) -> Floats:
        """psi of Fine and Gray: q(u) / Y(u) at the patient's censoring less its compensator."""
        total, mean, relative = self.moments(coefficients)
        hazard = self.count / total
        # q(u): what the patients with another event before u add to the score from u on
        q = np.zeros((self.distinct.size, self.covariates.shape[1]))
        for index, moment in enumerate(self.distinct):
            later = self.event_time >= moment
            rows = self.other & (self.time < moment)
            if self.lost[index] > 0 and later.any() and rows.any():
                part = relative[np.ix_(rows, later)] * hazard[later]
                q[index] = self.covariates[rows].T @ part.sum(axis=1) - (part.sum(axis=0) @ mean[later])
        scaled = q / self.at_risk[:, None]
        drift = np.cumsum(scaled * (self.lost / self.at_risk)[:, None], axis=0)
        own = np.where((self.cause == 0)[:, None], scaled[self.position], 0.0)
        result: Floats = own - drift[self.position]
        return result
