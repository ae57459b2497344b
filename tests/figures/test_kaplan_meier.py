"""Survival curves: what is drawn is what was given."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
import pytest

from tests.figures.views import curve, patients, survival_figure_inputs
from tilexplorer.figures import end_labels, kaplan_meier, risk_table
from tilexplorer.figures.kaplan_meier import CurveView
from tilexplorer.figures.palette import DARK, LIGHT
from tilexplorer.figures.steps import Steps, at, between, from_zero, only_changes
from tilexplorer.timescale import DAYS_PER_MONTH, risk_times, ticks

CURVES, RISK = survival_figure_inputs()


def draw(curves: list[CurveView] | None = None, **options: object) -> go.Figure:
    settings: dict[str, object] = {"theme": LIGHT, "title": "T", **options}
    return kaplan_meier.draw(curves or CURVES, RISK, **settings).figure  # type: ignore[arg-type]


def traces(figure: go.Figure, kind: str) -> list[go.Scatter]:
    return [trace for trace in figure.data if trace.legendgroup == kind]


def drawn_at(figure: go.Figure, label: str, times: np.ndarray) -> np.ndarray:
    """The survival that the drawn steps of a curve show just after each time [d]."""
    parts = [trace for trace in traces(figure, "curve") if trace.name == label]
    x = np.concatenate([np.asarray(part.x, dtype=float) for part in parts]) * DAYS_PER_MONTH
    y = np.concatenate([np.asarray(part.y, dtype=float) for part in parts])
    return y[np.searchsorted(x, times + 0.1, side="right") - 1]


@pytest.mark.parametrize("tail", ["grey", "full"])
def test_the_drawn_steps_are_the_given_curve(tail: str) -> None:
    figure = draw(tail=tail)
    for given in CURVES:
        assert drawn_at(figure, given.label, given.time_days) == pytest.approx(given.survival, abs=1e-9)
    assert all(trace.line.shape == "hv" and trace.line.dash is None for trace in traces(figure, "curve"))


def test_the_axes_are_those_of_the_law() -> None:
    layout = draw().layout
    longest = max(float(given.time_days[-1]) for given in CURVES) / DAYS_PER_MONTH
    assert layout.xaxis.range == layout.xaxis2.range == pytest.approx((-0.04 * longest, longest))
    assert layout.yaxis.range[0] == 0
    assert layout.yaxis.ticktext[-1] == "100%"
    assert layout.xaxis.title.text == "Months"
    assert draw(months=False).layout.xaxis.title.text == "Days"


def test_the_tail_is_grey_or_cut() -> None:
    for given in CURVES:
        head, tail = (trace for trace in traces(draw(), "curve") if trace.name == given.label)
        assert (head.line.color, tail.line.color) == (LIGHT.level(given.label).colour, LIGHT.tail)
        assert head.x[-1] == tail.x[0] == pytest.approx(given.tail_from_days / DAYS_PER_MONTH)
    cut = draw(tail="cut").layout.xaxis.range[1]
    assert cut == pytest.approx(max(given.tail_from_days for given in CURVES) / DAYS_PER_MONTH)


def test_the_band_holds_the_limits_at_fifteen_per_cent() -> None:
    figure = draw([CURVES[0]], tail="full")
    lower, upper = traces(figure, "band")
    kept = only_changes(from_zero(Steps.of(CURVES[0])))
    known = np.isfinite(kept.lower)
    assert np.asarray(lower.y) == pytest.approx(kept.lower[known], abs=1e-6)
    assert np.asarray(upper.y) == pytest.approx(kept.upper[known], abs=1e-6)
    assert upper.fill == "tonexty"
    assert upper.fillcolor.endswith(",0.15)")
    assert traces(draw(band=False), "band") == []


@pytest.mark.parametrize(("censored", "drawn"), [(499, True), (500, False)])
def test_censor_ticks_only_below_five_hundred(censored: int, drawn: bool) -> None:
    given = replace(CURVES[0], censor_times=np.linspace(1, CURVES[0].time_days[-1], censored))
    found = traces(draw([given]), "censored")
    assert sum(len(trace.x) for trace in found) == (censored if drawn else 0)


def test_censor_ticks_stand_on_the_curve_and_tell_nothing() -> None:
    (ticks_drawn,) = traces(draw([CURVES[0]], tail="full"), "censored")
    steps = Steps.of(CURVES[0])
    assert np.asarray(ticks_drawn.y) == pytest.approx(at(steps, CURVES[0].censor_times), abs=1e-6)
    assert ticks_drawn.hoverinfo == "skip"


def test_a_median_is_a_thin_line_and_one_not_reached_is_none() -> None:
    figure = draw([CURVES[0], replace(CURVES[1], median_days=np.nan)])
    (median,) = traces(figure, "median")
    assert median.x == pytest.approx([CURVES[0].median_days / DAYS_PER_MONTH] * 2)
    assert median.y == (0.5, 0)


def test_the_hover_has_limits_and_numbers_at_risk() -> None:
    line = traces(draw([CURVES[0]], tail="full"), "curve")[0]
    assert "at risk" in line.text[3]
    assert " to " in line.text[3]
    assert "%{y" in line.hovertemplate
    assert "at risk" not in traces(draw([replace(CURVES[0], at_risk=None)]), "curve")[0].text[3]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_the_table_has_the_given_numbers_in_the_groups_colours(theme: object) -> None:
    figure = draw(theme=theme)
    numbers = [trace for trace in figure.data if trace.mode == "text"]
    assert len(numbers) == 3
    columns = len(figure.layout.xaxis.tickvals)
    assert columns <= 6
    for group, trace in enumerate(numbers):
        assert trace.cliponaxis is False
        assert trace.x[:columns] == figure.layout.xaxis.tickvals
        shown = [text.replace("\u2009", "") for text in trace.text]
        given = [table[group][:columns] for table in (RISK.at_risk, RISK.censored, RISK.events)]
        assert shown == [str(number) for row in given for number in row]
        label = [note for note in figure.layout.annotations if note.name == "group"][group]
        assert trace.textfont.color == label.font.color == theme.level(RISK.labels[group]).text  # type: ignore[attr-defined]


def test_a_row_is_eighteen_pixels() -> None:
    layout = draw().layout
    low, high = layout.yaxis2.domain
    rows = layout.yaxis2.range[0] - layout.yaxis2.range[1]
    assert (high - low) * layout.meta["body"] / rows == pytest.approx(18)
    low, high = layout.yaxis.domain
    assert (high - low) * layout.meta["body"] == pytest.approx(kaplan_meier.BODY["wide"])


def test_small_multiples_have_the_at_risk_row_alone() -> None:
    figure = draw(rows="at_risk", longest_days=1200.0)
    numbers = [trace for trace in figure.data if trace.mode == "text"]
    assert [len(trace.text) for trace in numbers] == [len(figure.layout.xaxis.tickvals)] * 3
    assert figure.layout.xaxis.range[1] == pytest.approx(1200 / DAYS_PER_MONTH)
    assert "desert" in figure.layout.yaxis2.ticktext[0]
    assert not [trace for trace in draw(rows="none").data if trace.mode == "text"]


def test_more_than_six_columns_are_thinned_and_hidden_counts_are_dashes() -> None:
    times = np.arange(0, 700, 60.0)
    counts = np.full((3, len(times)), 7.0)
    counts[0, 0] = np.nan
    risk = risk_table.RiskView(RISK.labels, times, counts, counts, counts)
    figure = kaplan_meier.draw(CURVES, risk, theme=LIGHT, title="T").figure
    assert len(figure.layout.xaxis.tickvals) == 6
    assert next(trace for trace in figure.data if trace.mode == "text").text[0] == "–"


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_end_labels_do_not_overlap(width: str) -> None:
    names = ["Melanoma", "Renal clear cell carcinoma", "Bladder urothelial carcinoma", "Lung adenocarcinoma"]
    curves = [curve(name, *patients(40, 700, seed)) for seed, name in enumerate(names)]
    risk = survival_figure_inputs({name: patients(40, 700, seed) for seed, name in enumerate(names)})[1]
    figure = kaplan_meier.draw(curves, risk, theme=LIGHT, title="T", width=width).figure  # type: ignore[arg-type]
    height = kaplan_meier.BODY[width]  # type: ignore[index]
    labels = [note for note in figure.layout.annotations if note.name == "end label"]
    halves = [part / 2 for part in end_labels.heights(names, width)]  # type: ignore[arg-type]
    boxes = sorted(
        (label.y * height - half, label.y * height + half) for label, half in zip(labels, halves, strict=True)
    )
    assert len(boxes) == 4
    assert all(below[1] <= above[0] + 1e-6 for below, above in pairwise(boxes))
    assert [marker.marker.symbol for marker in traces(figure, "marker")] == [
        "circle",
        "square",
        "triangle-up",
        "diamond",
    ]


def test_leaving_out_censorings_changes_nothing() -> None:
    steps = from_zero(Steps.of(CURVES[2]))
    kept = only_changes(steps)
    assert len(kept.time) < len(steps.time)
    assert at(kept, steps.time) == pytest.approx(at(steps, steps.time), abs=0)
    assert kept.time[-1] == steps.time[-1]


def test_pieces_of_a_curve_meet() -> None:
    steps = Steps(*(np.array(part) for part in ([0.0, 2, 5, 9], [1, 0.8, 0.5, 0.2], [1] * 4, [1] * 4, [4] * 4)))
    first, second = between(steps, 0, 5), between(steps, 5, np.inf)
    assert first.time.tolist() == [0, 2, 5]
    assert first.survival.tolist() == [1, 0.8, 0.8]
    assert second.time.tolist() == [5, 5, 9]
    assert second.survival.tolist() == [0.8, 0.5, 0.2]
    assert between(steps, 0, 20).survival.tolist() == [1, 0.8, 0.5, 0.2]


@pytest.mark.parametrize(
    ("longest", "expected"),
    [(14.0, [0, 3, 6, 9, 12]), (30.0, [0, 6, 12, 18, 24, 30]), (36.1, [0, 12, 24, 36]), (0.0, [0]), (2.0, [0])],
)
def test_ticks_are_round_months(longest: float, expected: list[float]) -> None:
    assert ticks(longest) == expected
    assert risk_times(longest * DAYS_PER_MONTH) == pytest.approx([tick * DAYS_PER_MONTH for tick in expected])
