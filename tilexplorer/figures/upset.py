"""Which components make which combination: a row for each combination, a dot for each component, a bar of patients.

An UpSet plot (Lex et al. IEEE Trans Vis Comput Graph 2014;20:1983) laid on its side, so that it grows downwards and
fits a phone. The matrix stands in the left margin, in pixels; the bars have the axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import plotly.graph_objects as go

from tilexplorer import formatting
from tilexplorer.figures import template
from tilexplorer.figures.annotations import Annotation, annotate
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.labels import safe, text_width
from tilexplorer.figures.palette import Theme, mix
from tilexplorer.figures.template import EDGE, TEXT_SIZE, Width

ROW: Final = 26  # [px]
COLUMN: Final = 22  # widest distance of two components [px]
MATRIX_ROOM: Final[dict[Width, int]] = {"wide": 480, "narrow": 232}
HEAD_SIZE: Final = 11
DOT: Final = 5  # radius [px]

Mark = dict[str, Any]
AXIS_ROOM: Final = 28


@dataclass(frozen=True)
class Combination:
    """One row: the components that are in it, its patients, and words at the right rim ("34% (33/96)")."""

    label: str
    components: frozenset[str]
    n: int
    words: str = ""


def draw(
    lines: Sequence[Combination],
    components: Sequence[str],
    *,
    theme: Theme,
    title: str,
    stamp: str = "",
    width: Width = "wide",
    simulated: bool = False,
    measure: str = "",
) -> Drawn:
    """Draw the combinations in their order; `components` are the columns; `measure` says what the words are."""
    if not lines or not components:
        return template.empty(theme, title=title, message="No therapy of this selection is recorded.", width=width)
    column: float = min(COLUMN, MATRIX_ROOM[width] / len(components))
    texts = [_words(line, width) for line in lines]
    right = max(text_width(text, TEXT_SIZE) for text in texts) * 1.08 + 2 * EDGE
    figure = template.frame(
        go.Figure(),
        theme,
        title=title,
        width=width,
        body=ROW * len(lines),
        left=column * len(components) + 2 * EDGE,
        right=right,
        bottom=AXIS_ROOM,
        caption=_caption(measure, width),
        extra_top=max(text_width(name, HEAD_SIZE) for name in components) * 1.08 + EDGE,
    )
    heads = [_head(name, _x(place, components, column), theme) for place, name in enumerate(components)]
    margin = figure.layout.margin.r - EDGE
    annotate(figure, [*heads, *(_text(words, row, margin, theme) for row, words in enumerate(texts))])
    # All at once: plotly checks every shape anew for each that is added.
    marks = [mark for row, line in enumerate(lines) for mark in _marks(row, line, components, column, theme)]
    figure.update_layout(shapes=marks)
    _bars(figure, lines, theme, ticks=4 if width == "wide" else 2)
    template.stamp(figure, stamp, simulated, theme=theme)
    if width == "narrow":  # the axis is too short for the mark: it lies over the matrix as well
        figure.update_annotations({"x": 0, "xanchor": "center"}, selector={"name": "watermark"})
    return Drawn(figure, _alt(lines, measure, simulated))


def _caption(measure: str, width: Width) -> str:
    what = "Patients by combination of therapy classes"
    return f"{what}; at the right also the {measure}" if measure and width == "wide" else what


def _words(line: Combination, width: Width) -> str:
    """What is printed at the right rim; on a narrow page the patients alone."""
    n = formatting.count(line.n)
    return f"{n}, {line.words}" if line.words and width == "wide" else n


def _x(place: int, components: Sequence[str], column: float) -> float:
    """The middle of a column, from the axis' left end [px]: to the left of it."""
    return -EDGE - column * (len(components) - place - 0.5)


def _head(name: str, x: float, theme: Theme) -> Annotation:
    return {
        "text": safe(name),
        "name": "head",
        "textangle": -90,
        "xref": "paper",
        "x": 0,
        "xanchor": "center",
        "xshift": x,
        "yref": "paper",
        "y": 1,
        "yanchor": "bottom",
        "yshift": 4,
        "font": {"size": HEAD_SIZE, "color": theme.text},
    }


def _marks(row: int, line: Combination, components: Sequence[str], column: float, theme: Theme) -> list[Mark]:
    """A dot in every column, filled where the component is in; filled dots are joined."""
    places = [i for i, name in enumerate(components) if name in line.components]
    at: Mark = {
        "xref": "paper",
        "xsizemode": "pixel",
        "xanchor": 0,
        "yref": "y",
        "ysizemode": "pixel",
        "yanchor": row + 0.5,
    }
    marks: list[Mark] = []
    if len(places) > 1:
        ends = {"x0": _x(places[0], components, column), "x1": _x(places[-1], components, column), "y0": 0, "y1": 0}
        marks.append(at | ends | {"type": "line", "line": {"color": theme.accent, "width": 2}})
    absent = mix(theme.ground, theme.line, 0.3)
    for place in range(len(components)):
        x = _x(place, components, column)
        box = {"x0": x - DOT, "x1": x + DOT, "y0": -DOT, "y1": DOT}
        colour = theme.accent if place in places else absent
        marks.append(at | box | {"type": "circle", "fillcolor": colour, "line": {"width": 0}})
    return marks


def _text(words: str, row: int, margin: float, theme: Theme) -> Annotation:
    return {
        "text": safe(words),
        "name": "row right",
        "xref": "paper",
        "x": 1,
        "xanchor": "right",
        "xshift": margin,
        "yref": "y",
        "y": row + 0.5,
        "yanchor": "middle",
        "align": "right",
        "font": {"size": TEXT_SIZE, "color": theme.text},
    }


def _bars(figure: go.Figure, lines: Sequence[Combination], theme: Theme, *, ticks: int) -> None:
    figure.add_bar(
        x=[line.n for line in lines],
        y=[row + 0.5 for row in range(len(lines))],
        orientation="h",
        width=0.55,
        marker={"color": theme.accent},
        name="patients",
        customdata=[safe(f"{line.label}: {_words(line, 'wide')}") for line in lines],
        hovertemplate="%{customdata}<extra></extra>",
    )
    figure.update_yaxes(range=[len(lines), 0], showgrid=False, showticklabels=False, showline=False)
    figure.update_xaxes(range=[0, max(line.n for line in lines) * 1.04], nticks=ticks, tickangle=0, showline=True)


def _alt(lines: Sequence[Combination], measure: str, simulated: bool) -> str:
    words = "; ".join(f"{line.label}: {_words(line, 'wide')}" for line in lines)
    said = f" and {measure}" if measure else ""
    return f"{'Simulated data. ' if simulated else ''}Patients{said} by combination of therapy classes. {words}."
