"""Trend of a response rate over ordered groups."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tilexplorer.statistics.results import Test, no_test
from tilexplorer.statistics.tables2x2 import chi_square

_METHOD = "Cochran-Armitage test for trend"
_DEPARTURE = "chi-square for departure from the trend"


@dataclass(frozen=True, slots=True)
class Trend:
    """Whether the rate rises or falls with the level, and whether the rest departs from that line.

    Attributes
    ----------
    test : the trend; `statistic` is z (positive: the rate rises with the score), df 1.
    departure : what the k-sample chi-square holds beyond the trend, df k - 2.
    scores : the scores of the levels that were used, in order.
    """

    test: Test
    departure: Test
    scores: tuple[float, ...] = ()


def cochran_armitage(responders: ArrayLike, n: ArrayLike, scores: ArrayLike | None = None) -> Trend:
    """Test a rate for trend over ordered groups.

    Two-sided, no continuity correction, binomial variance p(1-p) (R's prop.trend.test, SAS TREND), not the
    N-1 variance of the Mantel form. Groups without patients are dropped; their scores stay those of their
    place.

    Parameters
    ----------
    responders, n : shape (K,), in the order of the levels.
    scores : shape (K,); 0, 1, 2, ... when not given.

    Returns
    -------
    Trend
        Not estimable with fewer than two distinct scores or when all or none responded. The departure needs
        three groups.

    Raises
    ------
    ValueError
        If the lengths differ or a count is impossible.

    References
    ----------
    Cochran. Biometrics 1954;10:417. Armitage. Biometrics 1955;11:375.
    """
    r, total = np.asarray(responders, dtype=float), np.asarray(n, dtype=float)
    s = np.arange(len(total), dtype=float) if scores is None else np.asarray(scores, dtype=float)
    if not len(r) == len(total) == len(s):
        raise ValueError(f"responders, n and scores have lengths {len(r)}, {len(total)}, {len(s)}")
    if np.any(r < 0) or np.any(r > total):
        raise ValueError("every group must satisfy 0 <= responders <= n")
    kept = total > 0
    r, total, s = r[kept], total[kept], s[kept]
    patients, events = int(total.sum()), int(r.sum())
    reason = _no_trend(s, patients, events)
    if reason:
        missing = no_test(_METHOD, reason, n=patients, events=events)
        return Trend(missing, no_test(_DEPARTURE, reason, n=patients, events=events), tuple(s.tolist()))
    share = events / patients
    centred = s - (total @ s) / patients
    z = float((r @ centred) / math.sqrt(share * (1 - share) * (total @ centred**2)))
    test = Test(z, 1, math.erfc(abs(z) / math.sqrt(2)), _METHOD, patients, events)
    whole = chi_square(np.column_stack([r, total - r]))
    return Trend(test, _departure(whole, z, len(s), events), tuple(s.tolist()))


def _no_trend(scores: NDArray[np.float64], patients: int, events: int) -> str:
    """Why there is no trend to test, or an empty string."""
    if len(np.unique(scores)) < 2:
        return "fewer than two levels have patients"
    if events == 0:
        return "no responder in any group"
    return "every patient responded" if events == patients else ""


def _departure(whole: Test, z: float, groups: int, events: int) -> Test:
    if groups < 3:
        return no_test(_DEPARTURE, "two groups always lie on a line", n=whole.n, events=events)
    statistic = max(0.0, whole.statistic - z * z)  # rounding can leave -1e-16
    df = groups - 2
    p = float(special.chdtrc(df, statistic))
    return Test(statistic, df, p, _DEPARTURE, whole.n, events, whole.status, whole.reason)
