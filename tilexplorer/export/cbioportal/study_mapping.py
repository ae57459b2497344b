"""The mapping that reads a study back as the cohort that it was, in the language of docs/mapping.md."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from tilexplorer import spreadsheet, vocabulary
from tilexplorer.bundles import SELECTION
from tilexplorer.errors import InvalidMapping
from tilexplorer.export import mapping_cards
from tilexplorer.export.cbioportal import patients, samples
from tilexplorer.export.cbioportal.clinical import Attribute
from tilexplorer.export.extract import Extract
from tilexplorer.export.mapping_cards import Told
from tilexplorer.importers.mapping import Mapped
from tilexplorer.importers.mapping_toml import write_mapping
from tilexplorer.importers.regimens import JOINT
from tilexplorer.importers.strict import parse

PATIENT: Final = {
    "study": "TRIAL",
    "arm": "ARM",
    "line": "LINE_OF_TREATMENT",
    "prior_io": "PRIOR_IMMUNOTHERAPY",
    "age": "AGE",
    "ecog": "ECOG",
    "msi": "MSI_STATUS",
    "response": "BEST_RESPONSE",
    "benefit": "SOURCE_BENEFIT",
    "durable": "DURABLE_BENEFIT",
    "shrinkage": "BEST_CHANGE",
}
SAMPLE: Final = {
    "timepoint": "TIMEPOINT",
    "tissue": "TISSUE",
    "days": "SAMPLE_DAYS",
    "sample_age": "SAMPLE_AGE",
    "site": "BIOPSY_SITE",
    "lymph_node": "LYMPH_NODE",
    "lesion": "LESION",
    "lesion_treated": "LESION_TREATED",
}
# The apostrophe that `cells.texts` puts in front of what a spreadsheet would run.
_MARKED: Final = f"^'(?='*[{re.escape(''.join(filter(str.isprintable, spreadsheet.FORMULA)))}])"
_READ: Final = "Imports the study as the cohort that it was exported from (docs/export.md)."


def study_mapping(
    extract: Extract, cohort: str, folder: str, people: Sequence[Attribute], taken: Sequence[Attribute]
) -> str:
    """The mapping as TOML text.

    Parameters
    ----------
    extract
        What is exported.
    cohort
        Its cohort.
    folder
        The folder of the study within the archive.
    people, taken
        The columns of the patient file and of the sample file.

    Raises
    ------
    InvalidMapping
        A card holds a word, or the cohort a measure, that the language does not have.
    """
    of = {name: frame[frame["cohort"] == cohort] for name, frame in extract.tables.frames.items() if "cohort" in frame}
    card = of["cohort"].iloc[0]
    partial = extract.partial(cohort)
    patient = [a for a in people if a.recorded]
    sample = [a for a in taken if a.recorded]
    # The measures are the last columns of the sample file, one for each card.
    cards = mapping_cards.rows(of["measure"])
    measured = {row["measure"]: a for row, a in zip(cards, taken[len(taken) - len(cards) :], strict=True) if a.recorded}
    if unknown := sorted(set(measured) - set(vocabulary.measures())):
        raise InvalidMapping(f"the vocabulary does not hold its measure {unknown[0]}")
    about = mapping_cards.cohort(card, cohort + SELECTION if partial else cohort)
    if about.get("default_measure") not in measured:
        about.pop("default_measure", None)
    told: Told = {
        "cohort": about,
        "files": {
            f"{kind}s": {"name": f"{folder}/data_clinical_{kind}.txt", "format": "cbioportal", "missing": []}
            for kind in ("patient", "sample")
        },
        "tables": _tables(of["course"], patient, sample),
        "studies": mapping_cards.studies(of["study"]),
        "patients": _patients(_ids(patient)),
        "endpoints": _endpoints(_ids(patient), of["endpoint"]),
        "measures": {row["measure"]: mapping_cards.measure(row) for row in cards if row["measure"] in measured},
        "samples": [_samples(_ids(patient), _ids(sample), measured)],
        "same_patients": mapping_cards.same_patients(of["overlap"], cohort if partial else ""),
    }
    return write_mapping(parse(Mapped, told, cohort), {"": mapping_cards.origin(card, _READ)})


def _ids(attributes: Sequence[Attribute]) -> list[str]:
    return [attribute.id for attribute in attributes]


def _tables(course: pd.DataFrame, patient: Sequence[Attribute], sample: Sequence[Attribute]) -> Told:
    """Patients with the tumour type of their samples, and samples beside their patients."""
    on = {"PATIENT_ID": "PATIENT_ID"}
    codes = sorted(course["tumour"].unique())
    once = {"do": "best", "by": "PATIENT_ID", "column": "ONCOTREE_CODE", "order": codes}
    return {
        "tumours": {"file": "samples", "steps": [once]},
        "people": {"file": "patients", "steps": [*_unmarked(patient), {"do": "join", "table": "tumours", "on": on}]},
        "taken": {"file": "samples", "steps": [*_unmarked(sample), {"do": "join", "table": "people", "on": on}]},
    }


def _unmarked(attributes: Sequence[Attribute]) -> list[Told]:
    """Steps that take the apostrophe away that keeps spreadsheets from running a text."""
    marked = [a.id for a in attributes if any(cell.startswith(spreadsheet.MARK) for cell in a.cells)]
    return [{"do": "repair", "column": name, "pattern": _MARKED, "replace": ""} for name in marked]


def _own(names: Sequence[str], kind: str) -> str:
    """The column of the source's own ids."""
    return f"SOURCE_{kind}_ID" if f"SOURCE_{kind}_ID" in names else f"{kind}_ID"


