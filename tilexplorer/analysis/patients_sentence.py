"""The sentence of the patients view: who is in the table, or what happened to patients like the described one."""

from __future__ import annotations

from tilexplorer import formatting
from tilexplorer.analysis import outcome_words
from tilexplorer.analysis.like import AT_MONTHS, Like, alive_of
from tilexplorer.analysis.patients import Patients, size_words
from tilexplorer.analysis.sentences import Sentence, empty_sentence


def patients_sentence(found: Patients) -> Sentence:
    """The sentence above the table."""
    context = found.context
    if context.empty:
        return empty_sentence(context)
    opening = "SIMULATED, not evidence. " if context.simulated else ""
    cohorts = f"{len(context.cohorts)} cohort" + ("s" if len(context.cohorts) > 1 else "")
    responses = found.table["response"].dropna()
    evaluable = int((responses != "NE").sum())
    who = f"{opening}{_capital(size_words(found))} of {cohorts}"
    text = f"{who}, {formatting.count(evaluable)} with an evaluable response."
    return Sentence(text, "One patient's course shows what can happen, not what to expect.")


def like_sentence(found: Patients) -> Sentence:
    """The sentence of "patients like this one": people, not percentages."""
    asked, context = found.like, found.context
    if asked.why_not:
        return Sentence(f"{_capital(asked.why_not)}.")
    opening = "SIMULATED, not evidence. " if context.simulated else ""
    who = "; ".join(asked.described)
    responded = _responded(asked, context.selection.response)
    text = f"{opening}{responded}{_survived(asked, found.endpoint, found.endpoint_words)}"
    return Sentence(text, f"Such patients: {who}. What was observed in them is no forecast for anybody.")


def _responded(asked: Like, rate: str) -> str:
    if not asked.denominator or asked.rate.status.value == "not_estimable":
        return f"There are {formatting.count(asked.n)} such patients; {asked.rate.reason}."
    limits = ""
    if asked.rate.shown:
        low, high = (round(limit * 100) for limit in (asked.rate.lower, asked.rate.upper))
        limits = f" (between {low} and {high} of 100 are compatible with this)"
    people = f"Of {formatting.count(asked.denominator)} such patients, {formatting.count(asked.responders)}"
    return f"{people} {outcome_words.responded(rate)}{limits}."


def _survived(asked: Like, endpoint: str, words: str) -> str:
    if not asked.survival.shown or asked.survival.value != asked.survival.value:
        return f" Nothing is said of {words} at {AT_MONTHS} months: {asked.survival.reason or 'beyond follow-up'}."
    low, high = (round(limit * 100) for limit in (asked.survival.lower, asked.survival.upper))
    state = "alive" if endpoint == "os" else f"without an event of {words}"
    return (
        f" About {alive_of(asked)} of {formatting.count(asked.with_outcome)} were {state} at {AT_MONTHS} months "
        f"(between {low} and {high} of 100)."
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
