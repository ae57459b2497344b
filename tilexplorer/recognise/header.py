"""Which rows of a table are its header: under titles, and perhaps two, of which the upper one has merged cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_NUMBER: Final = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?%?")
_TITLES: Final = 15
_BELOW: Final = 20


def header_rows(rows: Sequence[Sequence[str]], width: int) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The numbers of the header rows, from 1, and the reasons where they are not simply the first row.

    Parameters
    ----------
    rows
        The first rows of the table, as text.
    width
        How many columns most rows have.
    """
    full = [number for number, row in enumerate(rows[:_TITLES]) if _filled(row) >= max(2, 0.6 * _used(rows, width))]
    start = full[0] if full else 0
    upper = start - 1
    if upper >= 0 and _is_upper(rows[upper], rows[start]):
        return (upper + 1, start + 1), (_two(upper),)
    if start + 1 < len(rows) and _is_upper(rows[start], rows[start + 1]) and _is_names(rows, start + 1):
        return (start + 1, start + 2), (_two(start),)
    return (start + 1,), ((f"the first {start} rows are a title",) if start else ())


def _two(upper: int) -> str:
    return f"rows {upper + 1} and {upper + 2} are both header: the upper one has merged cells"


def _used(rows: Sequence[Sequence[str]], width: int) -> int:
    """Columns that hold something anywhere, since files may end in empty ones."""
    return max((sum(1 for cell in row[:width] if cell.strip()) for row in rows), default=0)


def _filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell.strip())


def _is_upper(row: Sequence[str], below: Sequence[str]) -> bool:
    """Whether a row is the upper part of a header: two cells or more, some of them spread over empty ones."""
    if _filled(row) < 2 or any(_NUMBER.fullmatch(cell.strip()) for cell in row if cell.strip()):
        return False
    cells = [cell.strip() for cell in row]
    spread = any(not cell and position and cells[position - 1] for position, cell in enumerate(cells))
    under = sum(1 for cell, lower in zip(cells, below, strict=False) if not cell and lower.strip())
    return spread and under > 0


def _is_names(rows: Sequence[Sequence[str]], number: int) -> bool:
    """Whether a row holds names and no values: no number in it, but numbers in its columns below."""
    row = rows[number]
    if any(_NUMBER.fullmatch(cell.strip()) for cell in row):
        return False
    below = rows[number + 1 : number + 1 + _BELOW]
    return any(_NUMBER.fullmatch(cell.strip()) for line in below for cell in line[1:])
