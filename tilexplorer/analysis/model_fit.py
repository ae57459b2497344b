"""One model of the complete cases, whichever the outcome: ratios, likelihood, and a linear predictor to judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from tilexplorer.analysis.row_outcome import STRATUM, Rows, indicators
from tilexplorer.statistics.added_value import MOST_PATIENTS, SEED, AddedValue, added_value, comparable, concordance
from tilexplorer.statistics.cox_fit import fit as fit_cox
from tilexplorer.statistics.cox_likelihood import CoxDesign
from tilexplorer.statistics.logistic import logistic_regression
from tilexplorer.statistics.proportional_hazards import WARNING_FOLD, WARNING_P, PHTest, ph_test
from tilexplorer.statistics.regression import cox_regression, fit_rows
from tilexplorer.statistics.results import NAN, Estimate, Test, no_test, not_estimable
from tilexplorer.statistics.roc import delong
from tilexplorer.statistics.small import SHOW_ALL
from tilexplorer.statistics.terms import Term, design_of

Floats = NDArray[np.float64]
_LR = "likelihood ratio test of infiltration given the other terms"


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fitted model: ratios by coefficient, or why there are none. `loglik` is comparable between nested models."""

    ratios: Mapping[str, Estimate]
    loglik: float
    df: int
    n: int
    events: int
    shown: bool
    reason: str
    firth: bool = False


def fit_model(rows: Rows, terms: Sequence[Term]) -> Fitted:
    """Cox stratified by cohort, study and tumour, or logistic with their indicators."""
    if rows.outcome == "survival":
        found = cox_regression(rows.frame, "time", "event", terms, [STRATUM])
        # The likelihood is needed even where the ratios are too few events to print.
        whole = cox_regression(rows.frame, "time", "event", terms, [STRATUM], thresholds=SHOW_ALL)
        return Fitted(
            found.hazard_ratios, whole.loglik, len(found.names), found.n, found.events, found.shown, found.reason
        )
    design, names, _ = design_of(rows.frame, terms)
    beside = indicators(rows.frame[STRATUM])
    labels = [*names, *(f"stratum {i}" for i in range(beside.shape[1]))]
    fit = logistic_regression(rows.frame["responder"], np.column_stack([design, beside]), labels)
    ratios = {name: fit.odds_ratios[name] for name in names}
    return Fitted(ratios, fit.loglik, len(names), fit.n, fit.events, fit.shown, fit.reason, fit.firth)


def added(full: Fitted, without: Fitted) -> Test:
    """Likelihood ratio test of what the fuller model has more."""
    if not full.shown:
        return no_test(_LR, full.reason, n=full.n, events=full.events)
    if full.firth or without.firth:
        return no_test(_LR, "separated outcome: the likelihoods are not comparable", n=full.n, events=full.events)
    statistic, df = max(0.0, 2 * (full.loglik - without.loglik)), full.df - without.df
    if not np.isfinite(statistic):
        return no_test(_LR, without.reason, n=full.n, events=full.events)
    return Test(statistic, df, float(special.chdtrc(df, statistic)), _LR, full.n, full.events)


def discrimination(rows: Rows, clinic: Sequence[Term], marker: Term) -> AddedValue:
    """Change in C (Harrell within strata, or AUC) that the marker brings, corrected for optimism."""
    frame = rows.frame
    first, second = design_of(frame, clinic)[0], design_of(frame, [marker])[0]
    if len(frame) > MOST_PATIENTS:
        reason = f"not computed above {MOST_PATIENTS} patients"
        return AddedValue(NAN, NAN, not_estimable("change in C", reason, n=len(frame)), NAN, NAN, 0, SEED)
    if rows.outcome == "survival":
        time, event = (frame[name].to_numpy(dtype=float) for name in ("time", "event"))
        stratum = np.unique(frame[STRATUM], return_inverse=True)[1]

        def fit(on: NDArray[np.int64], design: Floats) -> Floats | None:
            names = [str(i) for i in range(design.shape[1])]
            found = fit_rows(time[on], event[on], design[on], names, stratum=stratum[on])
            return found.coef if found.shown else None

        pairs = comparable(time, event, stratum)

        def score(at: NDArray[np.int64], linear: Floats) -> float:
            return concordance(pairs[np.ix_(at, at)], linear)

        return added_value(first, second, fit, score)
    y = frame["responder"].to_numpy(dtype=float)
    clinical = np.column_stack([first, indicators(frame[STRATUM])])

    def fit_response(on: NDArray[np.int64], design: Floats) -> Floats | None:
        names = [str(i) for i in range(design.shape[1])]
        found = logistic_regression(y[on], design[on], names, firth=False, guard=False)
        return found.coef[1:] if found.shown and np.isfinite(found.coef).all() else None

    def auc(at: NDArray[np.int64], linear: Floats) -> float:
        return float(delong(y[at], [linear])[0][0])

    return added_value(clinical, second, fit_response, auc)


@dataclass(frozen=True)
class Proportional:
    """Whether the hazards of the model are proportional; `before`, `after` : hazard ratio of infiltration by halves."""

    test: PHTest
    before: float
    after: float

    @property
    def violated(self) -> bool:
        """By more than chance and more than 1.5-fold for infiltration, or by chance alone never."""
        overall = self.test.overall
        if not overall.shown or overall.p_value >= WARNING_P or not np.isfinite([self.before, self.after]).all():
            return False
        return max(self.before, self.after) / min(self.before, self.after) >= WARNING_FOLD


def proportional(rows: Rows, terms: Sequence[Term]) -> Proportional | None:
    """Test each term; the last coefficient is that of infiltration."""
    if rows.outcome != "survival" or rows.frame.empty:
        return None
    design, names, places = design_of(rows.frame, terms)
    time, event = (rows.frame[name].to_numpy(dtype=float) for name in ("time", "event"))
    stratum = np.unique(rows.frame[STRATUM], return_inverse=True)[1]
    scale = np.where(design.std(axis=0) > 0, design.std(axis=0), 1.0)
    scaled = (design - design.mean(axis=0)) / scale
    model = fit_cox(CoxDesign.make(time, event, 1 - event, scaled, stratum=stratum, names=names))
    test = ph_test(model, "km", {label: list(range(p.start, p.stop)) for label, p in places.items()})
    if not event.any():
        return Proportional(test, NAN, NAN)
    split = float(np.quantile(time[event > 0], 0.5))
    early = fit_rows(np.minimum(time, split), event * (time <= split), design, names, stratum=stratum)
    late = time > split
    after = fit_rows(time[late], event[late], design[late], names, stratum=stratum[late]) if late.any() else None
    return Proportional(test, _ratio(early.coef, early.shown), _ratio(after.coef, after.shown) if after else NAN)


def _ratio(coef: Floats, shown: bool) -> float:
    return float(np.exp(coef[-1])) if shown and coef.size else NAN


def complete(rows: Rows, chosen: Sequence[str]) -> Rows:
    """The patients who have every chosen term; for response, of strata in which both outcomes occur."""
    kept: pd.DataFrame = rows.frame.dropna(subset=list(chosen)).reset_index(drop=True)
    if rows.outcome == "response" and len(kept):
        spread = kept.groupby(STRATUM)["responder"].transform("nunique")
        kept = kept[spread > 1].reset_index(drop=True)
    return Rows(kept, rows.outcome, rows.words, rows.why_not)
