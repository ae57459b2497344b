"""A cohort as a cBioPortal study: every rule of the format, and every patient, day, event and value in it."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from tests.command import one_message, run
from tests.export.study_rules import column, lines_of, meta, problems, table, warnings
from tests.export.whole import everything
from tests.miniature import miniature, published_store
from tilexplorer import catalog
from tilexplorer.errors import InvalidExport
from tilexplorer.export import Extract, of_cohorts, of_selection, write_studies
from tilexplorer.export.cbioportal.ids import cleaned, sample_ids
from tilexplorer.schema import Canonical
from tilexplorer.selection import Selection
from tilexplorer.store import Store


def studies(extract: Extract, folder: Path) -> dict[str, dict[str, bytes]]:
    """The files of each study of an export."""
    path = folder / "studies.zip"
    write_studies(extract, path)
    found: dict[str, dict[str, bytes]] = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            study, _, file = name.partition("/")
            if file:
                found.setdefault(study, {})[file] = archive.read(name)
    return found


def of_miniature(folder: Path, made: Canonical | None = None) -> dict[str, bytes]:
    """The study of a miniature."""
    store = published_store(folder / "s", made or miniature(patients=12))
    return studies(everything(store), folder)["alpha"]


def frame(files: dict[str, bytes], name: str) -> pd.DataFrame:
    """A clinical file as a frame of text."""
    _, names, rows = table(files[f"data_clinical_{name}.txt"])
    return pd.DataFrame(rows, columns=names)


@pytest.mark.cohorts
def test_every_real_cohort_is_a_valid_study_with_every_patient(real_store: Path, tmp_path: Path) -> None:
    extract = everything(Store.open(real_store))
    found = studies(extract, tmp_path)
    assert {name.replace("_", "-") for name in found} == set(catalog.names())
    for study, files in found.items():
        assert problems(files) == [], study
        assert set(warnings(files)) <= {"no OS", "no DFS"}, study
        _every_row_is_there(extract, study.replace("_", "-"), files)


def _every_row_is_there(extract: Extract, cohort: str, files: dict[str, bytes]) -> None:
    """Patients, days, events and values of the study are those of the store, read back by the format's own rules."""
    of = {name: rows[rows["cohort"] == cohort] for name, rows in extract.tables.frames.items() if "cohort" in rows}
    people = frame(files, "patient")
    assert len(people) == len(of["course"])
    outcome = of["outcome"]
    for endpoint in outcome["endpoint"].unique():
        rows = outcome[outcome["endpoint"] == endpoint]
        told = people[people[f"{endpoint.upper()}_MONTHS"] != ""]
        days = [math.floor(float(m) * 30.4375 + 0.5) for m in told[f"{endpoint.upper()}_MONTHS"]]
        events = [s[0] == "1" for s in told[f"{endpoint.upper()}_STATUS"]]
        found = zip(source(told, "PATIENT"), zip(days, events, strict=True), strict=True)
        assert dict(found) == dict(zip(rows["patient"], zip(rows["days"], rows["event"], strict=True), strict=True))
    taken = frame(files, "sample")
    real = taken[taken["PLACEHOLDER"] == "FALSE"] if "PLACEHOLDER" in taken else taken
    assert len(real) == len(of["sample"])
    for measure, rows in of["value"].groupby("measure"):
        name = "MUTATION_COUNT_MEASURED" if measure == "mutation_count" else str(measure).upper()
        told_of = {key: cell for key, cell in zip(source(real, "SAMPLE"), real[name], strict=True) if cell}
        numbers = [
            category if pd.isna(number) else f"{'' if pd.isna(limit) else limit}{float(number)!r}"
            for number, category, limit in zip(rows["number"], rows["category"], rows["limit"], strict=True)
        ]
        assert told_of == dict(zip(rows["sample"], numbers, strict=True))


def source(told: pd.DataFrame, what: str) -> list[str]:
    """The source's own ids of the rows."""
    own = f"SOURCE_{what}_ID"
    return told[own if own in told else f"{what}_ID"].tolist()


