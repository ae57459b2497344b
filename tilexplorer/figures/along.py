"""A ratio along a measure: the curve with its band on log axes, and below it where the patients are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from tilexplorer import formatting
from tilexplorer.figures import template
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.labels import safe
from tilexplorer.figures.palette import Theme
from tilexplorer.figures.template import Width

BODY: Final = 260  # height of the axes [px]
LEFT: Final = 56
BOTTOM: Final = 52
MOST_RUG: Final = 2000  # strokes that a screen can still tell apart
_TICKS: Final = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0)
LEAST_RANGE: Final = (0.4, 2.5)
WIDEST_RANGE: Final = (0.08, 12.5)

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AlongView:
    """What is drawn: ratio with limits (m,) at x (m,), and the patients' values (n,), in the unit of the x axis."""

    x: Array
    ratio: Array
    lower: Array
    upper: Array
    values: Array


def draw(
    view: AlongView | None,
    *,
    theme: Theme,
    title: str,
    axis: str,
    measure: str = "Hazard ratio",
    favours: tuple[str, str] = ("", ""),
    log: bool = True,
    stamp: str = "",
    width: Width = "wide",
    simulated: bool = False,
) -> Drawn:
    """Draw the curve; `favours` says what lies below and what lies above a ratio of 1."""
    if view is None or not len(view.x):
        return template.empty(theme, title=title, message="There is no model to draw.", width=width)
    figure = template.frame(
        go.Figure(), theme, title=title, width=width, body=BODY, left=LEFT, right=16, bottom=BOTTOM,
        caption=f"{measure} (95% interval), log axis",
    )  # fmt: skip
    low, high = _range(view)
    _add_band(figure, view, theme, (low, high))
    figure.add_hline(y=1, line={"width": 1, "color": theme.line})
    _add_rug(figure, view, theme, low)
    ticks = [tick for tick in _TICKS if low <= tick <= high]
    figure.update_yaxes(
        type="log", range=[math.log10(low * 0.85), math.log10(high)], tickvals=ticks,
        ticktext=[f"{tick:g}" for tick in ticks], showgrid=True,
    )  # fmt: skip
    figure.update_xaxes(
        type="log" if log else "linear", title_text=safe(axis), showline=True, ticks="outside", ticklen=4, nticks=8
    )
    if log:
        _plain_ticks(figure, view)
    for text, y, anchor in ((favours[0], 0.03, "bottom"), (favours[1], 0.99, "top")):
        figure.add_annotation(
            text=safe(text), name="favours", showarrow=False, xref="paper", x=0.01, xanchor="left", yref="paper",
            y=y, yanchor=anchor, yshift=14 if anchor == "bottom" else 0,
            font={"size": 11, "color": theme.muted_text},
        )  # fmt: skip
    template.stamp(figure, stamp, simulated, theme=theme)
    return Drawn(figure, _alt(view, measure, axis, simulated))


def _range(view: AlongView) -> tuple[float, float]:
    low = max(min(LEAST_RANGE[0], float(view.lower.min()) * 0.9), WIDEST_RANGE[0])
    high = min(max(LEAST_RANGE[1], float(view.upper.max()) * 1.1), WIDEST_RANGE[1])
    return low, high


def _add_band(figure: go.Figure, view: AlongView, theme: Theme, ends: tuple[float, float]) -> None:
    lower, upper = (np.clip(side, *ends) for side in (view.lower, view.upper))
    figure.add_scatter(
        x=np.concatenate([view.x, view.x[::-1]]), y=np.concatenate([upper, lower[::-1]]), fill="toself",
        mode="lines", line={"width": 0}, fillcolor=theme.accent, opacity=0.15, hoverinfo="skip", name="95% interval",
    )  # fmt: skip
    hover = [formatting.ratio_interval(*row) for row in zip(view.ratio, view.lower, view.upper, strict=True)]
    figure.add_scatter(
        x=view.x, y=np.clip(view.ratio, *ends), mode="lines", line={"width": 2.5, "color": theme.accent},
        text=hover, hovertemplate="%{x:.3g}: %{text}<extra></extra>", name="ratio",
    )  # fmt: skip


def _add_rug(figure: go.Figure, view: AlongView, theme: Theme, low: float) -> None:
    """A short stroke for each patient; nothing can be read off it but where many are."""
    shown = np.sort(view.values[np.isfinite(view.values)])
    if len(shown) > MOST_RUG:
        shown = np.quantile(shown, np.linspace(0, 1, MOST_RUG))
    shown = shown[(shown >= view.x[0]) & (shown <= view.x[-1])]
    figure.add_scatter(
        x=shown, y=np.full(len(shown), low * 0.9), mode="markers",
        marker={"symbol": "line-ns-open", "size": 9, "color": theme.muted_text, "line": {"width": 1}},
        opacity=0.5, hoverinfo="skip", name="patients", cliponaxis=False,
    )  # fmt: skip


def _plain_ticks(figure: go.Figure, view: AlongView) -> None:
    """Ticks at 1, 2, 5 times powers of ten as plain numbers."""
    first, last = (math.floor(math.log10(end)) for end in (view.x[0], view.x[-1]))
    candidates = [step * 10.0**power for power in range(first, last + 1) for step in (1, 2, 5)]
    ticks = [tick for tick in candidates if view.x[0] <= tick <= view.x[-1]]
    figure.update_xaxes(tickvals=ticks, ticktext=[formatting.measured(tick) for tick in ticks])


def _alt(view: AlongView, measure: str, axis: str, simulated: bool) -> str:
    places: Sequence[int] = (0, len(view.x) // 2, len(view.x) - 1)
    words = "; ".join(
        f"at {formatting.measured(float(view.x[i]))}: "
        f"{formatting.ratio_interval(float(view.ratio[i]), float(view.lower[i]), float(view.upper[i]))}"
        for i in places
    )
    return f"{'Simulated data. ' if simulated else ''}{measure} along {axis} with 95% interval. {words}."
