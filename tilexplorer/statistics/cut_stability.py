"""How much a cut chosen by the outcome is worth: where it falls in resamples, and what it does on unseen patients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tilexplorer.statistics import small
from tilexplorer.statistics.logrank import logrank
from tilexplorer.statistics.maxstat import HIGHEST, LOWEST, complete_rows, logrank_scores, standardised
from tilexplorer.statistics.results import NAN, Status, Test, no_test
from tilexplorer.statistics.small import DEFAULT, SHOW_ALL, Thresholds
from tilexplorer.statistics.tables import EventTable

Array = NDArray[np.float64]
Folds = NDArray[np.int64]

RESAMPLES = 500
FOLDS = 10
PERMUTATIONS = 500
SEED = 20240611
NEAR = 0.10  # percentile points either side of the chosen cut

_CROSS_VALIDATED = "log-rank of cross-validated groups, permutation p"


@dataclass(frozen=True, slots=True, eq=False)
class CutStability:
    """Cuts of bootstrap resamples.

    Attributes
    ----------
    cuts : shape (resamples,), of those resamples that have one.
    lower, upper : 2.5 and 97.5 percentiles of the cuts.
    share_near : share of resamples whose cut lies within 10 percentile points of the chosen one.
    resamples, seed : how they were made.
    """

    cuts: Array
    lower: float
    upper: float
    share_near: float
    resamples: int
    seed: int
    status: Status = Status.OK
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class CrossValidatedCut:
    """Groups made without looking at the patient's own outcome.

    Attributes
    ----------
    test : log-rank chi-square of the groups; `p_value` by permutation of the measure, for the usual p is too small.
    high : shape (n,), whether each complete patient was assigned to the high group.
    cuts : shape (folds,), the cut that each fold got from the others.
    """

    test: Test
    high: NDArray[np.bool_]
    cuts: Array
    permutations: int
    seed: int


def _best_cut(scores: Array, x: Array) -> float:
    cuts, statistics, _ = standardised(scores, x, LOWEST, HIGHEST)
    known = np.isfinite(statistics)
    return float(cuts[known][statistics[known].argmax()]) if known.any() else NAN


def cut_stability(
    time: ArrayLike,
    event: ArrayLike,
    x: ArrayLike,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
    thresholds: Thresholds = DEFAULT,
) -> CutStability:
    """Choose the cut again in bootstrap resamples of the patients.

    Parameters
    ----------
    time, event, x : shape (n,); patients with a missing value are left out.

    Raises
    ------
    ValueError
        If the arrays differ in length.
    """
    t, e, v = complete_rows(time, event, x)
    verdict = small.selected_cut(len(t), int(e.sum()), thresholds)
    chosen = _best_cut(logrank_scores(t, e), v) if e.any() else NAN
    if not verdict.shown or np.isnan(chosen):
        reason = verdict.reason or "no cut leaves enough patients on both sides"
        return CutStability(np.empty(0), NAN, NAN, NAN, 0, seed, Status.SUPPRESSED, reason)
    rng = np.random.default_rng(seed)
    cuts = []
    for _ in range(resamples):
        rows = rng.integers(0, len(t), len(t))
        if e[rows].any():
            cuts.append(_best_cut(logrank_scores(t[rows], e[rows]), v[rows]))
    found = np.array([cut for cut in cuts if not np.isnan(cut)])
    near = np.abs(_percentile(v, found) - _percentile(v, np.array([chosen]))) <= NEAR
    lower, upper = np.quantile(found, [0.025, 0.975])
    return CutStability(found, float(lower), float(upper), float(near.mean()), resamples, seed)


def _percentile(x: Array, places: Array) -> Array:
    """Share of patients at or below each place."""
    return np.asarray(np.searchsorted(np.sort(x), places, side="right") / len(x))


def cross_validated_cut(
    time: ArrayLike,
    event: ArrayLike,
    x: ArrayLike,
    *,
    folds: int = FOLDS,
    permutations: int = PERMUTATIONS,
    seed: int = SEED,
    thresholds: Thresholds = DEFAULT,
) -> CrossValidatedCut:
    """Assign every patient by a cut that the other folds chose, and test the groups.

    The log-rank p of such groups is still too small, since the folds share patients. So the whole procedure is
    repeated with the measure permuted, and p is the share of permutations that separate at least as well.

    Parameters
    ----------
    time, event, x : shape (n,); patients with a missing value are left out.

    Raises
    ------
    ValueError
        If the arrays differ in length.
    """
    t, e, v = complete_rows(time, event, x)
    n, events = len(t), int(e.sum())
    verdict = small.selected_cut(n, events, thresholds)
    if not verdict.shown or n < folds or events == 0 or len(np.unique(v)) < 2:
        reason = verdict.reason or "too few patients, events or distinct values"
        test = no_test(_CROSS_VALIDATED, reason, n=n, events=events)
        return CrossValidatedCut(test, np.zeros(0, bool), np.empty(0), 0, seed)
    rng = np.random.default_rng(seed)
    fold = rng.permutation(np.arange(n) % folds)
    # Scores depend on the outcome alone: made once per fold, used by every permutation of the measure.
    scores = [logrank_scores(t[fold != k], e[fold != k]) for k in range(folds)]
    high, cuts = _assign(v, fold, scores)
    observed = _chi_square(t, e, high)
    beyond = sum(
        _chi_square(t, e, _assign(rng.permutation(v), fold, scores)[0]) >= observed - 1e-12 for _ in range(permutations)
    )
    method = f"{_CROSS_VALIDATED} ({folds} folds, {permutations} permutations, seed {seed})"
    test = Test(observed, 1, (1 + beyond) / (1 + permutations), method, n, events)
    return CrossValidatedCut(verdict.apply(test), high, cuts, permutations, seed)


def _assign(x: Array, fold: Folds, scores: list[Array]) -> tuple[NDArray[np.bool_], Array]:
    cuts = np.array([_best_cut(scores[k], x[fold != k]) for k in range(len(scores))])
    with np.errstate(invalid="ignore"):
        return x > cuts[fold], cuts


def _chi_square(time: Array, event: Array, high: NDArray[np.bool_]) -> float:
    """Log-rank chi-square of two groups; 0 where everybody fell into one."""
    if high.all() or not high.any():
        return 0.0
    table = EventTable.from_rows(time, event, group=high.astype(np.int64), groups=("low", "high"))
    return logrank(table, thresholds=SHOW_ALL).test.statistic
