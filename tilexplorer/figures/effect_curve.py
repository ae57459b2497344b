"""An effect along a measure with its limits, and below it where the patients are, without whom it means little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from tilexplorer import formatting
from tilexplorer.figures import template
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.labels import wrapped
from tilexplorer.figures.palette import Theme, alpha
from tilexplorer.figures.template import Width

Floats = NDArray[np.floating[Any]]

BODY: Final[dict[Width, int]] = {"wide": 300, "narrow": 220}
BELOW: Final = 56  # height of the distribution [px]
GAP: Final = 10
LEFT: Final = 56
AXIS_ROOM: Final = 46
TITLE_COLUMNS: Final[dict[Width, int]] = {"wide": 96, "narrow": 40}
BINS: Final = 40
RATIO_TICKS: Final = (0.1, 0.2, 0.25, 0.5, 0.67, 1.0, 1.5, 2.0, 4.0, 5.0, 10.0)
RATIO_RANGE: Final = (0.1, 10.0)
BAND: Final = 0.18


@dataclass(frozen=True, eq=False)
class CurveAlong:
    """What is drawn.

    Attributes
    ----------
    x, y, lower, upper : shape (m,); y a ratio, or a share where `share`; NaN where there is no estimate.
    values : shape (n,): where the patients are, on the same axis. log2_constant : x is log2(value + this); None where
        it is the value itself.
    name, x_name : what the curve and the axis show. hover : words for each point. steps : draw points, not a line.
    marks : vertical lines (place on the axis, words). summary : the main numbers in words, for the alternative text.
    """

    x: Floats
    y: Floats
    lower: Floats
    upper: Floats
    values: Floats
    log2_constant: float | None
    name: str
    x_name: str
    hover: Sequence[str]
    share: bool = False
    steps: bool = False
    marks: tuple[tuple[float, str], ...] = ()
    summary: str = ""


def draw(
    view: CurveAlong,
    *,
    theme: Theme,
    title: str,
    stamp: str = "",
    width: Width = "wide",
    simulated: bool = False,
) -> Drawn:
    """Draw the curve over the distribution of the patients."""
    if not np.isfinite(view.y).any():
        return template.empty(theme, title=title, message="There is no estimate to draw.", width=width)
    body = BODY[width] + GAP + BELOW
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, vertical_spacing=GAP / body, row_heights=[BODY[width], BELOW]
    )
    template.frame(
        figure,
        theme,
        title=title,
        width=width,
        body=body,
        left=LEFT,
        right=template.EDGE * 2,
        bottom=AXIS_ROOM,
        caption=f"{view.name}, 95% limits; bars: patients",
        extra_top=16 if view.marks else 0,
    )
    _axes(figure, view, theme, width)
    _band(figure, view, theme)
    _line(figure, view, theme)
    _distribution(figure, view, theme)
    for place, words in view.marks:
        _mark(figure, place, words, theme)
    template.stamp(figure, stamp, simulated, theme=theme)
    text = f"{'Simulated data. ' if simulated else ''}{view.name} along {view.x_name}. {view.summary}"
    return Drawn(figure, text)


def _axes(figure: go.Figure, view: CurveAlong, theme: Theme, width: Width) -> None:
    low, high = float(np.min(view.x)), float(np.max(view.x))
    margin = (high - low) * 0.02 or 0.5
    figure.update_xaxes(range=[low - margin, high + margin], showgrid=False)
    if view.log2_constant is not None:
        values = _ticks(low, high, view.log2_constant, 8 if width == "wide" else 5)
        figure.update_xaxes(
            tickvals=[float(np.log2(v + view.log2_constant)) for v in values],
            ticktext=[formatting.measured(v) for v in values],
        )
    else:
        figure.update_xaxes(nticks=8 if width == "wide" else 5)
    title = wrapped(view.x_name + (", log axis" if view.log2_constant is not None else ""), TITLE_COLUMNS[width])
    figure.update_xaxes(title_text=title, showline=True, ticks="outside", ticklen=4, row=2, col=1)
    figure.update_yaxes(visible=False, row=2, col=1)
    if view.share:
        top = float(np.nanmax(view.upper)) if np.isfinite(view.upper).any() else float(np.nanmax(view.y))
        figure.update_yaxes(range=[0, min(1.0, top * 1.08)], tickformat=".0%", nticks=6, row=1, col=1)
        return
    ends = np.concatenate([view.lower, view.upper, view.y])
    ends = ends[np.isfinite(ends) & (ends > 0)]
    bottom = max(RATIO_RANGE[0], min(0.7, float(ends.min()) * 0.95))
    top = min(RATIO_RANGE[1], max(1.4, float(ends.max()) * 1.05))
    ticks = [tick for tick in RATIO_TICKS if bottom <= tick <= top]
    figure.update_yaxes(
        type="log", range=[np.log10(bottom), np.log10(top)], tickvals=ticks, ticktext=[f"{t:g}" for t in ticks],
        row=1, col=1,
    )  # fmt: skip
    figure.add_scatter(
        x=[low - margin, high + margin], y=[1, 1], mode="lines", line={"width": 1, "color": theme.line},
        hoverinfo="skip", name="no effect", row=1, col=1,
    )  # fmt: skip


def _ticks(low: float, high: float, constant: float, most: int) -> list[float]:
    """Round values between two places of a log2 axis, at most so many."""
    smallest, largest = 2**low - constant, 2**high - constant
    found = [0.0] if smallest <= 0 else []
    for factors in ((1, 2, 5), (1, 3), (1,)):
        ticks = [f * 10.0**e for e in range(-4, 7) for f in factors]
        inside = [t for t in ticks if max(smallest, constant * 0.4) <= t <= largest * 1.0001]
        if len(inside) <= most:
            break
    return [*found, *inside]


def _band(figure: go.Figure, view: CurveAlong, theme: Theme) -> None:
    known = np.isfinite(view.lower) & np.isfinite(view.upper)
    if known.sum() < 2:
        return
    for limit, fill in ((view.lower[known], None), (view.upper[known], "tonexty")):
        figure.add_scatter(
            x=view.x[known],
            y=limit,
            mode="lines",
            line={"width": 0, "color": theme.accent},
            fill=fill,
            fillcolor=alpha(theme.accent, BAND),
            hoverinfo="skip",
            name="limits",
            row=1,
            col=1,
        )


def _line(figure: go.Figure, view: CurveAlong, theme: Theme) -> None:
    figure.add_scatter(
        x=view.x,
        y=view.y,
        mode="lines+markers" if view.steps else "lines",
        line={"width": 2, "color": theme.accent},
        marker={"size": 5, "color": theme.accent},
        text=list(view.hover),
        hovertemplate="%{text}<extra></extra>",
        name=view.name,
        row=1,
        col=1,
    )


def _distribution(figure: go.Figure, view: CurveAlong, theme: Theme) -> None:
    low, high = float(np.min(view.x)), float(np.max(view.x))
    inside = np.clip(np.asarray(view.values, dtype=float), low, high)
    counts, edges = np.histogram(inside, bins=BINS, range=(low, high) if high > low else None)
    figure.add_bar(
        x=(edges[:-1] + edges[1:]) / 2, y=counts, width=np.diff(edges), marker={"color": theme.tail, "line_width": 0},
        hoverinfo="skip", name="patients", row=2, col=1,
    )  # fmt: skip


def _mark(figure: go.Figure, place: float, words: str, theme: Theme) -> None:
    figure.add_vline(x=place, line={"width": 1, "color": theme.text, "dash": "dot"}, row=1, col=1)
    figure.add_annotation(
        text=words, name="mark", x=place, xref="x", y=1, yref="paper", yanchor="bottom", showarrow=False,
        font={"size": 11, "color": theme.text},
    )  # fmt: skip
