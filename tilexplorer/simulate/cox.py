"""Cox regression for large simulated samples: a few covariates, many ties, no diagnostics.

The truth needs hundreds of fits to about 10^5 patients each, which this does in a fraction of a second apiece. It is
for the truth only; the pages use the statistics package, so that the two check each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tilexplorer.simulate.latents import Flags, Floats, Ints

_ITERATIONS: Final = 30
_CONVERGED: Final = 1e-10


@dataclass(frozen=True, eq=False)
class CoxFit:
    """Log hazard ratios and their standard errors, shape (p,), and the number of events."""

    log_hr: Floats
    se: Floats
    events: int


@dataclass(frozen=True, eq=False)
class _Stratum:
    """Patients of one stratum in order of time, and for each event where its risk set begins and its place in a tie.

    `fraction` is l / d for the l-th of d tied events, Efron's weight (Efron 1977, JASA 72:557).
    """

    x: Floats
    events: Ints
    risk_from: Ints
    tie: Ints
    fraction: Floats


def _stratum(time: Ints, event: Flags, x: Floats) -> _Stratum:
    order = np.argsort(time, kind="stable")
    time, event, x = time[order], event[order], x[order]
    events = np.flatnonzero(event)
    at, tie, deaths = np.unique(time[events], return_inverse=True, return_counts=True)
    place = np.arange(len(events)) - np.repeat(np.cumsum(deaths) - deaths, deaths)
    return _Stratum(x, events, np.searchsorted(time, at)[tie], tie, place / deaths[tie])


def _sums(s: _Stratum, weighted: Floats) -> Floats:
    """Efron's risk-set sum of a weighted quantity at every event, shape (events, ...)."""
    beyond = np.cumsum(weighted[::-1], axis=0)[::-1][s.risk_from]
    tied = np.zeros((int(s.tie.max()) + 1, *weighted.shape[1:]))
    np.add.at(tied, s.tie, weighted[s.events])
    share = s.fraction.reshape(-1, *[1] * (weighted.ndim - 1))
    return np.asarray(beyond - share * tied[s.tie], dtype=np.float64)


def _score_and_information(s: _Stratum, beta: Floats) -> tuple[Floats, Floats]:
    if not len(s.events):
        return np.zeros(len(beta)), np.zeros((len(beta), len(beta)))
    w = np.exp(s.x @ beta)
    s0 = _sums(s, w)
    mean = _sums(s, w[:, None] * s.x) / s0[:, None]
    second = _sums(s, w[:, None, None] * s.x[:, :, None] * s.x[:, None, :]) / s0[:, None, None]
    score = (s.x[s.events] - mean).sum(axis=0)
    return score, second.sum(axis=0) - mean.T @ mean


def cox(time: Ints, event: Flags, x: Floats, strata: Ints | None = None) -> CoxFit:
    """Cox regression with Efron's ties by Newton's method.

    Parameters
    ----------
    time, event
        time [days] and whether the event happened then, shape (n,)
    x
        covariates, shape (n, p)
    strata
        stratum of each patient, shape (n,); one stratum by default

    Raises
    ------
    ArithmeticError
        where the iterations do not converge
    """
    groups = np.zeros(len(time), dtype=np.int64) if strata is None else strata
    centred = x - x.mean(axis=0)
    parts = [_stratum(time[groups == g], event[groups == g], centred[groups == g]) for g in np.unique(groups)]
    beta = np.zeros(x.shape[1])
    for _ in range(_ITERATIONS):
        pieces = [_score_and_information(part, beta) for part in parts]
        score, information = sum(p[0] for p in pieces), sum(p[1] for p in pieces)
        step = np.linalg.solve(information, score)
        beta = beta + step
        if np.abs(step).max() < _CONVERGED:
            se = np.sqrt(np.diag(np.linalg.inv(information)))
            return CoxFit(beta, se, int(event.sum()))
    raise ArithmeticError(f"Cox regression did not converge in {_ITERATIONS} iterations")
