"""One colour per level everywhere, in both themes, with a marker beside it so that colour is never the only channel.

The level colours and the Okabe-Ito order are those of Okabe and Ito (2008, jfly.uni-koeln.de/color), darkened on white
and lightened on dark ground until a line has a contrast of 3 : 1 with the ground and a text 4.5 : 1 (WCAG 2.2,
success criteria 1.4.3 and 1.4.11).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

LINE_CONTRAST: Final = 3.0
TEXT_CONTRAST: Final = 4.5
MOST_CATEGORIES: Final = 8
OTHERS: Final = "others"

LEVEL_RANKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "low": "cold",
        "desert": "cold",
        "absent": "cold",
        "quartile 1": "cold",
        "quartile 2": "cool",
        "intermediate": "middle",
        "excluded": "middle",
        "quartile 3": "middle",
        "high": "hot",
        "inflamed": "hot",
        "present": "hot",
        "quartile 4": "hot",
        "not measured": "unknown",
    }
)
_RANK_MARKERS: Final = {
    "cold": "circle",
    "cool": "diamond",
    "middle": "square",
    "hot": "triangle-up",
    "unknown": "circle-open",
}
_CATEGORY_MARKERS: Final = ("circle", "square", "triangle-up", "diamond", "cross", "x", "triangle-down", "star")
RESPONSE_ORDER: Final = ("CR", "PR", "CRPR", "SD", "SDPD", "PD", "NE")
_HATCHES: Final = {"CRPR": "x", "SDPD": "x", "NE": "/"}


@dataclass(frozen=True, slots=True)
class Style:
    """How one group is drawn: line or fill colour, a readable shade of it for text, marker, hatch of a bar."""

    colour: str
    text: str
    marker: str
    hatch: str = ""


@dataclass(frozen=True, slots=True)
class Theme:
    """Every colour of a light or a dark page.

    Attributes
    ----------
    ground, text, muted_text : the page, its words, its small print.
    hair, line : grid lines; lines without a group (no effect, leaders).
    tail : the part of a curve that too few patients carry.
    accent : the one colour of what belongs to no group. ramp : its scale from few to many, for heat maps.
    ranks, categories, responses : colours of levels, of other categories in order, of response categories.
    """

    name: Literal["light", "dark"]
    ground: str
    text: str
    muted_text: str
    hair: str
    line: str
    tail: str
    accent: str
    ramp: tuple[str, str]
    ranks: Mapping[str, str]
    categories: tuple[str, ...]
    responses: Mapping[str, str]

    def level(self, key: str) -> Style:
        """The style of a level; KeyError for what is not a level."""
        rank = LEVEL_RANKS[key.strip().lower()]
        return _style(self, self.ranks[rank], _RANK_MARKERS[rank])

    def response(self, category: str) -> Style:
        """The style of a response category; KeyError for what is not one."""
        return _style(self, self.responses[category], "circle", _HATCHES.get(category, ""))

    @property
    def neutral(self) -> Style:
        """The style of "others" and of what has no group."""
        return _style(self, self.tail, "circle-open")


LIGHT: Final = Theme(
    name="light",
    ground="#FFFFFF",
    text="#1B2430",
    muted_text="#5B6572",
    hair="#E3E7EB",
    line="#7C8591",
    tail="#8A8F98",
    accent="#2F6F8F",
    ramp=("#F3F6F8", "#2F6F8F"),
    ranks=MappingProxyType(
        {"cold": "#0072B2", "cool": "#00876C", "middle": "#B07A00", "hot": "#D55E00", "unknown": "#8A8F98"}
    ),
    categories=("#B07A00", "#3A93C9", "#009E73", "#9A8F00", "#0072B2", "#D55E00", "#C2608F", "#1B2430"),
    responses=MappingProxyType(
        {
            "CR": "#1B7837",
            "PR": "#4DA65A",
            "CRPR": "#2F8F48",
            "SD": "#8A8F98",
            "SDPD": "#9E86B8",
            "PD": "#7B3294",
            "NE": "#8A8F98",
        }
    ),
)

DARK: Final = Theme(
    name="dark",
    ground="#12161C",
    text="#E6EAF0",
    muted_text="#A3ADB8",
    hair="#2A323C",
    line="#7D8894",
    tail="#9AA3AD",
    accent="#5FA8CC",
    ramp=("#1B222B", "#5FA8CC"),
    ranks=MappingProxyType(
        {"cold": "#56B4E9", "cool": "#2FBF98", "middle": "#E69F00", "hot": "#FF8A3D", "unknown": "#9AA3AD"}
    ),
    categories=("#E69F00", "#56B4E9", "#1FB58A", "#F0E442", "#2A83D4", "#E0651A", "#CC79A7", "#E6EAF0"),
    responses=MappingProxyType(
        {
            "CR": "#3FA45B",
            "PR": "#86CF95",
            "CRPR": "#5FBA76",
            "SD": "#8A94A0",
            "SDPD": "#C9A6E0",
            "PD": "#A46BC4",
            "NE": "#8A94A0",
        }
    ),
)

THEMES: Final[Mapping[str, Theme]] = MappingProxyType({"light": LIGHT, "dark": DARK})


def is_level(key: str) -> bool:
    """Whether a group's key is a level, which has its own colour everywhere."""
    return key.strip().lower() in LEVEL_RANKS


def styles(keys: Sequence[str], theme: Theme, domain: Sequence[str] = ()) -> dict[str, Style]:
    """The style of each key.

    Levels and response categories have fixed colours. Anything else takes the Okabe-Ito order of its place in
    `domain` (all values there are, so that a filter never recolours what stays; by default the keys themselves), and
    from the ninth on the one grey of "others".
    """
    places = [key for key in dict.fromkeys([*domain, *keys]) if not (is_level(key) or key in theme.responses)]
    return {key: _style_of(key, places, theme) for key in keys}


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance of sRGB)."""
    brighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def mix(first: str, second: str, share: float) -> str:
    """The colour at `share` (0 to 1) of the way from the first to the second, in sRGB."""
    pairs = zip(_channels(first), _channels(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def alpha(colour: str, opacity: float) -> str:
    """The colour as rgba(), for fills."""
    red, green, blue = _channels(colour)
    return f"rgba({red},{green},{blue},{opacity:g})"


def readable(colour: str, theme: Theme, needed: float = TEXT_CONTRAST) -> str:
    """The colour itself or the nearest shade of it towards the text colour that can be read on the ground."""
    shades = (mix(colour, theme.text, step / 20) for step in range(21))
    return next((shade for shade in shades if contrast(shade, theme.ground) >= needed), theme.text)


def text_on(fill: str) -> str:
    """Black or white, whichever is read better on a fill."""
    return max(("#000000", "#FFFFFF"), key=lambda ink: contrast(ink, fill))


def _style_of(key: str, places: Sequence[str], theme: Theme) -> Style:
    if is_level(key):
        return theme.level(key)
    if key in theme.responses:
        return theme.response(key)
    place = places.index(key)
    if key == OTHERS or place >= MOST_CATEGORIES:
        return theme.neutral
    return _style(theme, theme.categories[place], _CATEGORY_MARKERS[place])


def _style(theme: Theme, colour: str, marker: str, hatch: str = "") -> Style:
    return Style(colour=colour, text=readable(colour, theme), marker=marker, hatch=hatch)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
