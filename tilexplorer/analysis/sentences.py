"""The one sentence that stands above a figure: what the selection shows, how sure that is, and what it does not mean.

"Significant" is not a word here and no verb claims a cause. A difference is "compatible with chance" or "unlikely to be
chance alone", always with its p-value and with the number of comparisons that the view made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tilexplorer import formatting
from tilexplorer.analysis.context import Context
from tilexplorer.analysis.next_step import next_step
from tilexplorer.analysis.overview import Overview
from tilexplorer.analysis.response import Response, ResponsePanel
from tilexplorer.analysis.survival import GroupSurvival, Survival
from tilexplorer.infiltration import RECORDED
from tilexplorer.selection import BY
from tilexplorer.statistics.results import Test

CHANCE: Final = 0.05
MOST_NAMED: Final = 4
MOST_LISTED: Final = 5


@dataclass(frozen=True, slots=True)
class Sentence:
    """The sentence and the caution that belongs to it ("" where there is none)."""

    text: str
    caution: str = ""


def empty_sentence(context: Context) -> Sentence:
    """What to say when nobody is left."""
    return Sentence(f"No patient remains: {context.emptied_by}.", next_step(context).words)


def verdict(test: Test, comparisons: int) -> str:
    """A test in words: chance or not, with p and how many comparisons were made."""
    if not test.shown:
        return f"no test is shown ({test.reason})"
    made = f"; {comparisons} comparisons made" if comparisons > 1 else ""
    p = formatting.p_phrase(test.p_value)
    if test.p_value < CHANCE:
        return f"the difference is unlikely to be chance alone ({test.method}, {p}{made})"
    return f"the difference is compatible with chance ({test.method}, {p}{made})"


def survival_sentence(found: Survival) -> Sentence:
    """The sentence of the survival view."""
    if found.context.empty:
        return empty_sentence(found.context)
    comparisons = sum(1 + len(panel.pairwise) for panel in found.panels if len(panel.groups) > 1)
    caution = _survival_caution(found)
    if len(found.panels) > 1:
        tests = [(panel.group.label if panel.group else "all", panel.logrank) for panel in found.panels]
        return Sentence(_across_panels(found.context, found.endpoint_words, tests, comparisons), caution)
    panel = found.panels[0]
    n, events = sum(g.n for g in panel.groups), sum(g.events for g in panel.groups)
    opening = f"{_simulated(found.context)}Among {formatting.count(n)} patients ({formatting.count(events)} events), "
    medians = _medians(found.context, panel.groups)
    text = f"{opening}median {found.endpoint_words} was {medians}"
    if len(panel.groups) > 1:
        text += f"; {verdict(panel.logrank, comparisons)}"
    return Sentence(f"{text}.", caution)


def _medians(context: Context, groups: Sequence[GroupSurvival]) -> str:
    """Every group's median, or the range of them where there are too many to read."""
    known = [g for g in groups if g.shown and g.median.shown and g.median.value == g.median.value]
    if len(groups) <= MOST_LISTED or len(known) < 2:
        return _listed([_median(g, _noun(context, g.group.label)) for g in groups])
    first, last = min(known, key=lambda g: g.median.value), max(known, key=lambda g: g.median.value)
    ends = (_median(g, _noun(context, g.group.label)) for g in (first, last))
    return f"between {' and '.join(ends)} ({len(groups)} groups)"


def _noun(context: Context, label: str) -> str:
    """A group's name as a noun: "inflamed tumours", "the low group"."""
    if context.selection.by[0] != "level":
        return label
    return f"{label} tumours" if context.selection.rule == RECORDED else f"the {label} group"


def _median(group: GroupSurvival, name: str) -> str:
    if not group.shown:
        return f"not shown for {name} (n = {group.n})"
    if not group.median.shown:
        return f"not shown for {name} ({group.median.reason})"
    value = formatting.months(group.median.value, formatting.NOT_REACHED)
    limits = f"{formatting.months(group.median.lower)} to {formatting.months(group.median.upper)}"
    unit = " months" if value != formatting.NOT_REACHED else ""
    shown = "not reached" if value == formatting.NOT_REACHED else f"{value}{unit}"
    return f"{shown} ({limits}) in {name}"


