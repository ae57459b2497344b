"""The maximally selected log-rank statistic: a cut chosen by the outcome, and the p-value that pays for the choice.

Hothorn, Lausen. Comput Stat Data Anal 2003;43:121; the answers are those of R's maxstat.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tilexplorer.statistics import small
from tilexplorer.statistics.results import NAN, Test, no_test
from tilexplorer.statistics.small import DEFAULT, Thresholds
from tilexplorer.statistics.ties import merge_close_times

Array = NDArray[np.float64]

LOWEST, HIGHEST = 0.1, 0.9  # shares of patients between which a cut may lie
_METHOD = "maximally selected log-rank statistic, p after Lausen and Schumacher 1994"


@dataclass(frozen=True, slots=True, eq=False)
class SelectedCut:
    """A cut chosen by the outcome.

    Attributes
    ----------
    test : statistic M; `p_value` is the corrected p of Lausen, Sauerbrei and Schumacher 1994 (improved Bonferroni).
    cut : values up to and including it are low; NaN where there is none.
    p_1992 : corrected p of Lausen and Schumacher 1992 (an approximation by a Brownian bridge).
    cuts, statistics : every candidate with its standardised statistic, for the figure.
    """

    test: Test
    cut: float = NAN
    p_1992: float = NAN
    cuts: Array = field(default_factory=lambda: np.empty(0))
    statistics: Array = field(default_factory=lambda: np.empty(0))


def complete_rows(time: ArrayLike, event: ArrayLike, x: ArrayLike) -> tuple[Array, Array, Array]:
    """Times, events and measure of the patients who have all three; times not negative, close ones merged.

    Raises
    ------
    ValueError
        If the arrays differ in length.
    """
    t, e, v = (np.asarray(values, dtype=float) for values in (time, event, x))
    if not t.shape == e.shape == v.shape or t.ndim != 1:
        raise ValueError(f"time, event and measure differ in shape: {t.shape}, {e.shape}, {v.shape}")
    with np.errstate(invalid="ignore"):
        kept = np.isfinite(t) & (t >= 0) & np.isin(e, (0.0, 1.0)) & np.isfinite(v)
    return np.asarray(merge_close_times(t[kept]), dtype=float), e[kept], v[kept]


def logrank_scores(time: Array, event: Array) -> Array:
    """Log-rank scores: event less the cumulative hazard at the patient's time (their sum is zero without ties).

    Censored and events of one time count as one set: Hothorn, Lausen 2003, section 2.
    """
    n = len(time)
    order = np.argsort(time, kind="stable")
    sorted_time = time[order]
    # Number of patients with a time up to and including this one.
    up_to = np.searchsorted(sorted_time, time, side="right")
    steps = np.cumsum((event / (n - up_to + 1))[order])
    return np.asarray(event - steps[up_to - 1], dtype=float)


def standardised(scores: Array, x: Array, lowest: float, highest: float) -> tuple[Array, Array, NDArray[np.int64]]:
    """Candidate cuts, their standardised statistics (absolute), and how many patients lie at or below each."""
    n = len(x)
    order = np.argsort(x, kind="stable")
    values, running = x[order], np.cumsum(scores[order])
    below = np.flatnonzero(np.r_[values[1:] != values[:-1], False]) + 1
    below = below[(below >= max(1, math.floor(n * lowest))) & (below <= math.floor(n * highest))]
    total = float(scores.sum())
    spread = (n * float(scores @ scores) - total**2) / (n**2 * (n - 1)) if n > 1 else 0.0
    variance = below * (n - below) * spread
    with np.errstate(divide="ignore", invalid="ignore"):
        statistics = np.abs((running[below - 1] - below / n * total) / np.sqrt(variance))
    return values[below - 1], statistics, below.astype(np.int64)


def lausen_1992(m: float, lowest: float, highest: float) -> float:
    """Lausen, Schumacher. Biometrics 1992;48:73, clipped to [0, 1]."""
    if m < 1:
        return 1.0
    density = math.exp(-m * m / 2) / math.sqrt(2 * math.pi)
    width = math.log(highest * (1 - lowest) / ((1 - highest) * lowest))
    return min(1.0, max(0.0, 4 * density / m + density * (m - 1 / m) * width))


def lausen_1994(m: float, below: NDArray[np.int64], n: int) -> float:
    """Improved Bonferroni bound: Lausen, Sauerbrei, Schumacher 1994, clipped to [0, 1]."""
    first, second = below[:-1].astype(float), below[1:].astype(float)
    t = np.sqrt(1 - first * (n - second) / ((n - first) * second))
    sum_of_steps = float((math.exp(-m * m / 2) / math.pi * (t - (m * m / 4 - 1) * t**3 / 6)).sum())
    return min(1.0, max(0.0, 2 * float(special.ndtr(-m)) + sum_of_steps))


def selected_cut(
    time: ArrayLike,
    event: ArrayLike,
    x: ArrayLike,
    *,
    lowest: float = LOWEST,
    highest: float = HIGHEST,
    thresholds: Thresholds = DEFAULT,
) -> SelectedCut:
    """Choose the cut of x that separates survival most, with p corrected for the choice.

    Parameters
    ----------
    time, event, x : shape (n,); patients with a missing value are left out.
    lowest, highest : shares of patients between which the cut may lie.

    Returns
    -------
    SelectedCut
        Suppressed below 50 patients or 20 events. The naive log-rank p at this cut is never given.

    Raises
    ------
    ValueError
        If the arrays differ in length.
    """
    t, e, v = complete_rows(time, event, x)
    n, events = len(t), int(e.sum())
    if events == 0:
        return SelectedCut(no_test(_METHOD, "no patients" if n == 0 else "no events", n=n))
    cuts, statistics, below = standardised(logrank_scores(t, e), v, lowest, highest)
    known = np.isfinite(statistics)
    cuts, statistics, below = cuts[known], statistics[known], below[known]
    if len(cuts) == 0:
        reason = "no cut leaves enough patients on both sides"
        return SelectedCut(no_test(_METHOD, reason, n=n, events=events))
    best = int(statistics.argmax())
    m = float(statistics[best])
    test = Test(m, NAN, lausen_1994(m, below, n), _METHOD, n, events)
    verdict = small.selected_cut(n, events, thresholds)
    if not verdict.shown:
        return SelectedCut(verdict.apply(test))
    return SelectedCut(test, float(cuts[best]), lausen_1992(m, lowest, highest), cuts, statistics)
