"""How far a publication has come, as one share that never goes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

# What is being done, how much is done, how much there is in all: the form that downloads report in, too.
Progress = Callable[[str, int, int], None]

TOTAL: Final = 1000

# Share of the whole that each stage takes, in thousandths, as measured on an import of a million patients.
STAGES: Final = {
    "copying the cohorts that stay": 40,
    "reading rows": 540,
    "checking": 70,
    "making the analysis table": 220,
    "computing the id": 130,
}


class Stages:
    """Reports the stages of one publication to a callback; without one it does nothing."""

    def __init__(self, report: Progress | None = None) -> None:
        self._report = report
        self._reached = 0

    def at(self, stage: str, done: float, total: float) -> None:
        """Say that `done` of `total` of a stage is done."""
        if self._report is None:
            return
        names = list(STAGES)
        before = sum(STAGES[name] for name in names[: names.index(stage)])
        share = min(1.0, done / total) if total else 1.0
        self._reached = max(self._reached, int(before + STAGES[stage] * share))
        self._report(stage, self._reached, TOTAL)
