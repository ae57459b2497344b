"""The ground every figure stands on: fonts, margins in pixels, title, stamp, watermark, empty state, toolbar.

Nothing relies on plotly's default template (Streamlit replaces it by placeholder colours), and no axis grows its own
margin: all geometry is in pixels from the figure's height and margins, so that it holds at 390 and at 1440 pixels.
A page shows these figures with `st.plotly_chart(..., theme=None)`.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import plotly.graph_objects as go

from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.labels import LINE_HEIGHT, safe, wrap, wrapped
from tilexplorer.figures.palette import Theme, alpha

Width = Literal["wide", "narrow"]

FONT: Final = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
TEXT_SIZE: Final = 12
SMALL_SIZE: Final = 10
EDGE: Final = 8  # between the figure's rim and its words [px]
TITLE_SIZE: Final[dict[Width, int]] = {"wide": 16, "narrow": 14}
TITLE_COLUMNS: Final[dict[Width, int]] = {"wide": 84, "narrow": 39}
STAMP_COLUMNS: Final = 64  # fits into 390 pixels in small print
CAPTION_SIZE: Final = 11
CAPTION_COLUMNS: Final[dict[Width, int]] = {"wide": 120, "narrow": 56}
CAPTION_ROOM: Final = 24  # one line above the axes: what is drawn, in which unit [px]
SIMULATED: Final = "SIMULATED"
WATERMARK_DEPTH: Final = 130  # its middle below the upper end of the axes: on the curve, not on the table [px]


def template(theme: Theme) -> go.layout.Template:
    """Fonts, ground, hair lines and hover of a theme."""
    axis: dict[str, Any] = {
        "gridcolor": theme.hair,
        "linecolor": theme.line,
        "zeroline": False,
        "automargin": False,
        "ticks": "",
        "tickfont": {"size": TEXT_SIZE, "color": theme.text},
        "title": {"font": {"size": TEXT_SIZE, "color": theme.muted_text}, "standoff": 6},
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": TEXT_SIZE, "color": theme.text},
            "paper_bgcolor": theme.ground,
            "plot_bgcolor": theme.ground,
            "colorway": list(theme.categories),
            "xaxis": axis,
            "yaxis": axis,
            "hovermode": "closest",
            "hoverlabel": {
                "bgcolor": theme.ground,
                "bordercolor": theme.line,
                "font": {"family": FONT, "size": TEXT_SIZE, "color": theme.text},
                "align": "left",
                "namelength": -1,
            },
            "showlegend": False,
            "dragmode": False,
        }
    )


def frame(
    figure: go.Figure,
    theme: Theme,
    *,
    title: str,
    width: Width,
    body: float,
    left: float,
    right: float,
    bottom: float,
    caption: str = "",
    extra_top: float = 0,
) -> go.Figure:
    """Give a figure its theme, its title and its size.

    Parameters
    ----------
    title : a statement; empty where the page prints it itself.
    body, left, right, bottom : height of the axes and the margins around them [px].
    caption : what the axes show and in which unit, in small print above them.
    extra_top : room between the caption and the axes [px], for a legend or for column heads.
    """
    lines = wrap(title, TITLE_COLUMNS[width]) if title else []
    title_room = len(lines) * TITLE_SIZE[width] * LINE_HEIGHT + (EDGE if lines else 0)
    notes = wrap(caption, CAPTION_COLUMNS[width]) if caption else []
    caption_room = CAPTION_ROOM + (len(notes) - 1) * CAPTION_SIZE * LINE_HEIGHT if notes else EDGE
    top = EDGE + title_room + caption_room + extra_top
    figure.layout.template = template(theme)
    figure.update_layout(
        margin={"l": left, "r": right, "t": top, "b": bottom, "pad": 0, "autoexpand": False},
        height=top + body + bottom,
        meta={"body": body},
    )
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(fixedrange=True)
    if lines:
        _title(figure, lines, theme, TITLE_SIZE[width])
    if notes:
        text = "<br>".join(safe(line) for line in notes)
        note(figure, text, theme, left=EDGE, above=extra_top + caption_room / 2, size=CAPTION_SIZE, name="caption")
    return figure


def note(
    figure: go.Figure,
    text: str,
    theme: Theme,
    *,
    left: float | None = None,
    right: float | None = None,
    above: float | None = None,
    below: float = 0,
    size: int = TEXT_SIZE,
    colour: str = "",
    name: str = "note",
) -> None:
    """Write into the margin: at `left` or `right` pixels from that rim, `above` the axes or `below` them [px]."""
    margin = figure.layout.margin
    at_right = right is not None
    figure.add_annotation(
        text=text,
        name=name,
        showarrow=False,
        xref="paper",
        yref="paper",
        x=1 if at_right else 0,
        xanchor="right" if at_right else "left",
        xshift=margin.r - right if right is not None else (left or 0) - margin.l,
        y=0 if above is None else 1,
        yanchor="top" if above is None else "middle",
        yshift=-below if above is None else above,
        align="right" if at_right else "left",
        font={"size": size, "color": colour or theme.muted_text},
    )


def stamp(figure: go.Figure, text: str, simulated: bool, *, theme: Theme) -> go.Figure:
    """Print method, n, events, rule and generation under a figure, and SIMULATED across it where it is.

    The figure grows downwards by as many lines as the text takes; call it last, once.
    """
    words = f"{SIMULATED} DATA, no real patient. {text}".strip() if simulated else text
    words = words.replace(" = ", "\u00a0=\u00a0")  # "n = 348" does not break
    if words:
        below = figure.layout.margin.b
        room = len(wrap(words, STAMP_COLUMNS)) * SMALL_SIZE * LINE_HEIGHT + EDGE
        note(figure, wrapped(words, STAMP_COLUMNS), theme, left=EDGE, below=below, size=SMALL_SIZE, name="stamp")
        figure.update_layout(
            margin_b=below + room + EDGE,
            height=figure.layout.height + room + EDGE,
        )
    if simulated:
        _watermark(figure, theme)
    return figure


def config(name: str, image: Literal["svg", "png"] = "svg") -> dict[str, Any]:
    """The configuration that a page hands to `st.plotly_chart(config=...)`: one quiet button that saves the picture.

    A button of our own would need JavaScript, which no configuration can carry, so the picture is either SVG or PNG
    (at twice the screen's resolution).
    """
    options: dict[str, Any] = {"format": image, "filename": name}
    if image == "png":
        options["scale"] = 2
    return {
        "displaylogo": False,
        "responsive": True,
        "scrollZoom": False,
        "doubleClick": False,
        "showTips": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": options,
    }


def empty(theme: Theme, *, title: str, message: str, width: Width = "wide") -> Drawn:
    """The designed empty state: no axes, one sentence that says what is missing and why."""
    figure = frame(
        go.Figure(), theme, title=title, width=width, body=140, left=EDGE, right=EDGE, bottom=EDGE, caption=""
    )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(
        text=wrapped(message, 48),
        name="empty",
        showarrow=False,
        xref="paper",
        yref="paper",
        x=0.5,
        y=0.5,
        font={"size": TEXT_SIZE + 1, "color": theme.muted_text},
    )
    return Drawn(figure, f"{title}. {message}".removeprefix(". "))


def _title(figure: go.Figure, lines: list[str], theme: Theme, size: int) -> None:
    """An annotation, since plotly lets a title of several lines grow out of the figure's upper rim."""
    figure.add_annotation(
        text="<b>" + "<br>".join(safe(line) for line in lines) + "</b>",
        name="title",
        showarrow=False,
        xref="paper",
        yref="paper",
        x=0,
        xanchor="left",
        xshift=EDGE - figure.layout.margin.l,
        y=1,
        yanchor="top",
        yshift=figure.layout.margin.t - EDGE,
        align="left",
        font={"size": size, "color": theme.text},
    )


def _watermark(figure: go.Figure, theme: Theme) -> None:
    """Large and faint, across the upper part of the axes; small enough for 390 pixels."""
    figure.add_annotation(
        text=SIMULATED,
        name="watermark",
        showarrow=False,
        xref="paper",
        yref="paper",
        x=0.5,
        y=1,
        yanchor="middle",
        yshift=-min(figure.layout.meta["body"] / 2, WATERMARK_DEPTH),
        textangle=-20,
        font={"size": 34, "color": alpha(theme.text, 0.16)},
    )
