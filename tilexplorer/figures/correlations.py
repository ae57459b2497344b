"""Rank correlations of measures as a map: the number in every cell, so that colour is never the only channel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from tilexplorer import formatting
from tilexplorer.figures import template
from tilexplorer.figures.annotations import Annotation, annotate
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.labels import LINE_HEIGHT, safe, shortened, text_width
from tilexplorer.figures.palette import Theme, mix, text_on
from tilexplorer.figures.template import EDGE, TEXT_SIZE, Width

ROW_HEIGHT: Final = 26  # [px]
NAME_COLUMNS: Final[dict[Width, int]] = {"wide": 44, "narrow": 16}
STRONGEST: Final = 8  # pairs that the alternative text names

Floats = NDArray[np.floating[Any]]


def draw(
    labels: Sequence[str],
    rho: Floats,
    n: NDArray[np.integer[Any]],
    *,
    theme: Theme,
    title: str,
    stamp: str = "",
    width: Width = "wide",
    simulated: bool = False,
) -> Drawn:
    """Draw the square of correlations; rows carry a number and a name, columns the number.

    Parameters
    ----------
    rho, n : shape (k, k), Spearman's rho (NaN where too few patients) and the patients behind each.
    """
    k = len(labels)
    if k < 2:
        return template.empty(theme, title=title, message="No two measures can be correlated.", width=width)
    names = [f"{i + 1}  {shortened(label, NAME_COLUMNS[width])}" for i, label in enumerate(labels)]
    figure = template.frame(
        go.Figure(),
        theme,
        title=title,
        width=width,
        body=ROW_HEIGHT * k,
        left=2 * EDGE + max(text_width(name, TEXT_SIZE) for name in names) * 1.08,
        right=EDGE,
        bottom=TEXT_SIZE * LINE_HEIGHT + EDGE,
        caption="Spearman's rho; empty: fewer than ten patients with both",
    )
    figure.add_trace(_tiles(labels, rho, n, theme))
    _add_numbers(figure, rho, theme, width)
    places = list(range(k))
    figure.update_xaxes(range=[-0.5, k - 0.5], tickvals=places, ticktext=[str(i + 1) for i in places], showgrid=False)
    figure.update_yaxes(range=[k - 0.5, -0.5], tickvals=places, ticktext=[safe(x) for x in names], showgrid=False)
    template.stamp(figure, stamp, simulated, theme=theme)
    return Drawn(figure, _alt(labels, rho, n, simulated))


def _colours(theme: Theme) -> tuple[str, str, str]:
    """Against, none, together: the two ends of the level colours, which hold for colour blindness."""
    return theme.ranks["cold"], theme.ramp[0], theme.ranks["hot"]


def fill(value: float, theme: Theme) -> str:
    """The colour of a correlation; the ground where there is none."""
    if math.isnan(value):
        return theme.ground
    low, middle, high = _colours(theme)
    return mix(middle, high if value > 0 else low, min(1.0, abs(value)) * 0.85)


def _tiles(labels: Sequence[str], rho: Floats, n: NDArray[np.integer[Any]], theme: Theme) -> go.Heatmap:
    steps = np.linspace(-1, 1, 21)
    hover = [
        [
            f"{safe(first)} with {safe(second)}<br>rho {_number(float(rho[i, j]))}, n = {int(n[i, j])}"
            for j, second in enumerate(labels)
        ]
        for i, first in enumerate(labels)
    ]
    return go.Heatmap(
        z=rho,
        x=list(range(len(labels))),
        y=list(range(len(labels))),
        zmin=-1,
        zmax=1,
        colorscale=[[(float(step) + 1) / 2, fill(float(step), theme)] for step in steps],
        showscale=False,
        xgap=1,
        ygap=1,
        hoverongaps=False,
        text=hover,
        hovertemplate="%{text}<extra></extra>",
    )


def _add_numbers(figure: go.Figure, rho: Floats, theme: Theme, width: Width) -> None:
    """The correlation in every cell; on a narrow page without the zero before the point."""
    k = len(rho)
    size = 11 if width == "wide" else (9 if k <= 9 else 7)
    notes: list[Annotation] = []
    for i in range(k):
        for j in range(k):
            value = float(rho[i, j])
            if i == j or math.isnan(value):
                continue
            text = _number(value) if width == "wide" else _short(value)
            font = {"size": size, "color": text_on(fill(value, theme))}
            notes.append({"text": text, "name": "cell", "x": j, "y": i, "font": font})
    annotate(figure, notes)


def _number(value: float) -> str:
    return formatting.NOT_ESTIMABLE if math.isnan(value) else f"{value:.2f}".replace("-", formatting.MINUS)


def _short(value: float) -> str:
    text = f"{value:.1f}".replace("0.", ".").replace("-", formatting.MINUS)
    return "0" if text in (".0", f"{formatting.MINUS}.0") else text


def _alt(labels: Sequence[str], rho: Floats, n: NDArray[np.integer[Any]], simulated: bool) -> str:
    pairs = [(i, j) for i in range(len(labels)) for j in range(i) if not math.isnan(float(rho[i, j]))]
    pairs.sort(key=lambda pair: -abs(float(rho[pair])))
    words = "; ".join(
        f"{labels[i]} with {labels[j]}: {_number(float(rho[i, j]))} (n {formatting.count(int(n[i, j]))})"
        for i, j in pairs[:STRONGEST]
    )
    return f"{'Simulated data. ' if simulated else ''}Rank correlations of {len(labels)} measures. Strongest: {words}."
