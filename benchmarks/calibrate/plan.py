"""What is simulated: every task with its number of trials and its seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from benchmarks.calibrate import cohorts, ranks, rates, trials
from benchmarks.calibrate.finding import Finding
from benchmarks.calibrate.trials import SIZES, WORLDS

SEED: Final = 20261122
TRIALS: Final = {20: 3000, 60: 2000, 300: 1000}  # levels and coverage are least certain where groups are small
RANK_TRIALS: Final = {20: 1200, 60: 800, 300: 300}  # the shifts of large samples are slow
DRAWS: Final = 100  # of the simulated cohorts: 3,000 arms
LARGE_CUT: Final = (60, 300)  # below 50 patients no cut is chosen by the outcome


@dataclass(frozen=True)
class Task:
    """A call that gives findings."""

    run: Callable[..., list[Finding]]
    arguments: tuple[Any, ...]

    def __call__(self) -> list[Finding]:
        """Run it."""
        return self.run(*self.arguments)


def run(task: Task) -> list[Finding]:
    """Run a task, in whatever process it was sent to."""
    return task()


def tasks(share: float = 1.0) -> list[Task]:
    """Every task, the longest first; share scales the numbers of trials."""
    seeds = count(SEED)

    def some(number: int) -> int:
        return max(20, round(number * share))

    made = [Task(cohorts.coverage, (max(1, round(DRAWS * share)), next(seeds)))]
    for n in sorted(SIZES, reverse=True):
        made += [Task(trials.level, (world, n, some(TRIALS[n]), next(seeds))) for world in WORLDS]
        made += [Task(trials.coverage, (world, n, some(TRIALS[n]), next(seeds))) for world in WORLDS]
        made += [Task(ranks.two_samples, (n, name, some(RANK_TRIALS[n]), next(seeds))) for name in ranks.SAMPLES]
        made += [Task(ranks.pairs, (n, name, some(RANK_TRIALS[n]), next(seeds))) for name in ranks.CHANGES]
        for name in rates.WORLDS:
            made += [Task(rates.two_rates, (n, name)), Task(rates.two_groups_test, (n, name))]
            made += [Task(rates.trend, (n, name, some(TRIALS[n]), next(seeds)))]
        made += [Task(rates.one_rate, (n,))]
    return made + [Task(ranks.cuts, (n, some(TRIALS[n]), next(seeds))) for n in LARGE_CUT]
