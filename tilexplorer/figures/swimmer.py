"""A swimmer plot: one lane per patient, from the start of the clock to death or last follow-up, with what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import plotly.graph_objects as go

from tilexplorer import formatting
from tilexplorer.figures import key, template
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.palette import RESPONSE_ORDER, Style, Theme
from tilexplorer.figures.template import EDGE, Width
from tilexplorer.timescale import DAYS_PER_MONTH, risk_times

LANE: Final = 9.0  # height of a lane [px]
THIN: Final = 1.5  # line of a patient whose response could not be judged [px]
LEAST_BODY: Final = 60.0
NO_RESPONSE: Final = "response not recorded"
# Words, marker and trace of what can happen, in the order of the key.
MARKS: Final = (
    ("biopsy on treatment", "diamond"),
    ("progression", "x"),
    ("death", "circle"),
    ("alive at last follow-up", "circle-open"),
)


@dataclass(frozen=True, slots=True)
class Swimmer:
    """One patient's times [days from the start of the clock]; None for what did not happen or is not recorded."""

    follow_up: float
    died: bool
    response: str = ""
    progression: float | None = None
    biopsies: tuple[float, ...] = ()


def draw(
    swimmers: Sequence[Swimmer],
    *,
    theme: Theme,
    title: str,
    total: int,
    stamp: str = "",
    width: Width = "wide",
    simulated: bool = False,
) -> Drawn:
    """Draw the lanes in the given order from the top; `total` patients could have been drawn."""
    if not swimmers:
        message = "No patient of this selection has a survival time."
        return template.empty(theme, title=title, message=message, width=width)
    entries = _key(swimmers, theme)
    few = f", {len(swimmers)} of {formatting.count(total)} patients, evenly chosen" if total > len(swimmers) else ""
    figure = template.frame(
        go.Figure(),
        theme,
        title=title,
        width=width,
        body=max(LEAST_BODY, LANE * (len(swimmers) + 1)),
        left=2 * EDGE,
        right=2 * EDGE,
        bottom=44,
        caption=f"One line for each patient{few}; colour: best response",
        extra_top=key.height(entries, width),
    )
    key.add(figure, entries, theme, width)
    for response in dict.fromkeys(swimmer.response for swimmer in swimmers):
        _add_lanes(figure, swimmers, response, _style(response, theme))
    _add_marks(figure, swimmers, theme)
    longest = max(swimmer.follow_up for swimmer in swimmers)
    ticks = risk_times(longest)
    figure.update_xaxes(
        range=[-0.01 * longest, 1.03 * longest],
        tickvals=ticks,
        ticktext=[f"{day / DAYS_PER_MONTH:.0f}" for day in ticks],
        title_text="Months",
    )
    figure.update_yaxes(range=[len(swimmers), -1], showticklabels=False, showgrid=False)
    template.stamp(figure, stamp, simulated, theme=theme)
    return Drawn(figure, _alt(swimmers, total, simulated))


def _style(response: str, theme: Theme) -> Style:
    return theme.response(response) if response in theme.responses else theme.neutral


def _key(swimmers: Sequence[Swimmer], theme: Theme) -> list[key.Entry]:
    there = {swimmer.response for swimmer in swimmers}
    entries: list[key.Entry] = [
        ("bar", theme.response(r), "NE (thin)" if r == "NE" else r) for r in RESPONSE_ORDER if r in there
    ]
    if there - set(RESPONSE_ORDER):
        entries.append(("bar", theme.neutral, NO_RESPONSE))
    ink = Style(theme.text, theme.text, "circle")
    happened = {
        "biopsy on treatment": any(s.biopsies for s in swimmers),
        "progression": any(s.progression is not None for s in swimmers),
        "death": any(s.died for s in swimmers),
        "alive at last follow-up": not all(s.died for s in swimmers),
    }
    return entries + [(marker, ink, words) for words, marker in MARKS if happened[words]]


def _add_lanes(figure: go.Figure, swimmers: Sequence[Swimmer], response: str, style: Style) -> None:
    """The lanes of one response category in one trace, with gaps between them; hovering names no patient."""
    x: list[float | None] = []
    y: list[float | None] = []
    for place, swimmer in enumerate(swimmers):
        if swimmer.response == response:
            x += [0.0, swimmer.follow_up, None]
            y += [place, place, None]
    # Not evaluable has the grey of stable disease and is told apart by a thin line, as the key says.
    line = {"width": THIN if response == "NE" else LANE * 0.5, "color": style.colour}
    figure.add_scatter(x=x, y=y, mode="lines", line=line, name=response or NO_RESPONSE, hoverinfo="skip")


def _add_marks(figure: go.Figure, swimmers: Sequence[Swimmer], theme: Theme) -> None:
    places = {
        "biopsy on treatment": [(day, i) for i, s in enumerate(swimmers) for day in s.biopsies if day <= s.follow_up],
        "progression": [(s.progression, i) for i, s in enumerate(swimmers) if s.progression is not None],
        "death": [(s.follow_up, i) for i, s in enumerate(swimmers) if s.died],
        "alive at last follow-up": [(s.follow_up, i) for i, s in enumerate(swimmers) if not s.died],
    }
    for words, marker in MARKS:
        figure.add_scatter(
            x=[x for x, _ in places[words]],
            y=[y for _, y in places[words]],
            mode="markers",
            marker={"symbol": marker, "size": LANE * 0.8, "color": theme.text, "line": {"width": 1}},
            name=words,
            customdata=[[formatting.months(x)] for x, _ in places[words]],
            hovertemplate=f"{words} at %{{customdata[0]}} months<extra></extra>",
            cliponaxis=False,
        )


def _alt(swimmers: Sequence[Swimmer], total: int, simulated: bool) -> str:
    died = sum(swimmer.died for swimmer in swimmers)
    times = [swimmer.follow_up for swimmer in swimmers]
    return (
        f"{'Simulated data. ' if simulated else ''}Swimmer plot of {len(swimmers)} of {total} patients: {died} died, "
        f"followed for {formatting.months(min(times))} to {formatting.months(max(times))} months."
    )
