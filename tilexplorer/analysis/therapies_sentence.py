"""The sentence of the view of therapy combinations: what the selection holds, never which is better."""

from __future__ import annotations

from typing import Final

from tilexplorer import formatting
from tilexplorer.analysis.sentences import Sentence, empty_sentence
from tilexplorer.analysis.therapies import Combination, Therapies

SIMULATED: Final = "SIMULATED, not evidence. "
NOT_RANKED: Final = (
    "The combinations were given to different patients in different studies: this page describes them and ranks none. "
    "Even within one tumour type patients may differ in line, microsatellite status and much else."
)


def therapies_sentence(found: Therapies) -> Sentence:
    """The sentence and its caution."""
    context = found.context
    if context.empty:
        return empty_sentence(context)
    opening = SIMULATED if context.simulated else ""
    several = [c for c in found.combinations if len(c.classes) > 1]
    cohorts = {cohort for c in found.combinations for cohort in c.cohorts}
    text = (
        f"{formatting.count(context.n)} patients of {_plural(len(cohorts), 'cohort')} were given "
        f"{_plural(len(found.combinations), 'therapy', 'therapies')}, {len(several)} of them of more than one class."
    )
    return Sentence(f"{opening}{text} {_largest(found, several)}".strip(), NOT_RANKED)


def _largest(found: Therapies, several: list[Combination]) -> str:
    """The combination with most patients, beside its component where there is a comparison."""
    if not several:
        return "No combination of classes is among them."
    first = several[0]
    if not first.overall.rate.shown:
        return f"The combination given most often is {first.id}: {first.overall.rate.reason}."
    beside = next((v for v in found.versus if v.combination == first.id and v.difference.shown), None)
    if beside:
        one, two = (formatting.rate(x, n) for x, n in zip(beside.responders, beside.n, strict=True))
        given = f"{one} with {first.id} and {two} with {beside.component} alone"
        return f"Compared {beside.basis}, the {found.rate_words} was {given}."
    rate = formatting.rate(first.overall.responders, first.overall.denominator)
    return f"With {first.id}, given most often of these, the {found.rate_words} was {rate}."


def _plural(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
