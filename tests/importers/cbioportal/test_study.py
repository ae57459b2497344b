"""Whole studies: a good one in a folder and in archives, and one test for each way in which a study can be wrong."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.importers.cbioportal.made import (
    DENSITY,
    PATIENTS,
    SAMPLES,
    STUDY,
    TREATMENT,
    clinical_meta,
    edited,
    longer,
    write,
)
from tilexplorer.errors import UnreadableFile
from tilexplorer.importers import read_file
from tilexplorer.importers.cbioportal import meta
from tilexplorer.importers.cbioportal.study import opened_study, read_study


def test_a_good_study(tmp_path: Path) -> None:
    study = read_study(write(tmp_path))
    assert (study.id, study.meta["name"]) == ("made_2026", "Made up (2026)")
    assert study.meta["description"] == "Ratio 1:2 of everything"
    assert {file.key: file.role for file in study.files} == {
        "patients": meta.PATIENTS,
        "samples": meta.SAMPLES,
        "data_timeline_specimen": meta.TIMELINE,
        "data_timeline_status": meta.TIMELINE,
        "data_timeline_treatment": meta.TIMELINE,
        "data_cell_density": meta.ASSAY,
    }
    assert study.case_lists["sequenced"].samples == ("S1a", "S2", "S3")
    assert study.findings == ()


def test_endpoints_with_their_time_zero(tmp_path: Path) -> None:
    study = read_study(write(tmp_path))
    found = {survival.id: survival for _, survival in study.endpoints}
    assert found["os"].event == ("1:DECEASED", "DECEASED")
    assert found["os"].censored == ("0:LIVING",)
    # The label lies: an event of progression is called deceased, a censored one living.
    assert found["pfs"].event == ("1:DECEASED", "1:PROGRESSION")
    assert found["pfs"].censored == ("0:LIVING", "0:CENSORED")
    mapped = found["pfs"].mapped()
    assert mapped is not None
    assert (mapped.time, mapped.unit, mapped.status) == ("PFS_MONTHS", "months", "PFS_STATUS")
    assert mapped.t0 == "From first dose; Progression or death"


def test_attributes_keep_what_the_header_says(tmp_path: Path) -> None:
    study = read_study(write(tmp_path))
    age = next(a for a in study.of(meta.PATIENTS)[0].attributes if a.name == "AGE")
    assert (age.display, age.description, age.datatype, age.priority) == ("Age", "Age at first dose", "NUMBER", 1)
    note = next(a for a in study.of(meta.SAMPLES)[0].attributes if a.name == "NOTE")
    assert note.priority == -1


def test_every_declared_file_can_be_read_as_a_mapping_reads_it(tmp_path: Path) -> None:
    study = read_study(write(tmp_path))
    sizes = {key: len(read_file(file, study.paths[key])) for key, file in study.declared.items()}
    assert sizes == {
        "patients": 4,
        "samples": 5,
        "data_timeline_specimen": 5,
        "data_timeline_status": 6,
        "data_timeline_treatment": 9,
        "data_cell_density": 5,
    }
    assert study.declared["data_cell_density"].properties == ("NAME", "ASSAY_NOTE")


@pytest.mark.parametrize("kind", ["zip", "tar", "gztar"])
@pytest.mark.parametrize("top", [True, False])
def test_a_study_in_an_archive(tmp_path: Path, kind: str, top: bool) -> None:
    write(tmp_path / "content" / "made_2026")
    root = tmp_path / "content" if top else tmp_path / "content" / "made_2026"
    packed = Path(shutil.make_archive(str(tmp_path / "packed"), kind, root))
    with opened_study(packed) as study:
        assert study.id == "made_2026"
        assert len(study.files) == 6
        folder = study.root
        assert folder.is_dir()
    assert not folder.exists()


def test_clinical_files_without_any_meta_file(tmp_path: Path) -> None:
    content = tmp_path / "content"
    content.mkdir()
    (content / "data_clinical_patient.txt").write_text(PATIENTS)
    (content / "data_clinical_sample.txt").write_text(SAMPLES)
    (content / "data_timeline_treatment.txt").write_text(TREATMENT)
    study = read_study(content)
    assert (study.id, dict(study.meta)) == ("content", {})
    assert [file.role for file in study.files] == [meta.PATIENTS, meta.SAMPLES, meta.TIMELINE]
    assert any("no meta file of the study" in finding.problem for finding in study.findings)
    packed = Path(shutil.make_archive(str(tmp_path / "my.study"), "zip", content))
    with opened_study(packed) as unpacked:
        assert unpacked.id == "my.study"


Changes = Mapping[str, str | bytes | None]

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
PEOPLE = "people.txt"
SAMPLE_FILE = "data_clinical_sample.txt"
LIST = "case_lists/cases_sequenced.txt"
STATUS_FILE = "data_timeline_status.txt"
PATIENT_META = "meta_clinical_patient.txt"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (longer("meta_study.txt", "no colon here\n"), "meta_study.txt, row 6: 'no colon here' has no colon"),
        (edited("meta_study.txt", "name:", "name :"), "meta_study.txt: the key 'name' is missing"),
        (longer("meta_study.txt", "name: again\n"), "meta_study.txt, row 6: the key 'name' is there twice"),
        ({"meta_more.txt": STUDY["meta_study.txt"]}, "meta_more.txt and meta_study.txt: both describe the study"),
        ({"meta_odd.txt": "what: ever\n"}, "meta_odd.txt: says by no key what it is"),
        ({PATIENT_META: clinical_meta("MIXED_ATTRIBUTES", PEOPLE)}, "that cBioPortal has given up; divide the file"),
        ({PATIENT_META: clinical_meta("PEOPLE", PEOPLE)}, "datatype 'PEOPLE' of clinical data is not known"),
        (edited("meta_cell_density.txt", "made_2026", "other"), "belongs to the study 'other', but meta_study.txt to"),
        ({PEOPLE: None}, "meta_clinical_patient.txt: names the data file people.txt, which is not there"),
        (edited(PATIENT_META, PEOPLE, f"../{PEOPLE}"), "names the data file '../people.txt', which lies outside"),
        (
            {"meta_clinical_x.txt": clinical_meta("PATIENT_ATTRIBUTES", PEOPLE)},
            "meta_clinical_x.txt: names the data file people.txt, as meta_clinical_patient.txt does",
        ),
        ({PEOPLE: SAMPLES}, "people.txt: holds patients and may not have the column SAMPLE_ID"),
        ({SAMPLE_FILE: PATIENTS}, "data_clinical_sample.txt: holds samples and needs the column SAMPLE_ID"),
        ({PEOPLE: TREATMENT}, "people.txt: has START_DATE and EVENT_TYPE, but is declared as patient attributes"),
        ({STATUS_FILE: PATIENTS}, "data_timeline_status.txt: has no START_DATE and EVENT_TYPE"),
        (edited(SAMPLE_FILE, "NOTE", "AGE"), "people.txt and data_clinical_sample.txt: both have the column 'AGE'"),
        ({"meta_clinical_sample.txt": None, SAMPLE_FILE: None}, "the study has no file of sample attributes"),
        (
            {"meta_again.txt": clinical_meta("SAMPLE_ATTRIBUTES", "again.txt"), "again.txt": SAMPLES},
            "again.txt and data_clinical_sample.txt: both hold sample attributes",
        ),
        (edited(LIST, "S2", "S9"), "case_lists/cases_sequenced.txt: the study has no sample 'S9'"),
        (edited(LIST, "S1a\tS2", "S1a S2"), "the id 'S1a S2' holds a blank"),
        (edited(LIST, "made_2026_seq", "seq"), "does not begin with 'made_2026_'"),
        (edited(LIST, "case_list_ids", "ids"), "the key 'case_list_ids' is missing"),
        (edited(LIST, "identifier: made", "identifier: my"), "belongs to the study 'my_2026'"),
        ({PEOPLE: POINTER}, "people.txt: is a Git-LFS pointer"),
        ({PEOPLE: PATIENTS.encode().replace(b"P3", b"P\xff")}, "people.txt, row 8: is not text in utf-8"),
    ],
)
def test_a_bad_study(tmp_path: Path, changes: Changes, message: str) -> None:
    with pytest.raises(UnreadableFile, match=re.escape(message)):
        read_study(write(tmp_path, changes))


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        (longer("meta_study.txt", "reference: hg19\n"), "meta_study.txt: no key is called 'reference'; did you mean"),
        (longer("meta_study.txt", "pmid: 1\n"), "meta_study.txt: has a pmid but no citation"),
        (edited("meta_study.txt", "add_global_case_list: true\n", ""), "has neither a case list '_all' nor add_global"),
        ({"data_clinical_x.txt": SAMPLES}, "data_clinical_x.txt: is named by no meta file and is not read"),
        (edited(LIST, "\tS3", "\tS3\tS1a"), "case_lists/cases_sequenced.txt: the sample 'S1a' is listed twice"),
        (longer(LIST, "case_list_category: mine\n"), "the category 'mine' is not one of cBioPortal's"),
        ({"data_cell_density.txt": POINTER}, "data_cell_density.txt: is a Git-LFS pointer"),
        (edited("data_cell_density.txt", "ENTITY_STABLE_ID", "X"), "data_cell_density.txt, row 1: no column"),
        (
            edited("data_cell_density.txt", "\tS3\t", "\tS8\t"),
            "1 columns are neither samples of the study nor",
        ),
        (edited("meta_cell_density.txt", ",ASSAY_NOTE", ""), "generic_entity_meta_properties, e.g. 'ASSAY_NOTE'"),
        (
            edited(PEOPLE, "PFS_STATUS\tPFS_", "LRFS_STATUS\tLRFS_"),
            "'LRFS_STATUS': is an endpoint with LRFS_MONTHS",
        ),
        (longer(PEOPLE, "P5\t50\tMale\t0:LIVING\t1\t\t\n"), "patients: 1 have no sample, e.g. 'P5'"),
        (longer(SAMPLE_FILE, "P9\tS9\t\n"), "samples: 1 belong to patients who are not in the patient file, e.g. 'P9'"),
        (longer(STATUS_FILE, "P9\t1\tSTATUS\tx\n"), "1 patients are not in the clinical files, e.g. 'P9'"),
        (edited(PEOPLE, "OS_", "DSS_"), "study: has no OS_STATUS with OS_MONTHS; its endpoints are DSS"),
        (edited(PEOPLE, "PFS_STATUS", "PF_STATUS"), "column 'PFS_MONTHS': is no endpoint: there is no PFS_STATUS"),
        (edited(PEOPLE, "1:PROGRESSION", "PROGRESSION"), "column 'PFS_STATUS': 'PROGRESSION' has neither 0: nor 1:"),
        (edited(PEOPLE, "\t61\t", "\told\t"), "people.txt, row 6, column 'AGE': 'old' is no number"),
        (edited(PEOPLE, "\tFemale\t", "\tJan-99\t"), "row 6, column 'SEX': 'Jan-99' looks like a date that Excel made"),
        (edited(PEOPLE, "P4\t", "P 4\t"), "row 9, column 'PATIENT_ID': 'P 4' has a character that no id may have"),
        (edited(PEOPLE, "PATIENT_ID\tAGE", "PATIENT_ID\tage"), "the column 'age' should be in upper case"),
        (edited(PEOPLE, "\tFemale\t", '\t"Female"\t'), "people.txt: holds quotes, which are part of the values"),
        (edited(PEOPLE, "#STRING\tNUMBER", "#STRING\tSTRING"), "'AGE': should have the datatype NUMBER, not STRING"),
        (edited(SAMPLE_FILE, "#STRING\tSTRING\tSTRING", "#STRING\tSTRING\tBOOLEAN"), "neither TRUE nor FALSE"),
        (edited(SAMPLE_FILE, "NOTE", "GENDER"), "data_clinical_sample.txt, column 'GENDER': belongs to the patients"),
        (edited(SAMPLE_FILE, "NOTE", "MUTATION_COUNT"), "column 'MUTATION_COUNT': is made by cBioPortal"),
    ],
)
def test_what_is_odd_is_found_and_does_not_stop(tmp_path: Path, changes: Changes, finding: str) -> None:
    found = [str(one) for one in read_study(write(tmp_path, changes)).findings]
    assert any(finding in one for one in found), found
    assert not any(one.count(one.partition(".txt")[0] + ".txt") > 1 for one in found), found


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("metadata.csv", "a,b\n"),
        ("metastases.txt", "site\n"),
        ("supplement/metadata_notes.txt", "no colon\n"),
        ("meta_study.txt~", STUDY["meta_study.txt"]),
        ("meta_resource_sample.txt", "cancer_study_identifier: made_2026\nresource_type: SAMPLE\n"),
    ],
)
def test_what_lies_beside_a_study_and_is_no_meta_file_of_data(tmp_path: Path, name: str, content: str) -> None:
    study = read_study(write(tmp_path, {name: content}))
    assert (study.id, study.findings) == ("made_2026", ())


def test_a_meta_file_by_the_end_of_its_name(tmp_path: Path) -> None:
    changes = {"meta_study.txt": None, "made.meta.txt": STUDY["meta_study.txt"]}
    assert read_study(write(tmp_path, changes)).meta["name"] == "Made up (2026)"


@settings(max_examples=60)
@given(
    name=st.sampled_from(sorted(STUDY)),
    at=st.integers(0, 400),
    length=st.integers(0, 30),
    put=st.sampled_from([b"", b"\t", b"\n", b":", b"#", b"\xff", b"S1a", b"P1", b"\tSAMPLE_ID", b"NA", b"\r", b"../"]),
)
def test_any_damage_gives_a_study_or_a_clear_error(
    tmp_path_factory: pytest.TempPathFactory, name: str, at: int, length: int, put: bytes
) -> None:
    raw = STUDY[name].encode()
    at = at % (len(raw) + 1)
    folder = write(tmp_path_factory.mktemp("study"), {name: raw[:at] + put + raw[at + length :]})
    with suppress(UnreadableFile):
        assert read_study(folder).files


def test_no_study_and_several(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="holds no study of cBioPortal"):
        read_study(tmp_path)
    write(tmp_path / "one")
    assert read_study(tmp_path).id == "made_2026"
    write(tmp_path / "two")
    with pytest.raises(UnreadableFile, match=r"holds several studies \(one, two\)"):
        read_study(tmp_path)


def test_the_made_assay_is_a_matrix(tmp_path: Path) -> None:
    """The study's own property column is declared by its meta file, else it would be a sample."""
    assert "ASSAY_NOTE" in DENSITY
    study = read_study(write(tmp_path))
    frame = read_file(study.declared["data_cell_density"], study.paths["data_cell_density"])
    assert list(frame["SAMPLE_ID"]) == ["S1a", "S1b", "S2", "S3", "S4"]
