"""A column as the recogniser sees it: its name in words, its distinct values, and its numbers where it has them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilexplorer.recognise import missing, names

# So many values are shown beside a proposal.
SHOWN: Final = 5
_NEARLY: Final = 0.97
# From so many cells on, one that differs is a slip of the pen, however large its share.
_SLIP_FROM: Final = 10
_LIMIT: Final = re.compile(r"^[<>]=?\s*(?=\d)")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}([ T].*)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{1,2}-[A-Za-z]{3}-\d{2,4}")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.\w{2,}")


@dataclass(frozen=True, eq=False)
class Profile:
    """One column: its name, and its cells as text with None where nothing is recorded."""

    name: str
    cells: pd.Series

    @cached_property
    def folded(self) -> str:
        """The name in lower-case words."""
        return names.fold(self.name)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How often each recorded value is there, the most frequent first."""
        return dict(Counter(cell for cell in self.cells.array if cell is not None).most_common())

    @cached_property
    def values(self) -> tuple[str, ...]:
        """The distinct recorded values, the most frequent first."""
        return tuple(self.counts)

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """Some values, for the eye."""
        return self.values[:SHOWN]

    @cached_property
    def n(self) -> int:
        """Rows with a recorded value."""
        return sum(self.counts.values())

    @property
    def unique(self) -> bool:
        """Whether every recorded value is there once, in more than one row."""
        return self.n > 1 and len(self.values) == self.n

    @cached_property
    def limits(self) -> bool:
        """Whether some cells are limits such as '<0.1'."""
        return any(_LIMIT.match(value) for value in self.values[:500])

    @cached_property
    def decimal(self) -> str:
        """',' where numbers are written 0,5, else '.'."""
        commas = sum(re.fullmatch(r"-?\d+,\d+", value) is not None for value in self.values[:500])
        points = sum(re.fullmatch(r"-?\d*\.\d+", value) is not None for value in self.values[:500])
        return "," if commas and not points else "."

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The cells as numbers, shape (rows,), NaN where a cell is none."""
        table: dict[str | None, float] = {value: missing.number(self._plain(value)) for value in self.values}
        table[None] = float("nan")
        return np.array([table[cell] for cell in self.cells.array], dtype=float)

    def _plain(self, value: str) -> str:
        return _LIMIT.sub("", value).replace(self.decimal, ".")

    @cached_property
    def known(self) -> NDArray[np.float64]:
        """The numbers that are recorded, without the missing ones."""
        return self.numbers[np.isfinite(self.numbers)]

    @cached_property
    def numeric(self) -> bool:
        """Whether nearly all recorded cells are numbers."""
        return _nearly(self.known.size, self.n)

    @cached_property
    def whole(self) -> bool:
        """Whether all numbers are whole."""
        return self.known.size > 0 and bool(np.all(self.known == np.floor(self.known)))

    @cached_property
    def dates(self) -> bool:
        """Whether the values are written as dates."""
        return bool(self.values) and all(_DATE.fullmatch(value) for value in self.values[:50])

    @cached_property
    def emails(self) -> bool:
        """Whether some value is an e-mail address."""
        return any(_EMAIL.fullmatch(value) for value in self.values[:200])

    def within(self, low: float, high: float) -> bool:
        """Whether it is a column of numbers, nearly all between these bounds.

        One cell with a slip of the pen does not make another column of it: the validation names that cell.
        """
        inside = int(np.sum((self.known >= low) & (self.known <= high)))
        return self.numeric and _nearly(inside, self.known.size)

    @property
    def median(self) -> float:
        """Median of the numbers; NaN without any."""
        return float(np.median(self.known)) if self.known.size else float("nan")


def _nearly(such: int, of: int) -> bool:
    """Whether so many are nearly all: but for 3%, or for one."""
    return of > 0 and (such >= _NEARLY * of or (of >= _SLIP_FROM and of - such <= 1))


def profiles(frame: pd.DataFrame, tokens: tuple[str, ...]) -> dict[str, Profile]:
    """The profile of every column of a frame of text, in its order; tokens mean missing."""
    return {name: Profile(name, missing.cleaned(frame[name], tokens)) for name in map(str, frame.columns)}
