"""Timeline files: treatments and samples, in days from the start of the course, which is day 0.

cBioPortal's importer trims every line before it splits it, so the last column must never be blank.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from tilexplorer.export.cbioportal import cells
from tilexplorer.vocabulary import IMMUNOTHERAPY_CLASSES

TREATMENT: Final = ("PATIENT_ID", "START_DATE", "STOP_DATE", "EVENT_TYPE", "TREATMENT_TYPE", "AGENT_CLASS", "SUBTYPE",
                    "AGENT")  # fmt: skip
SPECIMEN: Final = ("PATIENT_ID", "START_DATE", "STOP_DATE", "EVENT_TYPE", "SAMPLE_ID", "TISSUE", "TIMEPOINT")

_OF_SPECIMEN: Final = ("patient_id", "days", "sample_id", "tissue", "timepoint")

# Kinds of treatment in cBioPortal's words, by class; whatever is not here is a medical therapy.
KINDS: Final = {
    **dict.fromkeys(IMMUNOTHERAPY_CLASSES, "Immunotherapy"),
    "chemotherapy": "Chemotherapy",
    "radiation": "Radiation Therapy",
    "surgery": "Surgery",
    "VEGF pathway": "Targeted Therapy",
    "TGF-beta pathway": "Targeted Therapy",
    "other targeted agent": "Targeted Therapy",
    "antibody-drug conjugate": "Targeted Therapy",
}
NO_TREATMENT: Final = "none"


def treatment(course: pd.DataFrame, component: pd.DataFrame, ids: dict[str, str]) -> str:
    """The treatments, one agent a row; empty where nobody was treated."""
    agents = component[component["class"] != NO_TREATMENT]
    by_regimen = {
        str(regimen): [_agent(str(name), part) for name, part in rows.groupby("component", sort=True)]
        for regimen, rows in agents.groupby("regimen", sort=False)
    }
    rows = [
        (ids[patient], "0", "", "TREATMENT", *agent)
        for patient, regimen in zip(course["patient"], course["regimen"], strict=True)
        for agent in by_regimen.get(regimen, [])
    ]
    return _file(TREATMENT, rows)


def _agent(name: str, rows: pd.DataFrame) -> tuple[str, str, str, str]:
    """Kind, classes (two for a bispecific), role and name."""
    classes = rows["class"].tolist()
    role = str(rows["role"].iloc[0])
    return KINDS.get(classes[0], "Medical Therapy"), " + ".join(classes), role, cells.one_line(name)


def specimen(made: pd.DataFrame) -> str:
    """The samples whose day is known; empty where there is none."""
    dated = made[made["days"].notna()]
    rows = [
        (patient, str(day), "", "SPECIMEN", sample, tissue, timepoint)
        for patient, day, sample, tissue, timepoint in dated[list(_OF_SPECIMEN)].itertuples(index=False)
    ]
    return _file(SPECIMEN, rows)


def _file(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    return "".join("\t".join(row) + "\n" for row in [header, *rows]) if rows else ""
