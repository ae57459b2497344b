"""Parsed rows that still know where they came from, for checks that look at several blocks of a mapping together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tilexplorer.importers.faults import ERROR, SHOWN, Fault, Origin, Reading


@dataclass(frozen=True)
class Part:
    """Parsed rows of one block; their index counts the rows of the origin."""

    rows: pd.DataFrame
    origin: Origin


@dataclass(frozen=True)
class Words:
    """What a fault says: its rule, its problem in general, how to mend it, and the problem of one stacked row."""

    rule: str
    problem: str
    mend: str
    told: Callable[[int], str]
    severity: str = ERROR


def take(reading: Reading, parts: Sequence[Part], bad: pd.Series, words: Words) -> None:
    """Answer the bad rows among those of all parts one below the other, each in the file of its own part."""
    marks = bad.to_numpy(dtype=bool, na_value=False)
    start = 0
    for part in parts:
        fresh = ~part.rows["patient"].isin(reading.answered).to_numpy(dtype=bool)
        positions = np.flatnonzero(marks[start : start + len(part.rows)] & fresh)
        if len(positions):
            reading.take(_fault(part, positions, start, words))
        start += len(part.rows)


def _fault(part: Part, positions: np.ndarray, start: int, words: Words) -> Fault:
    origin = part.origin.take(part.rows.index.to_numpy()[positions])
    details = tuple(words.told(int(start + p)) for p in positions[:SHOWN])
    shown = part.rows["sample"].iloc[positions]
    message = f"{details[0]}; {words.mend}"
    return Fault(words.rule, origin, shown, words.problem, words.mend, words.severity, details, message)