BROKEN = {
    "a cell too many": ("data_clinical_patient.txt", "\tMale\t", "\tMale\t\t"),
    "an unknown status": ("data_clinical_patient.txt", "1:DECEASED", "1:DEAD"),
    "months without a status": ("data_clinical_patient.txt", "1:DECEASED", ""),
    "a flag in words": ("data_clinical_patient.txt", "TRUE", "yes"),
    "no number": ("data_clinical_patient.txt", "40.0", "forty"),
    "a header line too few": ("data_clinical_patient.txt", "#1\t", "#0.5\t"),
    "the same patient twice": ("data_clinical_patient.txt", "\nalpha-001\t", "\nalpha-000\t"),
    "a blank in an id": ("data_clinical_sample.txt", "\nalpha-001\t", "\nalpha 001\t"),
    "a missing word": ("data_clinical_patient.txt", "\tnivolumab\t", "\tPending\t"),
    "a banned attribute": ("data_clinical_sample.txt", "CD8_DENSITY_CENTRE", "MUTATION_COUNT"),
    "an attribute of both": ("data_clinical_sample.txt", "TISSUE", "AGE"),
    "another study": ("meta_clinical_sample.txt", "alpha", "beta"),
    "a study id with a hyphen": ("meta_study.txt", "identifier: alpha", "identifier: al-pha"),
    "a sample that is not listed": ("case_lists/cases_all.txt", "\talpha-003", ""),
    "an event of nobody": ("data_timeline_treatment.txt", "alpha-003", "alpha-999"),
    "no name of the drug": ("data_timeline_treatment.txt", "\tnivolumab\n", "\t\n"),
    "a day with a fraction": ("data_timeline_specimen.txt", "-10", "-10.5"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_the_rules_find_what_is_broken(valid: dict[str, bytes], case: str) -> None:
    file, old, new = BROKEN[case]
    text = valid[file].decode()
    assert old in text
    broken = {**valid, file: text.replace(old, new, 1).encode()}
    try:
        found = problems(broken)
    except (AssertionError, ValueError, KeyError):
        return
    assert found


@pytest.fixture(scope="module")
def valid(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The study of a miniature, which has no fault."""
    files = of_miniature(tmp_path_factory.mktemp("valid"))
    assert problems(files) == []
    return files


def test_the_simulated_cohorts_are_valid_studies_and_say_what_they_are(simulated_store: Path, tmp_path: Path) -> None:
    for files in studies(everything(Store.open(simulated_store)), tmp_path).values():
        assert problems(files) == []
        assert meta(files["meta_study.txt"])["name"].startswith("SIMULATED")
        assert "SPECIMEN" in files["data_timeline_specimen.txt"].decode()


def test_what_a_study_says_of_one_patient(tmp_path: Path) -> None:
    files = of_miniature(tmp_path, miniature(patients=12, regimens=("nivolumab + ipilimumab",)))
    assert problems(files) == []
    told = meta(files["meta_study.txt"])
    assert told["type_of_cancer"] == "mel"
    assert told["cancer_study_identifier"] == "alpha"
    first = frame(files, "patient").iloc[0].to_dict()
    # Patient 0 lives 10 days = 10 / 30.4375 months = 0.3285 and dies; complete response; 40 years; male.
    assert first == {
        "PATIENT_ID": "alpha-000",
        "SEX": "Male",
        "AGE": "40.0",
        "ECOG": "0",
        "TRIAL": "alpha-study",
        "REGIMEN": "nivolumab + ipilimumab",
        "THERAPY_CLASS": "anti-PD-1 + anti-CTLA-4",
        "LINE_OF_TREATMENT": "1",
        "PRIOR_IMMUNOTHERAPY": "TRUE",
        "BEST_RESPONSE": "CR",
        "OS_STATUS": "1:DECEASED",
        "OS_MONTHS": "0.3285",
    }
    heads, names, _ = table(files["data_clinical_patient.txt"])
    assert "overall survival from first dose; event: death" in heads[1][names.index("OS_MONTHS")]
    treated = [line.split("\t") for line in lines_of(files["data_timeline_treatment.txt"])][1:3]
    assert treated == [
        ["alpha-000", "0", "", "TREATMENT", "Immunotherapy", "anti-CTLA-4", "treatment", "ipilimumab"],
        ["alpha-000", "0", "", "TREATMENT", "Immunotherapy", "anti-PD-1", "treatment", "nivolumab"],
    ]
    taken = lines_of(files["data_timeline_specimen.txt"])[1].split("\t")
    assert taken == ["alpha-000", "-10", "", "SPECIMEN", "alpha-000", "tumour", "baseline"]
    sample = frame(files, "sample").iloc[11]
    assert sample["CD8_DENSITY_CENTRE"] == "11.0"
    assert sample["IMMUNE_PHENOTYPE"] == "inflamed"
    assert sample["ONCOTREE_CODE"] == "MEL"


def test_limits_keep_their_sign(tmp_path: Path) -> None:
    made = miniature(patients=12)
    made["value"].loc[[3, 4], "limit"] = [">", "<"]
    files = of_miniature(tmp_path, made)
    assert problems(files) == []
    assert column(table(files["data_clinical_sample.txt"]), "CD8_DENSITY_CENTRE")[2:6] == ["2.0", ">3.0", "<4.0", "5.0"]


def test_a_patient_without_a_sample_is_counted_and_marked(tmp_path: Path) -> None:
    made = miniature(patients=12)
    made.frames["sample"].drop(index=[5], inplace=True)  # noqa: PD002 - the frame within the tables
    made.frames["value"].drop(index=made["value"].index[made["value"]["patient"] == "alpha-005"], inplace=True)  # noqa: PD002
    files = of_miniature(tmp_path, made)
    assert problems(files) == []
    assert "patients without samples, or samples without patients" not in warnings(files)
    taken = frame(files, "sample")
    marked = taken[taken["PLACEHOLDER"] == "TRUE"]
    assert marked[["SAMPLE_ID", "PATIENT_ID", "TIMEPOINT"]].to_numpy().tolist() == [
        ["alpha-005-no_sample", "alpha-005", ""]
    ]


def test_ids_are_cleaned_and_kept_beside(tmp_path: Path) -> None:
    made = miniature(patients=12)
    for name in ("patient", "course", "outcome", "sample", "value"):
        made[name]["patient"] = made[name]["patient"].str.replace("alpha-", "Pt #", regex=False)
    for name in ("sample", "value"):
        made[name]["sample"] = "biopsy 1"  # unique within a patient only
    files = of_miniature(tmp_path, made)
    assert problems(files) == []
    first = frame(files, "patient").iloc[0]
    assert first["PATIENT_ID"] == "Pt__000"
    assert first["SOURCE_PATIENT_ID"] == "Pt #000"
    sample = frame(files, "sample").iloc[0]
    assert (sample["SAMPLE_ID"], sample["SOURCE_SAMPLE_ID"]) == ("Pt__000-biopsy_1", "biopsy 1")


def test_ids_that_cannot_be_kept_apart_are_named() -> None:
    assert cleaned(["a b", "-c", "d.e_f-1"], "patient id") == ["a_b", "_c", "d.e_f-1"]
    with pytest.raises(InvalidExport, match="'a b' and 'a/b' would both be 'a_b'"):
        cleaned(["a b", "a/b"], "patient id")
    with pytest.raises(InvalidExport, match="has 64 characters"):
        cleaned(["x" * 64], "sample id")
    with pytest.raises(InvalidExport, match="missing value to cBioPortal"):
        cleaned(["NA"], "patient id")
    assert sample_ids(["p", "q"], ["s", "t"]) == ["s", "t"]
    assert sample_ids(["p", "q"], ["s", "s"]) == ["p-s", "q-s"]


def test_text_that_the_format_cannot_hold(tmp_path: Path) -> None:
    made = miniature(patients=12)
    made["course"]["arm"] = ["=1+1", "two\tcells", "two\nlines", 'a "quote"', *["x"] * 8]
    made["cohort"]["title"] = "A\ttitle\nof two lines"
    files = of_miniature(tmp_path, made)
    assert problems(files) == []
    assert frame(files, "patient")["ARM"].tolist()[:4] == ["'=1+1", "two cells", "two lines", 'a "quote"']
    assert meta(files["meta_study.txt"])["name"] == "A title of two lines"
    made["course"]["arm"] = ["Not available", *["x"] * 11]
    with pytest.raises(InvalidExport, match="'Not available' as a missing value"):
        of_miniature(tmp_path / "missing", made)


def test_a_patient_with_two_courses_has_no_place(tmp_path: Path) -> None:
    made = miniature(patients=12)
    made.frames["course"].loc[12] = made["course"].iloc[[0]].assign(course=2).iloc[0]
    store = published_store(tmp_path / "s", made)
    message = one_message(
        run("export", "--all", "--format", "cbioportal", "--output", tmp_path / "x.zip", "--store", tmp_path / "s")
    )
    assert "'alpha-000' has several courses" in message
    assert not (tmp_path / "x.zip").exists()
    assert store.generation


def test_a_selection_is_a_study_of_its_own(tmp_path: Path) -> None:
    store = published_store(tmp_path / "s", miniature("a.b"))
    found = studies(of_selection(store, Selection(sex=("female",))), tmp_path)
    assert list(found) == ["a_b_selection"]
    files = found["a_b_selection"]
    assert problems(files) == []
    assert meta(files["meta_study.txt"])["description"].startswith("A selection of 30 of 60 patients.")
    assert len(frame(files, "patient")) == 30


def test_cohorts_whose_studies_would_be_one(tmp_path: Path) -> None:
    store = published_store(tmp_path / "s", miniature("a.b", patients=4), miniature("a-b", patients=4))
    with pytest.raises(InvalidExport, match="would both be the study a_b"):
        studies(everything(store), tmp_path)


def test_the_command_writes_the_same_bytes_twice(tmp_path: Path) -> None:
    published_store(tmp_path / "s", miniature("alpha"))
    written = []
    for name in ("one.zip", "two.zip"):
        ran = run("export", "--cohort", "alpha", "--format", "cbioportal", "--output", tmp_path / name,
                  "--store", tmp_path / "s")  # fmt: skip
        assert ran.code == 0, ran.err
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert b"Day 0 of the timelines is the start of treatment" in archive.read("README.txt")


def test_of_cohorts_is_what_is_written(tmp_path: Path) -> None:
    store = published_store(tmp_path / "s", miniature("alpha"), miniature("beta", patients=40))
    assert list(studies(of_cohorts(store, ["beta"]), tmp_path)) == ["beta"]
