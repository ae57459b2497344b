"""Measured values: which measure of the vocabulary a column holds, in which unit, of which timepoint and tissue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Final

from tilexplorer import formatting, vocabulary
from tilexplorer.recognise import names
from tilexplorer.recognise.guess import Details, Guess
from tilexplorer.recognise.profile import Profile
from tilexplorer.recognise.words import plain
from tilexplorer.validation.values import RANGES

_FEWEST: Final = 3
_MOST_LEVELS: Final = 12
# Other words for the levels of a category.
_LEVELS: Final = {
    "immune_phenotype": (
        (r"(immune )?infiltrated|(immune )?inflamed", "inflamed"),
        (r"(immune )?exclu(ded|sion)", "excluded"),
        (r"(immune )?(desert|ignored)|deserted", "desert"),
    ),
    "pdl1_ic": ((r"ic ?[23]( plus)?", "IC2+"), (r"ic ?1", "IC1"), (r"ic ?0", "IC0")),
    "pdl1_tc": ((r"tc ?[23]( plus)?", "TC2+"), (r"tc ?1", "TC1"), (r"tc ?0", "TC0")),
    "pdl1_tps": (
        (r".*\b50\b.*|strong|high", ">=50%"),
        (r".*\b1 49\b.*|weak|low", "1-49%"),
        (r".*\b1\b.*|negative|0", "<1%"),
    ),
    "ctdna_change": ((r"increase.*|rise.*|up", "increase"), (r"decrease.*|fall.*|down|clear(ed|ance)", "decrease")),
}
# Medians of these measures that make another unit likely: below the first, above the second.
UNUSUAL: Final = {
    "tmb": (1.0, 60.0),
    "til_percent": (1.0, 90.0),
    "pdl1_percent": (0.0, 100.0),
    "mutation_count": (5.0, 5000.0),
}
# '2plus percent': the share of cells of one intensity, '5percent': above a cut or not.
_CLASS: Final = re.compile(r"\b\d+ ?(plus )?percent\b")
_GENERAL: Final = re.compile(r"\bcd8\b")


def measure(column: Profile) -> Guess | None:
    """The measure whose names the column's matches, without the words for timepoint and tissue in it."""
    if not column.values or (names.says("words", "change", column.folded) and "dna" not in column.folded):
        return None
    if _CLASS.search(column.folded):
        return None
    timepoint, rest = _apart("timepoints", column.folded)
    tissue, bare = _apart("tissues", rest)
    details = Details(timepoint=timepoint, tissue=tissue, decimal=column.decimal, limits=column.limits)
    found = _by_vocabulary(column.folded) or names.first("measures", rest) or names.first("measures", bare)
    if tissue == "blood" and f"{found}_blood" in vocabulary.measures():
        found = f"{found}_blood"
    if found == "pdl1_percent" and not column.numeric:
        found = "pdl1_tps"
    elif found == "pdl1_tps" and column.numeric:
        found = "pdl1_percent"
    if found:
        return category(column, found, details) if _is_category(found) else number(column, found, details)
    if _GENERAL.fullmatch(bare) and column.numeric:
        why = "CD8 of something: density, share or expression, centre or margin, is not said"
        return Guess("measure", 0.45, why, _with(details, "cd8_density_centre"))
    return _by_levels(column, details)


def as_measure(column: Profile, name: str, details: Details) -> Details:
    """The details of a column as a measure that a person chose: its levels, or the factor that its numbers need."""
    guess = category(column, name, details) if _is_category(name) else number(column, name, details)
    fresh = _with(details, name)
    if guess is None or guess.details.measure != name:
        return fresh
    return replace(fresh, map=guess.details.map, factor=guess.details.factor)


