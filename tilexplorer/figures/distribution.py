"""How a measure is distributed per group: points over a box and a violin, zero in a lane of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from tilexplorer import formatting
from tilexplorer.figures import template
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.labels import LINE_HEIGHT, safe, wrap, wrapped
from tilexplorer.figures.lane import Lane, lane
from tilexplorer.figures.palette import Style, Theme, alpha, styles
from tilexplorer.figures.template import EDGE, TEXT_SIZE, Width
from tilexplorer.figures.violin import outline

BODY: Final[dict[Width, int]] = {"wide": 320, "narrow": 250}
NAME_COLUMNS: Final[dict[Width, int]] = {"wide": 20, "narrow": 13}
LEFT: Final = 56
MOST_POINTS: Final = 500
HALF_WIDTH: Final = 0.3  # of a box, in groups
VIOLIN: Final = 0.44  # of a violin where it is widest
# The golden ratio's multiples spread points evenly and always in the same way.
_STEP: Final = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class DistributionView:
    """Values of a group's patients with their quartiles, all in the measure's unit."""

    label: str
    colour_key: str
    values: NDArray[np.floating[Any]]
    lower_quartile: float
    median: float
    upper_quartile: float

    @property
    def known(self) -> NDArray[np.float64]:
        """The values that are numbers, ascending: the order tells nothing about who they are."""
        values = np.asarray(self.values, dtype=float)
        return np.sort(values[np.isfinite(values)])


def draw(
    groups: Sequence[DistributionView],
    *,
    theme: Theme,
    title: str,
    measure: str,
    stamp: str = "",
    width: Width = "wide",
    simulated: bool = False,
    log: bool = False,
    domain: Sequence[str] = (),
) -> Drawn:
    """Draw the groups side by side; `measure` names what is measured with its unit, `log` for densities."""
    if not any(len(group.known) for group in groups):
        return template.empty(theme, title=title, message="No patient of this selection was measured.", width=width)
    looks = styles([group.colour_key for group in groups], theme, domain)
    axis = lane(np.concatenate([group.known for group in groups]), log=log)
    names = [wrapped(group.label, NAME_COLUMNS[width]) + f"<br>n = {_n(group)}" for group in groups]
    lines = 1 + max(len(wrap(group.label, NAME_COLUMNS[width])) for group in groups)
    figure = template.frame(
        go.Figure(),
        theme,
        title=title,
        width=width,
        body=BODY[width],
        left=LEFT,
        right=EDGE * 2,
        bottom=lines * TEXT_SIZE * LINE_HEIGHT + EDGE,
        caption=measure + (", log axis" if axis.log else "") + "; points: patients, box: quartiles, outline: density",
    )
    axis.apply(figure, theme)
    for place, group in enumerate(groups):
        style = looks[group.colour_key]
        _add_violin(figure, group, place, style, axis)
        _add_box(figure, group, place, style, axis)
        _add_points(figure, group, place, style, axis)
    figure.update_xaxes(
        range=[-0.5, len(groups) - 0.5], tickvals=list(range(len(groups))), ticktext=names, showgrid=False
    )
    template.stamp(figure, stamp, simulated, theme=theme)
    return Drawn(figure, _alt(groups, measure, simulated))


def jitter(n: int) -> NDArray[np.float64]:
    """Offsets from -1 to 1 for n points, even and always the same."""
    return np.asarray(2 * ((np.arange(n) * _STEP) % 1) - 1, dtype=np.float64)


def thinned(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """At most 500 of the sorted values, evenly over their ranks, the extremes among them."""
    if len(values) <= MOST_POINTS:
        return values
    return np.take(values, np.round(np.linspace(0, len(values) - 1, MOST_POINTS)).astype(int))


def _add_points(figure: go.Figure, group: DistributionView, place: int, style: Style, axis: Lane) -> None:
    values = thinned(group.known)
    figure.add_scatter(
        x=place + HALF_WIDTH * 0.85 * jitter(len(values)),
        y=axis.place(values),
        mode="markers",
        marker={"symbol": style.marker, "size": 5, "color": style.colour, "opacity": 0.6},
        name=group.label,
        cliponaxis=False,
        hoverinfo="skip",
    )


def _add_violin(figure: go.Figure, group: DistributionView, place: int, style: Style, axis: Lane) -> None:
    values = group.known[group.known > 0] if axis.log else group.known  # zeros have a lane of their own
    across, along = outline(axis.place(values), VIOLIN)
    if not len(across):
        return
    figure.add_scatter(
        x=place + across,
        y=along,
        mode="lines",
        fill="toself",
        fillcolor=alpha(style.colour, 0.08),
        line={"width": 1, "color": alpha(style.colour, 0.5)},
        name=f"{group.label}: density",
        hoverinfo="skip",
    )


def _add_box(figure: go.Figure, group: DistributionView, place: int, style: Style, axis: Lane) -> None:
    """Quartiles as a filled rectangle and the median as a line: both as given, nothing is computed here."""
    low, middle, high = axis.place([group.lower_quartile, group.median, group.upper_quartile])
    left, right = place - HALF_WIDTH, place + HALF_WIDTH
    figure.add_scatter(
        x=[left, right, right, left, left],
        y=[low, low, high, high, low],
        mode="lines",
        fill="toself",
        fillcolor=alpha(style.colour, 0.12),
        line={"width": 1, "color": style.colour},
        name=f"{group.label}: quartiles",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[left, right],
        y=[middle, middle],
        mode="lines",
        line={"width": 3, "color": style.colour},
        name=f"{group.label}: median",
        text=[_summary(group)] * 2,
        hovertemplate=f"%{{text}}<extra>{safe(group.label)}</extra>",
    )


def _n(group: DistributionView) -> str:
    return formatting.count(len(group.known))


def _summary(group: DistributionView) -> str:
    quartiles = (formatting.measured(number) for number in (group.lower_quartile, group.upper_quartile))
    return f"median {formatting.interval(formatting.measured(group.median), *quartiles)}"


def _alt(groups: Sequence[DistributionView], measure: str, simulated: bool) -> str:
    text = "; ".join(f"{group.label}: n {_n(group)}, {_summary(group)}" for group in groups)
    return f"{'Simulated data. ' if simulated else ''}{measure} per group, median with quartiles. {text}."
