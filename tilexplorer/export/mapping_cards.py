"""The cards of a cohort in the language of docs/mapping.md, for every mapping that is exported with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

_CARD: Final = ("title", "citation", "doi", "licence", "default_measure", "population", "simulated", "immunotherapy")
_STUDY: Final = ("title", "registry", "phase", "setting", "randomised", "concurrent_arms", "criteria", "confirmed",
                 "durable_benefit")  # fmt: skip
_MEASURE: Final = ("assay", "unit", "comparable", "note")

Told = dict[str, Any]


def origin(card: pd.Series, said: str) -> list[str]:
    """Comments: what the mapping is for, and where the patients come from, for which it has no other place."""
    lines = [said]
    if pd.notna(card["source"]) and card["source"]:
        lines += ["They were made from:", *str(card["source"]).splitlines()]
    return lines


def cohort(card: pd.Series, name: str) -> Told:
    """The card of the cohort under a name."""
    told = {"id": name, **recorded(card, _CARD)}
    return told | ({"notes": str(card["note"]).split("\n")} if recorded(card, ("note",)) else {})


def studies(cards: pd.DataFrame) -> list[Told]:
    """The cards of its studies."""
    return [{"id": row["study"], **recorded(row, _STUDY)} for row in rows(cards)]


def clock(cards: pd.DataFrame, endpoint: str) -> Told:
    """Where the clock of an endpoint starts, what its event is, and what is to be known of it."""
    told: Told = {}
    for row in rows(cards[cards["endpoint"] == endpoint].rename(columns={"event": "means"})):
        told |= recorded(row, ("t0", "means", "note"))
    return told


def measure(row: Mapping[Any, Any]) -> Told:
    """The card of a measure."""
    levels = recorded(row, ("levels",)).get("levels")
    return recorded(row, _MEASURE) | ({"levels": levels.split("|")} if levels else {})


def same_patients(overlap: pd.DataFrame, preferred: str) -> list[Told]:
    """Which other cohorts hold the same patients; `preferred` is the cohort of which this is a selection."""
    told: list[Told] = [{"preferred": preferred}] if preferred else []
    for other, rows in overlap.groupby("preferred", sort=True):
        told.append({"preferred": other, "patients": sorted(patient for patient in rows["patient"] if patient)})
    return told


def rows(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    """The rows of a table of cards."""
    return frame.to_dict("records")


def recorded(row: Mapping[Any, Any] | pd.Series, names: Sequence[str]) -> Told:
    """The recorded ones of these fields; a text that is empty records nothing."""
    found = {name: row[name] for name in names}
    return {
        name: bool(value) if isinstance(value, bool | np.bool_) else str(value)
        for name, value in found.items()
        if not pd.isna(value) and value != ""
    }
