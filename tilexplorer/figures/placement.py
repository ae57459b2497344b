"""Where one patient's measured values stand among the patients of the same cohort: a dot per measure on 0 to 100%."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import plotly.graph_objects as go

from tilexplorer.figures import template
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.labels import safe, shortened
from tilexplorer.figures.palette import Theme
from tilexplorer.figures.template import EDGE, SMALL_SIZE, TEXT_SIZE, Width

ROW: Final = 40.0  # [px]; the name stands over its line
COLUMNS: Final[dict[Width, int]] = {"wide": 110, "narrow": 56}


@dataclass(frozen=True, slots=True)
class Placed:
    """A measure in words, its value with unit in words, its percentile [0 to 1], and how many patients have it."""

    label: str
    value: str
    percentile: float
    n: int


def draw(
    rows: Sequence[Placed],
    *,
    theme: Theme,
    title: str,
    stamp: str = "",
    width: Width = "wide",
    simulated: bool = False,
) -> Drawn:
    """Draw a line from the lowest to the highest value of the cohort for each measure, and the patient's dot on it."""
    if not rows:
        message = "No number was measured in this patient at baseline."
        return template.empty(theme, title=title, message=message, width=width)
    figure = template.frame(
        go.Figure(),
        theme,
        title=title,
        width=width,
        body=ROW * len(rows) + 10,
        left=2 * EDGE,
        right=3 * EDGE,
        bottom=44,
        caption="Share of the cohort's measured patients of this tumour type with a lower value; ticks: quartiles",
    )
    for i, row in enumerate(rows):
        figure.add_scatter(
            x=[0, 25, 50, 75, 100],
            y=[i] * 5,
            mode="lines+markers",
            line={"width": 1, "color": theme.line},
            marker={"symbol": "line-ns-open", "size": 9, "color": theme.line},
            name=f"{row.label}: quartiles",
            hoverinfo="skip",
        )
        figure.add_annotation(
            text=safe(_text(row, COLUMNS[width])), name="row", showarrow=False, x=0, xanchor="left", y=i, yshift=14,
            font={"size": SMALL_SIZE + 1 if width == "narrow" else TEXT_SIZE, "color": theme.text},
        )  # fmt: skip
    figure.add_scatter(
        x=[100 * row.percentile for row in rows],
        y=list(range(len(rows))),
        mode="markers",
        marker={"symbol": "circle", "size": 11, "color": theme.accent},
        name="this patient",
        customdata=[[row.label, row.value] for row in rows],
        hovertemplate="%{customdata[0]}: %{customdata[1]}<br>higher than %{x:.0f}%<extra></extra>",
        cliponaxis=False,
    )
    figure.update_xaxes(range=[0, 100], tickvals=[0, 25, 50, 75, 100], ticktext=["0%", "25%", "50%", "75%", "100%"])
    figure.update_yaxes(range=[len(rows) - 0.5, -0.8], showticklabels=False, showgrid=False)
    template.stamp(figure, stamp, simulated, theme=theme)
    told = "; ".join(f"{row.label} {row.value}, higher than {100 * row.percentile:.0f}% of {row.n}" for row in rows)
    return Drawn(figure, f"{'Simulated data. ' if simulated else ''}This patient's measures in the cohort. {told}.")


def _text(row: Placed, columns: int) -> str:
    """Name, value and n in one line; a long name is shortened, the value never."""
    told = f": {row.value} (n = {row.n})"
    return shortened(row.label, max(12, columns - len(told))) + told
