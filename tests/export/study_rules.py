"""cBioPortal's rules for a study folder, written down once more from its documentation: what a validator would say.

Nothing here comes from the exporter. `problems` returns errors, `warnings` what a load would stop at without being told
to go on.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

Files = Mapping[str, bytes]

NULLS = {"", "na", "[not applicable]", "[not available]", "[pending]", "[discrepancy]", "[completed]", "[null]",
         "not applicable", "not available", "pending", "discrepancy", "completed", "null", "missing"}  # fmt: skip
ID = re.compile(r"[A-Za-z0-9._-]+")
STUDY_ID = re.compile(r"[a-z0-9_]+")
ATTRIBUTE = re.compile(r"[A-Z0-9_]+")
OS = {"0:LIVING", "1:DECEASED"}
DFS = {"0:DiseaseFree", "1:Recurred/Progressed", "1:Recurred", "1:Progressed"}
CATEGORIES = {"all_cases_in_study"}
# Attributes with a fixed place and type.
PATIENT_ONLY = {"AGE": "NUMBER", "SEX": "STRING", "OS_STATUS": "STRING", "OS_MONTHS": "NUMBER",
                "DFS_STATUS": "STRING", "DFS_MONTHS": "NUMBER"}  # fmt: skip
SAMPLE_ONLY = {"SAMPLE_TYPE": "STRING", "METASTATIC_SITE": "STRING", "PRIMARY_SITE": "STRING", "TUMOR_TYPE": "STRING"}
BANNED = {"MUTATION_COUNT", "FRACTION_GENOME_ALTERED"}


def meta(raw: bytes) -> dict[str, str]:
    """A meta file: key and value at the first colon of each line."""
    told = {}
    for line in raw.decode("utf-8").split("\n"):
        if line.strip():
            key, colon, value = line.partition(":")
            assert colon, f"a line without a colon: {line}"
            assert key == key.strip()
            assert key not in told
            told[key] = value.strip()
    return told


def lines_of(raw: bytes) -> list[str]:
    """The lines of a text file, which ends with a line end."""
    text = raw.decode("utf-8")
    assert text.endswith("\n")
    assert "\r" not in text
    return text[:-1].split("\n")


def table(raw: bytes) -> tuple[list[list[str]], list[str], list[list[str]]]:
    """A clinical file: the four header rows, the column names, the rows."""
    lines = lines_of(raw)
    assert all(line.startswith("#") for line in lines[:4])
    assert not any(line.startswith("#") for line in lines[4:])
    heads = [line[1:].split("\t") for line in lines[:4]]
    return heads, lines[4].split("\t"), [line.split("\t") for line in lines[5:]]


def problems(files: Files) -> list[str]:
    """Everything in a study folder that cBioPortal would refuse."""
    return [*_metas(files), *_clinical(files), *_timelines(files), *_case_lists(files)]


def _metas(files: Files) -> Iterator[str]:
    study = meta(files["meta_study.txt"])
    missing = {"cancer_study_identifier", "type_of_cancer", "name", "description"} - set(study)
    yield from (f"meta_study has no {key}" for key in missing)
    name = study["cancer_study_identifier"]
    if not STUDY_ID.fullmatch(name):
        yield f"study id {name}"
    if "pmid" in study and "citation" not in study:
        yield "pmid without citation"
    kinds = []
    for file in files:
        if file.startswith("meta_") and file != "meta_study.txt":
            told = meta(files[file])
            kinds.append(told["datatype"])
            if set(told) != {"cancer_study_identifier", "genetic_alteration_type", "datatype", "data_filename"}:
                yield f"{file}: keys {sorted(told)}"
            if told["cancer_study_identifier"] != name or told["genetic_alteration_type"] != "CLINICAL":
                yield f"{file}: {told}"
            if told["datatype"] not in ("PATIENT_ATTRIBUTES", "SAMPLE_ATTRIBUTES", "TIMELINE"):
                yield f"{file}: datatype {told['datatype']}"
            if told["data_filename"] not in files:
                yield f"{file}: names {told['data_filename']}, which is not there"
    if Counter(kinds)["SAMPLE_ATTRIBUTES"] != 1 or Counter(kinds)["PATIENT_ATTRIBUTES"] != 1:
        yield f"clinical files: {kinds}"
    described = {meta(files[file])["data_filename"] for file in files if file.startswith("meta_")
                 and file != "meta_study.txt"}  # fmt: skip
    yield from (f"{file} has no meta file" for file in files if file.startswith("data_") and file not in described)


def _clinical(files: Files) -> Iterator[str]:
    patient, sample = table(files["data_clinical_patient.txt"]), table(files["data_clinical_sample.txt"])
    yield from _shape("patient", *patient)
    yield from _shape("sample", *sample)
    if "SAMPLE_ID" in patient[1] or patient[1][0] != "PATIENT_ID":
        yield "the patient file's key"
    if not {"SAMPLE_ID", "PATIENT_ID"} <= set(sample[1]):
        yield "the sample file's keys"
    both = set(patient[1]) & set(sample[1]) - {"PATIENT_ID"}
    if both:
        yield f"in both files: {both}"
    yield from _ids("PATIENT_ID", column(patient, "PATIENT_ID"))
    yield from _ids("SAMPLE_ID", column(sample, "SAMPLE_ID"))
    yield from _levels(patient, PATIENT_ONLY, SAMPLE_ONLY)
    yield from _levels(sample, SAMPLE_ONLY, PATIENT_ONLY)
    yield from _survival(patient)


def column(found: tuple[list[list[str]], list[str], list[list[str]]], name: str) -> list[str]:
    """The cells of a column."""
    place = found[1].index(name)
    return [row[place] for row in found[2]]


def _shape(what: str, heads: list[list[str]], names: list[str], rows: list[list[str]]) -> Iterator[str]:
    for head in heads:
        if len(head) != len(names) or any(cell.strip().lower() in ("", "na") for cell in head):
            yield f"{what}: header line {head}"
    for datatype, priority, name in zip(heads[2], heads[3], names, strict=True):
        if datatype not in ("STRING", "NUMBER", "BOOLEAN") or int(priority) < -1:
            yield f"{what}: {name} is {datatype}, {priority}"
        if not ATTRIBUTE.fullmatch(name) or name in BANNED:
            yield f"{what}: attribute {name}"
    if len(set(names)) != len(names):
        yield f"{what}: {names}"
    for number, row in enumerate(rows, 6):
        if len(row) != len(names):
            yield f"{what}, line {number}: {len(row)} cells"
            continue
        for cell, datatype, name in zip(row, heads[2], names, strict=True):
            if fault := _cell(cell, datatype):
                yield f"{what}, line {number}, {name}: {fault}"


def _cell(cell: str, datatype: str) -> str:
    if cell != cell.strip():
        return f"blanks around '{cell}'"
    if cell == "":
        return ""
    if cell.lower() in NULLS:
        return f"'{cell}' is read as missing"
    if len(cell) > 255:
        return "longer than 255 characters"
    if datatype == "BOOLEAN" and cell not in ("TRUE", "FALSE"):
        return f"'{cell}' is no flag"
    if datatype == "NUMBER" and not re.fullmatch(r"[<>]?-?\d+(\.\d+)?([eE][-+]?\d+)?", cell):
        return f"'{cell}' is no number"
    if datatype == "STRING" and cell[0] in "=+-@":
        return f"'{cell}' is a formula to a spreadsheet"
    return ""


def _ids(what: str, ids: list[str]) -> Iterator[str]:
    yield from (f"{what} '{name}'" for name in ids if not ID.fullmatch(name) or len(name) > 63)
    yield from (f"{what} '{name}' {n} times" for name, n in Counter(ids).items() if n > 1)


def _levels(
    found: tuple[list[list[str]], list[str], list[list[str]]], own: dict[str, str], other: dict[str, str]
) -> Iterator[str]:
    for datatype, name in zip(found[0][2], found[1], strict=True):
        if name in other or own.get(name, datatype) != datatype:
            yield f"{name} is {datatype} in the wrong place"


def _survival(patient: tuple[list[list[str]], list[str], list[list[str]]]) -> Iterator[str]:
    heads, names, _ = patient
    for name in names:
        if not name.endswith("_STATUS") or name == "MSI_STATUS":
            continue
        prefix = name.removesuffix("_STATUS")
        if f"{prefix}_MONTHS" not in names:
            yield f"{name} has no {prefix}_MONTHS"
            continue
        for status, months in zip(column(patient, name), column(patient, f"{prefix}_MONTHS"), strict=True):
            if bool(status) != bool(months):
                yield f"{prefix}: '{status}' with '{months}'"
            allowed = {"OS": OS, "DFS": DFS}.get(prefix)
            if status and (status not in allowed if allowed else not re.fullmatch("[01]:.+", status)):
                yield f"{name} '{status}'"
        if " from " not in heads[1][names.index(f"{prefix}_MONTHS")]:
            yield f"{prefix}_MONTHS does not say where the clock starts"


def _timelines(files: Files) -> Iterator[str]:
    patients = set(column(table(files["data_clinical_patient.txt"]), "PATIENT_ID"))
    samples = set(column(table(files["data_clinical_sample.txt"]), "SAMPLE_ID"))
    for file in files:
        if not file.startswith("data_timeline_"):
            continue
        lines = [line.split("\t") for line in lines_of(files[file])]
        names, rows = lines[0], lines[1:]
        if names[:4] != ["PATIENT_ID", "START_DATE", "STOP_DATE", "EVENT_TYPE"] or not rows:
            yield f"{file}: {names}, {len(rows)} rows"
        for row in rows:
            # The importer trims a line before it splits it.
            cells = dict(zip(names, "\t".join(row).strip().split("\t"), strict=True))
            if cells["PATIENT_ID"] not in patients or not re.fullmatch(r"-?\d+", cells["START_DATE"]):
                yield f"{file}: {row}"
            if cells["EVENT_TYPE"] == "TREATMENT" and not (cells["TREATMENT_TYPE"] and cells["AGENT"]):
                yield f"{file}: {row}"
            if cells["EVENT_TYPE"] == "SPECIMEN" and cells["SAMPLE_ID"] not in samples:
                yield f"{file}: {row}"


def _case_lists(files: Files) -> Iterator[str]:
    name = meta(files["meta_study.txt"])["cancer_study_identifier"]
    samples = column(table(files["data_clinical_sample.txt"]), "SAMPLE_ID")
    lists = [meta(files[file]) for file in files if file.startswith("case_lists/")]
    if f"{name}_all" not in {told["stable_id"] for told in lists}:
        yield "no list of all samples"
    for told in lists:
        ids = told["case_list_ids"].split("\t")
        if told["cancer_study_identifier"] != name or sorted(ids) != sorted(samples):
            yield f"{told['stable_id']}: {len(ids)} ids"
        if told["case_list_category"] not in CATEGORIES:
            yield f"{told['stable_id']}: {told['case_list_category']}"


def warnings(files: Files) -> list[str]:
    """What is allowed and still stops a load that was not told to go on."""
    patient, sample = table(files["data_clinical_patient.txt"]), table(files["data_clinical_sample.txt"])
    found = []
    if set(column(patient, "PATIENT_ID")) != set(column(sample, "PATIENT_ID")):
        found.append("patients without samples, or samples without patients")
    found += [f"no {name}" for name in ("OS", "DFS") if f"{name}_STATUS" not in patient[1]]
    return found
