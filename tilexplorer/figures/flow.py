"""Who was selected, who was excluded and why, who was analysed: nothing is dropped silently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import plotly.graph_objects as go

from tilexplorer import formatting
from tilexplorer.figures import rows, template
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.labels import safe
from tilexplorer.figures.palette import Theme
from tilexplorer.figures.rows import RowText
from tilexplorer.figures.template import Width

BAR_HEIGHT: Final = 12  # [px]


@dataclass(frozen=True)
class FlowStep:
    """A number of patients on the way from the selection to the analysis."""

    label: str
    n: int
    kind: Literal["selected", "excluded", "analysed"] = "excluded"


def draw(
    steps: Sequence[FlowStep],
    *,
    theme: Theme,
    title: str,
    stamp: str = "",
    width: Width = "wide",
    simulated: bool = False,
) -> Drawn:
    """Draw one bar per step; what is excluded hangs at the end of what is left, so that the bars add up."""
    selected = max((step.n for step in steps), default=0)
    if not selected:
        return template.empty(theme, title=title, message="The selection holds no patient.", width=width)
    texts = [RowText(words(step), numbers(step), bold=step.kind != "excluded") for step in steps]
    places = rows.geometry(texts, width)
    figure = template.frame(
        go.Figure(),
        theme,
        title=title,
        width=width,
        body=places.body,
        left=places.left,
        right=places.right,
        bottom=template.EDGE,
        caption="Patients",
    )
    rows.add_texts(figure, texts, places, theme)
    for row, (step, start) in enumerate(zip(steps, starts(steps), strict=True)):
        figure.add_bar(
            x=[step.n],
            base=[start],
            y=[places.at(row)],
            width=BAR_HEIGHT / places.row,
            orientation="h",
            marker={"color": theme.tail if step.kind == "excluded" else theme.accent, "line": {"width": 0}},
            name=step.label,
            hovertemplate=f"{formatting.count(step.n)} patients<extra>{safe(words(step))}</extra>",
        )
    figure.update_layout(barmode="overlay")
    figure.update_xaxes(range=[0, selected], visible=False)
    template.stamp(figure, stamp, simulated, theme=theme)
    return Drawn(figure, _alt(steps, simulated))


def words(step: FlowStep) -> str:
    """The step's name; what is excluded says so."""
    return f"excluded: {step.label}" if step.kind == "excluded" else step.label


def numbers(step: FlowStep) -> str:
    """The number of patients, with a minus sign where they leave."""
    text = formatting.count(step.n)
    return f"{formatting.MINUS}{text}" if step.kind == "excluded" and step.n else text


def starts(steps: Sequence[FlowStep]) -> list[float]:
    """Where each bar begins: 0, or for an exclusion where the patients that are left end."""
    left = 0
    found: list[float] = []
    for step in steps:
        left = left - step.n if step.kind == "excluded" else step.n
        found.append(max(left, 0) if step.kind == "excluded" else 0)
    return found


def _alt(steps: Sequence[FlowStep], simulated: bool) -> str:
    text = "; ".join(f"{words(step)}: {formatting.count(step.n)}" for step in steps)
    return f"{'Simulated data. ' if simulated else ''}Patients from the selection to the analysis. {text}."
