"""The sentence of the view across cohorts: what they say together, where they disagree, and on whom it hangs."""

from __future__ import annotations

from typing import Final

from tilexplorer import formatting
from tilexplorer.analysis import outcome_words
from tilexplorer.analysis.sentences import CHANCE, Sentence, empty_sentence
from tilexplorer.analysis.synthesis import Across, Row
from tilexplorer.analysis.synthesis_effects import poolable
from tilexplorer.statistics.results import Estimate

SIMULATED: Final = "SIMULATED, not evidence. "
ASSOCIATION: Final = (
    "This is an association between cohorts that differ in tumour, treatment and assay: a prognostic marker cannot be "
    "told from one that predicts benefit."
)
ALONE: Final = "This is an association in one cohort: nothing here says whether it holds in another."


def synthesis_sentence(found: Across) -> Sentence:
    """The sentence and its caution."""
    if found.context.empty:
        return empty_sentence(found.context)
    used = [row for row in found.whole.rows if poolable(row.effect)]
    opening = SIMULATED if found.context.simulated else ""
    if not used:
        reason = next((row.effect.reason for row in found.whole.rows), "nobody is left")
        return Sentence(f"{opening}No cohort of the selection can answer: {reason}.")
    if len(used) == 1:
        return Sentence(f"{opening}{_one(found, used[0])}", ALONE)
    return Sentence(
        f"{opening}{_several(found, used)}", " ".join(filter(None, (_disagreement(found), _hanging(found))))
    )


def what(found: Across) -> str:
    """The question in words: "hazard ratio of overall survival per doubling of ..."."""
    measure = found.context.measure
    if " v " in found.effect_words:
        return f"{found.ratio_words} for {found.outcome_words}, {found.effect_words} ({measure}),"
    return f"{found.ratio_words} for {found.outcome_words} {found.effect_words} of {measure}"


def _one(found: Across, row: Row) -> str:
    effect = row.effect
    n = f"{formatting.count(row.n)} patients, {formatting.count(row.events)} {events_word(found)}"
    return (
        f"One cohort alone can answer, {row.label} ({n}): the {what(found)} was {ratio(effect)}, "
        f"{_chance(effect)}. There is nothing to put together."
    )


def _several(found: Across, used: list[Row]) -> str:
    pooled, prediction = found.whole.pooled, found.whole.prediction
    n = f"{formatting.count(pooled.n)} patients, {formatting.count(pooled.events)} {events_word(found)}"
    text = f"In {len(used)} cohorts ({n}) the {what(found)} was {ratio(pooled)}, {_chance(pooled)}"
    if prediction.shown:
        lower, upper = formatting.ratio(prediction.lower), formatting.ratio(prediction.upper)
        return f"{text}; in a further cohort it is expected between {lower} and {upper}."
    return f"{text}; two cohorts say nothing about a third."


def _chance(effect: Estimate) -> str:
    words = "unlikely to be chance alone" if effect.p_value < CHANCE else "compatible with chance"
    return f"{words} ({formatting.p_phrase(effect.p_value)})"


def _disagreement(found: Across) -> str:
    """What to make of the cohorts' agreement."""
    q, i2 = found.whole.q, found.whole.i2
    if q.shown and q.p_value < CHANCE:
        return (
            f"The cohorts disagree by more than chance (I2 {i2.value:.0f}%, {formatting.p_phrase(q.p_value)}): one "
            "number does not describe them, so read them line by line."
        )
    return ASSOCIATION


def _hanging(found: Across) -> str:
    """Whether leaving out one cohort turns the verdict."""
    pooled = found.whole.pooled
    turned = [(name, e) for name, e in found.without if (e.p_value < CHANCE) != (pooled.p_value < CHANCE)]
    if not turned:
        return ""
    name, effect = min(turned, key=lambda item: item[1].p_value)
    return f"The verdict hangs on single cohorts: without {name} it would be {ratio(effect)}, {_chance(effect)}."


def ratio(effect: Estimate) -> str:
    """A ratio with its limits."""
    return formatting.ratio_interval(effect.value, effect.lower, effect.upper)


def events_word(found: Across) -> str:
    """What is counted beside patients."""
    return outcome_words.counted(found.context.selection)
