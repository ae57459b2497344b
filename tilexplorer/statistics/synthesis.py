"""Meta-analysis: one number from several cohorts (log hazard ratios, log odds ratios, logit rates).

REML random effects with Hartung-Knapp-Sidik-Jonkman limits, never narrower than the z limits, from three
studies; with two, the common effect beside both studies; with one, nothing to pool.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from tilexplorer.statistics import small
from tilexplorer.statistics.pairs import t_p_value, t_quantile
from tilexplorer.statistics.results import NAN, Z95, Estimate, Test, no_test, not_estimable
from tilexplorer.statistics.small import DEFAULT, Thresholds

Array = NDArray[np.float64]
MetaMethod = Literal["FE", "DL", "REML", "PM"]

_NAMES: dict[MetaMethod, str] = {
    "FE": "common effect, inverse variance",
    "DL": "random effects, DerSimonian-Laird",
    "REML": "random effects, REML",
    "PM": "random effects, Paule-Mandel",
}
_EGGER_STUDIES = 10  # below, the test says nothing


@dataclass(frozen=True, slots=True)
class Pooled:
    """What one estimator of the between-study variance gives.

    Attributes
    ----------
    estimate, std_error : weighted mean and its standard error, sum(w)^-1/2.
    std_error_hk : Hartung and Knapp's standard error; NaN with one study.
    tau2 : between-study variance. i2 : tau2 / (tau2 + typical variance), percent. h2 : total over typical
        variance.
    q : Cochran's heterogeneity test.
    weights : percent, in the order of the studies.
    """

    method: MetaMethod
    k: int
    estimate: float
    std_error: float
    std_error_hk: float
    tau2: float
    i2: float
    h2: float
    q: Test
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Synthesis:
    """What a page shows.

    Attributes
    ----------
    estimate : the pooled effect: modified HKSJ from three studies, common effect with two.
    common : the common (fixed) effect.
    prediction : where the effect of a further study is expected, t with k - 2 df (Higgins et al. 2009).
    tau2 : with Q-profile limits; i2 likewise.
    q : heterogeneity. egger : small-study asymmetry, from ten studies.
    """

    estimate: Estimate
    common: Estimate
    prediction: Estimate
    tau2: Estimate
    i2: Estimate
    q: Test
    egger: Test
    weights: tuple[float, ...]


def _checked(effects: ArrayLike, variances: ArrayLike) -> tuple[Array, Array]:
    y, v = np.asarray(effects, dtype=float), np.asarray(variances, dtype=float)
    if y.shape != v.shape or y.ndim != 1:
        raise ValueError(f"effects and variances differ in shape: {y.shape} and {v.shape}")
    if not (np.isfinite(y).all() and np.isfinite(v).all() and (v > 0).all()):
        raise ValueError("every study needs a finite effect and a positive variance: leave the others out, by name")
    return y, v


def pool(effects: ArrayLike, variances: ArrayLike, method: MetaMethod = "REML") -> Pooled:
    """Pool studies with one estimator of the between-study variance.

    Parameters
    ----------
    effects, variances : shape (k,), k >= 1: estimates on a scale on which they are normal, and squared
        errors.

    Raises
    ------
    ValueError
        If the shapes differ, there is no study, or an effect or variance is not usable.

    References
    ----------
    DerSimonian, Laird. Control Clin Trials 1986;7:177. Paule, Mandel. J Res NBS 1982;87:377. Viechtbauer. J
    Educ Behav Stat 2005;30:261 (REML). Hartung, Knapp. Stat Med 2001;20:3875.
    """
    y, v = _checked(effects, variances)
    k = len(y)
    if k == 0:
        raise ValueError("there is no study to pool")
    tau2 = _tau2(y, v, method)
    w, fixed = 1 / (v + tau2), 1 / v
    mean = float(w @ y / w.sum())
    q = float(fixed @ (y - fixed @ y / fixed.sum()) ** 2)
    hk = math.sqrt(float(w @ (y - mean) ** 2) / (k - 1) / float(w.sum())) if k > 1 else NAN
    i2, h2 = _heterogeneity(v, tau2, q, method)
    return Pooled(
        method, k, mean, float(w.sum()) ** -0.5, hk, tau2, i2, h2, _q_test(q, k), tuple((100 * w / w.sum()).tolist())
    )


def _tau2(y: Array, v: Array, method: MetaMethod) -> float:
    k = len(y)
    if method == "FE" or k < 2:
        return 0.0
    if method == "DL":
        w = 1 / v
        q = float(w @ (y - w @ y / w.sum()) ** 2)
        return max(0.0, (q - (k - 1)) / float(w.sum() - (w**2).sum() / w.sum()))
    return _root_from_zero(_reml_score(y, v) if method == "REML" else lambda t: _generalised_q(y, v, t) - (k - 1))


def _generalised_q(y: Array, v: Array, tau2: float) -> float:
    w = 1 / (v + tau2)
    return float(w @ (y - w @ y / w.sum()) ** 2)


def _reml_score(y: Array, v: Array) -> Callable[[float], float]:
    def score(tau2: float) -> float:
        w = 1 / (v + tau2)
        gap = y - w @ y / w.sum()
        return float((w * gap) @ (w * gap) - w.sum() + (w**2).sum() / w.sum())

    return score


def _root_from_zero(f: Callable[[float], float]) -> float:
    """Root of a function that is positive near zero and negative far out; 0 where it starts negative."""
    if f(0.0) <= 0:
        return 0.0
    high = 1.0
    while f(high) > 0 and high < 1e12:
        high *= 4
    return float(optimize.brentq(f, 0.0, high, xtol=1e-16, rtol=1e-14))


def _typical_variance(v: Array) -> float:
    """Higgins and Thompson's typical within-study variance."""
    w, k = 1 / v, len(v)
    return float((k - 1) * w.sum() / (w.sum() ** 2 - (w**2).sum()))


