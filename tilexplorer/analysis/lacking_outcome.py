"""Which cohorts of the store have the measure and the outcome that a selection asks for and none of its cohorts has."""

from __future__ import annotations

from tilexplorer import vocabulary
from tilexplorer.analysis.missing import Missing, missing
from tilexplorer.resolve import Resolved
from tilexplorer.response_source import recording


def lacking(resolved: Resolved) -> tuple[Missing, ...]:
    """What none of the chosen cohorts has: the measure, or the endpoint or response that goes with it."""
    selection, there = resolved.selection, set(resolved.cohorts)
    measured, followed = _measuring(resolved), _with_outcome(resolved)
    both = [cohort for cohort in measured if cohort in followed]
    shown = {
        "measure": selection.measure,
        "outcome": selection.outcome,
        "endpoint": selection.endpoint,
        "response": selection.response,
    }
    if not there & set(measured):
        return (missing(resolved.store, resolved.measure_label, both, **shown),)
    if not there & set(both):
        return (missing(resolved.store, _outcome_words(resolved), both, **shown),)
    return ()


def _measuring(resolved: Resolved) -> list[str]:
    members = vocabulary.families().get(resolved.selection.measure, (resolved.selection.measure,))
    frame = resolved.store.table("measure")
    return [str(c) for c in dict.fromkeys(frame.loc[frame["measure"].isin(members), "cohort"])]


def _with_outcome(resolved: Resolved) -> set[str]:
    selection, store = resolved.selection, resolved.store
    if selection.outcome == "survival":
        cards = store.table("endpoint")
        return {str(c) for c in cards.loc[cards["endpoint"] == selection.endpoint, "cohort"]}
    return set(recording(store, selection.response))


def _outcome_words(resolved: Resolved) -> str:
    selection = resolved.selection
    if selection.outcome == "survival":
        return vocabulary.ENDPOINTS.get(selection.endpoint, selection.endpoint)
    return vocabulary.RESPONSE_RATES[selection.response]
