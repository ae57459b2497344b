"""Rates, breakdown, forest, flow: rows of words, marks and numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go
import pytest

from tests.figures.every import FOREST, RATES, RESPONSES, STEPS
from tilexplorer.figures import breakdown, flow, forest, rates
from tilexplorer.figures.palette import LIGHT

FAVOURS = ("longer survival when inflamed", "longer survival when desert")


def words(figure: go.Figure, name: str) -> list[str]:
    found = (note.text for note in figure.layout.annotations if note.name == name)
    return [text.removeprefix("<b>").removesuffix("</b>") for text in found]


def named(figure: go.Figure, names: Sequence[str]) -> list[go.Scatter]:
    return [trace for trace in figure.data if trace.name in names]


def test_a_rate_is_a_dot_with_its_limits() -> None:
    figure = rates.draw(RATES, theme=LIGHT, title="T").figure
    dots = named(figure, ["desert", "excluded", "inflamed"])
    assert [dot.name for dot in dots] == ["desert", "excluded"]  # 1/3 is no percentage
    for dot, given in zip(dots, RATES, strict=False):
        assert dot.x[0] == given.rate
        assert dot.x[0] - dot.error_x.arrayminus[0] == pytest.approx(given.lower)
        assert dot.x[0] + dot.error_x.array[0] == pytest.approx(given.upper)
        assert dot.marker.color == LIGHT.level(given.label).colour
    assert words(figure, "row right") == ["16% (8 to 26%), 12/76", "18% (12 to 26%), 24/134", "1/3"]
    assert figure.layout.xaxis.range == (0, 0.3)


def test_a_rate_of_one_hundred_per_cent_stays_on_the_axis() -> None:
    whole = [rates.RateView("low", "low", 9, 9, 1.0, 0.66, 1.0)]
    assert rates.draw(whole, theme=LIGHT, title="T").figure.layout.xaxis.range == (0, 1)


def test_responses_are_stacked_from_cr_to_ne() -> None:
    figure = breakdown.draw(RESPONSES, theme=LIGHT, title="T").figure
    assert [bar.name for bar in figure.data] == ["CR", "PR", "CRPR", "SD", "SDPD", "PD", "NE"]
    assert figure.layout.barmode == "stack"
    for place, group in enumerate(RESPONSES):
        shares = {bar.name: bar.x[place] for bar in figure.data}
        assert sum(shares.values()) == pytest.approx(1)
        assert shares["PD"] == pytest.approx(group.counts["PD"] / group.n)
    assert figure.data[-1].marker.pattern.shape == "/"
    assert figure.data[0].marker.pattern.shape is None
    assert words(figure, "row right") == ["n = 76", "n = 100"]
    assert words(figure, "row left") == ["PD-L1 &lt;1%", "PD-L1 &gt;=1%"]


def test_a_small_segment_has_its_count_in_the_hover_only() -> None:
    complete = breakdown.draw(RESPONSES, theme=LIGHT, title="T").figure.data[0]
    assert complete.text == ("", "12")
    assert complete.customdata[0] == "3% (2/76)"


def test_a_forest_shows_estimates_as_they_are() -> None:
    figure = forest.draw(FOREST, theme=LIGHT, title="T", favours=FAVOURS).figure
    dots = named(figure, ["All patients", "IC0", "IC2+", "IC1"])
    assert [dot.x[0] for dot in dots] == [0.75, 0.9, 0.5]
    assert [dot.marker.symbol for dot in dots] == ["diamond", "square", "square"]
    sizes = [dot.marker.size for dot in dots]
    assert sizes[0] == sizes[2] == forest.LARGEST
    # A quarter of the weight: half the way from the smallest diameter to the largest one.
    assert sizes[1] == pytest.approx((forest.SMALLEST + forest.LARGEST) / 2)
    assert figure.layout.xaxis.type == "log"
    assert 1 in figure.layout.xaxis.tickvals
    assert words(figure, "row right") == [
        "0.75 (0.61 to 0.92)",
        "interaction p = 0.040",
        "0.90 (0.60 to 1.30)",
        "0.50 (0.01 to 0.80)",
        "fewer than 10 events",
    ]
    assert words(figure, "count") == ["348", "100", "128", "12", "230", "70", "80", "4"]


def test_an_interval_that_leaves_the_axis_ends_in_an_arrow() -> None:
    figure = forest.draw(FOREST, theme=LIGHT, title="T", favours=FAVOURS).figure
    (cut,) = named(figure, ["IC2+: interval"])
    (whole,) = named(figure, ["IC0: interval"])
    assert cut.x == pytest.approx((0.05, 0.8))
    assert [bool(size) for size in cut.marker.size] == [True, False]
    assert whole.x == (0.6, 1.3)
    assert [bool(size) for size in whole.marker.size] == [False, False]


def test_both_sides_are_named_and_a_phone_has_n_and_events_in_the_row() -> None:
    figure = forest.draw(FOREST, theme=LIGHT, title="T", favours=FAVOURS, width="narrow").figure
    left, right = (text.replace("<br>", " ") for text in words(figure, "favours"))
    assert left == "← longer survival when inflamed"
    assert right == "longer survival when desert →"
    assert "IC0, n 100, 70 events" in [text.replace("<br>", " ") for text in words(figure, "row left")]


def test_a_variable_without_an_interaction_test_shows_none() -> None:
    assert forest.numbers(forest.ForestRow("Sex", kind="head")) == ""
    assert forest.numbers(forest.ForestRow("Sex", kind="head", interaction_p=math.nan)) == "interaction p not estimable"


def test_the_flow_adds_up() -> None:
    figure = flow.draw(STEPS, theme=LIGHT, title="T").figure
    assert [bar.x[0] for bar in figure.data] == [step.n for step in STEPS]
    assert [bar.base[0] for bar in figure.data] == [0, 974, 950, 0]
    assert words(figure, "row right") == ["1\u2009284", "−310", "−24", "950"]
    assert words(figure, "row left")[1] == "excluded: no infiltration measured"
