"""The sentence above the forest: the overall effect, and which variables its size differs by."""

from __future__ import annotations

from tilexplorer import formatting
from tilexplorer.analysis import outcome_words
from tilexplorer.analysis.sentences import CHANCE, Sentence, empty_sentence
from tilexplorer.analysis.subgroups import Subgroups, Variable

SUBGROUP_CAUTION = (
    "Subgroups are looked at, not tested one by one: an interval that leaves 1 in one row and not in another is no "
    "difference; the interaction p of each variable says whether its rows differ by more than chance."
)


def subgroups_sentence(found: Subgroups) -> Sentence:
    """The sentence of the subgroups view."""
    context, overall = found.context, found.overall
    if context.empty:
        if found.missing:
            return Sentence(found.missing[0].words)
        return empty_sentence(context)
    opening = "SIMULATED, not evidence. " if context.simulated else ""
    events = outcome_words.counted(found.context.selection)
    size = f"{formatting.count(overall.n)} patients ({formatting.count(overall.events)} {events})"
    ratio = overall.ratio
    if not ratio.shown:
        return Sentence(f"{opening}Among {size}, the effect on {found.outcome_words} is not shown: {ratio.reason}.")
    value = formatting.ratio_interval(ratio.value, ratio.lower, ratio.upper)
    text = (
        f"{opening}Among {size}, the {found.question.scale} for {found.outcome_words} was {value} for "
        f"{_what(found)}, which is {_verdict(ratio.p_value)}; {_interactions(found.variables)}."
    )
    return Sentence(text, SUBGROUP_CAUTION)


def _what(found: Subgroups) -> str:
    question = found.question
    if question.kind == "continuous":
        return f"{found.context.measure}, {question.unit}"
    return f"{question.contrast} tumours" if question.kind == "levels" else question.contrast


def _verdict(p: float) -> str:
    words = "unlikely to be chance alone" if p < CHANCE else "compatible with chance"
    return f"{words} ({formatting.p_phrase(p)})"


def _interactions(variables: tuple[Variable, ...]) -> str:
    tested = [v for v in variables if v.interaction.shown]
    if not tested:
        return "no variable has two subgroups that are large enough to compare"
    apart = [v for v in tested if v.interaction.p_value < CHANCE]
    of = f"{len(tested)} interactions tested" if len(tested) > 1 else "1 interaction tested"
    if not apart:
        return f"it differs between no subgroups by more than chance ({of})"
    named = ", ".join(f"{v.words} ({formatting.p_phrase(v.interaction.p_value, 'interaction p')})" for v in apart)
    return f"it differs by {named}; {of}, of which chance alone gives about one in twenty"
