"""The sentence of the microenvironment view."""

from __future__ import annotations

from collections.abc import Sequence

from tilexplorer import formatting
from tilexplorer.analysis.measure_rows import MeasureRow
from tilexplorer.analysis.microenvironment import Microenvironment
from tilexplorer.analysis.sentences import CHANCE, Sentence, empty_sentence
from tilexplorer.selection import BY

MOST_NAMED = 3


def microenvironment_sentence(found: Microenvironment) -> Sentence:
    """How many measures go with the groups beyond chance, and which most."""
    context = found.context
    if context.empty:
        return empty_sentence(context)
    mark = "SIMULATED, not evidence. " if context.simulated else ""
    tested = [row for row in found.rows if row.test.shown]
    caution = "What goes with a hot tumour need not make it hot; measures of one biology rise together."
    patients = f"{mark}In {formatting.count(context.n)} patients"
    if not tested:
        reason = context.warnings[0] if not found.rows else found.rows[0].test.reason
        return Sentence(f"{patients} no other measure can be compared by {BY[found.field]} ({reason}).", caution)
    out = [row for row in tested if row.q_value < CHANCE]
    noun = "measure" if len(tested) == 1 else "measures"
    if not out:
        text = f"{patients} the differences by {BY[found.field]} are compatible with chance in all {len(tested)} {noun}"
        return Sentence(f"{text} that were compared.", caution)
    text = (
        f"{patients} the difference by {BY[found.field]} is unlikely to be chance alone in {len(out)} of {len(tested)} "
        f"{noun} compared (q < 0.05, Benjamini-Hochberg), most strongly {_named(found, out)}"
    )
    return Sentence(f"{text}.", caution)


def _named(found: Microenvironment, out: Sequence[MeasureRow]) -> str:
    """The strongest, with the direction from the first to the last group."""
    strongest = sorted(out, key=lambda row: -row.strength)[:MOST_NAMED]
    titles = {source.cohort: source.title for source in found.context.sources}
    several = len(found.context.cohorts) > 1
    return ", ".join(
        f"{row.label}{f' in {titles[row.cohort]}' if several else ''} ({_direction(row)})" for row in strongest
    )


def _direction(row: MeasureRow) -> str:
    kept = [group for group in row.groups if group.shown]
    first, last = kept[0], kept[-1]
    how = "higher" if row.shift.value > 0 else "lower" if row.shift.value < 0 else "no different at the median"
    middle = f"median {formatting.measured(last.median)} against {formatting.measured(first.median)}"
    return f"{how} in {last.label} than in {first.label}: {middle}"
