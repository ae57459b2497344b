"""Hazard ratios of the levels of a group against a reference level, from an event table.

A level without events (or one that alone has them) makes the likelihood monotone: its hazard ratio has no finite
estimate. That is seen before fitting, and the whole model is then Firth's, with profile likelihood limits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tilexplorer.statistics import firth_cox, small
from tilexplorer.statistics.cox_blocks import Ties
from tilexplorer.statistics.cox_fit import MONOTONE_REASON, CoxFit, fit, likelihood_ratio
from tilexplorer.statistics.cox_likelihood import CoxDesign
from tilexplorer.statistics.results import Estimate, Test, no_test, not_estimable
from tilexplorer.statistics.small import DEFAULT, Thresholds, Verdict
from tilexplorer.statistics.tables import EventTable

__all__ = ["CoxDesign", "CoxFit", "CoxLevels", "fit", "level_hazard_ratios", "likelihood_ratio"]

MOST_LEVELS = 60  # the information is a matrix of levels by levels, at every event time
NEVER_COMPARED = "never at risk together with another level at an event"


@dataclass(frozen=True, slots=True, eq=False)
class CoxLevels:
    """Hazard ratios of every level but the reference.

    Attributes
    ----------
    reference : the label of the reference level.
    hazard_ratios : by label, in the table's order: hazard ratio, its limits, p; the standard error is that of
        the log hazard ratio.
    lr, wald, score : tests of all levels together; with Firth's penalty only lr exists.
    firth : whether the model is Firth's.
    fit : the unpenalised model, where there is one.
    """

    reference: str
    hazard_ratios: dict[str, Estimate]
    lr: Test
    wald: Test
    score: Test
    n: int
    events: int
    firth: bool = False
    fit: CoxFit | None = field(default=None, repr=False)


def level_hazard_ratios(
    table: EventTable, reference: str, ties: Ties = "efron", *, thresholds: Thresholds = DEFAULT
) -> CoxLevels:
    """Hazard ratios of each group of a table against the reference, stratified by the table's strata.

    Parameters
    ----------
    table : groups without patients, or never at risk with another at an event, are left out with the reason.
    reference : the label that the others are compared with.
    ties : "efron" or "breslow".

    Returns
    -------
    CoxLevels with Wald limits and p; with profile likelihood limits and penalised likelihood ratio p (Heinze and
    Schemper 2001) where the likelihood is monotone, which the method says.

    Raises
    ------
    ValueError
        If no group of the table is called reference.
    """
    if reference not in table.groups:
        raise ValueError(f"no such group: {reference}")
    if len(table.groups) > MOST_LEVELS:
        return _none(table, reference, _too_many(table, ties))
    information = _informative(table)
    absent = _absent(table, information, reference, ties)
    kept = [label for label in table.groups if label == reference or label not in absent]
    if len(kept) < 2 or reference in absent:
        return _none(table, reference, absent)
    compared = table.only(kept)
    design = CoxDesign.of_levels(compared, reference)
    if not information.monotone.any():
        model = fit(design, ties)
        if model.shown:
            return _wald(table, compared, reference, absent, model, thresholds)
        if model.reason != MONOTONE_REASON:
            missing = {name: not_estimable(_method(ties), model.reason, n=table.n, events=table.n_events)
                       for name in design.names}  # fmt: skip
            return _none(table, reference, absent | missing)
    return _firth(table, compared, reference, absent, firth_cox.fit(design, ties), ties, thresholds)


def _too_many(table: EventTable, ties: Ties) -> dict[str, Estimate]:
    nothing = not_estimable(_method(ties), f"more than {MOST_LEVELS} levels", n=table.n, events=table.n_events)
    return dict.fromkeys(table.groups, nothing)


def _method(ties: Ties) -> str:
    return f"Cox, {ties.capitalize()} ties, Wald interval"


@dataclass(frozen=True, slots=True, eq=False)
class _Informative:
    """Which levels meet others in a risk set at an event, and which have all or none of the events there."""

    compared: NDArray[np.bool_]
    monotone: NDArray[np.bool_]


def _informative(table: EventTable) -> _Informative:
    """Count, for each level, its own and the others' events at times when it was at risk together with others."""
    size = len(table.groups)
    own, others = np.zeros(size), np.zeros(size)
    bounds = np.searchsorted(table.stratum, np.arange(len(table.strata) + 1))
    for start, stop in pairwise(bounds):
        _add_stratum(table, slice(start, stop), own, others)
    compared = own + others > 0
    return _Informative(compared, compared & ((own == 0) | (others == 0)))


def _add_stratum(table: EventTable, rows: slice, own: NDArray[np.float64], others: NDArray[np.float64]) -> None:
    group, time, events = table.group[rows], table.time[rows], table.events[rows].astype(float)
    happened = events > 0
    if not happened.any():
        return
    present = np.unique(group)
    last = np.array([time[group == code][-1] for code in present])  # times ascend within a group
    # A time is informative for a level while the level and any other are still followed.
    farthest = np.sort(last)
    for code, own_last in zip(present, last, strict=True):
        rivals = farthest[-1] if own_last < farthest[-1] or (farthest == own_last).sum() > 1 else _second(farthest)
        counted = happened & (time <= min(own_last, rivals))
        own[code] += events[counted & (group == code)].sum()
        others[code] += events[counted & (group != code)].sum()


