"""The files of one study: meta files, clinical data, timelines and the list of all samples."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from tilexplorer.bundles import SELECTION
from tilexplorer.errors import InvalidMapping
from tilexplorer.export.cbioportal import patients, samples, timelines
from tilexplorer.export.cbioportal.cells import LONGEST_DESCRIPTION, LONGEST_NAME, shortened
from tilexplorer.export.cbioportal.clinical import clinical_text
from tilexplorer.export.cbioportal.study_mapping import study_mapping
from tilexplorer.export.extract import Extract

LONGEST_CITATION = 200


def study_id(cohort: str, *, partial: bool) -> str:
    """cBioPortal's id of a cohort: lower-case letters, digits and '_'."""
    return re.sub(r"[^a-z0-9_]", "_", (cohort + SELECTION if partial else cohort).lower())


@dataclass(frozen=True, slots=True)
class Exported:
    """A study: the text of each of its files by name, and of the mapping that reads it back.

    `obstacle` says why there is no mapping; empty where there is one.
    """

    files: Mapping[str, str]
    mapping: str
    obstacle: str


def exported(extract: Extract, cohort: str) -> Exported:
    """The study of a cohort."""
    study = study_id(cohort, partial=extract.partial(cohort))
    of = {name: _of(extract, name, cohort) for name in extract.tables.frames}
    course = of["course"]
    sex = of["patient"].set_index("patient")["sex"]
    classes = extract.tables["regimen"].set_index("regimen")["combination"]
    ids = patients.patient_ids(course)
    made = samples.rows(of["sample"], ids)
    people = patients.attributes(course, sex, of["outcome"], of["endpoint"], classes)
    taken = samples.attributes(made, course.set_index("patient")["tumour"], of["measure"], of["value"])
    files = {
        "meta_study.txt": _meta(_study(of["cohort"].iloc[0], course, study, extract)),
        **_data(study, "clinical_patient", "PATIENT_ATTRIBUTES", clinical_text(people, 1)),
        **_data(study, "clinical_sample", "SAMPLE_ATTRIBUTES", clinical_text(taken, 2)),
        **_data(study, "timeline_treatment", "TIMELINE", timelines.treatment(course, extract.tables["component"], ids)),
        **_data(study, "timeline_specimen", "TIMELINE", timelines.specimen(made)),
        "case_lists/cases_all.txt": _all_samples(study, made["sample_id"].tolist()),
    }
    try:
        return Exported(files, study_mapping(extract, cohort, study, people, taken), "")
    except InvalidMapping as fault:  # a card with a word, or a measure, that the language does not have
        return Exported(files, "", str(fault))


def _of(extract: Extract, table: str, cohort: str) -> pd.DataFrame:
    frame = extract.tables[table]
    return frame[frame["cohort"] == cohort].reset_index(drop=True) if "cohort" in frame else frame


def _study(card: pd.Series, course: pd.DataFrame, study: str, extract: Extract) -> dict[str, str]:
    tumours = course["tumour"].unique()
    simulated = "SIMULATED, no real patient: " if card["simulated"] else ""
    part = f"A selection of {len(course)} of {extract.held[card['cohort']]} patients. "
    population = "" if pd.isna(card["population"]) else f"{str(card['population']).rstrip('. ')}. "
    said = f"{part if extract.partial(card['cohort']) else ''}{population}Exported by TIL Explorer, generation "
    told = {
        "type_of_cancer": str(tumours[0]).lower() if len(tumours) == 1 else "mixed",
        "cancer_study_identifier": study,
        "name": shortened(f"{simulated}{card['title']}", LONGEST_NAME),
        "description": shortened(f"{simulated}{said}{extract.generation}.", LONGEST_DESCRIPTION),
    }
    if not pd.isna(card["citation"]) and card["citation"]:
        told["citation"] = shortened(str(card["citation"]), LONGEST_CITATION)
    return told


def _data(study: str, name: str, datatype: str, text: str) -> dict[str, str]:
    """A data file and the meta file that describes it; neither where there is nothing to say."""
    if not text:
        return {}
    meta = {
        "cancer_study_identifier": study,
        "genetic_alteration_type": "CLINICAL",
        "datatype": datatype,
        "data_filename": f"data_{name}.txt",
    }
    return {f"meta_{name}.txt": _meta(meta), f"data_{name}.txt": text}


def _all_samples(study: str, ids: list[str]) -> str:
    return _meta(
        {
            "cancer_study_identifier": study,
            "stable_id": f"{study}_all",
            "case_list_name": "All samples",
            "case_list_description": f"All samples ({len(ids)} samples)",
            "case_list_category": "all_cases_in_study",
            "case_list_ids": "\t".join(ids),
        }
    )


def _meta(told: Mapping[str, str]) -> str:
    return "".join(f"{key}: {value}\n" for key, value in told.items())
