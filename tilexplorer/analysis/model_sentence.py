"""The sentence of the model view: infiltration given what a clinic knows, and what it adds."""

from __future__ import annotations

import math

from tilexplorer import formatting
from tilexplorer.analysis import outcome_words
from tilexplorer.analysis.model import INFILTRATION, Model
from tilexplorer.analysis.sentences import CHANCE, Sentence, empty_sentence

CAUTION = (
    "This is an association among patients who have every term; what the source did not record cannot be adjusted for, "
    "and without a comparison of treatments a prognostic marker cannot be told from one that predicts benefit."
)


def model_sentence(found: Model) -> Sentence:
    """The sentence and its caution."""
    if found.context.empty:
        return empty_sentence(found.context)
    what = outcome_words.counted(found.context.selection)
    simulated = "SIMULATED, not evidence. " if found.context.simulated else ""
    opening = (
        f"{simulated}Among {formatting.count(found.n)} patients with every term "
        f"({formatting.count(found.events)} {what})"
    )
    if found.why_not:
        return Sentence(f"{opening}, no model can be given: {found.why_not}.", CAUTION)
    if found.full is None or not found.full.shown:
        return Sentence(f"{opening}, no model is shown: {found.full.reason if found.full else 'no patients'}.", CAUTION)
    name = outcome_words.ratio(found.context.selection)
    listed = words_of([term.words for term in found.terms if term.chosen])
    given = f"adjusted for {listed}" if listed else "without other terms"
    return Sentence(
        f"{opening}, the {name} of {found.context.measure} was {_ratios(found)} {given}; {_added(found)}.", CAUTION
    )


def _ratios(found: Model) -> str:
    texts = []
    for name, ratio in found.infiltration.items():
        level = name.removeprefix(f"{INFILTRATION}: ") if ": " in name else ""
        value = formatting.ratio_interval(ratio.value, ratio.lower, ratio.upper)
        texts.append(f"{value} for {level} {found.unit}" if level else f"{value} {found.unit}")
    return words_of(texts)


def _added(found: Model) -> str:
    if found.added is None or not found.added.shown or math.isnan(found.added.p_value):
        return f"what it adds is not tested ({found.added.reason if found.added else 'no test'})"
    p = formatting.p_phrase(found.added.p_value)
    if found.added.p_value < CHANCE:
        return f"what it adds is unlikely to be chance alone (likelihood ratio, {p})"
    return f"what it adds is compatible with chance (likelihood ratio, {p})"


def words_of(parts: list[str]) -> str:
    """Parts as a list in words."""
    return "".join(parts) if len(parts) <= 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
