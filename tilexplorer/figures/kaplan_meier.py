"""Survival curves with what belongs to them: band, censor ticks, medians, direct labels, the table underneath.

Drawn as KMunicate asks (Morris et al. 2019, BMJ Open 9:e030215, doi:10.1136/bmjopen-2019-030215).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from tilexplorer import formatting
from tilexplorer.figures import risk_table, template
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.end_labels import EndLabel, add_end_labels
from tilexplorer.figures.end_labels import room as label_room
from tilexplorer.figures.labels import safe
from tilexplorer.figures.palette import Style, Theme, alpha, styles
from tilexplorer.figures.risk_table import RiskView, Rows
from tilexplorer.figures.steps import Steps, at, between, from_zero, only_changes
from tilexplorer.figures.template import Width
from tilexplorer.timescale import DAYS_PER_MONTH, ticks

__all__ = ["CurveView", "RiskView", "draw"]

Floats = NDArray[np.floating[Any]]
Tail = Literal["grey", "cut", "full"]

BODY: Final[dict[Width, int]] = {"wide": 340, "narrow": 250}
LEFT: Final = 62  # holds "censored" and "100%" [px]
LEFT_NAMES: Final = 92  # holds the names of groups beside their one row [px]
AXIS_ROOM: Final = 46  # tick labels and the title of the x axis [px]
BAND_OPACITY: Final = 0.15
MOST_CENSOR_TICKS: Final = 500
BEFORE_ZERO: Final = 0.04  # of the axis, so that the first column of the table is not cut


@dataclass(frozen=True)
class CurveView:
    """One curve, as it is drawn.

    Attributes
    ----------
    label, colour_key : what it is called, and the level or category that gives its colour.
    time_days : distinct times [d], ascending. survival, lower, upper : S(t) and its limits from that time on, 0 to 1;
        limits may be NaN. at_risk : patients at risk just before each time, for the hover.
    censor_times : times [d] of censorings; drawn as ticks below 500 of them.
    tail_from_days : from here on too few are at risk [d]; NaN for never. median_days : NaN where not reached.
    n, events : of the group.
    """

    label: str
    colour_key: str
    time_days: Floats
    survival: Floats
    lower: Floats
    upper: Floats
    censor_times: Floats
    tail_from_days: float
    median_days: float
    n: int
    events: int
    at_risk: Floats | None = None


def draw(
    curves: Sequence[CurveView],
    risk: RiskView,
    *,
    theme: Theme,
    title: str,
    months: bool = True,
    stamp: str = "",
    width: Width = "wide",
    band: bool = True,
    tail: Tail = "grey",
    simulated: bool = False,
    endpoint: str = "Survival",
    time_origin: str = "",
    rows: Rows = "full",
    domain: Sequence[str] = (),
    longest_days: float | None = None,
) -> Drawn:
    """Draw survival curves over their table of numbers.

    Parameters
    ----------
    curves, risk : what is drawn; the table has one row of numbers per curve, in the same order.
    months : the x axis in months, else in days.
    tail : what too few patients carry is greyed, or the axis ends there, or nothing of the kind.
    endpoint, time_origin : "Overall survival"; "start of treatment", for the axes.
    rows : the full table under a main figure, the at-risk row in small multiples, or none.
    domain : all keys that may have a colour, so that a filter recolours nothing.
    longest_days : end of the x axis [d], to give small multiples one axis; by default that of the data.
    """
    if not curves:
        return template.empty(theme, title=title, message="No group is large enough to be drawn.", width=width)
    looks = styles([curve.colour_key for curve in curves], theme, domain)
    drawn_styles = [looks[curve.colour_key] for curve in curves]
    unit = DAYS_PER_MONTH if months else 1.0
    longest = _longest(curves, tail) if longest_days is None else longest_days
    figure = _axes(curves, risk, theme, title, width, rows, longest / unit, endpoint)
    for curve, style in zip(curves, drawn_styles, strict=True):
        _add_curve(figure, curve, style, theme, unit, longest, band=band, tail=tail)
    for curve, style in zip(curves, drawn_styles, strict=True):
        _add_median(figure, curve, style, unit, longest)
    _label_ends(figure, curves, drawn_styles, theme, unit, longest, width)
    _time_axis(figure, risk, drawn_styles, theme, rows, unit, longest, time_origin)
    template.stamp(figure, stamp, simulated, theme=theme)
    return Drawn(figure, _alt(curves, endpoint, simulated))


def _longest(curves: Sequence[CurveView], tail: Tail) -> float:
    """Where the x axis ends [d]."""
    ends = [float(curve.time_days[-1]) for curve in curves if len(curve.time_days)]
    cuts = [curve.tail_from_days for curve in curves]
    if tail == "cut" and all(np.isfinite(cuts)) and max(cuts) > 0:
        ends = cuts
    return max([*ends, 1.0])


def _axes(
    curves: Sequence[CurveView],
    risk: RiskView,
    theme: Theme,
    title: str,
    width: Width,
    rows: Rows,
    longest: float,
    endpoint: str,
) -> go.Figure:
    """Two rows of axes with heights in whole pixels; the second one holds the table."""
    table = risk_table.height(len(risk.labels), rows)
    body = BODY[width] + (AXIS_ROOM + table if table else 0)
    figure = make_subplots(
        rows=2 if table else 1,
        cols=1,
        shared_xaxes=True,
        vertical_spacing=AXIS_ROOM / body if table else 0,
        row_heights=[BODY[width], table] if table else None,
    )
    template.frame(
        figure,
        theme,
        title=title,
        width=width,
        body=body,
        left=(LEFT_NAMES if rows == "at_risk" else LEFT) + (risk_table.standoff(risk) if table else 0),
        right=label_room([curve.label for curve in curves], width),
        bottom=template.EDGE if table else AXIS_ROOM,
        caption=f"{endpoint} (%), Kaplan-Meier",
    )
    figure.update_xaxes(range=[-BEFORE_ZERO * longest, longest])
    figure.update_yaxes(
        range=[0, 1.005], tickvals=[0, 0.25, 0.5, 0.75, 1], ticktext=["0%", "25%", "50%", "75%", "100%"], row=1, col=1
    )
    return figure


def _add_curve(
    figure: go.Figure,
    curve: CurveView,
    style: Style,
    theme: Theme,
    unit: float,
    longest: float,
    *,
    band: bool,
    tail: Tail,
) -> None:
    """Band, line and censor ticks, before and after the time from which too few are at risk."""
    steps = only_changes(from_zero(Steps.of(curve)))
    split = curve.tail_from_days if tail == "grey" and np.isfinite(curve.tail_from_days) else np.inf
    for start, end, colour in ((0.0, min(split, longest), style.colour), (split, longest, theme.tail)):
        if start >= end:
            continue
        part = between(steps, start, end)
        censored = curve.censor_times[(curve.censor_times >= start) & (curve.censor_times <= end)]
        if band:
            _add_band(figure, part, colour, unit)
        _add_line(figure, part, curve, colour, unit)
        if len(curve.censor_times) < MOST_CENSOR_TICKS:
            _add_censor_ticks(figure, censored, steps, curve, colour, unit)


def _add_line(figure: go.Figure, part: Steps, curve: CurveView, colour: str, unit: float) -> None:
    measure = "months" if unit != 1 else "days"
    figure.add_scatter(
        x=(part.time / unit).astype(np.float32),
        y=part.survival,
        mode="lines",
        line={"shape": "hv", "width": 2, "color": colour},
        name=curve.label,
        legendgroup="curve",
        text=_limits_and_risk(part),
        hovertemplate=f"%{{x:.1f}} {measure}<br>%{{y:.1%}} %{{text}}<extra>{safe(curve.label)}</extra>",
        row=1,
        col=1,
    )


def _limits_and_risk(part: Steps) -> list[str]:
    limits = zip(part.lower, part.upper, part.at_risk, strict=True)
    return [
        f"({formatting.percent(low, formatting.DECIMAL_FROM_N).removesuffix('%')}"
        f" to {formatting.percent(high, formatting.DECIMAL_FROM_N)})"
        + ("" if np.isnan(risk) else f"<br>{formatting.count(risk)} at risk")
        for low, high, risk in limits
    ]


def _add_band(figure: go.Figure, part: Steps, colour: str, unit: float) -> None:
    """Limits as two invisible steps with the room between them filled, where both are numbers."""
    known = np.isfinite(part.lower) & np.isfinite(part.upper)
    if known.sum() < 2:
        return
    x = (part.time[known] / unit).astype(np.float32)
    for limit, fill in ((part.lower[known], None), (part.upper[known], "tonexty")):
        figure.add_scatter(
            x=x,
            y=limit.astype(np.float32),
            mode="lines",
            line={"shape": "hv", "width": 0, "color": colour},
            fill=fill,
            fillcolor=alpha(colour, BAND_OPACITY),
            legendgroup="band",
            hoverinfo="skip",
            row=1,
            col=1,
        )


def _add_censor_ticks(
    figure: go.Figure, times: Floats, steps: Steps, curve: CurveView, colour: str, unit: float
) -> None:
    """Short strokes on the curve. They stand for patients, so they tell nothing when pointed at."""
    if not len(times):
        return
    figure.add_scatter(
        x=(times / unit).astype(np.float32),
        y=at(steps, times).astype(np.float32),
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 7, "color": colour, "line": {"width": 1, "color": colour}},
        name=f"{curve.label}: censored",
        legendgroup="censored",
        hoverinfo="skip",
        row=1,
        col=1,
    )


def _add_median(figure: go.Figure, curve: CurveView, style: Style, unit: float, longest: float) -> None:
    """A thin line from the curve at 50% down to the axis."""
    if not np.isfinite(curve.median_days) or curve.median_days > longest:
        return
    figure.add_scatter(
        x=[curve.median_days / unit] * 2,
        y=[0.5, 0],
        mode="lines",
        line={"width": 1, "color": style.colour},
        name=f"{curve.label}: median",
        legendgroup="median",
        hoverinfo="skip",
        row=1,
        col=1,
    )


def _label_ends(
    figure: go.Figure,
    curves: Sequence[CurveView],
    looks: Sequence[Style],
    theme: Theme,
    unit: float,
    longest: float,
    width: Width,
) -> None:
    ends = []
    for curve, style in zip(curves, looks, strict=True):
        steps = from_zero(Steps.of(curve))
        last = min(float(steps.time[-1]), longest)
        ends.append(EndLabel(curve.label, style, last / unit, float(at(steps, np.array([last]))[0])))
    add_end_labels(figure, ends, theme, width, plot_height=BODY[width], axis_end=longest / unit)


def _time_axis(
    figure: go.Figure,
    risk: RiskView,
    looks: Sequence[Style],
    theme: Theme,
    rows: Rows,
    unit: float,
    longest: float,
    time_origin: str,
) -> None:
    """Ticks where the table has its columns, and the table itself."""
    name = "Months" if unit != 1 else "Days"
    shown = risk_table.columns(risk, longest) if rows != "none" else []
    places = [float(risk.times_days[column]) / unit for column in shown] or ticks(longest / unit, months=unit != 1)
    figure.update_xaxes(tickmode="array", tickvals=places, ticktext=[f"{place:g}" for place in np.round(places, 1)])
    figure.update_xaxes(
        title_text=f"{name} from {safe(time_origin)}" if time_origin else name,
        showticklabels=True,
        showgrid=False,
        showline=True,
        ticks="outside",
        ticklen=4,
        row=1,
        col=1,
    )
    if rows != "none" and len(risk.labels):
        risk_table.add(figure, risk, shown, places, looks, theme, rows)


def _alt(curves: Sequence[CurveView], endpoint: str, simulated: bool) -> str:
    groups = "; ".join(
        f"{curve.label}: n {formatting.count(curve.n)}, {formatting.count(curve.events)} events, median "
        f"{formatting.months(curve.median_days, formatting.NOT_REACHED)} months"
        for curve in curves
    )
    prefix = "Simulated data. " if simulated else ""
    return f"{prefix}Kaplan-Meier curves, {endpoint[:1].lower()}{endpoint[1:]}. {groups}."
