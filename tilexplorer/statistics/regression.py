"""Cox regression on patient rows: continuous measures, splines, covariates, interactions.

One function fits. Rows are centred and scaled before the search and the answer is taken back to the columns' units.
The search is the package's own (Newton-Raphson with Efron ties, as for levels): on R's own spline models lifelines
stops up to 1e-6 away or gives up with a ConvergenceWarning in every second case, so it is the second opinion
(`second_opinion`), not the first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tilexplorer.statistics import small
from tilexplorer.statistics.cox_blocks import Ties
from tilexplorer.statistics.cox_fit import CoxFit, fit, likelihood_ratio
from tilexplorer.statistics.cox_likelihood import CoxDesign
from tilexplorer.statistics.results import Z95, Estimate, Status, Test, not_estimable
from tilexplorer.statistics.small import DEFAULT, Thresholds
from tilexplorer.statistics.terms import Term, design_of

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class CoxRegression:
    """A fitted model.

    Attributes
    ----------
    terms : as they were asked for.
    names : coefficients, in order; coef (p,) and covariance (p, p) belong to them, on the log hazard scale.
    hazard_ratios : by coefficient name.
    term_tests : by term label: likelihood ratio for more than one df, else Wald.
    lr : all coefficients. loglik : at the maximum.
    n, events, excluded : patients used, their events, and patients left out for a missing value.
    """

    terms: tuple[Term, ...]
    names: tuple[str, ...]
    coef: Array
    covariance: Array
    hazard_ratios: dict[str, Estimate]
    term_tests: dict[str, Test]
    lr: Test
    loglik: float
    n: int
    events: int
    excluded: int
    status: Status = Status.OK
    reason: str = ""

    @property
    def shown(self) -> bool:
        """Whether there are coefficients to print."""
        return self.status in (Status.OK, Status.WARNING)

    def contrast(self, weights: ArrayLike, method: str = "Cox, Wald interval of a contrast") -> Estimate:
        """Hazard ratio exp(w'b) of a combination of coefficients, with Wald limits and p."""
        if not self.shown:
            missing = not_estimable(method, self.reason, n=self.n, events=self.events)
            return replace(missing, status=self.status)
        w = np.asarray(weights, dtype=float)
        value, error = float(w @ self.coef), math.sqrt(max(0.0, float(w @ self.covariance @ w)))
        p_value = 2 * float(special.ndtr(-abs(value / error))) if error > 0 else math.nan
        lower, upper = (math.exp(min(value + side * Z95 * error, 700.0)) for side in (-1, 1))
        return Estimate(
            math.exp(min(value, 700.0)), lower, upper, method, self.n, self.events, error, p_value,
            self.status, self.reason,
        )  # fmt: skip


def fit_rows(
    time: ArrayLike,
    event: ArrayLike,
    covariates: ArrayLike,
    names: Sequence[str],
    *,
    stratum: ArrayLike | None = None,
    ties: Ties = "efron",
) -> CoxFit:
    """Fit Cox's model to rows: the one place of the package that fits anything but levels.

    Parameters
    ----------
    time, event : shape (n,). covariates : shape (n, p) in any units. stratum : shape (n,), own baseline hazards.

    Returns
    -------
    CoxFit
        In the units of the covariates; not estimable, with the reason, without events, with aliased covariates or a
        monotone likelihood.
    """
    e, x = np.asarray(event, dtype=float), np.asarray(covariates, dtype=float)
    centre, scale = x.mean(axis=0), x.std(axis=0)
    scale = np.where(scale > 1e-12 * np.maximum(1.0, np.abs(centre)), scale, 1.0)
    design = CoxDesign.make(time, e, 1 - e, (x - centre) / scale, stratum=stratum, names=names)
    model = fit(design, ties)
    return replace(
        model,
        coef=model.coef / scale,
        std_error=model.std_error / scale,
        covariance=model.covariance / np.outer(scale, scale),
        likelihood=None,
    )


def complete_cases(
    frame: pd.DataFrame, duration: str, event: str, terms: Sequence[Term], strata: Sequence[str]
) -> pd.DataFrame:
    """Rows with a time that is not negative, an event of 0 or 1, every stratum, and every term's value."""
    time = pd.to_numeric(frame[duration]).to_numpy(dtype=float, na_value=np.nan)
    flag = pd.to_numeric(frame[event]).to_numpy(dtype=float, na_value=np.nan)
    with np.errstate(invalid="ignore"):
        kept = np.isfinite(time) & (time >= 0) & np.isin(flag, (0.0, 1.0))
    kept &= frame[list(strata)].notna().all(axis=1).to_numpy(dtype=bool)
    kept &= np.isfinite(design_of(frame, terms)[0]).all(axis=1)
    rows: pd.DataFrame = frame.loc[kept]
    return rows


def cox_regression(
    frame: pd.DataFrame,
    duration: str,
    event: str,
    terms: Sequence[Term],
    strata: Sequence[str] = (),
    *,
    ties: Ties = "efron",
    thresholds: Thresholds = DEFAULT,
) -> CoxRegression:
    """Fit a Cox model of several terms.

    Parameters
    ----------
    frame : one row per patient. duration, event : its columns; event is 1 or True for an event.
    terms : what to model, e.g. `[Category("level", ("low", "high")), Number("age", 10)]`.
    strata : columns whose combinations have baseline hazards of their own (tumour type, cohort).

    Returns
    -------
    CoxRegression
        Complete cases; the others are counted in `excluded`. Warned below ten events per coefficient, suppressed
        below five, not estimable as `fit_rows` says.

    Raises
    ------
    KeyError
        If the frame lacks a column.
    """
    rows = complete_cases(frame, duration, event, terms, strata)
    design, names, places = design_of(rows, terms)
    outcome = _Outcome.of(rows, duration, event, strata, ties)
    model = outcome.fit(design, names)
    verdict = small.hazard_ratio(model.events, len(names), thresholds)
    status, reason = (model.status, model.reason) if not model.shown else (verdict.status, verdict.reason)
    hidden = status is Status.SUPPRESSED
    ratios = {name: model.hazard_ratio(i, thresholds=thresholds) for i, name in enumerate(names)}
    tests = {label: verdict.apply(_term_test(outcome, design, names, model, place)) for label, place in places.items()}
    return CoxRegression(
        tuple(terms), names, model.coef * (math.nan if hidden else 1.0), model.covariance, ratios, tests,
        verdict.apply(model.lr), model.loglik, model.n, model.events, len(frame) - len(rows), status, reason,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Outcome:
    """What every model of the same patients shares."""

    time: Array
    event: Array
    stratum: NDArray[np.int64]
    ties: Ties

    @classmethod
    def of(cls, rows: pd.DataFrame, duration: str, event: str, strata: Sequence[str], ties: Ties) -> _Outcome:
        stratum: NDArray[np.int64] = np.zeros(len(rows), dtype=np.int64)
        if strata and len(rows):
            stratum = rows.groupby(list(strata), observed=True, sort=False).ngroup().to_numpy().astype(np.int64)
        time, flag = (pd.to_numeric(rows[name]).to_numpy(dtype=float) for name in (duration, event))
        return cls(time, flag, stratum, ties)

    def fit(self, design: Array, names: Sequence[str]) -> CoxFit:
        if len(self.time) == 0:  # no mean to centre on
            return fit(CoxDesign.make(self.time, self.event, self.event, design, names=names), self.ties)
        return fit_rows(self.time, self.event, design, names, stratum=self.stratum, ties=self.ties)


def _term_test(outcome: _Outcome, design: Array, names: Sequence[str], model: CoxFit, place: slice) -> Test:
    """Likelihood ratio of a term with several coefficients; Wald of one."""
    df = place.stop - place.start
    if df == 1 and model.shown:
        z = float(model.coef[place.start] / model.std_error[place.start])
        return Test(z * z, 1, 2 * float(special.ndtr(-abs(z))), "Cox Wald test", model.n, model.events)
    if df == len(names) or not model.shown:
        return model.lr
    others = [i for i in range(len(names)) if not place.start <= i < place.stop]
    reduced = outcome.fit(design[:, others], [names[i] for i in others])
    return likelihood_ratio(model, reduced)
