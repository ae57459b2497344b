"""What is counted beside patients, in words: the source's own benefit is never called response."""

from __future__ import annotations

from typing import Final

from tilexplorer import vocabulary
from tilexplorer.response_source import BENEFIT
from tilexplorer.selection import Selection

WITH_BENEFIT: Final = "with benefit"


def responders(rate: str) -> str:
    """Who counts for a rate: "responders", or "with benefit"."""
    return WITH_BENEFIT if rate == BENEFIT else "responders"


def of_patients(rate: str) -> str:
    """What a figure of a rate counts."""
    return f"{responders(rate)} of patients" if rate != BENEFIT else f"patients {WITH_BENEFIT} of all"


def responded(rate: str) -> str:
    """What they did."""
    return "had benefit as the source defines it" if rate == BENEFIT else "responded"


def counted(selection: Selection) -> str:
    """What a view of either outcome counts: "events", "responders" or "with benefit"."""
    return "events" if selection.outcome == "survival" else responders(selection.response)


def ratio(selection: Selection) -> str:
    """The ratio that a view of either outcome gives."""
    if selection.outcome == "survival":
        return "hazard ratio"
    of = vocabulary.RESPONSE_RATES[BENEFIT] if selection.response == BENEFIT else "response"
    return f"odds ratio of {of}"
