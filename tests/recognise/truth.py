"""What people wrote about real files, to compare the recogniser with: the catalogue's mappings and SOURCE.md files.

A column may be read for several roles ('Cohort' says arm and earlier immunotherapy): each of them is right.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pandas as pd

from tests.shared import real_cohorts
from tilexplorer import catalog
from tilexplorer.importers import read_file
from tilexplorer.importers.mapping import File, Mapped, Rule
from tilexplorer.recognise import Recognised, recognise
from tilexplorer.recognise.format import sniff
from tilexplorer.recognise.guess import SURE
from tilexplorer.recognise.propose import FIELDS

SAMPLE_FIELDS = ("timepoint", "tissue", "site", "origin", "sample_age", "days", "lesion")
# Roles that the catalogue writes for a column, as 'role', 'time os months', 'status os 1', 'measure tmb'.
Truth = dict[str, set[str]]

CATALOGUE = ("braun2020", "imvigor210", "inspire", "riaz2017", "hellmann2018", "rizvi2015", "gide2019")
# Files that no mapping reads: what their SOURCE.md says.
PREDICTIOR = {
    "patientid": "patient",
    "sample_rowname": "sample",
    "sex": "sex",
    "age": "age",
    "cancer_type": "tumour",
    "recist": "response",
    "response": "benefit",
    "survival_time_os": "time os months",
    "event_occurred_os": "status os 1",
    "survival_unit": "unit",
    "TMB_perMb": "measure tmb",
}
WRITTEN: dict[str, dict[str, str]] = {
    "predictior_Hugo/ICB_small_Hugo_coldata.csv": {**PREDICTIOR, "treatmentid": "regimen", "Biopsy.Time": "timepoint"},
    "predictior_Nathanson/ICB_small_Nathanson_coldata.csv": PREDICTIOR,
    "predictior_Van_Allen/ICB_small_Van_Allen_coldata.csv": {
        **PREDICTIOR,
        "survival_time_pfs": "time pfs months",
        "event_occurred_pfs": "status pfs 1",
        "date_birth": "identifying",
    },
    "gide2019_melanoma_clinical/compass_gide_clinical.tsv": {
        "patient_id": "patient",
        "Sample_id": "sample",
        "RECIST": "response",
        "ICI": "regimen",
        "Age": "age",
        "Gender": "sex",
        "Biopsy_site": "site",
        "Timing": "timepoint",
        "OS_Months": "time os months",
        "OS_Event": "status os 1.0",
        "PFS_Months": "time pfs months",
        "PFS_Event": "status pfs 1",
    },
    "imvigor210_mariathasan2018/iobr_imvigor210_pdata.csv": {
        "BOR": "response",
        "OS_days": "time os days",
        "OS_status": "status os 1",
        "CD_8_T_effector": "measure cd8_teff",
        "Immune_Checkpoint": "measure immune_checkpoint_score",
        "Pan_F_TBRs": "measure tgfb_response",
        "Mismatch_Repair": "measure mismatch_repair_score",
        "TumorPurity": "measure purity",
    },
    "msk_nsclc_ici_no_infiltration/nsclc_pd1_msk_2018/data_clinical_patient.txt": {
        "PATIENT_ID": "patient",
        "SEX": "sex",
        "AGE": "age",
        "LINES_OF_TX": "line",
        "PFS_MONTHS": "time pfs months",
        "PFS_STATUS": "status pfs 1:Progressed",
        "DURABLE_CLINICAL_BENEFIT": "durable",
    },
    "tcga_natural_history/tcga_cdr_cibersort_merged.csv": {
        "bcr_patient_barcode": "patient",
        "type": "tumour",
        "gender": "sex",
        "age_at_initial_pathologic_diagnosis": "age",
        **{f"{name}.time": f"time {name.lower()} days" for name in ("OS", "DSS", "DFI", "PFI")},
        **{name: f"status {name.lower()} 1.0" for name in ("OS", "DSS", "DFI", "PFI")},
        "T.cells.CD8": "measure cd8_fraction_cibersort",
        "ABSOLUTE_purity": "measure purity",
    },
}


@dataclass
class Score:
    """How the columns that people wrote about were recognised: right, not proposed, wrong, and wrong though sure."""

    right: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    sure_and_wrong: list[str] = field(default_factory=list)

    @property
    def n(self) -> int:
        return len(self.right) + len(self.missed) + len(self.wrong) + len(self.sure_and_wrong)


def said(one: Recognised) -> str:
    """What was recognised, written as the truth is."""
    details = one.details
    if one.role == "time":
        return f"time {details.endpoint} {details.unit}"
    if one.role == "status":
        return f"status {details.endpoint} {'/'.join(details.event)}"
    return f"measure {details.measure}" if one.role == "measure" else one.role


def judged(columns: tuple[Recognised, ...], truth: Truth, where: str) -> Score:
    """The score of the recognised columns of a file."""
    score = Score()
    for one in columns:
        if one.column not in truth:
            continue
        line = f"{where}: {one.column} is {sorted(truth[one.column])}, said {said(one)} {one.confidence:.2f}"
        if said(one) in truth[one.column]:
            score.right.append(line)
        elif one.role == "ignored":
            score.missed.append(line)
        elif one.confidence < SURE:
            score.wrong.append(line)
        else:
            score.sure_and_wrong.append(line)
    return score


def of_catalogue(name: str, *, rows: int = 0, seed: int = 0, blind: bool = False) -> Score:
    """The score over the files of a catalogue entry that its mapping reads; on some rows, or without column names."""
    mapped = catalog.entry(name)
    total = Score()
    for key, truth in written(mapped).items():
        file = mapped.files[key]
        frame = frame_of(real_cohorts() / file.folder / file.name, file)
        chosen = frame.sample(rows, random_state=seed) if 0 < rows < len(frame) else frame
        if blind:
            hidden = {column: f"v{number}" for number, column in enumerate(frame.columns)}
            chosen = chosen.rename(columns=hidden)
            truth = {hidden[column]: roles for column, roles in truth.items() if column in hidden}
        part = judged(recognise(chosen, file.missing), truth, f"{name}/{key}")
        for kind in ("right", "missed", "wrong", "sure_and_wrong"):
            getattr(total, kind).extend(getattr(part, kind))
    return total


@cache
def frame_of(path: Path, file: File | None = None) -> pd.DataFrame:
    """A file's cells, as declared, or as it was found out."""
    return read_file(file or sniff(path).file, path)


