"""The sentence of the on-treatment view."""

from __future__ import annotations

from tilexplorer import formatting
from tilexplorer.analysis.on_treatment import OnTreatment, PairPanel
from tilexplorer.analysis.paired_change import Change
from tilexplorer.analysis.sentences import CHANCE, MOST_NAMED, Sentence, empty_sentence
from tilexplorer.selection import BY
from tilexplorer.statistics.multiplicity import family
from tilexplorer.statistics.results import Test

_CAUTION = (
    "Paired patients are a selected part, and without untreated patients a change over time cannot be told from what "
    "would have happened anyway."
)


def on_treatment_sentence(found: OnTreatment) -> Sentence:
    """How many pairs of how many patients, how far the measure moved, and in which groups more than by chance."""
    if found.context.empty:
        return empty_sentence(found.context)
    opening = "SIMULATED, not evidence. " if found.context.simulated else ""
    if len(found.panels) == 1:
        return Sentence(f"{opening}{_one(found.panels[0], found.field)}", _CAUTION)
    parts = [f"{panel.title}: {moved(panel.total, panel)}" for panel in found.panels[:MOST_NAMED]]
    more = len(found.panels) - len(parts)
    tail = f"; and {more} more cohorts" if more else ""
    n = formatting.count(found.n)
    return Sentence(f"{opening}{n} patients in {len(found.panels)} cohorts were measured before and on treatment. "
                    f"{'; '.join(parts)}{tail}.", _CAUTION)  # fmt: skip


def _one(panel: PairPanel, field: str) -> str:
    total = panel.total
    return (
        f"In {formatting.count(total.n)} of {formatting.count(total.patients)} patients, measured before and on "
        f"treatment, {panel.label} {moved(total, panel)}{_by_group(panel, field)}."
    )


def moved(change: Change, panel: PairPanel) -> str:
    """The change of one group in words: the median, the ratio with limits, and chance."""
    if not change.shown:
        return f"the change is not shown ({change.test.reason})"
    shift = formatting.measured(abs(change.change))
    unit = f" {panel.unit}" if panel.unit and len(panel.unit) < 12 else ""
    if change.change == 0:
        text = "did not change at the median"
    else:
        text = f"{'rose' if change.change > 0 else 'fell'} by {shift}{unit} at the median"
    if change.size.shown:
        numbers = (change.size.value, change.size.lower, change.size.upper)
        if panel.scale.fold:
            text += f" (geometric mean ratio {formatting.ratio_interval(*numbers)})"
        else:
            text += f" (mean change {formatting.interval(*map(formatting.measured, numbers))})"
    return f"{text}; {chance(change.test)}"


def chance(test: Test) -> str:
    """A test of change in words."""
    if not test.shown:
        return f"no test is shown ({test.reason})"
    p = formatting.p_phrase(test.p_value)
    if test.p_value < CHANCE:
        return f"the change is unlikely to be chance alone (signed-rank test, {p})"
    return f"the change is compatible with chance (signed-rank test, {p})"


def _by_group(panel: PairPanel, field: str) -> str:
    """In which groups the change stands out once all of them are looked at (Holm)."""
    tested = {change.group.label: change.test for change in panel.groups if change.test.shown}
    if len(tested) < 2:
        return ""
    adjusted = family(tested, "holm").adjusted_p
    out = [label for label, p in adjusted.items() if p < CHANCE]
    words = BY[field]
    if not out:
        return f". By {words}, no group of {len(tested)} stands out from chance (Holm)"
    named = ", ".join(f"{label} ({formatting.p_phrase(adjusted[label], 'adjusted p')})" for label in out[:MOST_NAMED])
    return f". By {words}, the change stands out from chance in {len(out)} of {len(tested)} groups: {named}"
