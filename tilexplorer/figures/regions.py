"""Core against margin: every tumour's two CD8 densities on log axes, with the regions that the cuts make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from tilexplorer import formatting
from tilexplorer.figures import key, template
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.lane import Lane, lane
from tilexplorer.figures.palette import Style, Theme, styles
from tilexplorer.figures.template import EDGE, Width

BODY: Final[dict[Width, int]] = {"wide": 420, "narrow": 300}
LEFT: Final = 62
BOTTOM: Final = 46
MOST_POINTS: Final = 1500  # of one region: more cannot be told apart


@dataclass(frozen=True)
class RegionView:
    """The tumours of one region: densities of the centre and of the margin, same order."""

    label: str
    centre: NDArray[np.floating[Any]]
    margin: NDArray[np.floating[Any]]


def draw(
    regions: Sequence[RegionView],
    *,
    theme: Theme,
    title: str,
    unit: str,
    cuts: tuple[float, float] | None = None,
    stamp: str = "",
    width: Width = "wide",
    simulated: bool = False,
) -> Drawn:
    """Draw centre (right) against margin (up); `cuts` (centre, margin) where one pair holds for all."""
    if not any(len(region.centre) for region in regions):
        message = "No tumour of this selection has both densities."
        return template.empty(theme, title=title, message=message, width=width)
    looks = styles([region.label for region in regions], theme)
    across = lane(np.concatenate([region.centre for region in regions]), log=True)
    up = lane(np.concatenate([region.margin for region in regions]), log=True)
    entries = [(looks[r.label].marker, looks[r.label], f"{r.label} (n = {len(r.centre)})") for r in regions]
    lines = "; lines: the cuts" if cuts else "; cuts differ between studies and are not drawn"
    figure = template.frame(
        go.Figure(),
        theme,
        title=title,
        width=width,
        body=BODY[width],
        left=LEFT,
        right=2 * EDGE,
        bottom=BOTTOM,
        caption=f"CD8 density [{unit}], log axes, up: invasive margin; points: tumours{lines}",
        extra_top=key.height(entries, width),
    )
    key.add(figure, entries, theme, width)
    up.apply(figure, theme)
    across.apply(figure, theme, horizontal=True)
    figure.update_xaxes(title={"text": f"tumour centre [{unit}]"})
    if cuts:
        _add_cuts(figure, cuts, across, up, theme)
    for region in regions:
        _add_points(figure, region, looks[region.label], across, up)
    template.stamp(figure, stamp, simulated, theme=theme)
    return Drawn(figure, _alt(regions, unit, simulated))


def _add_cuts(figure: go.Figure, cuts: tuple[float, float], across: Lane, up: Lane, theme: Theme) -> None:
    """Inflamed lies right of the centre's cut; left of it the margin's cut parts excluded from desert."""
    x, y = float(across.place([cuts[0]])[0]), float(up.place([cuts[1]])[0])
    line = {"width": 1, "color": theme.line}
    figure.add_scatter(x=[x, x], y=[up.low, up.high], mode="lines", line=line, name="cut, centre", hoverinfo="skip")
    figure.add_scatter(x=[across.low, x], y=[y, y], mode="lines", line=line, name="cut, margin", hoverinfo="skip")


def _add_points(figure: go.Figure, region: RegionView, style: Style, across: Lane, up: Lane) -> None:
    """Points only: pointing at one tells nothing of a patient."""
    step = max(1, -(-len(region.centre) // MOST_POINTS))
    order = np.argsort(region.centre, kind="stable")[::step]
    figure.add_scatter(
        x=across.place(np.asarray(region.centre)[order]),
        y=up.place(np.asarray(region.margin)[order]),
        mode="markers",
        marker={"symbol": style.marker, "size": 6, "color": style.colour, "opacity": 0.65},
        name=region.label,
        cliponaxis=False,
        hoverinfo="skip",
    )


def _alt(regions: Sequence[RegionView], unit: str, simulated: bool) -> str:
    words = "; ".join(f"{region.label}: n {formatting.count(len(region.centre))}" for region in regions)
    return (
        f"{'Simulated data. ' if simulated else ''}CD8 density of the tumour centre against the invasive margin "
        f"[{unit}], by region. {words}."
    )
