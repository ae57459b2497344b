"""The responses of each group as one stacked bar, from complete response to not evaluable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import plotly.graph_objects as go

from tilexplorer import formatting
from tilexplorer.figures import key, rows, template
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.labels import safe
from tilexplorer.figures.palette import RESPONSE_ORDER, Style, Theme, text_on
from tilexplorer.figures.rows import Geometry, RowText
from tilexplorer.figures.template import Width

NAMES: Final[Mapping[str, str]] = {
    "CR": "complete response",
    "PR": "partial response",
    "CRPR": "complete or partial response",
    "SD": "stable disease",
    "SDPD": "stable or progressive disease",
    "PD": "progressive disease",
    "NE": "not evaluable",
}
AXIS_ROOM: Final = 28
BAR_HEIGHT: Final = 20  # [px]
# A count is written into a segment that holds its digits on a narrow page.
LEAST_WRITTEN: Final = 0.07


@dataclass(frozen=True)
class BreakdownView:
    """The number of patients of a group in each response category (CR, PR, CRPR, SD, SDPD, PD, NE)."""

    label: str
    counts: Mapping[str, int]

    @property
    def n(self) -> int:
        """All patients of the group."""
        return sum(self.counts.values())


def draw(
    groups: Sequence[BreakdownView],
    *,
    theme: Theme,
    title: str,
    stamp: str = "",
    width: Width = "wide",
    simulated: bool = False,
) -> Drawn:
    """Draw one bar of 100% per group; counts stand in the segments, n at the right."""
    present = [name for name in RESPONSE_ORDER if any(group.counts.get(name, 0) for group in groups)]
    if not present:
        return template.empty(theme, title=title, message="No patient of this selection has a response.", width=width)
    texts = [RowText(group.label, f"n = {formatting.count(group.n)}") for group in groups]
    places = rows.geometry(texts, width)
    entries = [_entry(name, theme, width) for name in present]
    figure = template.frame(
        go.Figure(),
        theme,
        title=title,
        width=width,
        body=places.body,
        left=places.left,
        right=places.right,
        bottom=AXIS_ROOM,
        caption="Best response (% of all patients), counts in the bars",
        extra_top=key.height(entries, width),
    )
    key.add(figure, entries, theme, width)
    rows.add_texts(figure, texts, places, theme)
    for name in present:
        _add_category(figure, name, groups, theme, places)
    figure.update_layout(barmode="stack")
    figure.update_xaxes(range=[0, 1], tickformat=".0%", nticks=6, showgrid=False)
    template.stamp(figure, stamp, simulated, theme=theme)
    return Drawn(figure, _alt(groups, present, simulated))


def _entry(name: str, theme: Theme, width: Width) -> tuple[str, Style, str]:
    style = theme.response(name)
    text = f"{name} {NAMES[name]}" if width == "wide" else name
    return ("hatched" if style.hatch else "bar"), style, text


def _add_category(
    figure: go.Figure, name: str, groups: Sequence[BreakdownView], theme: Theme, places: Geometry
) -> None:
    style = theme.response(name)
    counts = [group.counts.get(name, 0) for group in groups]
    shares = [count / group.n if group.n else 0.0 for count, group in zip(counts, groups, strict=True)]
    written = [
        formatting.count(count) if share >= LEAST_WRITTEN else "" for count, share in zip(counts, shares, strict=True)
    ]
    hover = [formatting.rate(count, group.n) for count, group in zip(counts, groups, strict=True)]
    figure.add_bar(
        x=shares,
        y=[places.at(row) for row in range(len(groups))],
        width=BAR_HEIGHT / places.row,
        orientation="h",
        name=name,
        text=written,
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        constraintext="none",
        textfont={"color": theme.text if style.hatch else text_on(style.colour), "size": template.TEXT_SIZE},
        marker=_marker(style, theme),
        customdata=hover,
        hovertemplate=f"%{{customdata}}<extra>{safe(NAMES[name])}</extra>",
    )


def _marker(style: Style, theme: Theme) -> dict[str, object]:
    """A filled segment, or a hatched one on the ground's colour so that its count stays readable."""
    edge = {"color": theme.ground, "width": 1}
    if not style.hatch:
        return {"color": style.colour, "line": edge}
    pattern = {
        "shape": style.hatch,
        "bgcolor": theme.ground,
        "fgcolor": style.colour,
        "size": 7,
        "solidity": 0.2,
        "fillmode": "overlay",
    }
    return {"color": theme.ground, "pattern": pattern, "line": {"color": style.colour, "width": 1}}


def _alt(groups: Sequence[BreakdownView], present: Sequence[str], simulated: bool) -> str:
    words = "; ".join(
        f"{group.label} (n {formatting.count(group.n)}): "
        + ", ".join(f"{name} {formatting.count(group.counts.get(name, 0))}" for name in present)
        for group in groups
    )
    return f"{'Simulated data. ' if simulated else ''}Best responses per group. {words}."
