"""Colours: fixed for levels, readable on both grounds, never the only channel."""

from __future__ import annotations

import pytest

from tilexplorer.figures.palette import (
    DARK,
    LIGHT,
    LINE_CONTRAST,
    RESPONSE_ORDER,
    TEXT_CONTRAST,
    Theme,
    contrast,
    mix,
    readable,
    styles,
    text_on,
)
from tilexplorer.vocabulary import LEVELS, RESPONSES

both = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)

LAW = {
    ("low", "desert", "absent"): ("#0072B2", "#56B4E9", "circle"),
    ("intermediate", "excluded"): ("#B07A00", "#E69F00", "square"),
    ("high", "inflamed", "present"): ("#D55E00", "#FF8A3D", "triangle-up"),
    ("not measured",): ("#8A8F98", "#9AA3AD", "circle-open"),
}


@pytest.mark.parametrize(("keys", "law"), LAW.items())
def test_levels_have_one_colour_and_marker_everywhere(keys: tuple[str, ...], law: tuple[str, str, str]) -> None:
    for key in keys:
        for theme, colour in zip((LIGHT, DARK), law[:2], strict=True):
            assert theme.level(key).colour == colour
            assert theme.level(key).marker == law[2]
            assert styles(["tumour", key], theme)[key] == theme.level(key)


def test_every_level_of_the_vocabulary_has_its_colour_and_the_levels_of_a_rule_differ() -> None:
    for levels in LEVELS.values():
        looks = [LIGHT.level(level) for level in levels]
        assert len({look.colour for look in looks}) == len({look.marker for look in looks}) == len(levels)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.478, abs=0.001)  # W3C's own example of "just too low"
    assert contrast("#123456", "#123456") == 1


@both
def test_lines_and_texts_can_be_seen(theme: Theme) -> None:
    lines = [theme.line, theme.tail, theme.accent, *theme.ranks.values(), *theme.categories, *theme.responses.values()]
    assert [line for line in lines if contrast(line, theme.ground) < LINE_CONTRAST] == []
    texts = [theme.text, theme.muted_text, *(readable(line, theme) for line in lines)]
    assert [text for text in texts if contrast(text, theme.ground) < TEXT_CONTRAST] == []


@both
def test_words_on_fills_can_be_read(theme: Theme) -> None:
    fills = [*theme.responses.values(), *(mix(*theme.ramp, share / 20) for share in range(21))]
    assert [fill for fill in fills if contrast(text_on(fill), fill) < TEXT_CONTRAST] == []


@both
def test_a_readable_shade_is_the_colour_itself_where_that_is_readable(theme: Theme) -> None:
    assert readable(theme.text, theme) == theme.text
    assert readable(theme.ground, theme) != theme.ground


@both
def test_eight_hues_then_one_grey_for_the_others(theme: Theme) -> None:
    keys = [f"cohort {place}" for place in range(11)]
    looks = styles(keys, theme)
    assert len({looks[key].colour for key in keys[:8]}) == len({looks[key].marker for key in keys[:8]}) == 8
    assert {looks[key] for key in keys[8:]} == {theme.neutral}


def test_a_filter_recolours_nothing() -> None:
    domain = ["melanoma", "renal", "bladder"]
    assert styles(["bladder"], LIGHT, domain)["bladder"] == styles(domain, LIGHT)["bladder"]
    assert styles(["bladder"], LIGHT)["bladder"] != styles(domain, LIGHT)["bladder"]


def test_responses_are_ordered_and_their_colours_are_not_those_of_levels() -> None:
    assert RESPONSE_ORDER == RESPONSES
    for theme in (LIGHT, DARK):
        greys = {theme.ranks["unknown"]}
        assert not (set(theme.responses.values()) - greys) & set(theme.ranks.values())
        assert theme.response("NE").hatch
        assert len({(theme.response(name).colour, theme.response(name).hatch) for name in RESPONSES}) == len(RESPONSES)
