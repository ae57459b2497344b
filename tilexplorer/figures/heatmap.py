"""Response rate by level and by a second group: rate and x/n in every cell, x/n alone where n is below five."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import plotly.graph_objects as go

from tilexplorer import formatting
from tilexplorer.figures import rows, template
from tilexplorer.figures.annotations import Annotation, annotate
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.labels import LINE_HEIGHT, safe, text_width, wrap, wrapped
from tilexplorer.figures.palette import Theme, mix, text_on
from tilexplorer.figures.template import EDGE, TEXT_SIZE, Width

ROW_HEIGHT: Final = 46  # two lines of text [px]
NAME_COLUMNS: Final[dict[Width, int]] = {"wide": 30, "narrow": 15}
HEAD_COLUMNS: Final[dict[Width, int]] = {"wide": 72, "narrow": 37}  # of all heads together


@dataclass(frozen=True, slots=True)
class Cell:
    """Responders of n patients."""

    responders: int
    n: int

    @property
    def rate(self) -> float:
        """The rate, NaN below five patients: then it is no percentage and has no colour."""
        return self.responders / self.n if self.n >= formatting.RATE_FROM_N else math.nan


def draw(
    cells: Mapping[tuple[str, str], Cell],
    row_names: Sequence[str],
    column_names: Sequence[str],
    *,
    theme: Theme,
    title: str,
    stamp: str = "",
    width: Width = "wide",
    simulated: bool = False,
    measure: str = "Objective response rate",
    of: str = "responders of patients",
) -> Drawn:
    """Draw the cells (row, column) -> counts, in the order of the names; a missing cell has no patient.

    `of` says what is counted.
    """
    if not any(cell.n for cell in cells.values()):
        return template.empty(theme, title=title, message="No patient of this selection has a response.", width=width)
    grid = [[cells.get((row, column), Cell(0, 0)) for column in column_names] for row in row_names]
    rates = np.array([[cell.rate for cell in line] for line in grid], dtype=float)
    highest = _end(rates)
    left, head = _room(row_names, column_names, width)
    figure = template.frame(
        go.Figure(),
        theme,
        title=title,
        width=width,
        body=ROW_HEIGHT * len(row_names),
        left=left,
        right=EDGE,
        bottom=EDGE,
        caption=f"{measure} (%), {of}",
        extra_top=head,
    )
    figure.add_trace(_tiles(rates, grid, row_names, column_names, theme, highest))
    _add_words(figure, grid, rates, theme, highest)
    _add_names(figure, row_names, column_names, width)
    template.stamp(figure, stamp, simulated, theme=theme)
    return Drawn(figure, _alt(grid, row_names, column_names, measure, simulated))


def words(cell: Cell) -> str:
    """The text of a cell: rate over x/n, x/n, or "no patient"."""
    if not cell.n:
        return "no patient"
    share = formatting.out_of(cell.responders, cell.n)
    return share if math.isnan(cell.rate) else f"<b>{formatting.percent(cell.rate, cell.n)}</b><br>{share}"


def fill(rate: float, theme: Theme, highest: float) -> str:
    """The colour of a rate; the ground where there is none."""
    return theme.ground if math.isnan(rate) else mix(*theme.ramp, rate / highest)


def _tiles(
    rates: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    grid: Sequence[Sequence[Cell]],
    row_names: Sequence[str],
    column_names: Sequence[str],
    theme: Theme,
    highest: float,
) -> go.Heatmap:
    hover = [
        [
            f"{safe(row)}, {safe(column)}<br>{formatting.rate(cell.responders, cell.n) if cell.n else words(cell)}"
            for column, cell in zip(column_names, line, strict=True)
        ]
        for row, line in zip(row_names, grid, strict=True)
    ]
    return go.Heatmap(
        z=rates,
        x=list(range(len(column_names))),
        y=list(range(len(row_names))),
        zmin=0,
        zmax=highest,
        colorscale=[[0, theme.ramp[0]], [1, theme.ramp[1]]],
        showscale=False,
        xgap=2,
        ygap=2,
        hoverongaps=False,
        text=hover,
        hovertemplate="%{text}<extra></extra>",
    )


def _add_words(
    figure: go.Figure,
    grid: Sequence[Sequence[Cell]],
    rates: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    theme: Theme,
    highest: float,
) -> None:
    notes: list[Annotation] = []
    for row, line in enumerate(grid):
        for column, cell in enumerate(line):
            ground = fill(float(rates[row, column]), theme, highest)
            font = {"size": TEXT_SIZE, "color": text_on(ground) if cell.n else theme.muted_text}
            notes.append({"text": words(cell), "name": "cell", "x": column, "y": row, "font": font})
    annotate(figure, notes)


def _add_names(figure: go.Figure, row_names: Sequence[str], column_names: Sequence[str], width: Width) -> None:
    figure.update_xaxes(
        tickvals=list(range(len(column_names))),
        ticktext=[wrapped(name, _head_columns(len(column_names), width)) for name in column_names],
        side="top",
        tickfont={"size": 11},
        showgrid=False,
        range=[-0.5, len(column_names) - 0.5],
    )
    figure.update_yaxes(
        tickvals=list(range(len(row_names))),
        ticktext=[wrapped(name, NAME_COLUMNS[width]) for name in row_names],
        showgrid=False,
        ticklabelstandoff=6,
        range=[len(row_names) - 0.5, -0.5],
    )


def _room(row_names: Sequence[str], column_names: Sequence[str], width: Width) -> tuple[float, float]:
    """The left margin and the height of the columns' heads [px]."""
    names = [line for name in row_names for line in wrap(name, NAME_COLUMNS[width])]
    left = 2 * EDGE + 6 + max(text_width(line, TEXT_SIZE) * rows.SLACK for line in names)
    lines = max(len(wrap(name, _head_columns(len(column_names), width))) for name in column_names)
    return left, lines * TEXT_SIZE * LINE_HEIGHT + EDGE


def _head_columns(columns: int, width: Width) -> int:
    return max(5, HEAD_COLUMNS[width] // columns)


def _end(rates: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> float:
    """The rate of the strongest colour: the highest one, up to the next ten per cent."""
    known = rates[np.isfinite(rates)]
    return min(1.0, max(0.1, math.ceil(float(known.max()) * 10) / 10)) if len(known) else 1.0


def _alt(
    grid: Sequence[Sequence[Cell]],
    row_names: Sequence[str],
    column_names: Sequence[str],
    measure: str,
    simulated: bool,
) -> str:
    text = "; ".join(
        f"{row}, {column}: {formatting.rate(cell.responders, cell.n)}"
        for row, line in zip(row_names, grid, strict=True)
        for column, cell in zip(column_names, line, strict=True)
        if cell.n
    )
    return f"{'Simulated data. ' if simulated else ''}{measure} per cell. {text}."
