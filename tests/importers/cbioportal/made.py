"""A made-up study as cBioPortal wants it: four patients, five samples, timelines, a generic assay, case lists."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def table(*rows: str) -> str:
    """Lines of cells; in the arguments a cell ends with a blank and a bar."""
    return "".join("\t".join(cell.strip() for cell in row.split("|")) + "\n" for row in rows)


def clinical_meta(datatype: str, data: str) -> str:
    return (
        "cancer_study_identifier: made_2026\ngenetic_alteration_type: CLINICAL\n"
        f"datatype: {datatype}\ndata_filename: {data}\n"
    )


PATIENTS = table(
    "#Patient|Age|Sex|Overall survival|Months of survival|Progression|Months to progression",
    "#Identifier|Age at first dose|Sex|Vital status|From first dose to death|Progression or death|From first dose",
    "#STRING|NUMBER|STRING|STRING|NUMBER|STRING|NUMBER",
    "#1|1|1|1|1|1|1",
    "PATIENT_ID|AGE|SEX|OS_STATUS|OS_MONTHS|PFS_STATUS|PFS_MONTHS",
    "P1|61|Female|0:LIVING|24|0:LIVING|24",
    "P2|70|Male|1:DECEASED|8|1:DECEASED|2.5",
    "P3|55|Female|DECEASED|12|1:PROGRESSION|6",
    "P4|48|Male|[Not Available]||0:CENSORED|3",
)

SAMPLES = table(
    "#Patient|Sample|Response note",
    "#Identifier|Identifier|What the site wrote",
    "#STRING|STRING|STRING",
    "#1|1|-1",
    "PATIENT_ID|SAMPLE_ID|NOTE",
    "P1|S1a|Completed",
    "P1|S1b|Pending",
    "P2|S2|NA",
    "P3|S3|N/A",
    "P4|S4|[Pending]",
)

TREATMENT = table(
    "PATIENT_ID|START_DATE|STOP_DATE|EVENT_TYPE|TREATMENT_TYPE|AGENT",
    # Chemotherapy ends on the day on which both antibodies begin: another line.
    "P1|100|200|TREATMENT|Medical Therapy|CARBOPLATIN",
    "P1|200|260|TREATMENT|Medical Therapy|Ipilimumab",
    "P1|200|500|TREATMENT|Medical Therapy|Nivolumab",
    # Alone at first; bevacizumab joins while pembrolizumab is given. What follows is another line.
    "P2|30|120|TREATMENT|Medical Therapy|pembrolizumab",
    "P2|60|90|TREATMENT|Medical Therapy|Avastin",
    "P2|120|150|TREATMENT|Medical Therapy|ipilimumab",
    # A single dose without a last day, twice.
    "P3|-5||TREATMENT|Medical Therapy|atezolizumab",
    "P3|16||TREATMENT|Medical Therapy|atezolizumab",
    # No immunotherapy.
    "P4|0|90|TREATMENT|Medical Therapy|STUDY DRUG",
)

SPECIMEN = table(
    "PATIENT_ID|START_DATE|EVENT_TYPE|SAMPLE_ID",
    "P1|190|SPECIMEN|S1a",
    "P1|242|SPECIMEN|S1b",
    "P2|30|SPECIMEN|S2",
    "P3|-40|SPECIMEN|S3",
    "P4|-10|SPECIMEN|S4",
)

STATUS = table(
    "PATIENT_ID|START_DATE|EVENT_TYPE|STATUS",
    "P1|250|STATUS|Stable Disease",
    "P1|300|STATUS|Partial Response",
    "P1|520|STATUS|Progressive Disease",
    # Before the first dose of immunotherapy: the answer to something else.
    "P2|10|STATUS|Partial Response",
    "P2|80|STATUS|Progressive Disease",
    "P3|60|STATUS|Complete Response",
)

DENSITY = table(
    "ENTITY_STABLE_ID|NAME|ASSAY_NOTE|S1a|S1b|S2|S3|S4",
    "cd8_centre|CD8 in the centre|digital|120.5|>8000.00|35|NA|0",
    "cd8_margin|CD8 at the margin|digital|340|900|NaN|12|<1.5",
)

STUDY: Mapping[str, str] = {
    "meta_study.txt": (
        "cancer_study_identifier: made_2026\ntype_of_cancer: mel\nname: Made up (2026)\n"
        "description: Ratio 1:2 of everything\nadd_global_case_list: true\n"
    ),
    "meta_clinical_patient.txt": clinical_meta("PATIENT_ATTRIBUTES", "people.txt"),
    "people.txt": PATIENTS,
    "meta_clinical_sample.txt": clinical_meta("SAMPLE_ATTRIBUTES", "data_clinical_sample.txt"),
    "data_clinical_sample.txt": SAMPLES,
    "meta_timeline_treatment.txt": clinical_meta("TIMELINE", "data_timeline_treatment.txt"),
    "data_timeline_treatment.txt": TREATMENT,
    "meta_timeline_specimen.txt": clinical_meta("TIMELINE", "data_timeline_specimen.txt"),
    "data_timeline_specimen.txt": SPECIMEN,
    "meta_timeline_status.txt": clinical_meta("TIMELINE", "data_timeline_status.txt"),
    "data_timeline_status.txt": STATUS,
    "meta_cell_density.txt": (
        "cancer_study_identifier: made_2026\ngenetic_alteration_type: GENERIC_ASSAY\ngeneric_assay_type: CELL_DENSITY\n"
        "datatype: LIMIT-VALUE\nstable_id: cell_density\nprofile_name: Cells\nprofile_description: Cells\n"
        "data_filename: data_cell_density.txt\ngeneric_entity_meta_properties: NAME,ASSAY_NOTE\n"
        "show_profile_in_analysis_tab: true\n"
    ),
    "data_cell_density.txt": DENSITY,
    "case_lists/cases_sequenced.txt": (
        "cancer_study_identifier: made_2026\nstable_id: made_2026_sequenced\ncase_list_name: Sequenced\n"
        "case_list_description: Sequenced\ncase_list_ids: S1a\tS2\tS3\n"
    ),
}


def write(folder: Path, changes: Mapping[str, str | bytes | None] | None = None) -> Path:
    """The study in a folder; `changes` replaces files, None leaves one out."""
    for name, content in {**STUDY, **(changes or {})}.items():
        if content is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def edited(name: str, old: str, new: str) -> Mapping[str, str]:
    """One file of the study with a text replaced, which has to be there."""
    assert old in STUDY[name]
    return {name: STUDY[name].replace(old, new)}


def longer(name: str, text: str) -> Mapping[str, str]:
    """One file of the study with more text at its end."""
    return {name: STUDY[name] + text}


# The study as a cohort: regimen, days of the samples and best response from its timelines.
MAPPING = """
[cohort]
minimum_patients = 3
id = "made"
title = "Made up"
default_measure = "cd8_density_centre"

