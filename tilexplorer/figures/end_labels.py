"""Direct labels at the right end of curves: they do not overlap, and a thin leader ties each to its curve's end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import plotly.graph_objects as go

from tilexplorer.figures.labels import LINE_HEIGHT, spread, text_width, wrap, wrapped
from tilexplorer.figures.palette import Style, Theme
from tilexplorer.figures.template import EDGE, Width

SIZE: Final = 12
COLUMNS: Final[dict[Width, int]] = {"wide": 22, "narrow": 15}
GAP: Final = 9  # between the axis and the labels; half of it is the leader's end [px]
OVERHANG: Final = 10  # how far labels may stand over the axis above and below [px]


@dataclass(frozen=True, slots=True)
class EndLabel:
    """A label, its look, and the end of its curve in the units of the axes (y from 0 to 1)."""

    text: str
    style: Style
    x: float
    y: float


def room(texts: Sequence[str], width: Width) -> float:
    """The right margin that the labels need [px]."""
    lines = [line for text in texts for line in wrap(text, COLUMNS[width])]
    return GAP + EDGE + max((text_width(line, SIZE) * 1.06 for line in lines), default=0)


def heights(texts: Sequence[str], width: Width) -> list[float]:
    """The height of each label [px]."""
    return [len(wrap(text, COLUMNS[width])) * SIZE * LINE_HEIGHT for text in texts]


def centres(ends: Sequence[EndLabel], width: Width, plot_height: float) -> list[float]:
    """The height of each label's middle above the x axis [px]."""
    wanted = [end.y * plot_height for end in ends]
    return spread(wanted, heights([end.text for end in ends], width), -OVERHANG, plot_height + OVERHANG)


def add_end_labels(
    figure: go.Figure, ends: Sequence[EndLabel], theme: Theme, width: Width, *, plot_height: float, axis_end: float
) -> None:
    """Put a marker on each curve's end and its label into the right margin of the first row of axes."""
    for end, centre in zip(ends, centres(ends, width, plot_height), strict=True):
        _leader(figure, end, centre / plot_height, axis_end)
        _marker(figure, end, theme)
        figure.add_annotation(
            text=wrapped(end.text, COLUMNS[width]),
            name="end label",
            showarrow=False,
            xref="paper",
            x=1,
            xanchor="left",
            xshift=GAP,
            yref="y",
            y=centre / plot_height,
            yanchor="middle",
            align="left",
            font={"size": SIZE, "color": end.style.text},
        )


def _leader(figure: go.Figure, end: EndLabel, y: float, axis_end: float) -> None:
    figure.add_scatter(
        x=[end.x, axis_end],
        y=[end.y, min(max(y, 0), 1)],
        mode="lines",
        line={"width": 1, "color": end.style.colour},
        opacity=0.45,
        legendgroup="leader",
        hoverinfo="skip",
    )


def _marker(figure: go.Figure, end: EndLabel, theme: Theme) -> None:
    figure.add_scatter(
        x=[end.x],
        y=[end.y],
        mode="markers",
        marker={
            "symbol": end.style.marker,
            "size": 9,
            "color": end.style.colour,
            "line": {"width": 1, "color": theme.ground},
        },
        name=f"{end.text}: end",
        legendgroup="marker",
        cliponaxis=False,
        hoverinfo="skip",
    )