def _across_panels(context: Context, what: str, tests: Sequence[tuple[str, Test]], comparisons: int) -> str:
    """Several panels in one sentence: in which of them the difference stands out, and how many were looked at."""
    by, panel_by = (BY[field] for field in context.selection.by)
    opening = f"{_simulated(context)}{_capital(what)} by {by} in {formatting.count(context.n)} patients"
    tested = [(name, test) for name, test in tests if test.shown]
    unlikely = [(name, test) for name, test in tested if test.p_value < CHANCE]
    if not tested:
        return f"{opening}: no {panel_by} has two groups that are large enough to compare."
    if not unlikely:
        return f"{opening}: wherever it could be tested ({len(tested)}) the difference is compatible with chance."
    named = [f"{name} ({formatting.p_phrase(test.p_value)})" for name, test in unlikely[:MOST_NAMED]]
    expected = max(1, round(CHANCE * comparisons))
    return (
        f"{opening}: the difference stands out from chance in {len(unlikely)} of {len(tested)} tested: "
        f"{_listed(named)}; with {comparisons} comparisons about {expected} such is expected by chance alone."
    )


def _survival_caution(found: Survival) -> str:
    panel_warnings = [w for panel in found.panels for w in ([panel.ph] if panel.ph else [])]
    if panel_warnings:
        return _capital(panel_warnings[0]) + "."
    return _association(found.context)


def _association(context: Context) -> str:
    """What a difference by infiltration can and cannot say."""
    if "level" not in context.selection.by:
        return ""
    return (
        "This is an association: without a comparison of treatments within one study, a prognostic marker cannot be "
        "told from one that predicts benefit."
    )


def response_sentence(found: Response) -> Sentence:
    """The sentence of the response view."""
    if found.context.empty:
        return empty_sentence(found.context)
    comparisons = sum(1 for panel in found.panels if len(panel.groups) > 1)
    caution = _association(found.context)
    if len(found.panels) > 1:
        tests = [(panel.group.label if panel.group else "all", panel.association) for panel in found.panels]
        return Sentence(_across_panels(found.context, found.rate_words, tests, comparisons), caution)
    panel = found.panels[0]
    reasons = {group.rate.reason for group in panel.groups if not group.rate.shown}
    if len(reasons) == 1 and not any(group.rate.shown for group in panel.groups):
        return Sentence(f"The {found.rate_words} cannot be given: {reasons.pop()}.", caution)
    rates = _rates(found.context, panel)
    population = "evaluable patients" if found.context.selection.population == "evaluable" else "patients"
    total = sum(group.denominator for group in panel.groups)
    text = (
        f"{_simulated(found.context)}Among {formatting.count(total)} {population}, the {found.rate_words} was {rates}"
    )
    if len(panel.groups) > 1:
        text += f"; {verdict(panel.association, comparisons)}"
    return Sentence(f"{text}.", caution)


def _rates(context: Context, panel: ResponsePanel) -> str:
    """Every group's rate, or the range of them where there are too many to read."""
    texts = [_rate(_noun(context, group.group.label), panel, i) for i, group in enumerate(panel.groups)]
    known = [i for i, group in enumerate(panel.groups) if group.rate.shown]
    if len(texts) <= MOST_LISTED or len(known) < 2:
        return _listed(texts)
    first = min(known, key=lambda i: panel.groups[i].rate.value)
    last = max(known, key=lambda i: panel.groups[i].rate.value)
    return f"between {texts[first]} and {texts[last]} ({len(texts)} groups)"


def _rate(label: str, panel: ResponsePanel, index: int) -> str:
    group = panel.groups[index]
    if not group.rate.shown:
        return f"not shown for {label} ({group.rate.reason})"
    return f"{formatting.rate(group.responders, group.denominator)} in {label}"


def overview_sentence(found: Overview) -> Sentence:
    """The sentence of the overview."""
    context = found.context
    if context.empty:
        return empty_sentence(context)
    groups = _listed(
        [f"{formatting.count(n)} {label}" for label, n in zip(found.levels.labels, found.table.sizes, strict=True)]
    )
    cohorts = f"{len(context.cohorts)} cohort" + ("s" if len(context.cohorts) > 1 else "")
    text = (
        f"{_simulated(context)}{formatting.count(context.n)} of {formatting.count(context.chosen)} patients in "
        f"{cohorts} have a level of {context.measure} ({context.rule}): {groups}."
    )
    return Sentence(text)


def _simulated(context: Context) -> str:
    return "SIMULATED, not evidence. " if context.simulated else ""


def _listed(parts: Sequence[str]) -> str:
    if len(parts) <= 1:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
