"""The table under a survival curve: at risk, censored, events per group (KMunicate: Morris et al. 2019, BMJ Open
9:e030215, doi:10.1136/bmjopen-2019-030215), drawn on the curve's own x axis so that its columns stand on the ticks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from tilexplorer.figures.labels import coloured, safe, shortened, text_width
from tilexplorer.figures.palette import Style, Theme
from tilexplorer.figures.template import EDGE
from tilexplorer.formatting import count
from tilexplorer.timescale import MOST_COLUMNS

Rows = Literal["full", "at_risk", "none"]
Numbers = NDArray[np.floating[Any]] | NDArray[np.integer[Any]]

ROW_HEIGHT: Final = 18  # [px]
NUMBER_SIZE: Final = 11
NAME_COLUMNS: Final = 13
_FULL_ROWS: Final = ("at risk", "censored", "events")


@dataclass(frozen=True)
class RiskView:
    """Numbers under the curves.

    Attributes
    ----------
    labels : the groups, in the order of the curves.
    times_days : the columns [d], from 0 on.
    at_risk, censored, events : one row per group, one column per time; NaN prints as a dash. At risk just before
        each time; censored and events up to it.
    """

    labels: Sequence[str]
    times_days: Numbers
    at_risk: Numbers
    censored: Numbers
    events: Numbers


def height(groups: int, rows: Rows) -> int:
    """Height of the table [px]."""
    return ROW_HEIGHT * len(_row_names([""] * groups, rows))


def standoff(risk: RiskView) -> int:
    """How far row names stay away from the axes, so that the numbers of the first column do not run into them [px]."""
    widest = max((text_width(count(number), NUMBER_SIZE) for number in _first_column(risk)), default=0.0)
    return max(6, round(widest / 2))


def columns(risk: RiskView, longest_days: float) -> list[int]:
    """Which columns are drawn: those on the axis, thinned from the first on until at most six are left."""
    inside = [column for column, time in enumerate(risk.times_days) if time <= longest_days]
    return inside[:: max(1, -(-len(inside) // MOST_COLUMNS))]


def add(
    figure: go.Figure,
    risk: RiskView,
    shown: Sequence[int],
    x: Sequence[float],
    styles: Sequence[Style],
    theme: Theme,
    rows: Rows,
) -> None:
    """Write the table into the figure's second row.

    Parameters
    ----------
    shown, x : the columns that are drawn and where they stand, in the unit of the axis.
    styles : one per group.
    """
    tables = (risk.at_risk,) if rows == "at_risk" else (risk.at_risk, risk.censored, risk.events)
    for group, style in enumerate(styles):
        texts = [[count(table[group][column]) for column in shown] for table in tables]
        figure.add_trace(_numbers(texts, x, _first_row(group, rows), style, risk.labels[group]), row=2, col=1)
        if rows == "full":
            _head(figure, risk.labels[group], group, style)
    names = _row_names(risk.labels, rows)
    figure.update_yaxes(
        range=[len(names) - 0.5, -0.5],
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=_tick_texts(names, styles, theme, rows),
        showgrid=False,
        tickfont={"size": NUMBER_SIZE},
        ticklabelstandoff=standoff(risk),
        row=2,
        col=1,
    )
    figure.update_xaxes(showticklabels=False, showgrid=False, row=2, col=1)


def _first_column(risk: RiskView) -> list[float]:
    return [float(row[0]) for table in (risk.at_risk, risk.censored, risk.events) for row in table if len(row)]


def _first_row(group: int, rows: Rows) -> int:
    """The first row of numbers of a group: below its name, where the name has a row of its own."""
    return group if rows == "at_risk" else group * (len(_FULL_ROWS) + 1) + 1


def _numbers(texts: list[list[str]], x: Sequence[float], first: int, style: Style, label: str) -> go.Scatter:
    return go.Scatter(
        x=list(x) * len(texts),
        y=[first + row for row in range(len(texts)) for _ in x],
        text=[text for row in texts for text in row],
        mode="text",
        name=f"{label}: numbers",
        textfont={"size": NUMBER_SIZE, "color": style.text},
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )


def _head(figure: go.Figure, label: str, group: int, style: Style) -> None:
    """The group's name, on a row of its own, from the figure's left rim over the axis."""
    figure.add_annotation(
        text=f"<b>{safe(label)}</b>",
        name="group",
        showarrow=False,
        xref="paper",
        x=0,
        xanchor="left",
        xshift=EDGE - figure.layout.margin.l,
        yref="y2",
        y=_first_row(group, "full") - 1,
        yanchor="middle",
        font={"size": NUMBER_SIZE, "color": style.text},
    )


def _row_names(labels: Sequence[str], rows: Rows) -> list[str]:
    if rows == "none":
        return []
    if rows == "at_risk":
        return [shortened(label, NAME_COLUMNS) for label in labels]
    return [name for _ in labels for name in ("", *_FULL_ROWS)]


def _tick_texts(names: Sequence[str], styles: Sequence[Style], theme: Theme, rows: Rows) -> list[str]:
    if rows == "at_risk":
        return [coloured(name, style.text) for name, style in zip(names, styles, strict=True)]
    return [coloured(name, theme.muted_text) if name else "" for name in names]
