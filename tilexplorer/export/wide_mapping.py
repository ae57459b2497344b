"""The mapping of a cohort's wide files, in the language of docs/mapping.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.importers.mapping import Mapped
from tilexplorer.importers.mapping_toml import write_mapping
from tilexplorer.importers.regimens import JOINT
from tilexplorer.importers.strict import parse

_CARD: Final = ("title", "citation", "doi", "licence", "default_measure", "population", "simulated", "immunotherapy")
_STUDY: Final = ("title", "registry", "phase", "setting", "randomised", "concurrent_arms", "criteria", "confirmed",
                 "durable_benefit")  # fmt: skip
_MEASURE: Final = ("assay", "unit", "comparable", "note")
_SAMPLE_RULES: Final = ("patient", "sample", "timepoint", "tissue", "days", "sample_age", "site", "origin",
                        "lymph_node", "lesion", "lesion_treated")  # fmt: skip
_PATIENT_RULES: Final = ("tumour", "study", "arm", "sex", "line", "prior_io", "age", "ecog", "msi", "response",
                         "benefit", "durable", "shrinkage")  # fmt: skip

Cards = Mapping[str, pd.DataFrame]
Told = dict[str, Any]


def wide_mapping(
    cards: Cards,
    name: str,
    endpoints: Sequence[str],
    marked: Mapping[str, Sequence[str]],
    preferred: str = "",
) -> str:
    """The mapping as TOML text.

    Parameters
    ----------
    cards
        The cohort's rows of the tables cohort, study, endpoint, measure and overlap.
    name
        Id of the cohort that an import makes.
    endpoints
        Ids of the endpoints in `patients.csv`.
    marked
        For each of the files "patients" and "samples", the columns in which texts have an apostrophe in front.
    preferred
        The cohort of which this is a selection: its copy of the patients is preferred.

    Raises
    ------
    InvalidMapping
        A card holds a word that the language does not have.
    """
    card = cards["cohort"].iloc[0]
    told: Told = {
        "cohort": _cohort(card, name),
        # Only an empty cell is missing: a patient may be called NA.
        "files": {key: {"name": f"{key}.csv", "format": "csv", "missing": []} for key in marked},
        "tables": {_table(key, marked): _unmarked(key, columns) for key, columns in marked.items() if columns},
        "studies": [{"id": row["study"], **_recorded(row, _STUDY)} for row in _rows(cards["study"])],
        "patients": _patients(marked),
        "endpoints": [_endpoint(cards["endpoint"], endpoint) for endpoint in endpoints],
        "measures": {row["measure"]: _measure(row) for row in _rows(cards["measure"])},
        "samples": [_samples(cards["measure"], marked)],
        "same_patients": _same_patients(cards["overlap"], preferred),
    }
    return write_mapping(parse(Mapped, told, name), {"": _origin(card)})


def _origin(card: pd.Series) -> list[str]:
    """Comments that say where the patients come from: a mapping has no other place for it."""
    lines = ["patients.csv and samples.csv may be edited and imported again with this mapping (docs/mapping.md)."]
    if pd.notna(card["source"]) and card["source"]:
        lines += ["They were made from:", *str(card["source"]).splitlines()]
    return lines


def _cohort(card: pd.Series, name: str) -> Told:
    told = {"id": name, **_recorded(card, _CARD)}
    return told | ({"notes": str(card["note"]).split("\n")} if _recorded(card, ("note",)) else {})


def _table(key: str, marked: Mapping[str, Sequence[str]]) -> str:
    return f"{key}_read" if marked[key] else key


def _unmarked(key: str, columns: Sequence[str]) -> Told:
    """A table whose texts have lost the apostrophe that keeps spreadsheets from running them."""
    steps = [{"do": "repair", "column": name, "pattern": "^'", "replace": ""} for name in columns]
    return {"file": key, "steps": steps}


def _patients(marked: Mapping[str, Sequence[str]]) -> Told:
    told: Told = {"table": _table("patients", marked), "id": {"column": "patient"}}
    told["regimen"] = {"column": "regimen", "separator": JOINT}
    return told | {name: {"column": name} for name in _PATIENT_RULES}


def _endpoint(cards: pd.DataFrame, endpoint: str) -> Told:
    told: Told = {"id": endpoint, "time": f"{endpoint}_days", "unit": "days"}
    told |= {"status": f"{endpoint}_event", "event": ["1"], "censored": ["0"]}
    for row in _rows(cards[cards["endpoint"] == endpoint].rename(columns={"event": "means"})):
        told |= _recorded(row, ("t0", "means", "note"))
    return told


def _measure(row: Mapping[Any, Any]) -> Told:
    levels = _recorded(row, ("levels",)).get("levels")
    return _recorded(row, _MEASURE) | ({"levels": levels.split("|")} if levels else {})


def _samples(measures: pd.DataFrame, marked: Mapping[str, Sequence[str]]) -> Told:
    told: Told = {"table": _table("samples", marked), **{name: {"column": name} for name in _SAMPLE_RULES}}
    told["values"] = {
        name: {"column": name, "limits": vocabulary.measures()[name].kind == "number"} for name in measures["measure"]
    }
    return told


def _same_patients(overlap: pd.DataFrame, preferred: str) -> list[Told]:
    told: list[Told] = [{"preferred": preferred}] if preferred else []
    for other, rows in overlap.groupby("preferred", sort=True):
        told.append({"preferred": other, "patients": sorted(patient for patient in rows["patient"] if patient)})
    return told


def _rows(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    return frame.to_dict("records")


def _recorded(row: Mapping[Any, Any] | pd.Series, names: Sequence[str]) -> Told:
    """The recorded ones of these fields; a text that is empty records nothing."""
    found = {name: row[name] for name in names}
    return {
        name: bool(value) if isinstance(value, bool | np.bool_) else str(value)
        for name, value in found.items()
        if not pd.isna(value) and value != ""
    }
