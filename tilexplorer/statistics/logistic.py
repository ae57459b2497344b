"""Logistic regression of response on patient characteristics; Firth's penalty where the outcome is separated."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tilexplorer.statistics.firth_logistic import firth_logistic
from tilexplorer.statistics.results import NAN, Z95, Estimate, Status, Test, no_test, not_estimable

Array = NDArray[np.float64]

INTERCEPT = "(Intercept)"
_WALD = "logistic regression, Wald interval"
_FIRTH = "logistic regression, Firth's penalty (separated outcome), profile likelihood interval"
_LR = "likelihood ratio test"
# Events (of the rarer outcome) per coefficient: below the first a warning, below the second no numbers.
_WARN_BELOW, _REFUSE_BELOW = 10, 5


@dataclass(frozen=True, slots=True, eq=False)
class LogisticFit:
    """A fitted logistic model.

    Attributes
    ----------
    names : coefficients, the intercept first.
    coef, std_error : shape (p + 1,), log odds; NaN where not estimable.
    lower, upper : shape (p + 1,), 95% limits of coef: Wald, or of the profile penalised likelihood under Firth.
    p_value : shape (p + 1,): Wald, or penalised likelihood ratio.
    covariance : shape (p + 1, p + 1).
    odds_ratios : by name, without the intercept.
    loglik : at the estimate (penalised under Firth). lr : test of all coefficients but the intercept.
    n, events : patients and responders. excluded : rows with a missing value.
    firth : whether the penalty was used.
    """

    names: tuple[str, ...]
    coef: Array
    std_error: Array
    lower: Array
    upper: Array
    p_value: Array
    covariance: Array
    loglik: float
    lr: Test
    n: int
    events: int
    excluded: int = 0
    firth: bool = False
    status: Status = Status.OK
    reason: str = ""
    odds_ratios: dict[str, Estimate] = field(default_factory=dict)

    @property
    def shown(self) -> bool:
        """Whether there are coefficients to print."""
        return self.status in (Status.OK, Status.WARNING)


def logistic_regression(
    outcome: ArrayLike, covariates: ArrayLike, names: Sequence[str], *, firth: bool | None = None, guard: bool = True
) -> LogisticFit:
    """Fit response on covariates.

    Parameters
    ----------
    outcome : shape (n,), 1 for a responder, 0 otherwise, NaN unknown (left out and counted).
    covariates : shape (n, p) without intercept. names : the p columns.
    firth : force or forbid the penalty; by default it is used exactly where the outcome is separated.
    guard : warn below ten, refuse below five patients of the rarer outcome per coefficient.

    Returns
    -------
    LogisticFit
        Not estimable without both outcomes or with aliased covariates, with the reason.

    Raises
    ------
    ValueError
        If shapes do not fit together or an outcome is neither 0 nor 1.

    References
    ----------
    Firth. Biometrika 1993;80:27. Heinze, Schemper. Stat Med 2002;21:2409.
    """
    y, x, excluded = _complete(outcome, covariates, names)
    labels = (INTERCEPT, *names)
    n, events = len(y), int(y.sum())
    reason = _not_possible(y, x)
    if reason:
        return _no_fit(labels, n, events, excluded, reason)
    fewest = min(events, n - events)
    if guard and names and fewest < _REFUSE_BELOW * len(names):
        reason = f"{fewest} patients of the rarer outcome for {len(names)} coefficients"
        return _no_fit(labels, n, events, excluded, reason, Status.SUPPRESSED)
    penalised = is_separated(y, x) if firth is None else firth
    fit = _fit_firth(y, x, labels, excluded) if penalised else _fit_glm(y, x, labels, excluded)
    if guard and fit.shown and names and fewest < _WARN_BELOW * len(names):
        return _warned(fit, f"fewer than {_WARN_BELOW} patients of the rarer outcome per coefficient")
    return fit


def _complete(outcome: ArrayLike, covariates: ArrayLike, names: Sequence[str]) -> tuple[Array, Array, int]:
    y, x = np.asarray(outcome, dtype=float), np.asarray(covariates, dtype=float)
    if x.ndim != 2 or x.shape != (len(y), len(names)):
        raise ValueError(f"covariates must have shape ({len(y)}, {len(names)}), not {x.shape}")
    kept = np.isfinite(y) & np.isfinite(x).all(axis=1)
    if not np.isin(y[np.isfinite(y)], (0.0, 1.0)).all():
        raise ValueError("outcome must be 0 or 1")
    return y[kept], x[kept], int((~kept).sum())


def _design(x: Array) -> Array:
    return np.column_stack([np.ones(len(x)), x])


def _not_possible(y: Array, x: Array) -> str:
    if len(y) == 0:
        return "no patients with all values"
    if y.min() == y.max():
        return "no responders" if y[0] == 0 else "every patient responded"
    spread = x.std(axis=0)
    if np.any(spread <= 1e-12 * np.maximum(1.0, np.abs(x).max(axis=0, initial=0.0))):
        return "a covariate has one value only"
    scaled = (x - x.mean(axis=0)) / spread
    if x.shape[1] and np.linalg.matrix_rank(_design(scaled), tol=1e-8 * math.sqrt(len(y))) <= x.shape[1]:
        return "the covariates are not independent of each other"
    return ""


def is_separated(outcome: ArrayLike, covariates: ArrayLike) -> bool:
    """Whether some combination of covariates predicts part of the outcome perfectly: coefficients are then infinite."""
    from firthmodels import detect_separation

    x = np.asarray(covariates, dtype=float)
    return bool(x.shape[1]) and bool(detect_separation(x, np.asarray(outcome, dtype=int)).separation)


def _fit_glm(y: Array, x: Array, names: tuple[str, ...], excluded: int) -> LogisticFit:
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    # Centred and scaled, the normal equations stay well conditioned whatever the units; undone below.
    centre, scale = x.mean(axis=0), x.std(axis=0)
    fitted = GLM(y, _design((x - centre) / scale), family=Binomial()).fit(
        tol=1e-14, maxiter=200, tol_criterion="params"
    )
    back = _unscale(centre, scale)
    coef, covariance = back @ fitted.params, back @ fitted.cov_params() @ back.T
    error = np.sqrt(np.diag(covariance))
    z = np.abs(coef / error)
    loglik, null = _loglik(y, _design(x) @ coef), _null_loglik(y)
    lr = _chi_square(max(0.0, 2 * (loglik - null)), x.shape[1], len(y), int(y.sum()))
    return _fitted(
        names, coef, error, (coef - Z95 * error, coef + Z95 * error), special.erfc(z / math.sqrt(2)), covariance,
        loglik, lr, y, excluded, firth=False,
    )  # fmt: skip


def _unscale(centre: Array, scale: Array) -> Array:
    """Matrix that takes coefficients of standardised covariates back to their own units."""
    back = np.diag(np.concatenate([[1.0], 1 / scale]))
    back[0, 1:] = -centre / scale
    return back


def _fit_firth(y: Array, x: Array, names: tuple[str, ...], excluded: int) -> LogisticFit:
    fit = firth_logistic(y, _design(x))
    n, events = len(y), int(y.sum())
    if not fit.converged:
        return _no_fit(names, n, events, excluded, "separated outcome, and the penalised likelihood has no maximum")
    lr = _chi_square(fit.lr, x.shape[1], n, events, penalised=True)
    return _fitted(
        names, fit.coef, fit.std_error, (fit.lower, fit.upper), fit.p_value, fit.covariance,
        fit.loglik, lr, y, excluded, firth=True,
    )  # fmt: skip


def _loglik(y: Array, eta: Array) -> float:
    return float((y * eta - np.logaddexp(0.0, eta)).sum())


def _null_loglik(y: Array) -> float:
    return _loglik(y, np.full(len(y), special.logit(y.mean())))


def _chi_square(statistic: float, df: int, n: int, events: int, *, penalised: bool = False) -> Test:
    method = f"penalised {_LR}" if penalised else _LR
    if df == 0:
        return no_test(method, "no covariates", n=n, events=events)
    return Test(statistic, df, float(special.chdtrc(df, statistic)), method, n, events)


def _fitted(
    names: tuple[str, ...],
    coef: Array,
    error: Array,
    limits: tuple[Array, Array],
    p_value: Array,
    covariance: Array,
    loglik: float,
    lr: Test,
    y: Array,
    excluded: int,
    *,
    firth: bool,
) -> LogisticFit:
    n, events = len(y), int(y.sum())
    method, reason = (_FIRTH, "separated outcome: Firth's estimate") if firth else (_WALD, "")
    value, lower, upper = (np.exp(np.minimum(x, 700.0)) for x in (coef, *limits))
    odds = {
        name: Estimate(
            float(value[i]), float(lower[i]), float(upper[i]), method, n, events,
            std_error=float(error[i]), p_value=float(p_value[i]), reason=reason,
        )
        for i, name in enumerate(names)
        if name != INTERCEPT
    }  # fmt: skip
    return LogisticFit(
        names,
        coef,
        error,
        *limits,
        p_value,
        covariance,
        loglik,
        lr,
        n,
        events,
        excluded,
        firth,
        Status.OK,
        reason,
        odds,
    )


def _warned(fit: LogisticFit, reason: str) -> LogisticFit:
    odds = {name: estimate.warned(reason) for name, estimate in fit.odds_ratios.items()}
    text = f"{fit.reason}; {reason}" if fit.reason else reason
    return replace(fit, status=Status.WARNING, reason=text, odds_ratios=odds)


def _no_fit(
    names: tuple[str, ...], n: int, events: int, excluded: int, reason: str, status: Status = Status.NOT_ESTIMABLE
) -> LogisticFit:
    empty, size = np.full(len(names), NAN), len(names)
    missing = not_estimable(_WALD, reason, n=n, events=events)
    odds = {name: missing if status is Status.NOT_ESTIMABLE else missing.suppressed(reason) for name in names[1:]}
    return LogisticFit(
        names, empty, empty, empty, empty, empty, np.full((size, size), NAN), NAN,
        no_test(_LR, reason, n=n, events=events), n, events, excluded, False, status, reason, odds,
    )  # fmt: skip


def likelihood_ratio(full: LogisticFit, reduced: LogisticFit) -> Test:
    """Test the coefficients that the reduced model lacks; both fitted to the same patients, neither penalised."""
    if not (full.shown and reduced.shown):
        return no_test(_LR, full.reason or reduced.reason, n=full.n, events=full.events)
    if full.firth or reduced.firth:
        return no_test(_LR, "separated outcome: not comparable", n=full.n, events=full.events)
    df = len(full.names) - len(reduced.names)
    return _chi_square(max(0.0, 2 * (full.loglik - reduced.loglik)), df, full.n, full.events)
