"""The toolbar."""

from __future__ import annotations

from tilexplorer.figures.template import config


def test_the_one_button_saves_an_svg_under_the_name_given() -> None:
    settings = config("survival")
    assert settings["modeBarButtons"] == [["toImage"]]
    assert settings["toImageButtonOptions"] == {"format": "svg", "filename": "survival"}
    assert settings["displaylogo"] is False


def test_a_png_is_twice_as_fine() -> None:
    assert config("survival", "png")["toImageButtonOptions"] == {"format": "png", "filename": "survival", "scale": 2}
