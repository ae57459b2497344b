"""The same patients before and on treatment: one line each, the geometric mean of each group on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from tilexplorer import formatting
from tilexplorer.figures import template
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.end_labels import SIZE
from tilexplorer.figures.labels import LINE_HEIGHT, safe, spread, text_width
from tilexplorer.figures.lane import Lane, lane
from tilexplorer.figures.palette import Style, Theme, alpha, styles
from tilexplorer.figures.template import EDGE, Width

BODY: Final[dict[Width, int]] = {"wide": 320, "narrow": 260}
LEFT: Final = 56
THIN: Final = 0.35  # opacity of a patient's line


@dataclass(frozen=True)
class PairsView:
    """Values of a group's patients before and on treatment (same order), with their centres, means or medians."""

    label: str
    colour_key: str
    before: NDArray[np.floating[Any]]
    after: NDArray[np.floating[Any]]
    mean_before: float
    mean_after: float

    @property
    def known(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The pairs in which both values are numbers, by the first value."""
        before, after = np.asarray(self.before, dtype=float), np.asarray(self.after, dtype=float)
        both = np.isfinite(before) & np.isfinite(after)
        order = np.argsort(before[both], kind="stable")
        return before[both][order], after[both][order]


def draw(
    groups: Sequence[PairsView],
    *,
    theme: Theme,
    title: str,
    measure: str,
    stamp: str = "",
    width: Width = "wide",
    simulated: bool = False,
    log: bool = True,
    domain: Sequence[str] = (),
    times: tuple[str, str] = ("baseline", "on treatment"),
    centre: str = "geometric mean",
    axis_values: Sequence[float] = (),
) -> Drawn:
    """Draw every pair as a thin line and each group's mean (or what `centre` says) as a thick one, labelled.

    `axis_values` are what the axis must hold beyond these pairs, so that small multiples share one.
    """
    values = np.concatenate([part for group in groups for part in group.known]) if groups else np.array([])
    if not len(values):
        message = "No patient of this selection was measured twice."
        return template.empty(theme, title=title, message=message, width=width)
    ends = [_label(group) if len(groups) > 1 else _size(group) for group in groups]  # one is named by the title
    looks = styles([group.colour_key for group in groups], theme, domain)
    axis = lane(np.concatenate([values, np.asarray(axis_values, dtype=float)]), log=log)
    figure = template.frame(
        go.Figure(),
        theme,
        title=title,
        width=width,
        body=BODY[width],
        left=LEFT,
        right=2 * EDGE + 10 + max(text_width(text, SIZE) * 1.06 for text in ends),
        bottom=30,
        caption=measure + (", log axis" if axis.log else "") + f"; thick: {centre}",
    )
    axis.apply(figure, theme)
    for group in groups:
        _add_pairs(figure, group, looks[group.colour_key], axis)
    for group in groups:
        _add_mean(figure, group, looks[group.colour_key], axis, centre)
    _add_labels(figure, groups, ends, [looks[group.colour_key] for group in groups], axis, BODY[width])
    figure.update_xaxes(range=[-0.12, 1.05], tickvals=[0, 1], ticktext=[safe(time) for time in times], showgrid=False)
    template.stamp(figure, stamp, simulated, theme=theme)
    return Drawn(figure, _alt(groups, measure, times, simulated, centre))


def _add_pairs(figure: go.Figure, group: PairsView, style: Style, axis: Lane) -> None:
    """All lines of a group in one trace, with gaps between them; pointing at them tells nothing."""
    before, after = (axis.place(part) for part in group.known)
    gap = np.full(len(before), np.nan)
    figure.add_scatter(
        x=np.tile([0.0, 1.0, np.nan], len(before)),
        y=np.column_stack([before, after, gap]).ravel(),
        mode="lines",
        line={"width": 1, "color": alpha(style.colour, THIN)},
        name=group.label,
        hoverinfo="skip",
    )


def _add_mean(figure: go.Figure, group: PairsView, style: Style, axis: Lane, centre: str) -> None:
    figure.add_scatter(
        x=[0, 1],
        y=axis.place([group.mean_before, group.mean_after]),
        mode="lines+markers",
        line={"width": 4, "color": style.colour},
        marker={"symbol": style.marker, "size": 11, "color": style.colour},
        name=f"{group.label}: {centre}",
        cliponaxis=False,
        hovertemplate=f"{safe(_summary(group))}<extra>{safe(group.label)}</extra>",
    )


def _add_labels(
    figure: go.Figure,
    groups: Sequence[PairsView],
    texts: Sequence[str],
    looks: Sequence[Style],
    axis: Lane,
    height: float,
) -> None:
    ends = [float(axis.place([group.mean_after])[0]) for group in groups]
    scale = height / (axis.high - axis.low)
    wanted = [(end - axis.low) * scale if np.isfinite(end) else 0.0 for end in ends]
    placed = spread(wanted, [SIZE * LINE_HEIGHT] * len(groups), 0, height)
    for text, style, centre in zip(texts, looks, placed, strict=True):
        figure.add_annotation(
            text=safe(text),
            name="end label",
            showarrow=False,
            xref="paper",
            x=1,
            xanchor="left",
            xshift=4,
            y=axis.low + centre / scale,
            yanchor="middle",
            font={"size": SIZE, "color": style.text},
        )


def _label(group: PairsView) -> str:
    return f"{group.label} ({_size(group)})"


def _size(group: PairsView) -> str:
    return f"n = {len(group.known[0])}"


def _summary(group: PairsView) -> str:
    return f"{formatting.measured(group.mean_before)} to {formatting.measured(group.mean_after)}"


def _alt(groups: Sequence[PairsView], measure: str, times: tuple[str, str], simulated: bool, centre: str) -> str:
    text = "; ".join(f"{_label(group)}: {centre} {_summary(group)}" for group in groups)
    return f"{'Simulated data. ' if simulated else ''}{measure}, {times[0]} to {times[1]} in the same patients. {text}."
