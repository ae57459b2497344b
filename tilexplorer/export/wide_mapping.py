"""The mapping of a cohort's wide files, in the language of docs/mapping.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.export import mapping_cards
from tilexplorer.export.mapping_cards import Told
from tilexplorer.importers.mapping import Mapped
from tilexplorer.importers.mapping_toml import write_mapping
from tilexplorer.importers.regimens import JOINT
from tilexplorer.importers.strict import parse

_EDITED: Final = "patients.csv and samples.csv may be edited and imported again with this mapping (docs/mapping.md)."
_SAMPLE_RULES: Final = ("patient", "sample", "timepoint", "tissue", "days", "sample_age", "site", "origin",
                        "lymph_node", "lesion", "lesion_treated")  # fmt: skip
_PATIENT_RULES: Final = ("tumour", "study", "arm", "sex", "line", "prior_io", "age", "ecog", "msi", "response",
                         "benefit", "durable", "shrinkage")  # fmt: skip

Cards = Mapping[str, pd.DataFrame]


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
        "cohort": mapping_cards.cohort(card, name),
        # Only an empty cell is missing: a patient may be called NA.
        "files": {key: {"name": f"{key}.csv", "format": "csv", "missing": []} for key in marked},
        "tables": {_table(key, marked): _unmarked(key, columns) for key, columns in marked.items() if columns},
        "studies": mapping_cards.studies(cards["study"]),
        "patients": _patients(marked),
        "endpoints": [_endpoint(cards["endpoint"], endpoint) for endpoint in endpoints],
        "measures": {row["measure"]: mapping_cards.measure(row) for row in mapping_cards.rows(cards["measure"])},
        "samples": [_samples(cards["measure"], marked)],
        "same_patients": mapping_cards.same_patients(cards["overlap"], preferred),
    }
    return write_mapping(parse(Mapped, told, name), {"": mapping_cards.origin(card, _EDITED)})


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
    return told | mapping_cards.clock(cards, endpoint)


def _samples(measures: pd.DataFrame, marked: Mapping[str, Sequence[str]]) -> Told:
    told: Told = {"table": _table("samples", marked), **{name: {"column": name} for name in _SAMPLE_RULES}}
    told["values"] = {
        name: {"column": name, "limits": vocabulary.measures()[name].kind == "number"} for name in measures["measure"]
    }
    return told
