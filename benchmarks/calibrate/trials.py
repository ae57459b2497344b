"""Simulated trials with survival times: exponential hazards, censoring by date of entry, ties, unequal groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.calibrate.finding import Finding, Tally
from tilexplorer.statistics.cox import level_hazard_ratios
from tilexplorer.statistics.kaplan_meier import INTERVALS, Curve, kaplan_meier
from tilexplorer.statistics.logrank import logrank, logrank_trend
from tilexplorer.statistics.milestones import survival_at, survival_difference
from tilexplorer.statistics.proportional_hazards import ph_test
from tilexplorer.statistics.quantiles import median
from tilexplorer.statistics.results import Estimate, Test
from tilexplorer.statistics.rmst import restricted_mean, rmst_difference
from tilexplorer.statistics.tables import EventTable

MEDIAN: Final = 374.5  # days, of the control group; between two days, so that no curve is flat at one half
HAZARD: Final = math.log(2) / MEDIAN
RATIO: Final = 0.6  # hazard ratio of the treated group
MILESTONE: Final = 360.0
TAU: Final = 540.0
SIZES: Final = (20, 60, 300)
GROUPS: Final = ("a", "b", "c")
ALPHA: Final = 0.05


@dataclass(frozen=True, slots=True)
class World:
    """How patients are observed.

    Attributes
    ----------
    censored : uniform from and to [days]. grid : times are rounded up to multiples of this [days].
    sizes : of the groups, in multiples of the smallest.
    """

    name: str
    censored: tuple[float, float]
    grid: int
    sizes: tuple[int, int, int]


WORLDS: Final = (
    World("light censoring", (1100, 1800), 1, (1, 1, 1)),
    World("heavy censoring", (180, 900), 1, (1, 1, 1)),
    World("monthly ties", (1100, 1800), 30, (1, 1, 1)),
    World("heavy censoring, monthly ties, groups 1:2:3", (180, 900), 30, (1, 2, 3)),
)


def draw(rng: np.random.Generator, world: World, n: int, ratios: Sequence[float], sizes: Sequence[int]) -> EventTable:
    """One trial; ratios: hazard ratio of each group against the control."""
    group = np.repeat(np.arange(len(ratios)), [n * size for size in sizes])
    died = rng.exponential(1 / (HAZARD * np.asarray(ratios)[group]))
    left = rng.uniform(*world.censored, group.size)
    death, exit_ = (np.ceil(time / world.grid).astype(np.int64) * world.grid for time in (died, left))
    return EventTable.from_rows(np.minimum(death, exit_), death <= exit_, group=group, groups=GROUPS[: len(ratios)])


def survival(t: float, ratio: float = 1.0) -> float:
    """The true survival at a multiple of the grid."""
    return math.exp(-HAZARD * ratio * t)


def true_rmst(world: World, ratio: float = 1.0) -> float:
    """The area to TAU under the true steps of the grid."""
    return world.grid * sum(survival(t, ratio) for t in range(0, round(TAU), world.grid))


def true_median(world: World) -> float:
    """The first point of the grid at which at most half survive."""
    return math.ceil(MEDIAN / world.grid) * world.grid


def coverage(world: World, n: int, trials: int, seed: int) -> list[Finding]:
    """Coverage of every interval of the survival page, at the sizes at which it is printed."""
    rng, tally = np.random.default_rng(seed), Tally()
    truth = true_median(world), true_rmst(world), true_rmst(world, RATIO) - true_rmst(world)
    for _ in range(trials):
        table = draw(rng, world, n, (1.0, RATIO), (world.sizes[0], world.sizes[2]))
        _one_trial(tally, table, truth)
    return tally.findings("coverage", world.name, n, trials)


def _one_trial(tally: Tally, table: EventTable, truth: tuple[float, float, float]) -> None:
    control, treated = table.of_group("a"), table.of_group("b")
    for interval in INTERVALS:
        _count(
            tally,
            f"km-{interval}",
            survival_at(kaplan_meier(control, interval=interval), MILESTONE),
            survival(MILESTONE),
        )
    one, other = kaplan_meier(control), kaplan_meier(treated)
    true_median_, true_mean, true_difference = truth
    _count_median(tally, one, true_median_)
    _count(tally, "rmst", restricted_mean(one, TAU), true_mean)
    _count(tally, "rmst-difference", rmst_difference(other, one, TAU), true_difference)
    milestones = survival(MILESTONE, RATIO) - survival(MILESTONE)
    _count(tally, "survival-difference", survival_difference(other, one, MILESTONE), milestones)
    _count(tally, "hazard-ratio", level_hazard_ratios(table, "a").hazard_ratios["b"], RATIO)


def _count(tally: Tally, method: str, found: Estimate, truth: float) -> None:
    shown = found.shown and not math.isnan(found.lower + found.upper)
    tally.add(method, shown, found.lower <= truth <= found.upper)


def _count_median(tally: Tally, curve: Curve, truth: float) -> None:
    """A limit that was not reached lies beyond the follow-up: the lower one there, the upper one anywhere."""
    found = median(curve)
    lower = curve.last_time if math.isnan(found.lower) else found.lower
    tally.add("median", found.shown, lower <= truth and not truth > found.upper)


def level(world: World, n: int, trials: int, seed: int) -> list[Finding]:
    """How often every test of three groups without any difference rejects at 5%."""
    rng, tally = np.random.default_rng(seed), Tally()
    for _ in range(trials):
        table = draw(rng, world, n, (1.0, 1.0, 1.0), world.sizes)
        cox = level_hazard_ratios(table, "a")
        found = {"log-rank": logrank(table).test, "log-rank-trend": logrank_trend(table), "cox-wald": cox.wald,
                 "cox-lr": cox.lr, "cox-score": cox.score}  # fmt: skip
        if cox.fit is not None:
            found["ph"] = ph_test(cox.fit).overall
        for method, test in found.items():
            reject(tally, method, test)
    return tally.findings("level", world.name, n, trials)


def reject(tally: Tally, method: str, test: Test) -> None:
    """Count one test."""
    tally.add(method, test.shown and not math.isnan(test.p_value), test.p_value <= ALPHA)
