"""Two ways measured in turn: what the machine does meanwhile meets both alike, so their ratio can be trusted."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ratio:
    """Median seconds of two ways over the same repetitions, and the median, lowest and highest of their ratios."""

    ours: float
    theirs: float
    ratio: float
    lowest: float
    highest: float
    repeats: int


def seconds(work: Callable[[], object]) -> float:
    """How long a piece of work takes [s]."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def alternate(ours: Callable[[], object], theirs: Callable[[], object], repeats: int) -> Ratio:
    """Run both in turn, once for warmth and then `repeats` times; a ratio above 1 says that ours is faster."""
    ours(), theirs()
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(repeats)]
    ratios = sorted(b / a for a, b in pairs)
    return Ratio(
        ours=statistics.median(a for a, _ in pairs),
        theirs=statistics.median(b for _, b in pairs),
        ratio=statistics.median(ratios),
        lowest=ratios[0],
        highest=ratios[-1],
        repeats=repeats,
    )
