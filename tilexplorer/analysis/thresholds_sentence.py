"""The sentence of the thresholds view: the effect as a number first, then how far the answer depends on the cut."""

from __future__ import annotations

import math

from tilexplorer import formatting
from tilexplorer.analysis import outcome_words
from tilexplorer.analysis.sentences import CHANCE, Sentence, empty_sentence
from tilexplorer.analysis.thresholds import Thresholds

CAUTION = (
    "This is an association. Cut points and assays are not standardised: a cut that separates these patients need not "
    "separate others, and a cut chosen after looking at the outcome always looks better than it is."
)


def thresholds_sentence(found: Thresholds) -> Sentence:
    """The sentence and its caution."""
    if found.needs is not None:
        return Sentence(found.needs.words, "A category has levels of its own and cannot be cut.")
    if found.context.empty or not found.n:
        return empty_sentence(found.context)
    what = outcome_words.counted(found.context.selection)
    simulated = "SIMULATED, not evidence. " if found.context.simulated else ""
    opening = f"{simulated}Among {formatting.count(found.n)} patients ({formatting.count(found.events)} {what}), "
    if found.why_not:
        return Sentence(f"{opening}the {found.outcome_words} cannot be given: {found.why_not}.", CAUTION)
    return Sentence(f"{opening}{_continuous(found)}. {_rules(found)}", CAUTION)


def _continuous(found: Thresholds) -> str:
    ratio = found.continuous.ratio
    name = outcome_words.ratio(found.context.selection)
    if not ratio.shown:
        return f"no {name} is shown for {found.context.measure} as a number ({ratio.reason})"
    value = formatting.ratio_interval(ratio.value, ratio.lower, ratio.upper)
    of = f" for {found.outcome_words}" if found.outcome == "survival" else ""
    return f"the {name}{of} was {value} {found.continuous.unit} of {found.context.measure}, {_chance(found)}"


def _chance(found: Thresholds) -> str:
    p = found.continuous.test.p_value
    p = found.continuous.ratio.p_value if math.isnan(p) else p
    made = f"; {found.comparisons} comparisons made" if found.comparisons > 1 else ""
    words = "unlikely to be chance alone" if p < CHANCE else "compatible with chance"
    return f"{words} ({formatting.p_phrase(p)}{made})"


def _rules(found: Thresholds) -> str:
    """How many rules agree: the range of high against low, and how many of them stand out from chance."""
    shown = [rule for rule in found.rules if rule.effect.shown and not math.isnan(rule.effect.value)]
    tested = [rule for rule in found.rules if rule.test.shown]
    if not shown or not tested:
        return "No rule gives groups that are large enough to compare."
    values = [rule.effect.value for rule in shown]
    unlikely = sum(rule.test.p_value < CHANCE for rule in tested)
    between = (
        f"between {formatting.ratio(min(values))} and {formatting.ratio(max(values))}" if len(values) > 1
        else formatting.ratio(values[0])
    )  # fmt: skip
    stands = {0: "none stands", 1: "one stands"}.get(unlikely, f"{unlikely} stand")
    return (
        f"High against low it is {between} over {len(shown)} rules; of {len(tested)} tested {stands} out from chance."
    )
