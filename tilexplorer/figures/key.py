"""A key in words for figures where direct labels find no room: glyph and name, broken into lines by ourselves.

Plotly's own legend changes its height in the browser and moves the axes; this one has a height that is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import plotly.graph_objects as go

from tilexplorer.figures.labels import LINE_HEIGHT, safe
from tilexplorer.figures.palette import Style, Theme
from tilexplorer.figures.template import EDGE, TEXT_SIZE, Width, note

COLUMNS: Final[dict[Width, int]] = {"wide": 96, "narrow": 46}
_GLYPHS: Final = {
    "circle": "●",
    "square": "■",
    "triangle-up": "▲",
    "diamond": "◆",
    "cross": "✚",
    "x": "✖",
    "triangle-down": "▼",
    "star": "★",
    "circle-open": "○",
    "bar": "■",
    "hatched": "▨",
}
Entry = tuple[str, Style, str]


def height(entries: Sequence[Entry], width: Width) -> float:
    """Height of the key [px]."""
    return len(_lines(entries, width)) * TEXT_SIZE * LINE_HEIGHT + EDGE if entries else 0


def add(figure: go.Figure, entries: Sequence[Entry], theme: Theme, width: Width) -> None:
    """Write the key right above the axes. An entry is a glyph's name (a marker, "bar", "hatched"), a style, a text."""
    if not entries:
        return
    text = "<br>".join("&nbsp;&nbsp; ".join(_word(entry) for entry in line) for line in _lines(entries, width))
    note(figure, text, theme, left=EDGE, above=height(entries, width) / 2, colour=theme.text, name="key")


def _word(entry: Entry) -> str:
    glyph, style, text = entry
    return f'<span style="color:{style.colour}">{_GLYPHS[glyph]}</span> {safe(text)}'


def _lines(entries: Sequence[Entry], width: Width) -> list[list[Entry]]:
    lines: list[list[Entry]] = [[]]
    used = 0
    for entry in entries:
        room = len(entry[2]) + 5
        if lines[-1] and used + room > COLUMNS[width]:
            lines.append([])
            used = 0
        lines[-1].append(entry)
        used += room
    return lines
