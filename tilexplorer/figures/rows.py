"""Figures that are a list: one row per group, words on the left, numbers right-aligned, a horizontal axis between.

On a wide page the words stand beside the axis, on a narrow one above each row, so that the axis keeps its width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import plotly.graph_objects as go

from tilexplorer.figures.annotations import Annotation, annotate
from tilexplorer.figures.labels import LINE_HEIGHT, safe, text_width, wrap
from tilexplorer.figures.palette import Theme
from tilexplorer.figures.template import EDGE, TEXT_SIZE, Width

NARROW_ROOM: Final = 374  # words of one row share it on a narrow page [px]
NARROW_EDGE: Final = 20  # half of the last tick's label [px]
WIDE_COLUMNS: Final = 34
MARK_ROOM: Final = 28  # what a dot or a bar takes of a row [px]
LINE: Final = TEXT_SIZE * LINE_HEIGHT
# Fonts differ from the widths that labels.py assumes.
SLACK: Final = 1.08
BOLD: Final = 1.1  # bold letters are this much wider


@dataclass(frozen=True, slots=True)
class RowText:
    """The words of a row: its name, what stands at the right rim, and how they look."""

    left: str
    right: str = ""
    colour: str = ""
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Geometry:
    """Margins, height of a row, and where in it the mark stands [px].

    `mark` is the distance of the mark's middle from the row's upper end; `columns` where names are broken.
    """

    left: float
    right: float
    row: float
    mark: float
    columns: int
    width: Width
    rows: int

    @property
    def body(self) -> float:
        """Height of all rows [px]."""
        return self.row * self.rows

    def at(self, row: int) -> float:
        """The y of a row's mark; row i spans from i to i + 1, downwards."""
        return row + self.mark / self.row


def geometry(texts: Sequence[RowText], width: Width, *, beside: float = 0) -> Geometry:
    """Room for these words; `beside` is kept free between the names and the axis for further columns [px]."""
    bold = BOLD if any(text.bold for text in texts) else 1
    right = max((text_width(text.right, TEXT_SIZE) * SLACK for text in texts), default=0) * bold
    if width == "wide":
        lines = [line for text in texts for line in wrap(text.left, WIDE_COLUMNS)]
        left = max((text_width(line, TEXT_SIZE) * SLACK for line in lines), default=0)
        row = max(MARK_ROOM, _most_lines(texts, WIDE_COLUMNS) * LINE + EDGE)
        return Geometry(left + beside + 2 * EDGE, right + 2 * EDGE, row, row / 2, WIDE_COLUMNS, width, len(texts))
    columns = max(12, int((NARROW_ROOM - right - EDGE) / (0.56 * TEXT_SIZE * SLACK * bold)))
    row = MARK_ROOM + _most_lines(texts, columns) * LINE
    return Geometry(NARROW_EDGE, NARROW_EDGE, row, row - MARK_ROOM / 2, columns, width, len(texts))


def add_texts(figure: go.Figure, texts: Sequence[RowText], places: Geometry, theme: Theme) -> None:
    """Write the words of all rows and set the y axis to them."""
    notes: list[Annotation] = []
    for row, text in enumerate(texts):
        words = "<br>".join(safe(line) for line in wrap(text.left, places.columns))
        notes.append(_text(words, row, places, theme, text, at_right=False))
        if text.right:
            notes.append(_text(safe(text.right), row, places, theme, text, at_right=True))
    annotate(figure, notes)
    figure.update_yaxes(range=[places.rows, 0], showgrid=False, showticklabels=False, showline=False)


def _text(words: str, row: int, places: Geometry, theme: Theme, look: RowText, *, at_right: bool) -> Annotation:
    margin = places.right - EDGE if at_right else EDGE - places.left
    above = places.width == "narrow"
    side = "right" if at_right else "left"
    return {
        "text": f"<b>{words}</b>" if look.bold else words,
        "name": f"row {side}",
        "xref": "paper",
        "x": 1 if at_right else 0,
        "xanchor": side,
        "xshift": margin,
        "yref": "y",
        "y": row + 1 - MARK_ROOM / places.row if above else places.at(row),
        "yanchor": "bottom" if above else "middle",
        "align": side,
        "font": {"size": TEXT_SIZE, "color": look.colour or theme.text},
    }


def _most_lines(texts: Sequence[RowText], columns: int) -> int:
    return max((len(wrap(text.left, columns)) for text in texts), default=1)
