"""Every column of a frame: what it is taken for, how sure that is, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import pandas as pd

from tilexplorer.recognise import (
    biopsies,
    clinic,
    events,
    ids,
    measured,
    missing,
    relations,
    responses,
    therapies,
    times,
    tumours,
    words,
)
from tilexplorer.recognise.guess import PROPOSED, Details, Guess, Recognised
from tilexplorer.recognise.profile import Profile, profiles

Guesser = Callable[[Profile], Guess | None]

# A new kind of column is a function that looks at one column, and a line here.
GUESSERS: Final[Mapping[str, Guesser]] = MappingProxyType(
    {
        "patient": ids.patient,
        "sample": ids.sample,
        "lesion": ids.lesion,
        "study": ids.study,
        "arm": ids.arm,
        "date": ids.date,
        "sex": clinic.sex,
        "age": clinic.age,
        "ecog": clinic.ecog,
        "line": clinic.line,
        "prior_io": clinic.prior_io,
        "msi": clinic.msi,
        "response": responses.response,
        "benefit": responses.benefit,
        "durable": responses.durable,
        "shrinkage": responses.shrinkage,
        "tumour": tumours.tumour,
        "regimen": therapies.regimen,
        "time": times.time,
        "status": events.status,
        "measure": measured.measure,
        "timepoint": biopsies.timepoint,
        "tissue": biopsies.tissue,
        "site": biopsies.site,
        "origin": biopsies.origin,
        "sample_age": biopsies.sample_age,
        "days": biopsies.days,
        "unit": biopsies.unit,
    }
)
_TRANSLATIONS: Final[Mapping[str, Callable[[str], str | None]]] = MappingProxyType(
    {
        "response": words.response,
        "sex": words.sex,
        "benefit": words.benefit,
        "durable": words.durable,
        "tumour": tumours.code,
        "prior_io": words.flag,
        "msi": words.msi,
        "timepoint": biopsies.moment,
        "tissue": biopsies.kind_of_tissue,
    }
)
_NOTHING: Final = Guess("ignored", 0.5, "is not recognised and is not read")


def recognise(frame: pd.DataFrame, tokens: tuple[str, ...] | None = None) -> tuple[Recognised, ...]:
    """What each column of a frame of text is taken for.

    Parameters
    ----------
    frame
        As a reader gives it: text, empty where the source is empty.
    tokens
        What means missing; by default what `missing.tokens` finds.

    Returns
    -------
    tuple of Recognised
        One for each column, in the order of the frame. Nothing is certain: confidence says how sure, and why.
    """
    found = profiles(frame, missing.tokens(frame) if tokens is None else tokens)
    alone = {name: one(column) for name, column in found.items()}
    return tuple(relations.together(found, alone).values())


def one(column: Profile) -> Recognised:
    """What a column is taken for by itself, without the other columns."""
    if private := ids.identifying(column):
        # Its values are not even shown as samples.
        return Recognised(column.name, private.role, private.confidence, private.why)
    if not column.n:
        return Recognised(column.name, "ignored", 0.9, "holds no value")
    if not column.name:
        # A mapping speaks of columns by name.
        return Recognised("", "ignored", 0.9, "has no name; give it one in the file to read it", column.shown)
    guesses = sorted(filter(None, (guess(column) for guess in GUESSERS.values())), key=lambda g: -g.confidence)
    best = guesses[0] if guesses and guesses[0].confidence >= PROPOSED else _nothing(guesses)
    others = (*_other_units(column, best), *(guess for guess in guesses if guess is not best))
    return Recognised(column.name, best.role, best.confidence, best.why, column.shown, best.details, others)


def _nothing(guesses: Sequence[Guess]) -> Guess:
    """A column that is left out, with what it could have been."""
    return replace(_NOTHING, why=f"is not read: {guesses[0].why}") if guesses else _NOTHING


def _other_units(column: Profile, best: Guess) -> list[Guess]:
    """The units that the times of a column could be in as well."""
    if best.role != "time":
        return []
    found = times.units(column, best.details.endpoint)
    return [
        replace(guess, details=replace(best.details, unit=guess.details.unit))
        for guess in found
        if guess.details.unit != best.details.unit
    ]


def _known_words(column: Profile, role: str) -> tuple[tuple[str, str], ...]:
    """The words of a column that mean something in a role, though others of it are not known."""
    translate = _TRANSLATIONS.get(role)
    if translate is None:
        return ()
    return tuple((value, made) for value in column.counts if (made := translate(value)) is not None)


def as_role(column: Profile, role: str) -> Details:
    """The details of a column in a role that a person chose: what the recogniser can tell of it, or a first guess."""
    guess = GUESSERS[role](column) if role in GUESSERS else None
    if guess:
        return guess.details
    plain = Details(decimal=column.decimal, map=_known_words(column, role))
    if role == "regimen":
        found = ((value, therapies.components(value)) for value in column.counts)
        return replace(plain, regimens=tuple((value, parts) for value, parts in found if parts))
    if role == "time" and column.known.size:
        return replace(plain, unit=times.units(column, "os")[0].details.unit)
    said = {value: events.meaning(value) for value in column.counts}
    if role == "status" and "event" in said.values():
        # A word that says neither is in neither list: the import names its cells until somebody says it.
        event, censored = (tuple(value for value in said if said[value] == word) for word in ("event", "censored"))
        return replace(plain, event=event, censored=censored)
    if role == "status" and len(column.values) > 1:
        ordered = sorted(column.values, key=events.order)
        return replace(plain, event=(ordered[-1],), censored=tuple(ordered[:-1]))
    return plain
