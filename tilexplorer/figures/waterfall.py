"""The best change of tumour size of every patient, sorted, with the limits of RECIST; nobody can be recognised."""

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
from tilexplorer.figures.labels import safe
from tilexplorer.figures.palette import Theme, styles
from tilexplorer.figures.template import EDGE, Width

BODY: Final[dict[Width, int]] = {"wide": 320, "narrow": 240}
LEFT: Final = 56
# Target lesions only: RECIST 1.1 (Eisenhauer et al. 2009, doi:10.1016/j.ejca.2008.10.026), sections 4.3.1.
PARTIAL_RESPONSE: Final = -30.0
PROGRESSION: Final = 20.0
HIGHEST: Final = 100.0  # a bar beyond it ends there, and the caption says so
MOST_MARKERS: Final = 150


@dataclass(frozen=True)
class ChangeView:
    """The best changes [%] of a group's patients, in any order; NaN is left out."""

    label: str
    colour_key: str
    changes: NDArray[np.floating[Any]]

    @property
    def known(self) -> NDArray[np.float64]:
        """The changes that are numbers."""
        values = np.asarray(self.changes, dtype=float)
        return np.extract(np.isfinite(values), values)


def draw(
    groups: Sequence[ChangeView],
    *,
    theme: Theme,
    title: str,
    stamp: str = "",
    width: Width = "wide",
    simulated: bool = False,
    domain: Sequence[str] = (),
) -> Drawn:
    """Draw one bar per patient from the largest growth to the deepest response, coloured and marked by group."""
    total = sum(len(group.known) for group in groups)
    if not total:
        message = "No patient of this selection has a measured change of tumour size."
        return template.empty(theme, title=title, message=message, width=width)
    looks = styles([group.colour_key for group in groups], theme, domain)
    entries = [
        (looks[group.colour_key].marker, looks[group.colour_key], f"{group.label} (n = {len(group.known)})")
        for group in groups
    ]
    beyond = any((group.known > HIGHEST).any() for group in groups)
    figure = template.frame(
        go.Figure(),
        theme,
        title=title,
        width=width,
        body=BODY[width],
        left=LEFT,
        right=EDGE * 2,
        bottom=30,
        caption="Best change of target lesions (%)" + (", drawn up to +100%" if beyond else ""),
        extra_top=key.height(entries, width),
    )
    key.add(figure, entries, theme, width)
    for group, places in zip(groups, ranks(groups), strict=True):
        _add_group(figure, group, places, looks[group.colour_key].colour, looks[group.colour_key].marker, total)
    _add_limits(figure, theme, total)
    lowest = min(float(group.known.min()) for group in groups if len(group.known))
    figure.update_yaxes(
        range=[min(lowest, -40) - 6, HIGHEST + 6],
        tickvals=[-100, -50, PARTIAL_RESPONSE, 0, PROGRESSION, 50, 100],
        ticktext=[formatting.signed_percent(tick) for tick in (-100, -50, PARTIAL_RESPONSE, 0, PROGRESSION, 50, 100)],
    )
    figure.update_xaxes(
        range=[-0.7, total - 0.3],
        showticklabels=False,
        showgrid=False,
        title_text=f"{formatting.count(total)} patients",
    )
    figure.update_layout(barmode="overlay", bargap=0.15 if total <= MOST_MARKERS else 0)
    template.stamp(figure, stamp, simulated, theme=theme)
    return Drawn(figure, _alt(groups, simulated))


def ranks(groups: Sequence[ChangeView]) -> list[NDArray[np.intp]]:
    """The place of each patient's bar, from the largest growth on, per group in the order of its known changes."""
    values = np.concatenate([group.known for group in groups])
    order = np.argsort(-values, kind="stable")
    places = np.empty(len(values), dtype=np.intp)
    places[order] = np.arange(len(values))
    ends = np.cumsum([len(group.known) for group in groups])[:-1]
    return np.split(places, ends)


def _add_group(
    figure: go.Figure, group: ChangeView, places: NDArray[np.intp], colour: str, marker: str, total: int
) -> None:
    """Bars in the order of their places (never in the order of the source), and a marker at each end."""
    order = np.argsort(places)
    x, y = places[order], np.minimum(group.known[order], HIGHEST)
    figure.add_bar(
        x=x,
        y=y,
        marker={"color": colour, "line": {"width": 0}},
        name=group.label,
        hovertemplate=f"%{{y:+.0f}}%<extra>{safe(group.label)}</extra>",
    )
    if total <= MOST_MARKERS:
        figure.add_scatter(
            x=x,
            y=y,
            mode="markers",
            marker={"symbol": marker, "size": 5, "color": colour},
            name=f"{group.label}: ends",
            hoverinfo="skip",
        )


def _add_limits(figure: go.Figure, theme: Theme, total: int) -> None:
    for level in (PARTIAL_RESPONSE, 0.0, PROGRESSION):
        figure.add_scatter(
            x=[-0.7, total - 0.3],
            y=[level, level],
            mode="lines",
            line={"width": 1, "color": theme.line},
            name=f"limit {level:+g}",
            hoverinfo="skip",
        )


def _alt(groups: Sequence[ChangeView], simulated: bool) -> str:
    text = "; ".join(
        f"{group.label}: {formatting.rate(int((group.known <= PARTIAL_RESPONSE).sum()), len(group.known))} "
        "shrank by 30% or more"
        for group in groups
    )
    return f"{'Simulated data. ' if simulated else ''}Best change of target lesions per patient. {text}."