def _second(ascending: NDArray[Any]) -> float:
    """The second largest, or less than any time where there is only one."""
    return float(ascending[-2]) if ascending.size > 1 else -math.inf


def _absent(table: EventTable, information: _Informative, reference: str, ties: Ties) -> dict[str, Estimate]:
    """The levels that cannot be compared, each with its reason."""
    absent = {}
    sizes = table.n_by_group
    for code, label in enumerate(table.groups):
        if not information.compared[code]:
            reason = "no patients" if sizes[code] == 0 else "no events" if table.n_events == 0 else NEVER_COMPARED
            absent[label] = not_estimable(_method(ties), reason, n=int(sizes[code]))
    if reference in absent and table.n_events > 0:
        why = f"reference level {reference}: {absent[reference].reason}"
        for label in table.groups:
            absent[label] = replace(absent.get(label, absent[reference]), reason=why)
    return absent


def _pair(table: EventTable, label: str, reference: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    codes = [table.groups.index(label), table.groups.index(reference)]
    return table.n_by_group[codes], table.events_by_group[codes]


def _verdicts(
    table: EventTable, label: str, reference: str, events: int, df: int, thresholds: Thresholds
) -> tuple[Verdict, Verdict]:
    """Of the model's size, and of the pair's; the rule of an event in every group is met by Firth's estimate."""
    pair = small.comparison(*_pair(table, label, reference), replace(thresholds, test_group_events=0))
    return small.hazard_ratio(events, df, thresholds), pair


def _ordered(table: EventTable, reference: str, estimates: dict[str, Estimate]) -> dict[str, Estimate]:
    return {label: estimates[label] for label in table.groups if label != reference}


def _judged(
    compared: EventTable,
    reference: str,
    estimate: Estimate,
    label: str,
    thresholds: Thresholds,
) -> Estimate:
    n, events = (int(counts.sum()) for counts in _pair(compared, label, reference))
    sized = replace(estimate, n=n, events=events)
    for verdict in _verdicts(compared, label, reference, compared.n_events, len(compared.groups) - 1, thresholds):
        sized = verdict.apply(sized)
    return sized


def _wald(
    table: EventTable,
    compared: EventTable,
    reference: str,
    absent: dict[str, Estimate],
    model: CoxFit,
    thresholds: Thresholds,
) -> CoxLevels:
    raw = {name: model.hazard_ratio(i, thresholds=small.SHOW_ALL) for i, name in enumerate(model.names)}
    estimates = {name: _judged(compared, reference, estimate, name, thresholds) for name, estimate in raw.items()}
    verdict = small.comparison(compared.n_by_group, compared.events_by_group, thresholds)
    return CoxLevels(
        reference=reference,
        hazard_ratios=_ordered(table, reference, absent | estimates),
        lr=verdict.apply(model.lr),
        wald=verdict.apply(model.wald),
        score=verdict.apply(model.score),
        n=compared.n,
        events=compared.n_events,
        fit=model,
    )


def _firth(
    table: EventTable,
    compared: EventTable,
    reference: str,
    absent: dict[str, Estimate],
    model: firth_cox.FirthFit,
    ties: Ties,
    thresholds: Thresholds,
) -> CoxLevels:
    method = f"Firth's penalised Cox (Heinze-Schemper 2001), {ties.capitalize()} ties, profile likelihood interval"
    estimates = {}
    for index, name in enumerate(model.names):
        raw = _firth_estimate(model, index, method)
        estimates[name] = _judged(compared, reference, raw, name, thresholds)
    none = no_test("Cox Wald and score tests", MONOTONE_REASON, n=compared.n, events=compared.n_events)
    relaxed = replace(thresholds, test_group_events=0)
    verdict = small.comparison(compared.n_by_group, compared.events_by_group, relaxed)
    return CoxLevels(
        reference, _ordered(table, reference, absent | estimates), verdict.apply(model.lr), none, none,
        n=compared.n, events=compared.n_events, firth=True,
    )  # fmt: skip


def _firth_estimate(model: firth_cox.FirthFit, index: int, method: str) -> Estimate:
    if math.isnan(float(model.coef[index])):
        return not_estimable(method, model.reason)
    return Estimate(
        math.exp(model.coef[index]), math.exp(model.lower[index]), math.exp(min(model.upper[index], 700.0)),
        method, std_error=float(model.std_error[index]), p_value=float(model.p_value[index]),
        reason="a level without events: Firth's estimate",
    )  # fmt: skip


def _none(table: EventTable, reference: str, absent: dict[str, Estimate]) -> CoxLevels:
    reasons = [estimate.reason for estimate in absent.values()]
    reason = reasons[0] if reasons else "one group"
    test = no_test("Cox test of levels", reason, n=table.n, events=table.n_events)
    return CoxLevels(reference, _ordered(table, reference, absent), test, test, test, n=table.n, events=table.n_events)