[files.patients]
name = "people.txt"
format = "cbioportal"
[files.samples]
name = "data_clinical_sample.txt"
format = "cbioportal"
[files.treatment]
name = "data_timeline_treatment.txt"
format = "cbioportal"
[files.specimen]
name = "data_timeline_specimen.txt"
format = "cbioportal"
[files.status]
name = "data_timeline_status.txt"
format = "cbioportal"
[files.density]
name = "data_cell_density.txt"
format = "cbioportal-matrix"
properties = ["ASSAY_NOTE"]

[tables.therapy]
file = "treatment"
[[tables.therapy.steps]]
do = "regimen"
column = "regimen"
patient = "PATIENT_ID"
agent = "AGENT"
start = "START_DATE"
stop = "STOP_DATE"
begins = "first"
ends = "last"
map = {"STUDY DRUG" = ""}

[tables.best]
file = "status"
steps = [
  {do = "join", table = "therapy", on = {PATIENT_ID = "PATIENT_ID"}},
  {do = "difference", column = "day", end = "START_DATE", start = "therapy:first"},
  {do = "bands", column = "when", source = "day", cuts = [0], words = ["before", "after"]},
  {do = "keep", column = "when", values = ["after"]},
  {do = "derive", column = "response", source = "STATUS", pattern = '(.)\\w+ (.)\\w+', replace = '\\1\\2'},
  {do = "best", by = "PATIENT_ID", column = "response", order = ["CR", "PR", "SD", "PD"]},
]

[tables.people]
file = "patients"
steps = [
  {do = "join", table = "therapy", on = {PATIENT_ID = "PATIENT_ID"}, how = "inner", reason = "no immunotherapy"},
  {do = "join", table = "best", on = {PATIENT_ID = "PATIENT_ID"}},
]

[tables.biopsies]
file = "specimen"
steps = [
  {do = "join", table = "therapy", on = {PATIENT_ID = "PATIENT_ID"}},
  {do = "difference", column = "day", end = "START_DATE", start = "therapy:first"},
  {do = "bands", column = "timepoint", source = "day", cuts = [0], words = ["baseline", "on_treatment"]},
  {do = "join", table = "density", on = {SAMPLE_ID = "SAMPLE_ID"}, expect = 5},
]

[patients]
table = "people"
id = {column = "PATIENT_ID"}
tumour = {value = "MEL"}
regimen = {column = "therapy:regimen", separator = "+"}
sex = {column = "SEX", map = {Female = "female", Male = "male"}}
age = {column = "AGE"}
response = {column = "best:response", empty = "NE"}

[[endpoints]]
id = "os"
time = "OS_MONTHS"
unit = "months"
status = "OS_STATUS"
event = ["1:DECEASED", "DECEASED"]
censored = ["0:LIVING"]
t0 = "first dose"

[measures.cd8_density_centre]
assay = "digital pathology"

[[samples]]
table = "biopsies"
patient = {column = "PATIENT_ID"}
sample = {column = "SAMPLE_ID"}
timepoint = {column = "timepoint"}
days = {column = "day"}
unknown_patients = "exclude"
[samples.values]
cd8_density_centre = {column = "density:cd8_centre", limits = true}
"""
