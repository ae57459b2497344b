"""What a clinical file of cBioPortal says beyond the names and cells of its columns: events by digit, descriptions."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tilexplorer.importers.cbioportal import survival
from tilexplorer.importers.cbioportal.clinical import Clinical
from tilexplorer.importers.cbioportal.survival import Survival
from tilexplorer.recognise.events import BY_WORDS
from tilexplorer.recognise.guess import Details, Recognised
from tilexplorer.recognise.relations import demoted

BY_DIGIT: Final = "the digit before the colon says what happened, whatever the label says"


def with_statuses(columns: tuple[Recognised, ...], clinical: Clinical) -> tuple[Recognised, ...]:
    """The columns with every P_STATUS beside a P_MONTHS as the status of P, its event by the format's rule.

    A status whose values the format does not know is left to its words.
    """
    found = {one.column: one for one in columns}
    for pair in survival.endpoints(clinical):
        if pair.id and (pair.event or pair.censored):
            for other in columns:
                if other.role == "status" and other.details.endpoint == pair.id and other.column != pair.status:
                    found[other.column] = demoted(other, f"{pair.status} is the status of {pair.id}")
            found[pair.status] = _status(found[pair.status], pair)
    return tuple(found.values())


def _status(one: Recognised, pair: Survival) -> Recognised:
    """A status by its digits. Values that have none are of no meaning: an import names their cells."""
    details = Details(endpoint=pair.id, event=pair.event, censored=pair.censored)
    return replace(one, role="status", confidence=BY_WORDS, why=BY_DIGIT, details=details)


def described(clinical: Clinical) -> dict[str, str]:
    """What the second header row says of each column that it describes in words of its own."""
    return {
        one.name: one.description
        for one in clinical.attributes
        if one.description and one.description.casefold() not in (one.display.casefold(), one.name.casefold())
    }
