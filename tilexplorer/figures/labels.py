"""Text in figures: how wide it is, where it breaks, how labels make room for each other.

Plotly measures text in the browser only. The widths here are those of Helvetica, which the usual system fonts differ
from by a few per cent; callers leave that much room.
"""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

LINE_HEIGHT: Final = 1.3

_NARROW: Final = frozenset("iljftI.,:;'|!()[]/- \u2009")
_WIDE: Final = frozenset("mwMW%@–—")


def text_width(text: str, size: float) -> float:
    """The width [px] of one line of text in a font of `size` [px], to a few per cent."""
    return size * sum(_em(character) for character in text)


def safe(text: str) -> str:
    """Text from the data as plotly shows it: "<1%" is a level, not the beginning of a tag."""
    return html.escape(text, quote=False)


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most `columns` characters; a word that is longer is broken, nothing is left out."""
    return textwrap.wrap(text, max(1, columns)) or [""]


def wrapped(text: str, columns: int) -> str:
    """The lines of `wrap` as plotly breaks them."""
    return "<br>".join(safe(line) for line in wrap(text, columns))


def shortened(text: str, columns: int) -> str:
    """At most `columns` characters, with an ellipsis where some are left out."""
    return text if len(text) <= columns else text[: columns - 1].rstrip() + "…"


def coloured(text: str, colour: str) -> str:
    """Text in a colour of its own, for tick labels."""
    return f'<span style="color:{colour}">{safe(text)}</span>'


def spread(centres: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Move labels as little as possible so that none overlaps another and all stay between `low` and `high`.

    The least squares solution: isotonic regression of the centres, less the room that the labels before each one
    take (pool adjacent violators).

    Parameters
    ----------
    centres, heights : where each label wants to be and how high it is [px], in any order.
    low, high : the room [px]; when the labels do not fit into it, they run over at the upper end.

    Returns
    -------
    The centres [px], in the order given.
    """
    order = sorted(range(len(centres)), key=lambda label: centres[label])
    offsets = _offsets([heights[label] for label in order])
    wanted = [centres[label] - offset for label, offset in zip(order, offsets, strict=True)]
    placed = [0.0] * len(order)
    for position, (label, base) in enumerate(zip(order, _isotonic(wanted), strict=True)):
        highest = high - heights[order[-1]] / 2 - offsets[-1]
        lowest = low + heights[order[0]] / 2
        placed[label] = max(lowest, min(base, highest)) + offsets[position]
    return placed


def _offsets(heights: Sequence[float]) -> list[float]:
    """How far each centre lies at least above the first one."""
    offsets = [0.0]
    for below, above in pairwise(heights):
        offsets.append(offsets[-1] + (below + above) / 2)
    return offsets[: len(heights)]


def _isotonic(values: Sequence[float]) -> list[float]:
    """The nearest non-decreasing sequence by least squares."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        mean, size = value, 1
        while blocks and blocks[-1][0] > mean:
            other, more = blocks.pop()
            mean, size = (mean * size + other * more) / (size + more), size + more
        blocks.append((mean, size))
    return [mean for mean, size in blocks for _ in range(size)]


def _em(character: str) -> float:
    if character in _NARROW:
        return 0.32
    if character in _WIDE:
        return 0.87
    return 0.69 if character.isupper() else 0.56
