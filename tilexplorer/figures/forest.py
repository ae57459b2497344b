"""A forest plot: one row per subgroup with n, events, estimate and interval on a log axis around no effect."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import plotly.graph_objects as go

from tilexplorer import formatting
from tilexplorer.figures import rows, template
from tilexplorer.figures.annotations import Annotation, annotate
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.labels import safe, text_width, wrap
from tilexplorer.figures.palette import Theme
from tilexplorer.figures.rows import Geometry, RowText
from tilexplorer.figures.template import EDGE, Width

AXIS_ROOM: Final = 60  # ticks and the two sides that are favoured [px]
HEAD_ROOM: Final = 20  # the names of the columns [px]
COUNT_COLUMNS: Final = 116  # n and events, right-aligned beside the names [px]
SMALLEST: Final = 7.0  # a dot's diameter [px]
LARGEST: Final = 16.0
WIDEST_RANGE: Final = (0.05, 20.0)  # what lies beyond is an arrow at the rim
LEAST_RANGE: Final = (0.45, 2.2)
_TICKS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0, 20.0)
REASON_COLUMNS: Final = 26  # on a narrow page
FAVOURS_COLUMNS: Final[dict[Width, int]] = {"wide": 30, "narrow": 22}


@dataclass(frozen=True)
class ForestRow:
    """One row: a variable's head, a subgroup, the total, or where a further study is expected (an interval alone).

    Attributes
    ----------
    value, lower, upper : a ratio with its limits; NaN where it is not shown, and then `reason` says why.
    weight : any positive scale; the dot's area goes with it.
    interaction_p : of the variable, on its head only.
    counted : what `events` are: events or responders.
    """

    label: str
    n: int = 0
    events: int = 0
    value: float = math.nan
    lower: float = math.nan
    upper: float = math.nan
    weight: float = 1.0
    kind: Literal["head", "subgroup", "total", "prediction"] = "subgroup"
    interaction_p: float | None = None
    reason: str = ""
    counted: str = "events"

    @property
    def counts(self) -> str:
        """Patients and events in words."""
        return f"n {formatting.count(self.n)}, {formatting.count(self.events)} {self.counted}"

    @property
    def has_dot(self) -> bool:
        """Whether there is an estimate to draw."""
        return self.kind != "head" and math.isfinite(self.value) and self.value > 0


def draw(
    lines: Sequence[ForestRow],
    *,
    theme: Theme,
    title: str,
    favours: tuple[str, str],
    stamp: str = "",
    width: Width = "wide",
    simulated: bool = False,
    measure: str = "Hazard ratio",
) -> Drawn:
    """Draw the rows in their order; `favours` says what lies left and what lies right of no effect."""
    if not any(line.has_dot for line in lines):
        message = "No subgroup has enough events for an estimate."
        return template.empty(theme, title=title, message=message, width=width)
    texts = [RowText(name(line, width), numbers(line, width), bold=line.kind != "subgroup") for line in lines]
    places = rows.geometry(texts, width, beside=COUNT_COLUMNS)
    figure = template.frame(
        go.Figure(),
        theme,
        title=title,
        width=width,
        body=places.body,
        left=places.left,
        right=places.right,
        bottom=AXIS_ROOM,
        caption=f"{measure} (95% interval), log axis",
        extra_top=HEAD_ROOM if width == "wide" else 0,
    )
    rows.add_texts(figure, texts, places, theme)
    low, high = axis_range(lines)
    _add_axis(figure, theme, low, high, favours, width, places)
    if width == "wide":
        _add_counts(figure, lines, places, theme, measure)
    heaviest = max(line.weight for line in lines if line.has_dot)
    for row, line in enumerate(lines):
        if line.has_dot:
            _add_estimate(figure, line, places.at(row), theme, (low, high), heaviest)
    template.stamp(figure, stamp, simulated, theme=theme)
    return Drawn(figure, _alt(lines, measure, simulated))


def name(line: ForestRow, width: Width) -> str:
    """The words on the left; on a narrow page with n and events."""
    if line.kind == "head" or width == "wide":
        return line.label
    return f"{line.label}, {line.counts}"


def numbers(line: ForestRow, width: Width = "wide") -> str:
    """The words on the right: the estimate, why there is none (a narrow page has no room for a long reason, which
    stands in the table), or the variable's interaction p.
    """
    if line.kind == "head":
        return "" if line.interaction_p is None else formatting.p_phrase(line.interaction_p, "interaction p")
    if not line.has_dot:
        fits = width == "wide" or len(line.reason) <= REASON_COLUMNS
        return (line.reason if fits else "") or formatting.NOT_ESTIMABLE
    if line.kind == "prediction":
        return f"{formatting.ratio(line.lower)} to {formatting.ratio(line.upper)}"
    return formatting.ratio_interval(line.value, line.lower, line.upper)


def axis_range(lines: Sequence[ForestRow]) -> tuple[float, float]:
    """The axis around 1 that holds all limits, as far as it is readable."""
    shown = [number for line in lines if line.has_dot for number in (line.value, line.lower, line.upper)]
    finite = [number for number in shown if math.isfinite(number) and number > 0]
    low = min([LEAST_RANGE[0], *(number * 0.9 for number in finite)])
    high = max([LEAST_RANGE[1], *(number * 1.1 for number in finite)])
    return max(low, WIDEST_RANGE[0]), min(high, WIDEST_RANGE[1])


def _add_axis(
    figure: go.Figure,
    theme: Theme,
    low: float,
    high: float,
    favours: tuple[str, str],
    width: Width,
    places: Geometry,
) -> None:
    ticks = [tick for tick in _TICKS if low <= tick <= high]
    figure.update_xaxes(
        type="log",
        range=[math.log10(low), math.log10(high)],
        tickvals=ticks,
        ticktext=[f"{tick:g}" for tick in ticks],
        showline=True,
        ticks="outside",
        ticklen=4,
    )
    figure.add_scatter(
        x=[1, 1], y=[0, places.rows], mode="lines", line={"width": 1, "color": theme.line}, name="no effect",
        hoverinfo="skip",
    )  # fmt: skip
    for side, anchor, arrow in zip(favours, ("left", "right"), ("← {}", "{} →"), strict=True):
        words = "<br>".join(safe(part) for part in wrap(arrow.format(side), FAVOURS_COLUMNS[width]))
        figure.add_annotation(
            text=words,
            name="favours",
            showarrow=False,
            xref="paper",
            x=0 if anchor == "left" else 1,
            xanchor=anchor,
            yref="paper",
            y=0,
            yanchor="top",
            yshift=-24,
            align=anchor,
            font={"size": 11, "color": theme.muted_text},
        )


def _add_counts(figure: go.Figure, lines: Sequence[ForestRow], places: Geometry, theme: Theme, measure: str) -> None:
    """n and events in two columns beside the names, under heads that also name the numbers at the right."""
    counted = lines[-1].counted
    beside = 8 + max(52.0, text_width(counted, 11) + EDGE)
    columns = [("n", [line.n for line in lines], beside), (counted, [line.events for line in lines], 8.0)]
    notes: list[Annotation] = []
    for head, counts, shift in columns:
        notes.append(_column_text(head, 0, -shift, theme, head=True))
        for row, (line, number) in enumerate(zip(lines, counts, strict=True)):
            if line.kind != "head":
                notes.append(_column_text(formatting.count(number), places.at(row), -shift, theme))
    annotate(figure, notes)
    template.note(figure, f"{safe(measure)} (95%)", theme, right=EDGE, above=HEAD_ROOM / 2, size=11, name="head")


def _column_text(text: str, y: float, shift: float, theme: Theme, *, head: bool = False) -> Annotation:
    return {
        "text": text,
        "name": "head" if head else "count",
        "xref": "paper",
        "x": 0,
        "xanchor": "right",
        "xshift": shift,
        "yref": "y",
        "y": y,
        "yanchor": "middle",
        "yshift": HEAD_ROOM / 2 if head else 0,
        "font": {"size": 11 if head else template.TEXT_SIZE, "color": theme.muted_text if head else theme.text},
    }


def _add_estimate(
    figure: go.Figure, line: ForestRow, y: float, theme: Theme, ends: tuple[float, float], heaviest: float
) -> None:
    """Interval (an arrow where it leaves the axis) and dot; the total is a diamond."""
    lower = line.lower if line.lower > 0 else ends[0] / 2
    upper = line.upper if math.isfinite(line.upper) else ends[1] * 2
    figure.add_scatter(
        x=[max(lower, ends[0]), min(upper, ends[1])],
        y=[y, y],
        mode="lines+markers",
        line={"width": 2, "color": theme.accent},
        marker={
            "symbol": ["triangle-left", "triangle-right"],
            "size": [8 if lower < ends[0] else 0, 8 if upper > ends[1] else 0],
            "color": theme.accent,
            "opacity": 1,
        },
        name=f"{line.label}: interval",
        cliponaxis=False,
        hoverinfo="skip",
    )
    if line.kind == "prediction":
        return
    size = SMALLEST + (LARGEST - SMALLEST) * math.sqrt(max(line.weight, 0) / heaviest if heaviest > 0 else 1)
    hover = f"{safe(numbers(line))}<br>{line.counts}"
    figure.add_scatter(
        x=[line.value],
        y=[y],
        mode="markers",
        marker={"symbol": "diamond" if line.kind == "total" else "square", "size": size, "color": theme.accent},
        name=line.label,
        hovertemplate=f"{hover}<extra>{safe(line.label)}</extra>",
    )


def _alt(lines: Sequence[ForestRow], measure: str, simulated: bool) -> str:
    words = "; ".join(
        f"{line.label}{': ' if numbers(line) else ''}{numbers(line)}"
        + ("" if line.kind == "head" else f", {line.counts}")
        for line in lines
    )
    return f"{'Simulated data. ' if simulated else ''}{measure} per subgroup with 95% interval. {words}."