def _patients(names: Sequence[str]) -> Told:
    told: Told = {"table": "people", "id": {"column": _own(names, "PATIENT")}}
    told["tumour"] = {"column": "tumours:ONCOTREE_CODE"}
    told["regimen"] = {"column": "REGIMEN", "separator": JOINT}
    if "SEX" in names:
        told["sex"] = {"column": "SEX", "map": {shown: word for word, shown in patients.SEX.items()}}
    return told | _columns(PATIENT, names)


def _columns(fields: dict[str, str], names: Sequence[str]) -> Told:
    return {field: {"column": name} for field, name in fields.items() if name in names}


def _endpoints(names: Sequence[str], cards: pd.DataFrame) -> list[Told]:
    found = [name for name in vocabulary.ENDPOINTS if f"{name.upper()}_MONTHS" in names]
    return [_endpoint(name) | mapping_cards.clock(cards, name) for name in found]


def _endpoint(name: str) -> Told:
    censored, event = patients.LABELS.get(name, patients.OTHER_LABELS)
    prefix = name.upper()
    return {
        "id": name,
        "time": f"{prefix}_MONTHS",
        "unit": "months",
        "status": f"{prefix}_STATUS",
        "event": [f"1:{event}"],
        "censored": [f"0:{censored}"],
    }


def _samples(patient: Sequence[str], sample: Sequence[str], measured: dict[str, Attribute]) -> Told:
    own = _own(patient, "PATIENT")
    told: Told = {"table": "taken", "patient": {"column": own if own == "PATIENT_ID" else f"people:{own}"}}
    told["sample"] = {"column": _own(sample, "SAMPLE")}
    if "PLACEHOLDER" in sample:
        told["where"] = {"column": "PLACEHOLDER", "values": ["FALSE"]}
    told |= _columns(SAMPLE, sample)
    if "SAMPLE_TYPE" in sample:
        told["origin"] = {"column": "SAMPLE_TYPE", "map": {shown: word for word, shown in samples.ORIGIN.items()}}
    values: dict[str, Any] = {
        name: {"column": a.id, **({"limits": True} if a.datatype == "NUMBER" else {})} for name, a in measured.items()
    }
    return told | {"values": values}
