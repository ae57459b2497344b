"""The fields of a mapping that hold words of a list, so that a constant can be looked up before any file is read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from tilexplorer import vocabulary
from tilexplorer.importers import patients, samples
from tilexplorer.importers.mapping import Mapped, Rule, Samples
from tilexplorer.importers.patients import Reader
from tilexplorer.importers.rules import FLAGS, flags

Words = Mapping[str, Collection[str]]
Field = tuple[str, Rule, Collection[str]]


def _flags(readers: Mapping[str, Reader]) -> Words:
    return {field: tuple(FLAGS) for field, read in readers.items() if read is flags}


_OF_PATIENTS: Final[Words] = {**patients.WORDS, **_flags(patients.READ)}
_OF_SAMPLES: Final[Words] = {**samples.WORDS, **_flags(samples.READ)}


def worded(mapped: Mapped) -> Iterator[Field]:
    """Every rule whose field holds words of a list: its place in the mapping, the rule, the words."""
    studies = patients.studies(mapped)
    yield from _rules("patients", mapped.patients, {**_OF_PATIENTS, "tumour": vocabulary.tumours(), "study": studies})
    for number, block in enumerate(mapped.samples, 1):
        yield from _rules(f"samples no. {number}", block, _OF_SAMPLES)
        yield from _categories(f"samples no. {number}, values", mapped, block)


def _rules(place: str, section: object, words: Words) -> Iterator[Field]:
    for field, known in words.items():
        rule = getattr(section, field)
        if rule is not None:
            yield f"{place}, {field}", rule, known


def _categories(place: str, mapped: Mapped, block: Samples) -> Iterator[Field]:
    for measure, rule in block.measured.items():
        levels = samples.levels(mapped, measure)
        if levels:
            yield f"{place}, {measure}", rule, levels
