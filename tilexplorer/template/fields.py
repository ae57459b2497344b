"""The columns of the template, made from the data dictionary and the vocabulary, so that they cannot disagree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tilexplorer import vocabulary
from tilexplorer.importers import patients, samples
from tilexplorer.schema import BY_NAME, Column
from tilexplorer.validation.values import RANGES

SHEETS: Final = ("patients", "samples")
ENDPOINTS: Final = ("os", "pfs")
YES: Final = "yes"
NO: Final = "no"
# What the store knows by itself, or what a single hospital does not have.
LEFT_OUT: Final = frozenset({"cohort", "course", "study", "benefit"})
REGIMEN: Final = "names of the drugs or interventions joined by '+', e.g. nivolumab + ipilimumab (sheet lists)"


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the template.

    Attributes
    ----------
    sheet, name
        Where it stands, and its header.
    kind
        'text', 'number', 'whole' or 'flag' (yes or no).
    meaning, unit
        What it holds.
    words
        The words that it may hold; empty means any.
    needed
        Every row has to fill it.
    bounds
        Lowest and highest number, where there are any.
    role
        'field', 'time', 'event' or 'measure': what a mapping makes of it.
    """

    sheet: str
    name: str
    kind: str
    meaning: str
    unit: str = ""
    words: tuple[str, ...] = ()
    needed: bool = False
    bounds: tuple[float, float | None] | None = None
    role: str = "field"


def every() -> tuple[Field, ...]:
    """All columns, in the order of the sheets."""
    return (*_patients(), *_outcomes(), *_samples(), *_measures())


def _patients() -> Iterator[Field]:
    sex = BY_NAME["patient"].columns[-1]
    first = [c for c in BY_NAME["course"].columns if c.name not in LEFT_OUT]
    words = {**patients.WORDS, "tumour": tuple(vocabulary.tumours())}
    for column in (first[0], sex, *first[1:]):
        yield _field("patients", column, words.get(column.name, ()))


def _outcomes() -> Iterator[Field]:
    outcome = {column.name: column for column in BY_NAME["outcome"].columns}
    for name in ENDPOINTS:
        label = vocabulary.ENDPOINTS[name]
        meaning, unit = _split(outcome["days"].meaning)
        yield Field("patients", f"{name}_days", "whole", f"{label}: {meaning}", unit, bounds=(0, None), role="time")
        event = f"{label}: {outcome['event'].meaning.replace('false', NO)}"
        yield Field("patients", f"{name}_event", "flag", event, words=(YES, NO), role="event")


def _samples() -> Iterator[Field]:
    for column in BY_NAME["sample"].columns:
        if column.name not in LEFT_OUT:
            yield _field("samples", column, samples.WORDS.get(column.name, ()))


def _measures() -> Iterator[Field]:
    for name, m in vocabulary.measures().items():
        kind = "text" if m.kind == "category" else "number"
        meaning = f"{m.label} ({m.compartment})"
        bounds = RANGES.get(m.scale)
        yield Field("samples", name, kind, meaning, m.unit, m.levels, bounds=bounds, role="measure")


def _field(sheet: str, column: Column, words: tuple[str, ...]) -> Field:
    kinds = {"VARCHAR": "text", "DOUBLE": "number", "INTEGER": "whole", "BOOLEAN": "flag"}
    kind = kinds[column.type]
    meaning, unit = _split(REGIMEN if column.name == "regimen" else column.meaning)
    return Field(sheet, column.name, kind, meaning, unit, (YES, NO) if kind == "flag" else words, column.required)


def _split(meaning: str) -> tuple[str, str]:
    """The meaning without its unit, and the unit that stands in brackets in it."""
    unit = re.search(r" \[([^]]+)\]", meaning)
    return (meaning.replace(unit.group(0), ""), unit.group(1)) if unit else (meaning, "")
