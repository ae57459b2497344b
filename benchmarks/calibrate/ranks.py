"""Rank tests and cuts chosen by the outcome."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import special

from benchmarks.calibrate.finding import Finding, Tally
from benchmarks.calibrate.trials import ALPHA, WORLDS, draw, reject
from tilexplorer.statistics.maxstat import selected_cut
from tilexplorer.statistics.ranks import Shift, mann_whitney, signed_rank

SAMPLES: Final = {"distinct values, equal groups": (0, 1), "rounded values, groups 1:3": (1, 3)}
CHANGES: Final = {"distinct values": 0, "rounded values with unchanged pairs": 1}


def two_samples(n: int, world: str, trials: int, seed: int) -> list[Finding]:
    """Mann-Whitney and the Hodges-Lehmann shift of two samples of one distribution (normal, SD 2)."""
    rng, levels, limits = np.random.default_rng(seed), Tally(), Tally()
    rounded, ratio = SAMPLES[world]
    for _ in range(trials):
        x, y = (_values(rng, size, rounded) for size in (n, n * ratio))
        _count(levels, limits, "mann-whitney", "hodges-lehmann", mann_whitney(x, y))
    return [*levels.findings("level", world, n, trials), *limits.findings("coverage", world, n, trials)]


def pairs(n: int, world: str, trials: int, seed: int) -> list[Finding]:
    """Signed ranks and the Hodges-Lehmann change of pairs without a change."""
    rng, levels, limits = np.random.default_rng(seed), Tally(), Tally()
    for _ in range(trials):
        change = _values(rng, n, CHANGES[world])
        found = signed_rank(np.zeros(n), change)
        _count(levels, limits, "signed-rank", "hodges-lehmann-change", found)
    return [*levels.findings("level", world, n, trials), *limits.findings("coverage", world, n, trials)]


def _values(rng: np.random.Generator, n: int, rounded: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    values = rng.normal(0, 2, n)
    return np.rint(values) if rounded else values


def _count(levels: Tally, limits: Tally, test: str, interval: str, found: Shift) -> None:
    reject(levels, test, found.test)
    shift = found.shift
    limits.add(interval, bool(shift.shown and np.isfinite(shift.lower + shift.upper)), shift.lower <= 0 <= shift.upper)


def cuts(n: int, trials: int, seed: int) -> list[Finding]:
    """The best cut of a measure that means nothing: its corrected p, and the naive p that is never printed."""
    rng, tally, world = np.random.default_rng(seed), Tally(), WORLDS[0]
    for _ in range(trials):
        table = draw(rng, world, n, (1.0,), (1,))
        rows = np.repeat(np.arange(table.time.size), table.events + table.censored)
        event = np.concatenate([[1] * d + [0] * c for d, c in zip(table.events, table.censored, strict=True)])
        found = selected_cut(table.time[rows], event, rng.normal(size=rows.size))
        naive = float(special.chdtrc(1, found.test.statistic**2))
        reject(tally, "selected-cut-1994", found.test)
        tally.add("selected-cut-1992", found.test.shown, found.p_1992 <= ALPHA)
        tally.add("selected-cut-naive", found.test.shown, naive <= ALPHA)
    return tally.findings("level", world.name, n, trials)
