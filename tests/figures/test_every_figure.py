"""What holds for every figure: theme, title, stamp, watermark, words instead of the picture, nothing clipped."""

from __future__ import annotations

import html
import re
from itertools import product

import plotly.graph_objects as go
import pytest

from tests.figures.every import EMPTY, EVERY, STAMP, TITLE
from tilexplorer.figures.labels import text_width
from tilexplorer.figures.palette import DARK, LIGHT, Theme
from tilexplorer.figures.template import Width

THEMES = (LIGHT, DARK)
WIDTHS: tuple[Width, ...] = ("wide", "narrow")
PHONE = 390
# What an alternative text must say, besides its kind.
MAIN_NUMBERS = {
    "kaplan_meier": ["n 76", "62 events", "median", "inflamed"],
    "small_multiple": ["n 76", "62 events"],
    "rates": ["16% (8 to 26%), 12/76", "inflamed: 1/3"],
    "breakdown": ["PD-L1 <1% (n 76): CR 2", "NE 11"],
    "forest": ["0.75 (0.61 to 0.92)", "interaction p = 0.040", "fewer than 10 events"],
    "flow": ["1\u2009284", "310", "950"],
    "heatmap": ["Melanoma, high: 60% (30/50)", "Renal, low: 1/3"],
    "waterfall": ["desert: 1/3", "inflamed: 2/3"],
    "distribution": ["n 42", "median"],
    "pairs": ["n = 42", "20 to 40"],
    "correlations": ["0.83 (n 80)", "\u22120.41 (n 60)"],
    "regions": ["desert: n 3", "inflamed: n 2"],
    "composition": ["(MEL) (n 100): desert 24", "inflamed 2"],
    "upset": ["760", "192/760", "47.0% (94/200)"],
    "swimmer": ["3 of 30 patients", "2 died", "3.0 to 29.6 months"],
    "placement": ["1 250 cells/mm2, higher than 93% of 219", "50% of 40"],
}


def plain(text: str) -> str:
    """Without tags and entities, as it is read."""
    return html.unescape(re.sub("<[^>]*>", "", text)).replace("\u00a0", " ")


def texts(figure: go.Figure, name: str) -> list[str]:
    """The texts of the annotations of this name, line breaks as spaces."""
    return [plain(note.text.replace("<br>", " ")) for note in figure.layout.annotations if note.name == name]


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_the_theme_is_its_own_whatever_plotly_s_default_is(kind: str, theme: Theme) -> None:
    figure = EVERY[kind](theme, "wide", False).figure
    assert figure.layout.template.layout.paper_bgcolor == theme.ground
    assert figure.layout.template.layout.font.color == theme.text
    assert "#000001" not in figure.to_json()  # Streamlit's placeholder


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("width", WIDTHS)
def test_title_stamp_and_watermark(kind: str, width: Width) -> None:
    real, simulated = (EVERY[kind](LIGHT, width, flag) for flag in (False, True))
    assert texts(real.figure, "title") == [TITLE]
    assert texts(real.figure, "stamp") == [STAMP]
    assert texts(real.figure, "watermark") == []
    assert texts(simulated.figure, "watermark") == ["SIMULATED"]
    assert texts(simulated.figure, "stamp")[0].startswith("SIMULATED DATA")
    assert "Simulated" not in real.alt
    assert simulated.alt.startswith("Simulated data.")


@pytest.mark.parametrize("kind", EVERY)
def test_alternative_text_carries_the_main_numbers(kind: str) -> None:
    alt = EVERY[kind](LIGHT, "wide", False).alt
    assert [number for number in MAIN_NUMBERS[kind] if number not in alt] == []


@pytest.mark.parametrize("kind", EVERY)
def test_nothing_zooms_or_drags(kind: str) -> None:
    layout = EVERY[kind](LIGHT, "wide", False).figure.layout
    axes = [layout[key] for key in layout if key.startswith(("xaxis", "yaxis"))]
    assert axes
    assert all(axis.fixedrange for axis in axes)
    assert layout.template.layout.dragmode is False


@pytest.mark.parametrize("kind", EVERY)
def test_words_in_the_margins_fit_a_phone(kind: str) -> None:
    """Left and right of the rim at 390 pixels, from the anchors, shifts and widths of all annotations."""
    figure = EVERY[kind](DARK, "narrow", True).figure
    margin = figure.layout.margin
    axes = PHONE - margin.l - margin.r
    for note in figure.layout.annotations:
        if note.xref != "paper" or note.textangle:
            continue
        widest = max(text_width(plain(line), note.font.size) for line in note.text.split("<br>"))
        middle = margin.l + note.x * axes + (note.xshift or 0)
        left = middle - widest * {"left": 0.0, "right": 1.0}.get(note.xanchor, 0.5)
        assert left >= 0, note.text
        assert left + widest <= PHONE, note.text


@pytest.mark.parametrize("kind", EVERY)
def test_the_stamp_lies_below_everything_and_inside_the_figure(kind: str) -> None:
    figure = EVERY[kind](LIGHT, "narrow", True).figure
    (stamp,) = [note for note in figure.layout.annotations if note.name == "stamp"]
    lines = stamp.text.count("<br>") + 1
    assert -stamp.yshift + lines * stamp.font.size * 1.3 <= figure.layout.margin.b
    assert figure.layout.height == pytest.approx(
        figure.layout.margin.t + figure.layout.meta["body"] + figure.layout.margin.b
    )


@pytest.mark.parametrize(("kind", "width"), list(product(EMPTY, WIDTHS)))
def test_an_empty_figure_says_so(kind: str, width: Width) -> None:
    drawn = EMPTY[kind](LIGHT, width, False)
    (message,) = texts(drawn.figure, "empty")
    assert message.startswith(("No ", "The selection"))
    assert message in drawn.alt
    assert not drawn.figure.data