def number(column: Profile, name: str, details: Details) -> Guess | None:
    """A numeric measure, if its scale allows the numbers; a share written in percent gets its factor."""
    entry = vocabulary.measures()[name]
    if not column.numeric or len(column.values) < min(_FEWEST, column.n):
        return None
    low, high = RANGES.get(entry.scale, (None, None))
    if low is not None and column.known.min() < low:
        return Guess("measure", 0.3, f"is named like {_label(name)}, but holds negative numbers", _with(details, name))
    if entry.scale == "count" and not column.whole:
        if name == "mutation_count":
            return Guess("measure", 0.5, "is named like a count, but holds fractions: per Mb?", _with(details, "tmb"))
        return Guess("measure", 0.4, f"is named like {_label(name)}, but holds fractions", _with(details, name))
    if high is not None and column.known.max() > high:
        if entry.scale == "fraction" and column.within(0, 101):
            return Guess("measure", 0.75, f"is named like {_label(name)}, in percent", _with(details, name, 0.01))
        return Guess(
            "measure",
            0.3,
            f"is named like {_label(name)}, but goes up to {formatting.measured(column.known.max())}",
            _with(details, name),
        )
    if entry.scale == "percent" and column.known.max() <= 1.01 and not column.whole:
        return Guess("measure", 0.7, f"is named like {_label(name)}, but as a share of 1", _with(details, name, 100.0))
    return _plausible(column, name, details)


def _plausible(column: Profile, name: str, details: Details) -> Guess:
    unit = vocabulary.measures()[name].unit
    low, high = UNUSUAL.get(name, (-float("inf"), float("inf")))
    if name == "tmb" and column.whole and column.median > 30:
        return Guess("measure", 0.6, "is named like a burden, but holds counts", _with(details, "mutation_count"))
    if column.median < low or column.median > high:
        unusual = f"a median of {formatting.measured(column.median)} {unit} is unusual"
        why = f"is named like {_label(name)}, but {unusual}: another unit, or a logarithm?"
        return Guess("measure", 0.5, why, _with(details, name))
    return Guess(
        "measure",
        0.85,
        f"is named like {_label(name)} ({unit}), median {formatting.measured(column.median)}",
        _with(details, name),
    )


def category(column: Profile, name: str, details: Details) -> Guess | None:
    """A category, if its values are the vocabulary's levels or other words for them."""
    if not 1 <= len(column.values) <= _MOST_LEVELS:
        return None
    levels = vocabulary.measures()[name].levels
    found = {value: _level(value, name, levels) for value in column.values}
    known = {value: level for value, level in found.items() if level}
    if len(known) < max(1, 0.6 * len(found)):
        return None
    exact = all(value == level for value, level in found.items())
    unknown = [value for value, level in found.items() if not level]
    why = f"holds the levels of {_label(name)}"
    if unknown:
        why = f"{why}; '{unknown[0]}' is none and is proposed as missing"
    pairs = tuple((value, level or "") for value, level in found.items())
    sure = 0.95 if exact else 0.8 if name == "immune_phenotype" else 0.7
    return Guess("measure", sure, why, _with(details, name, pairs=() if exact else pairs))


def _level(value: str, name: str, levels: tuple[str, ...]) -> str | None:
    if value in levels:
        return value
    same = [level for level in levels if level.casefold() == value.casefold()]
    word = plain(value.replace("+", " plus"))
    listed = [level for pattern, level in _LEVELS.get(name, ()) if re.fullmatch(pattern, word)]
    return next(iter([*same, *listed]), None)


def _by_levels(column: Profile, details: Details) -> Guess | None:
    """A category that is known by its values alone."""
    for name, entry in vocabulary.measures().items():
        if entry.kind == "category" and len(column.values) > 1 and set(column.values) <= set(entry.levels):
            return Guess("measure", 0.7, f"holds the levels of {_label(name)}", _with(details, name))
    return None


def _by_vocabulary(folded: str) -> str:
    """The measure whose id or label is the column's name."""
    return _spoken().get(folded, "")


@cache
def _spoken() -> Mapping[str, str]:
    """Measures by their folded ids and labels."""
    known = vocabulary.measures().items()
    return {names.fold(word): name for name, entry in known for word in (name, entry.label)}


def _apart(section: str, folded: str) -> tuple[str, str]:
    """The timepoint or tissue that a name begins or ends with, and the name without it."""
    for key, pattern in names.patterns(section).items():
        for found in pattern.finditer(folded):
            if found.start() == 0 or found.end() == len(folded):
                rest = f"{folded[: found.start()]} {folded[found.end() :]}"
                return key, " ".join(rest.split())
    return "", folded


def _label(name: str) -> str:
    return vocabulary.measures()[name].label


def _is_category(name: str) -> bool:
    return vocabulary.measures()[name].kind == "category"


def _with(details: Details, name: str, factor: float = 1.0, pairs: tuple[tuple[str, str], ...] = ()) -> Details:
    return replace(details, measure=name, factor=factor, map=pairs)
