"""Levels within each group as one stacked bar, cold to hot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import plotly.graph_objects as go

from tilexplorer import formatting
from tilexplorer.figures import key, rows, template
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.labels import safe
from tilexplorer.figures.palette import Theme, styles, text_on
from tilexplorer.figures.rows import Geometry, RowText
from tilexplorer.figures.template import Width

AXIS_ROOM: Final = 28
BAR_HEIGHT: Final = 20  # [px]
LEAST_WRITTEN: Final = 0.07  # a count is written into a segment that holds its digits


@dataclass(frozen=True)
class CompositionView:
    """Patients of a group by level, in the order of the levels."""

    label: str
    counts: Sequence[int]

    @property
    def n(self) -> int:
        """All patients of the group."""
        return sum(self.counts)


def draw(
    groups: Sequence[CompositionView],
    levels: Sequence[str],
    *,
    theme: Theme,
    title: str,
    stamp: str = "",
    width: Width = "wide",
    simulated: bool = False,
    measure: str = "Infiltration level",
    domain: Sequence[str] = (),
) -> Drawn:
    """Draw one bar of 100% per group; counts stand in the segments, n at the right."""
    if not any(group.n for group in groups):
        return template.empty(theme, title=title, message="No patient of this selection has a level.", width=width)
    looks = styles(levels, theme, domain)
    texts = [RowText(group.label, f"n = {formatting.count(group.n)}") for group in groups]
    places = rows.geometry(texts, width)
    entries = [("bar", looks[level], level) for level in levels]
    figure = template.frame(
        go.Figure(),
        theme,
        title=title,
        width=width,
        body=places.body,
        left=places.left,
        right=places.right,
        bottom=AXIS_ROOM,
        caption=f"{measure} (% of patients), counts in the bars",
        extra_top=key.height(entries, width),
    )
    key.add(figure, entries, theme, width)
    rows.add_texts(figure, texts, places, theme)
    for place, level in enumerate(levels):
        _add_level(figure, place, level, groups, looks[level].colour, theme, places)
    figure.update_layout(barmode="stack")
    figure.update_xaxes(range=[0, 1], tickformat=".0%", nticks=6, showgrid=False)
    template.stamp(figure, stamp, simulated, theme=theme)
    return Drawn(figure, _alt(groups, levels, measure, simulated))


def _add_level(
    figure: go.Figure,
    place: int,
    level: str,
    groups: Sequence[CompositionView],
    colour: str,
    theme: Theme,
    places: Geometry,
) -> None:
    shares = [group.counts[place] / group.n if group.n else 0.0 for group in groups]
    written = [
        formatting.count(group.counts[place]) if share >= LEAST_WRITTEN else ""
        for group, share in zip(groups, shares, strict=True)
    ]
    figure.add_bar(
        x=shares,
        y=[places.at(row) for row in range(len(groups))],
        width=BAR_HEIGHT / places.row,
        orientation="h",
        name=level,
        text=written,
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        constraintext="none",
        textfont={"color": text_on(colour), "size": template.TEXT_SIZE},
        marker={"color": colour, "line": {"color": theme.ground, "width": 1}},
        customdata=[formatting.rate(group.counts[place], group.n) for group in groups],
        hovertemplate=f"%{{customdata}}<extra>{safe(level)}</extra>",
    )


def _alt(groups: Sequence[CompositionView], levels: Sequence[str], measure: str, simulated: bool) -> str:
    words = "; ".join(
        f"{group.label} (n {formatting.count(group.n)}): "
        + ", ".join(f"{level} {formatting.count(n)}" for level, n in zip(levels, group.counts, strict=True))
        for group in groups
    )
    return f"{'Simulated data. ' if simulated else ''}{measure} per group. {words}."
