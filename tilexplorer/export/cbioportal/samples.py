"""Sample attributes: biopsies and blood draws, and what was measured on them.

cBioPortal counts samples: a patient without one would not be seen. Such a patient gets a row of its own that says of
itself that it stands for no sample.
"""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.errors import InvalidExport
from tilexplorer.export.cbioportal import cells
from tilexplorer.export.cbioportal.clinical import BANNED, Attribute, flag, number, text
from tilexplorer.export.cbioportal.ids import sample_ids

NO_SAMPLE: Final = "no_sample"
ORIGIN: Final = {"primary": "Primary", "metastasis": "Metastasis"}


def rows(sample: pd.DataFrame, ids: dict[str, str]) -> pd.DataFrame:
    """A row for each sample and for each patient without one.

    Parameters
    ----------
    sample
        The cohort's samples.
    ids
        cBioPortal's id of each patient by the source's.

    Returns
    -------
    pandas.DataFrame
        The columns of the sample table, with `patient_id`, `sample_id` (cBioPortal's) and the flag `placeholder`.
    """
    sampled = set(sample["patient"])
    without = [patient for patient in ids if patient not in sampled]
    missing = pd.DataFrame({"patient": without, "sample": [f"{patient}-{NO_SAMPLE}" for patient in without]})
    every = pd.concat([sample, missing.astype("string")], ignore_index=True)
    patients = every["patient"].map(ids)
    return every.assign(
        patient_id=patients,
        sample_id=sample_ids(patients.tolist(), every["sample"].tolist()),
        placeholder=every["patient"].isin(without),
    )


def attributes(made: pd.DataFrame, tumour: pd.Series, measure: pd.DataFrame, value: pd.DataFrame) -> list[Attribute]:
    """The columns of the sample file.

    Parameters
    ----------
    made
        What `rows` gave.
    tumour
        OncoTree code by patient.
    measure, value
        The cohort's measures and values.
    """
    codes = made["patient"].map(tumour)
    names = codes.map({code: tumour.name for code, tumour in vocabulary.tumours().items()})
    found = [
        text("SAMPLE_ID", "Sample Identifier", "Identifier of the sample", made["sample_id"]),
        text("PATIENT_ID", "Patient Identifier", "Identifier of the patient", made["patient_id"]),
    ]
    if list(made["sample"]) != list(made["sample_id"]):
        own = made["sample"].mask(made["placeholder"])
        found.append(text("SOURCE_SAMPLE_ID", "Source Sample ID", "Identifier as the source published it", own))
    if made["placeholder"].any():
        said = "TRUE: the source has no sample of this patient; the row lets cBioPortal count the patient"
        found.append(flag("PLACEHOLDER", "Placeholder", said, made["placeholder"]))
    found.append(text("ONCOTREE_CODE", "OncoTree Code", "OncoTree code of the tumour", codes))
    found.append(text("CANCER_TYPE", "Cancer Type", "Tumour type by its OncoTree code", names.fillna(codes)))
    found += _biopsy(made)
    taken = {attribute.id for attribute in found} | BANNED
    return found + [_measured(made, row, value[value["measure"] == row["measure"]], taken) for row in _rows(measure)]


def _biopsy(made: pd.DataFrame) -> list[Attribute]:
    origin = cells.chosen(made["origin"], ORIGIN, "sample type")
    return [
        text("TIMEPOINT", "Timepoint", "baseline, on_treatment, post_treatment or unknown", made["timepoint"]),
        number("SAMPLE_DAYS", "Day of Sample", "Day from the start of treatment; negative is before", made["days"]),
        text("SAMPLE_AGE", "Age of Sample", "Age of the tissue at the start of treatment", made["sample_age"]),
        text("TISSUE", "Tissue", "tumour or blood", made["tissue"]),
        text("BIOPSY_SITE", "Biopsy Site", "Organ or site of the biopsy", made["site"]),
        Attribute("SAMPLE_TYPE", "Sample Type", "Primary or metastasis", "STRING", origin),
        flag("LYMPH_NODE", "Lymph Node", "Taken from a lymph node", made["lymph_node"]),
        text("LESION", "Lesion", "Identifier of the lesion within the patient", made["lesion"]),
        flag("LESION_TREATED", "Lesion Treated", "The lesion was treated locally", made["lesion_treated"]),
    ]


def measure_id(measure: str, taken: set[str] | frozenset[str] = BANNED) -> str:
    """The attribute's id of a measure. cBioPortal computes MUTATION_COUNT itself and refuses it from others."""
    name = re.sub(r"[^A-Z0-9_]", "_", measure.upper())
    return f"{name}_MEASURED" if name in taken else name


def _measured(made: pd.DataFrame, row: pd.Series, values: pd.DataFrame, taken: set[str]) -> Attribute:
    known = vocabulary.measures().get(row["measure"])
    label = known.label if known else str(row["measure"])
    said = "; ".join([label, *(f"{key}: {row[key]}" for key in ("unit", "assay", "note") if _there(row[key]))])
    numeric = row["kind"] == "number"
    found = _numbers(values) if numeric else cells.texts(values["category"], label)
    by_sample = dict(zip(zip(values["patient"], values["sample"], strict=True), found, strict=True))
    placed = [by_sample.get(key, "") for key in zip(made["patient"], made["sample"], strict=True)]
    return Attribute(measure_id(row["measure"], taken), label, said, "NUMBER" if numeric else "STRING", placed)


def _numbers(values: pd.DataFrame) -> list[str]:
    """Numbers; those that the source gives as bounds with > or < in front, as cBioPortal takes them."""
    limits = ["" if pd.isna(limit) else str(limit) for limit in values["limit"]]
    if set(limits) - {"", "<", ">"}:
        raise InvalidExport(f"cBioPortal takes the limits > and <, not {', '.join(sorted(set(limits)))}")
    return [limit + figure for limit, figure in zip(limits, cells.numbers(values["number"]), strict=True)]


def _there(value: object) -> bool:
    return not pd.isna(value) and value != ""  # type: ignore[call-overload]


def _rows(frame: pd.DataFrame) -> list[pd.Series]:
    return [row for _, row in frame.iterrows()]