@cache
def columns_of(path: Path) -> tuple[Recognised, ...]:
    """The columns of a file of which nothing is declared."""
    return recognise(frame_of(path))


def of_source(path: str) -> Score:
    """The score of a file that no mapping reads, against its SOURCE.md."""
    truth = {column: {role} for column, role in WRITTEN[path].items()}
    return judged(columns_of(real_cohorts() / path), truth, path)


def written(mapped: Mapped) -> dict[str, Truth]:
    """For each file of a mapping, its columns and the roles that the mapping gives them."""
    found: dict[str, Truth] = {key: {} for key in mapped.files}

    def add(table: str, column: str, role: str) -> None:
        file = mapped.tables[table].file if table in mapped.tables else table
        prefix, _, name = column.rpartition(":")
        if prefix in mapped.tables:
            prefix = mapped.tables[prefix].file
        found[prefix if prefix in found else file].setdefault(name or column, set()).add(role)

    def rule(table: str, made: Rule | None, role: str) -> None:
        for column in made.sources if made else ():
            add(table, column, role)

    people = mapped.patients
    rule(people.table, people.id, "patient")
    for name in ("tumour", "study", *FIELDS):
        rule(people.table, getattr(people, name), name)
    if people.regimen.column:
        add(people.table, people.regimen.column, "regimen")
    for endpoint in mapped.endpoints:
        add(people.table, endpoint.time, f"time {endpoint.id} {endpoint.unit}")
        add(people.table, endpoint.status, f"status {endpoint.id} {'/'.join(endpoint.event)}")
    for block in mapped.samples:
        rule(block.table, block.patient, "patient")
        if block.sample.sources != block.patient.sources:
            rule(block.table, block.sample, "sample")
        for name in SAMPLE_FIELDS:
            rule(block.table, getattr(block, name), name)
        for measure, value in block.measured.items():
            rule(block.table, value, f"measure {measure}")
    return found