def _heterogeneity(v: Array, tau2: float, q: float, method: MetaMethod) -> tuple[float, float]:
    """I2 in percent and H2: from tau2 as metafor does, from Q for the common effect."""
    k = len(v)
    if k < 2:
        return 0.0, 1.0
    if method == "FE":
        return max(0.0, 100 * (q - (k - 1)) / q) if q > 0 else 0.0, q / (k - 1)
    typical = _typical_variance(v)
    return 100 * tau2 / (tau2 + typical), (tau2 + typical) / typical


def _q_test(q: float, k: int) -> Test:
    method = "Cochran's Q"
    if k < 2:
        return no_test(method, "one study", n=k)
    return Test(q, k - 1, float(special.chdtrc(k - 1, q)), method, k)


def q_profile(effects: ArrayLike, variances: ArrayLike) -> tuple[float, float]:
    """95% limits of tau2 by inverting the generalised Q statistic: Viechtbauer. Stat Med 2007;26:37.

    NaN with fewer than two studies.
    """
    y, v = _checked(effects, variances)
    df = len(y) - 1
    if df < 1:
        return NAN, NAN
    low, high = float(special.chdtri(df, 0.025)), float(special.chdtri(df, 0.975))
    return (
        _root_from_zero(lambda t: _generalised_q(y, v, t) - low),
        _root_from_zero(lambda t: _generalised_q(y, v, t) - high),
    )


def interval(pooled: Pooled, *, hartung_knapp: bool = False, modified: bool = True) -> Estimate:
    """Pooled effect with z limits, or with Hartung and Knapp's (t, k - 1 df).

    `modified` takes the wider of the two standard errors (Jackson et al. Stat Med 2017;36:3923), so that
    agreement of few studies by chance does not pass for precision.
    """
    if not hartung_knapp or pooled.k < 2:
        error, df, label = pooled.std_error, math.inf, f"{_NAMES[pooled.method]}, z interval"
        z = pooled.estimate / error
        p_value, half = math.erfc(abs(z) / math.sqrt(2)), Z95 * error
    else:
        error = max(pooled.std_error_hk, pooled.std_error) if modified else pooled.std_error_hk
        label = f"{_NAMES[pooled.method]}, {'modified ' if modified else ''}Hartung-Knapp interval"
        df = pooled.k - 1
        half = t_quantile(df) * error
        p_value = t_p_value(pooled.estimate / error, df) if error > 0 else 0.0
    value = pooled.estimate
    return Estimate(value, value - half, value + half, label, pooled.k, std_error=error, p_value=p_value)


