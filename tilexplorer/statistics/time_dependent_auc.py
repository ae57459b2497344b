"""How well a score tells who has the event by a time from who lives beyond it: the cumulative/dynamic AUC.

Inverse probability of censoring weights from the marginal Kaplan-Meier estimate (Uno et al. 2007; Blanche et al. 2013,
Stat Med 32:5381). The curve is apparent, not validated: it is measured on the patients of the score.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tilexplorer.statistics import small
from tilexplorer.statistics.results import NAN, Z95, Estimate, not_estimable
from tilexplorer.statistics.small import DEFAULT, Thresholds
from tilexplorer.statistics.ties import merge_close_times

Floats = NDArray[np.float64]


def time_dependent_auc(
    time: ArrayLike, event: ArrayLike, score: ArrayLike, t: float, *, thresholds: Thresholds = DEFAULT
) -> Estimate:
    """The probability that a patient with the event by t has a higher score than one who is followed beyond t.

    Parameters
    ----------
    time, event, score : shape (n,); higher scores mean higher risk; ties count half.
    t : in the unit of time.

    Returns
    -------
    Estimate with Wald limits from the influence of each patient, that on the weights included.

    Notes
    -----
    A case is weighted by 1/G(T-), a control by 1/G(t), G the probability of staying uncensored; at ties the events
    come before the censorings.
    """
    times, events, scores = _rows(time, event, score)
    cases, controls = (times <= t) & (events == 1), times > t
    method = f"time-dependent AUC at {t:g}, inverse probability of censoring weights"
    n, happened = times.size, int(cases.sum())
    if not (cases.any() and controls.any()):
        reason = "no event by this time" if not cases.any() else "nobody is followed beyond this time"
        return not_estimable(method, reason, n=n, events=happened)
    free_before = _staying(times, events)
    weight = np.where(cases, 1 / free_before, 0.0)
    above = _share_below(scores, scores[controls])  # of controls, for every patient
    total = float(weight.sum())
    value = float((weight * above).sum()) / total
    below = _share_above(scores, scores[cases], weight[cases] / total)
    influence = np.where(cases, weight * (above - value) / (total / n), 0.0)
    influence += np.where(controls, (below - value) / controls.mean(), 0.0)
    influence += _of_weights(times, events, influence * cases, t)
    error = float(np.sqrt((influence**2).sum() / (n * (n - 1))))
    result = Estimate(
        value, max(0.0, value - Z95 * error), min(1.0, value + Z95 * error), method, n, happened, error, NAN
    )
    return small.auc(happened, int(controls.sum()), thresholds).apply(result)


def _rows(time: ArrayLike, event: ArrayLike, score: ArrayLike) -> tuple[Floats, Floats, Floats]:
    times, events, scores = (np.asarray(values, float) for values in (time, event, score))
    if not times.shape == events.shape == scores.shape:
        raise ValueError("time, event and score differ in length")
    good = np.isfinite(times) & (times >= 0) & np.isin(events, (0, 1)) & np.isfinite(scores)
    return merge_close_times(times[good]), events[good], scores[good]


def _staying(times: Floats, events: Floats) -> Floats:
    """G just before each patient's time; G at t is common to all controls and cancels."""
    _, position = np.unique(times, return_inverse=True)
    lost = np.bincount(position, 1 - events)
    at_risk = np.cumsum(np.bincount(position)[::-1])[::-1] - np.bincount(position, events)
    curve = np.concatenate(([1.0], np.cumprod(1 - lost / np.maximum(at_risk, lost + (lost == 0)))))
    result: Floats = curve[position]
    return result


def _share_below(scores: Floats, others: Floats) -> Floats:
    """The share of others with a lower score, ties half, for each score."""
    ordered = np.sort(others)
    left, right = (np.searchsorted(ordered, scores, side=side) for side in ("left", "right"))
    share: Floats = (left + right) / 2 / others.size
    return share


def _share_above(scores: Floats, others: Floats, weights: Floats) -> Floats:
    """The weight of others with a higher score, ties half, for each score; the weights sum to 1."""
    order = np.argsort(others, kind="stable")
    cumulative = np.concatenate(([0.0], np.cumsum(weights[order])))
    left, right = (np.searchsorted(others[order], scores, side=side) for side in ("left", "right"))
    share: Floats = cumulative[-1] - (cumulative[left] + cumulative[right]) / 2
    return share


def _of_weights(times: Floats, events: Floats, contribution: Floats, t: float) -> Floats:
    """The influence through the estimated weights, which grow with the hazard of censoring before a case."""
    _, position = np.unique(times, return_inverse=True)
    lost = np.bincount(position, 1 - events)
    at_risk = np.cumsum(np.bincount(position)[::-1])[::-1].astype(float)
    by_time = np.bincount(position, contribution)
    later = np.cumsum(by_time[::-1])[::-1] - by_time  # of the cases after each time
    own = np.where(events == 0, (later / at_risk)[position], 0.0)
    drift = np.cumsum(later * lost / at_risk**2)[position]
    result: Floats = np.where(times <= t, own, 0.0) - drift
    return result
