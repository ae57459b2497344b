"""Rates: coverage and level computed exactly, by going through the tables that can occur."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.calibrate.finding import Finding, Tally
from benchmarks.calibrate.trials import ALPHA, reject
from tilexplorer.statistics.proportions import difference_limits, rate_limits
from tilexplorer.statistics.tables2x2 import association, odds_ratio
from tilexplorer.statistics.trend import cochran_armitage

RATES: Final = np.arange(0.05, 0.951, 0.01)
PAIRS: Final = ((0.1, 0.1), (0.1, 0.3), (0.3, 0.3), (0.3, 0.5), (0.5, 0.5))
NULLS: Final = (0.1, 0.3, 0.5)
TAIL: Final = 1e-4  # of a binomial law, left out at either end
WORLDS: Final = {"equal groups": 1, "groups 1:3": 3}

Limits = tuple[float, float]


def one_rate(n: int) -> list[Finding]:
    """Coverage of the intervals of one rate, averaged over true rates from 5% to 95%."""
    found = []
    for method in ("clopper-pearson", "wilson"):
        limits = np.array([rate_limits(x, n, method) for x in range(n + 1)])
        law = stats.binom.pmf(np.arange(n + 1), n, RATES[:, None])
        inside = (limits[:, 0] <= RATES[:, None]) & (RATES[:, None] <= limits[:, 1])
        shares = (law * inside).sum(axis=1)
        found.append(_averaged(method, "one group, rates from 5% to 95%", n, shares))
    return found


def _averaged(method: str, world: str, n: int, shares: NDArray[np.float64]) -> Finding:
    return Finding("coverage", method, world, n, float(shares.mean()), worst=float(shares.min()))


def two_rates(n: int, world: str) -> list[Finding]:
    """Coverage of the contrasts of two rates, averaged over pairs of true rates."""
    other = n * WORLDS[world]
    found = [
        _averaged(method, world, n, np.array([_difference(n, other, pair, method) for pair in PAIRS]))
        for method in ("newcombe", "miettinen-nurminen")
    ]
    ratios = np.array([_odds_ratio(n, other, pair) for pair in PAIRS])
    return [*found, _averaged("odds-ratio", world, n, ratios)]


def _difference(n: int, other: int, pair: tuple[float, float], method: str) -> float:
    truth = pair[0] - pair[1]

    def limits(x: int, y: int) -> Limits:
        return difference_limits(x, n, y, other, method)  # type: ignore[arg-type]

    return _covered(n, other, pair, truth, limits)


def _odds_ratio(n: int, other: int, pair: tuple[float, float]) -> float:
    odds = [p / (1 - p) for p in pair]

    def limits(x: int, y: int) -> Limits:
        found = odds_ratio(x, n - x, y, other - y)
        return (found.lower, found.upper) if found.shown else (math.nan, math.nan)

    return _covered(n, other, pair, odds[0] / odds[1], limits)


def _covered(
    n: int, other: int, pair: tuple[float, float], truth: float, limits: Callable[[int, int], Limits]
) -> float:
    """The probability that the limits hold the truth, given that there are any."""
    held = shown = 0.0
    for x, y, p in _tables(n, other, pair):
        lower, upper = limits(x, y)
        if not math.isnan(lower + upper):
            shown += p
            held += p * (lower <= truth + 1e-12 and truth - 1e-12 <= upper)
    return held / shown


def _tables(n: int, other: int, pair: tuple[float, float]) -> Iterator[tuple[int, int, float]]:
    """Every pair of counts but the improbable, with its probability."""
    (xs, px), (ys, py) = (_law(size, p) for size, p in zip((n, other), pair, strict=True))
    for x, p in zip(xs, px, strict=True):
        for y, q in zip(ys, py, strict=True):
            yield int(x), int(y), float(p * q)


def _law(n: int, p: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    counts = np.arange(int(stats.binom.ppf(TAIL, n, p)), int(stats.binom.isf(TAIL, n, p)) + 1)
    return counts, stats.binom.pmf(counts, n, p)


def two_groups_test(n: int, world: str) -> list[Finding]:
    """Level of the rule of chi-square or Fisher, the largest over three rates; no test counts as no rejection."""
    other = n * WORLDS[world]
    levels = [
        sum(q for x, y, q in _tables(n, other, (p, p)) if association([[x, n - x], [y, other - y]]).p_value <= ALPHA)
        for p in NULLS
    ]
    return [Finding("level", "association", world, n, max(levels), worst=max(levels))]


def trend(n: int, world: str, trials: int, seed: int) -> list[Finding]:
    """Level of the Cochran-Armitage test over three groups with a rate of 30%."""
    rng, tally = np.random.default_rng(seed), Tally()
    sizes = np.array([n, n, n * WORLDS[world]])
    for _ in range(trials):
        reject(tally, "cochran-armitage", cochran_armitage(rng.binomial(sizes, 0.3), sizes).test)
    return tally.findings("level", world, n, trials)
