"""What the words of a column mean: the canonical words of its role, and which of its values have a meaning already."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tilexplorer import vocabulary
from tilexplorer.recognise.guess import Recognised
from tilexplorer.recognise.source import Source

_FLAGS: Final = ("true", "false")
WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "response": vocabulary.RESPONSES,
        "sex": vocabulary.SEXES,
        "tumour": tuple(vocabulary.tumours()),
        "benefit": vocabulary.BENEFIT,
        "durable": _FLAGS,
        "prior_io": _FLAGS,
        "msi": vocabulary.MSI,
        "timepoint": vocabulary.TIMEPOINTS,
        "tissue": vocabulary.TISSUES,
        "origin": ("primary", "metastasis"),
        "sample_age": vocabulary.SAMPLE_AGES,
    }
)


def words_of(one: Recognised) -> tuple[str, ...]:
    """The words that a column's values have to become; none where its values need none."""
    if one.details.codes:
        return ()
    if one.role == "measure" and one.details.measure:
        return vocabulary.measures()[one.details.measure].levels
    return WORDS.get(one.role, ())


def said(source: Source, one: Recognised) -> dict[str, str]:
    """For each value of a column that has a meaning, which; "" means not recorded, a canonical word means itself."""
    known, canonical = dict(one.details.map), set(words_of(one))
    return {
        value: known.get(value, value)
        for value in source.profile(one.column).values
        if value in known or value in canonical
    }


def unsaid(source: Source, one: Recognised) -> tuple[str, ...]:
    """The values of a column of words that have no meaning yet."""
    if not words_of(one):
        return ()
    known = said(source, one)
    return tuple(value for value in source.profile(one.column).values if value not in known)
