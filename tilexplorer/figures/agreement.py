"""Bland and Altman's plot: the difference of two measures of a patient against their mean, with the limits."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from tilexplorer import formatting
from tilexplorer.figures import template
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.labels import wrapped
from tilexplorer.figures.palette import Theme
from tilexplorer.figures.template import Width

Floats = NDArray[np.floating[Any]]

BODY: Final[dict[Width, int]] = {"wide": 280, "narrow": 220}
LEFT: Final = 62
AXIS_ROOM: Final = 46
MOST_POINTS: Final = 2000


def draw(
    middle: Floats,
    change: Floats,
    lines: tuple[float, float, float],
    *,
    ratio: bool,
    unit: str,
    theme: Theme,
    title: str,
    summary: str,
    stamp: str = "",
    width: Width = "wide",
    simulated: bool = False,
) -> Drawn:
    """Draw one point per patient; `lines` are the lower limit, the mean and the upper limit, log2 where `ratio`."""
    if not len(middle):
        return template.empty(theme, title=title, message="No patient has both measures.", width=width)
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
    figure.add_scatter(
        x=middle[:MOST_POINTS], y=change[:MOST_POINTS], mode="markers", hoverinfo="skip", name="patients",
        marker={"size": 5, "color": theme.accent, "opacity": 0.55},
    )  # fmt: skip
    for place, dash in zip(lines, ("dot", "solid", "dot"), strict=True):
        figure.add_hline(y=place, line={"width": 1.5, "color": theme.text, "dash": dash})
    figure.add_hline(y=0, line={"width": 1, "color": theme.line})
    if ratio:
        _powers(figure, middle, change)
    name = f"Mean of the two [{unit}]" + (", log axis" if ratio else "")
    figure.update_xaxes(title_text=wrapped(name, 46), showgrid=False, showline=True)
    template.stamp(figure, stamp, simulated, theme=theme)
    return Drawn(figure, f"{'Simulated data. ' if simulated else ''}{summary}")


def _powers(figure: go.Figure, middle: Floats, change: Floats) -> None:
    """Ticks of both axes in the measure's unit and in ratios, from powers of two."""
    values = [v for v in (0.0, 1.0, 10.0, 100.0, 1000.0, 10000.0) if middle.min() <= np.log2(v + 1) <= middle.max()]
    figure.update_xaxes(
        tickvals=[float(np.log2(v + 1)) for v in values], ticktext=[formatting.measured(v) for v in values]
    )
    most = int(np.ceil(np.abs(change).max()))
    powers = list(range(-most, most + 1, max(1, most // 3)))
    figure.update_yaxes(tickvals=powers, ticktext=[f"×{2.0**p:.3g}" for p in powers])
