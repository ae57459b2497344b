"""Response rates: a dot with its interval on one axis, percentage and x/n printed; x/n alone where n is below five."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import plotly.graph_objects as go

from tilexplorer import formatting
from tilexplorer.figures import rows, template
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.labels import safe
from tilexplorer.figures.palette import Style, Theme, styles
from tilexplorer.figures.rows import RowText
from tilexplorer.figures.template import Width

AXIS_ROOM: Final = 28


@dataclass(frozen=True)
class RateView:
    """One group's rate: responders of n, the rate and its limits (0 to 1; NaN where not to be printed)."""

    label: str
    colour_key: str
    responders: int
    n: int
    rate: float
    lower: float
    upper: float

    @property
    def has_dot(self) -> bool:
        """Whether the rate is a percentage at all."""
        return self.n >= formatting.RATE_FROM_N and not math.isnan(self.rate)


def draw(
    groups: Sequence[RateView],
    *,
    theme: Theme,
    title: str,
    stamp: str = "",
    width: Width = "wide",
    simulated: bool = False,
    measure: str = "Objective response rate",
    domain: Sequence[str] = (),
    of: str = "responders of patients",
) -> Drawn:
    """Draw one row per group: name, dot with interval, "27% (18 to 38%), 12/45"; `of` says what is counted."""
    if not groups:
        return template.empty(theme, title=title, message="No patient of this selection has a response.", width=width)
    looks = styles([group.colour_key for group in groups], theme, domain)
    texts = [RowText(group.label, numbers(group), looks[group.colour_key].text) for group in groups]
    places = rows.geometry(texts, width)
    figure = template.frame(
        go.Figure(),
        theme,
        title=title,
        width=width,
        body=places.body,
        left=places.left,
        right=places.right,
        bottom=AXIS_ROOM,
        caption=f"{measure} (%), 95% interval, {of}",
    )
    rows.add_texts(figure, texts, places, theme)
    for row, group in enumerate(groups):
        if group.has_dot:
            _add_dot(figure, group, looks[group.colour_key], places.at(row))
    figure.update_xaxes(range=[0, _end(groups)], tickformat=".0%", nticks=6, showline=True)
    template.stamp(figure, stamp, simulated, theme=theme)
    return Drawn(figure, _alt(groups, measure, simulated))


def numbers(group: RateView) -> str:
    """What is printed beside a dot."""
    share = formatting.out_of(group.responders, group.n)
    if not group.has_dot:
        return share
    return f"{formatting.percent_interval(group.rate, group.lower, group.upper, group.n)}, {share}"


def _add_dot(figure: go.Figure, group: RateView, style: Style, y: float) -> None:
    known = not (math.isnan(group.lower) or math.isnan(group.upper))
    figure.add_scatter(
        x=[group.rate],
        y=[y],
        mode="markers",
        marker={"symbol": style.marker, "size": 11, "color": style.colour},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [group.upper - group.rate if known else 0],
            "arrayminus": [group.rate - group.lower if known else 0],
            "color": style.colour,
            "thickness": 2,
            "width": 0,
        },
        name=group.label,
        cliponaxis=False,
        hovertemplate=f"{safe(numbers(group))}<extra>{safe(group.label)}</extra>",
    )


def _end(groups: Sequence[RateView]) -> float:
    """The end of the axis: the highest limit, up to the next ten per cent."""
    highest = max((limit for group in groups for limit in (group.rate, group.upper) if limit == limit), default=1.0)
    return min(1.0, math.ceil(highest * 10 + 1e-9) / 10)


def _alt(groups: Sequence[RateView], measure: str, simulated: bool) -> str:
    words = "; ".join(f"{group.label}: {numbers(group)}" for group in groups)
    return f"{'Simulated data. ' if simulated else ''}{measure} with 95% interval. {words}."
