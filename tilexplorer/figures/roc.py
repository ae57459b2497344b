"""A ROC curve: sensitivity against one less specificity, with the line of no discrimination."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import plotly.graph_objects as go

from tilexplorer.figures import template
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.palette import Theme
from tilexplorer.figures.template import Width

BODY: Final[dict[Width, int]] = {"wide": 320, "narrow": 260}
LEFT: Final = 56
AXIS_ROOM: Final = 46


def draw(
    sensitivity: Sequence[float],
    specificity: Sequence[float],
    hover: Sequence[str],
    *,
    theme: Theme,
    title: str,
    summary: str,
    stamp: str = "",
    width: Width = "wide",
    simulated: bool = False,
) -> Drawn:
    """Draw the points from the highest threshold to the lowest; `summary` carries the AUC with its limits."""
    if not sensitivity:
        return template.empty(theme, title=title, message="There is no curve to draw.", width=width)
    figure = template.frame(
        go.Figure(),
        theme,
        title=title,
        width=width,
        body=BODY[width],
        left=LEFT,
        right=template.EDGE * 2,
        bottom=AXIS_ROOM,
        caption=summary,
    )
    ticks = [0, 0.25, 0.5, 0.75, 1]
    words = [f"{t:.0%}" for t in ticks]
    figure.update_xaxes(range=[-0.02, 1.02], tickvals=ticks, ticktext=words, title_text="1 − specificity")
    figure.update_yaxes(range=[0, 1.02], tickvals=ticks, ticktext=words)
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"width": 1, "color": theme.line}, hoverinfo="skip", name="chance"
    )
    figure.add_scatter(
        x=[1 - s for s in specificity],
        y=list(sensitivity),
        mode="lines",
        line={"width": 2, "color": theme.accent, "shape": "linear"},
        text=list(hover),
        hovertemplate="%{text}<extra></extra>",
        name="ROC curve",
    )
    template.stamp(figure, stamp, simulated, theme=theme)
    prefix = "Simulated data. " if simulated else ""
    return Drawn(figure, f"{prefix}ROC curve, sensitivity (up) and 1 − specificity. {summary}")
