"""Heat map, waterfall, distribution, pairs: values as given, and no patient to be recognised."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.figures.every import CELLS, CHANGES, DENSITIES, PAIRS, SPREAD
from tilexplorer.figures import distribution, heatmap, pairs, waterfall
from tilexplorer.figures.lane import lane
from tilexplorer.figures.palette import DARK, LIGHT, TEXT_CONTRAST, contrast


def test_a_cell_has_its_rate_and_small_or_empty_cells_have_none() -> None:
    figure = heatmap.draw(CELLS, ["Melanoma", "Renal"], ["low", "high"], theme=LIGHT, title="T").figure
    texts = [note.text for note in figure.layout.annotations if note.name == "cell"]
    assert texts == ["<b>25%</b><br>10/40", "<b>60%</b><br>30/50", "1/3", "no patient"]
    rates = np.asarray(figure.data[0].z, dtype=float)
    assert rates[0].tolist() == [0.25, 0.6]
    assert np.isnan(rates[1]).all()
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]  # the first row on top


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_the_words_of_a_cell_can_be_read_on_its_colour(theme: object) -> None:
    figure = heatmap.draw(CELLS, ["Melanoma"], ["low", "high"], theme=theme, title="T").figure  # type: ignore[arg-type]
    for note, rate in zip((n for n in figure.layout.annotations if n.name == "cell"), (0.25, 0.6), strict=True):
        assert contrast(note.font.color, heatmap.fill(rate, theme, 0.6)) >= TEXT_CONTRAST  # type: ignore[arg-type]


def test_a_waterfall_falls_and_ends_at_one_hundred() -> None:
    figure = waterfall.draw(CHANGES, theme=LIGHT, title="T").figure
    bars = [trace for trace in figure.data if trace.type == "bar"]
    heights = dict(pair for bar in bars for pair in zip(bar.x, bar.y, strict=True))
    assert [heights[place] for place in range(6)] == [100, 20, 5, -30, -40, -100]
    assert [bar.marker.color for bar in bars] == [LIGHT.level("desert").colour, LIGHT.level("inflamed").colour]
    limits = [trace.y[0] for trace in figure.data if trace.name.startswith("limit")]
    assert limits == [-30, 0, 20]
    caption = next(note.text for note in figure.layout.annotations if note.name == "caption")
    assert "up to +100%" in caption


def test_bars_have_group_and_change_and_nothing_else() -> None:
    figure = waterfall.draw(CHANGES, theme=LIGHT, title="T").figure
    for bar in (trace for trace in figure.data if trace.type == "bar"):
        assert bar.customdata is None
        assert bar.ids is None
        assert list(bar.x) == sorted(bar.x)
        assert bar.hovertemplate == f"%{{y:+.0f}}%<extra>{bar.name}</extra>"


def test_points_are_the_values_and_zero_has_its_lane() -> None:
    figure = distribution.draw(SPREAD, theme=LIGHT, title="T", measure="m", log=True).figure
    points = next(trace for trace in figure.data if trace.name == "desert")
    y = np.asarray(points.y, dtype=float)
    positive = DENSITIES[DENSITIES > 0]
    assert np.sort(y)[2:] == pytest.approx(np.sort(np.log10(positive)))
    assert np.sort(y)[:2] == pytest.approx([figure.layout.yaxis.tickvals[0]] * 2)
    assert figure.layout.yaxis.ticktext[0] == "0"
    assert y.min() < math.log10(positive.min())
    assert points.hoverinfo == "skip"


def test_the_box_is_as_given() -> None:
    view = SPREAD[0]
    figure = distribution.draw(SPREAD, theme=LIGHT, title="T", measure="m").figure
    box = next(trace for trace in figure.data if trace.name == "desert: quartiles")
    middle = next(trace for trace in figure.data if trace.name == "desert: median")
    assert (min(box.y), max(box.y)) == pytest.approx((view.lower_quartile, view.upper_quartile))
    assert middle.y[0] == pytest.approx(view.median)


def test_at_most_five_hundred_points_and_always_the_same() -> None:
    values = np.arange(2000.0)
    thin = distribution.thinned(values)
    assert len(thin) == 500
    assert (thin[0], thin[-1]) == (0, 1999)
    assert np.array_equal(distribution.jitter(50), distribution.jitter(50))
    assert np.abs(distribution.jitter(500)).max() <= 1


def test_a_lane_without_zeros_or_without_positive_values() -> None:
    assert lane(np.array([1.0, 10.0]), log=True).zero is None
    assert lane(np.array([0.0, 0.0]), log=True).log is False
    assert np.isnan(lane(np.array([1.0, 10.0]), log=True).place([-1.0])[0])


def test_every_pair_is_one_line_and_the_mean_is_as_given() -> None:
    figure = pairs.draw(PAIRS, theme=LIGHT, title="T", measure="m").figure
    lines = next(trace for trace in figure.data if trace.name == "responders")
    y = np.asarray(lines.y, dtype=float).reshape(-1, 3)
    assert len(y) == len(DENSITIES)
    assert np.isnan(y[:, 2]).all()
    positive = y[2:]
    assert positive[:, 1] - positive[:, 0] == pytest.approx(np.full(len(positive), math.log10(2)))
    mean = next(trace for trace in figure.data if "mean" in trace.name)
    assert 10 ** np.asarray(mean.y, dtype=float) == pytest.approx([20, 40])
    assert figure.data.index(mean) > figure.data.index(lines)
    assert lines.hoverinfo == "skip"


def test_half_a_pair_is_no_pair() -> None:
    half = pairs.PairsView("x", "CR", np.array([1.0, np.nan]), np.array([2.0, 3.0]), 1, 2)
    assert [len(part) for part in half.known] == [1, 1]
