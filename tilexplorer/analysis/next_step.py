"""What to do where a selection has left nobody: in words, and as links that keep the patients and ask otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tilexplorer.analysis.context import Context
from tilexplorer.infiltration import SMALLEST_MEDIAN
from tilexplorer.scope import NO_LEVEL

WIDEN: Final = "Widen this filter, or choose another cohort or measure."
WITHOUT_LEVELS: Final = (
    f"Below {SMALLEST_MEDIAN} measured patients of a study and tumour type no level is made: look at the measure as a "
    "number under Thresholds, together with other cohorts under Across cohorts, or compare these patients by another "
    "field than the infiltration level."
)


@dataclass(frozen=True, slots=True)
class NextStep:
    """The advice, and links as words, page ("" for the page that shows it) and query string."""

    words: str
    links: tuple[tuple[str, str, str], ...] = ()


def next_step(context: Context) -> NextStep:
    """What to do about an empty selection; nothing where somebody remains."""
    if not context.empty:
        return NextStep("")
    if context.emptied_by != NO_LEVEL:
        return NextStep(WIDEN)
    selection, generation = context.selection, context.generation
    links = (
        ("As a number under Thresholds", "thresholds", selection.to_query(generation)),
        ("These patients by cohort", "", selection.only(by=("cohort",)).to_query(generation)),
    )
    return NextStep(WITHOUT_LEVELS, links)