def prediction(pooled: Pooled, std_error: float, df: float) -> tuple[float, float]:
    """Limits of the effect in a further study: estimate +- t(df) sqrt(tau2 + se^2), z for infinite df."""
    critical = Z95 if math.isinf(df) else t_quantile(df)
    half = critical * math.sqrt(pooled.tau2 + std_error**2)
    return pooled.estimate - half, pooled.estimate + half


def egger(effects: ArrayLike, variances: ArrayLike) -> Test:
    """Egger's regression of the effect on its standard error, weighted by precision; `statistic` is t, k - 2 df.

    Egger et al. BMJ 1997;315:629, in the weighted form of metafor's regtest(model="lm").
    """
    method = "Egger's regression test"
    y, v = _checked(effects, variances)
    error, df = np.sqrt(v), len(y) - 2
    if df < 1 or np.ptp(error) == 0:
        return no_test(method, "fewer than three studies of different precision", n=len(y))
    design = np.column_stack([np.ones(len(y)), error]) / error[:, None]
    cross = np.linalg.inv(design.T @ design)
    beta = cross @ design.T @ (y / error)
    residual = y / error - design @ beta
    t = float(beta[1] / math.sqrt(float(residual @ residual) / df * float(cross[1, 1])))
    return Test(t, df, t_p_value(t, df), method, len(y))


def synthesise(
    effects: ArrayLike, variances: ArrayLike, method: MetaMethod = "REML", *, thresholds: Thresholds = DEFAULT
) -> Synthesis:
    """Pool studies as a page shows them, by the rules for few studies.

    Parameters
    ----------
    effects, variances : shape (k,).
    method : estimator of the between-study variance.

    Returns
    -------
    Synthesis
        k = 0 or 1: not estimable. k = 2: the common effect, no prediction interval. k >= 3: random effects
        with modified Hartung-Knapp limits.

    Raises
    ------
    ValueError
        If the shapes differ or an effect or variance is not usable.
    """
    y, v = _checked(effects, variances)
    k = len(y)
    if k < 2:
        reason = "no study" if k == 0 else "one study: nothing to pool"
        missing, test = not_estimable(_NAMES[method], reason, n=k), no_test("Cochran's Q", reason, n=k)
        return Synthesis(missing, missing, missing, missing, missing, test, test, ())
    fixed = pool(y, v, "FE")
    random = pool(y, v, method)
    shown = random if k >= 3 else fixed
    estimate = interval(shown, hartung_knapp=k >= 3)
    return Synthesis(
        estimate=estimate,
        common=interval(fixed),
        prediction=_prediction(random, estimate.std_error, thresholds),
        tau2=_tau2_estimate(random, y, v),
        i2=_i2_estimate(random, y, v),
        q=random.q,
        egger=_egger_if_many(y, v),
        weights=shown.weights,
    )


def _prediction(random: Pooled, error: float, thresholds: Thresholds) -> Estimate:
    label = "prediction interval, t with k - 2 df"
    if random.k < 3:
        return not_estimable(label, "fewer than three studies", n=random.k)
    lower, upper = prediction(random, error, random.k - 2)
    found = Estimate(random.estimate, lower, upper, label, random.k, std_error=error)
    return small.prediction_interval(random.k, thresholds).apply(found)


def _tau2_estimate(random: Pooled, y: Array, v: Array) -> Estimate:
    lower, upper = q_profile(y, v)
    return Estimate(random.tau2, lower, upper, f"{_NAMES[random.method]}, Q-profile interval", random.k)


def _i2_estimate(random: Pooled, y: Array, v: Array) -> Estimate:
    typical = _typical_variance(v)
    lower, upper = (100 * limit / (limit + typical) for limit in q_profile(y, v))
    return Estimate(random.i2, lower, upper, "I2 in percent, Q-profile interval", random.k)


def _egger_if_many(y: Array, v: Array) -> Test:
    if len(y) < _EGGER_STUDIES:
        return no_test("Egger's regression test", f"fewer than {_EGGER_STUDIES} studies", n=len(y))
    return egger(y, v)
