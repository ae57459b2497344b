"""What is said where the chosen cohorts record nothing that a rate is made of but the source's own responder flag."""

from __future__ import annotations

from dataclasses import replace

from tilexplorer import vocabulary
from tilexplorer.analysis.missing import Missing
from tilexplorer.queries import flow
from tilexplorer.resolve import Resolved
from tilexplorer.response_source import BENEFIT, recording, source_of
from tilexplorer.scope import Scope
from tilexplorer.selection import Selection


def benefit_instead(resolved: Resolved) -> tuple[Missing, ...]:
    """That only the flag is recorded, with the link that shows it under its own name; empty where that is not so."""
    store, rate = resolved.store, resolved.selection.response
    there = [c for c in resolved.cohorts if c in recording(store, BENEFIT)]
    if rate == BENEFIT or not there or set(resolved.cohorts) & set(recording(store, rate)):
        return ()
    titles = tuple(resolved.title(cohort) for cohort in there)
    words = (
        f"The {vocabulary.RESPONSE_RATES[rate]} cannot be formed: no chosen cohort records a {source_of(rate).words}. "
        f"{', '.join(titles)}: the source gives only its own responder flag, which is shown as benefit."
    )
    return (Missing(source_of(rate).words, tuple(there), titles, _showing(resolved).to_query(store.generation), words),)


def _showing(resolved: Resolved) -> Selection:
    """The selection with benefit; by cohort where nobody has both the flag and the groups that were asked for."""
    shown = resolved.selection.only(response=BENEFIT)
    scope = Scope(replace(resolved, selection=shown))
    scope.need_groups(shown.by)
    scope.need_response(BENEFIT)
    return shown if flow(scope).remaining else shown.only(by=("cohort",))
