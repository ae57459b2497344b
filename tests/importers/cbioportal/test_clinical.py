"""Clinical files and timelines, each rule of the format by itself."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.importers.cbioportal.made import PATIENTS, SAMPLES, SPECIMEN, TREATMENT, table
from tilexplorer.errors import UnreadableFile
from tilexplorer.importers import READERS
from tilexplorer.importers.cbioportal.clinical import Clinical, read_clinical
from tilexplorer.importers.cbioportal.missing import is_missing
from tilexplorer.importers.cbioportal.survival import endpoints, happened
from tilexplorer.importers.text import ReadOptions


def read(folder: Path, text: str | bytes) -> Clinical:
    path = folder / "data_clinical.txt"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_clinical(path)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_and_rows_as_a_person_counts_them(tmp_path: Path, end: str) -> None:
    frame = read(tmp_path, PATIENTS.replace("\n", end)).frame
    assert list(frame.index) == [6, 7, 8, 9]
    assert list(frame["OS_MONTHS"]) == ["24", "8", "12", ""]


def test_the_first_hash_belongs_to_the_line(tmp_path: Path) -> None:
    found = read(tmp_path, PATIENTS.replace("#Patient", "##1 patient"))
    assert found.attributes[0].display == "#1 patient"
    assert found.attributes[0].description == "Identifier"


def test_quotes_are_text(tmp_path: Path) -> None:
    frame = read(tmp_path, table("PATIENT_ID|SIZE", 'P1|5" nodule', 'P2|"a')).frame
    assert list(frame["SIZE"]) == ['5" nodule', '"a']


def test_a_form_feed_within_a_cell_ends_no_line(tmp_path: Path) -> None:
    assert list(read(tmp_path, "PATIENT_ID\tNOTE\nP1\ta\x0cb\n").frame["NOTE"]) == ["a\x0cb"]


@pytest.mark.parametrize(
    "word",
    [
        *("", "NA", "na", "[Not Applicable]", "[Not_Available]", "[Pending]", "[DISCREPANCY]", "[Completed]"),
        *("[null]", "Not Applicable", "not_available", "NULL", "missing", " NA "),
    ],
)
def test_words_that_mean_missing(word: str) -> None:
    assert is_missing(word)


@pytest.mark.parametrize("word", ["N/A", "NaN", ".", "Unknown", "None", "Completed", "Pending", "Discrepancy", "0"])
def test_words_that_are_values(word: str) -> None:
    assert not is_missing(word)


def test_a_completed_treatment_is_not_lost(tmp_path: Path) -> None:
    assert list(read(tmp_path, SAMPLES).frame["NOTE"]) == ["Completed", "Pending", "", "N/A", ""]


HEADER = PATIENTS.split("\n")
FIVE = "\n".join([HEADER[0], *HEADER])
THREE = "\n".join(HEADER[1:])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (FIVE, "5 rows begin with '#', there have to be four"),
        (THREE, "3 rows begin with '#', there have to be four"),
        ("\n".join(HEADER[:4]), "has no row of column names"),
        ("", "has no row of column names"),
        (PATIENTS.replace("#1\t1\t", "#1\t"), "row 4: has 6 priorities, but there are 7 columns"),
        (PATIENTS.replace("\tSex\t", "\t\t"), "row 1, column 'SEX': the display name is missing"),
        (PATIENTS.replace("\tVital status\t", "\tNA\t"), "row 2, column 'OS_STATUS': the description is missing"),
        (PATIENTS.replace("#STRING\tNUMBER", "#STRING\tINTEGER"), "row 3, column 'AGE': 'INTEGER' is none of STRING"),
        (PATIENTS.replace("#1\t1", "#1\t-2"), "row 4, column 'AGE': '-2' is no priority"),
        (PATIENTS.replace("#1\t1", "#1\thigh"), "row 4, column 'AGE': 'high' is no priority"),
        (PATIENTS.replace("\tSEX\t", "\tAge\t"), "row 5: the column AGE is there twice"),
        (PATIENTS.replace("\tSEX\t", "\t\t"), "row 5: column 3 has no name"),
        (PATIENTS.replace("PATIENT_ID", "PATIENT"), "row 5: has no column PATIENT_ID"),
        (PATIENTS.replace("\t", ","), "row 5: has no column PATIENT_ID; is it tab-separated?"),
        (PATIENTS + "\n", "row 10: is blank"),
        (PATIENTS + "#P5\n", "row 10: begins with '#' below the column names"),
        (PATIENTS + HEADER[4] + "\n", "row 10: repeats the column names"),
        (PATIENTS + "P5\t60\n", "row 10: has 2 cells, the header has 7"),
        (PATIENTS + "P5\t60\tMale\t0:LIVING\t1\t\t\t\n", "row 10: has 8 cells, the header has 7"),
        (PATIENTS + "P1\t60\tMale\t0:LIVING\t1\t\t\n", "row 10, column 'PATIENT_ID': 'P1' is there already in row 6"),
        (SAMPLES + "P4\tS1a\t\n", "row 11, column 'SAMPLE_ID': 'S1a' is there already in row 6"),
        (SAMPLES + "\tS9\t\n", "row 11, column 'PATIENT_ID': the id is missing"),
        (b"PATIENT_ID\nP\xe9\n", "row 2: is not text in utf-8"),
        ("PATIENT_ID\nP\x00\n", "holds zero bytes"),
        (TREATMENT.replace("\t200\t260\t", "\tlate\t260\t"), "row 3, column 'START_DATE': 'late' is no whole number"),
        (TREATMENT.replace("\t200\t260\t", "\t\t260\t"), "row 3, column 'START_DATE': '' is no whole number"),
        (TREATMENT.replace("\t200\t260\t", "\t200\t26.5\t"), "row 3, column 'STOP_DATE': '26.5' is no whole number"),
        (TREATMENT.replace("\t200\t260\t", "\t200\t160\t"), "row 3: begins on day 200 and ends before it, on day 160"),
    ],
)
def test_a_bad_file(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(UnreadableFile, match=f"data_clinical.txt.*{re.escape(message)}"):
        read(tmp_path, text)


def test_a_repeated_tcga_sample_is_said_and_left_to_the_mapping(tmp_path: Path) -> None:
    """Left out by the reader it would be missing without a count."""
    rows = table("PATIENT_ID|SAMPLE_ID|X", "A|TCGA-1|1", "A|TCGA-1|2", "B|S|3")
    found = read(tmp_path, rows)
    assert list(found.frame["X"]) == ["1", "2", "3"]
    assert str(found.findings[-1]).startswith("data_clinical.txt, row 3: repeats a TCGA sample; leave it out by a step")


def test_trailing_blanks_of_a_timeline_may_be_missing(tmp_path: Path) -> None:
    rows = "PATIENT_ID\tSTART_DATE\tSTOP_DATE\tEVENT_TYPE\tAGENT\tDOSE\nP1\t-3\t\tTREATMENT\nP1\t4\t9\tTREATMENT\tX\t\n"
    found = read(tmp_path, rows)
    assert found.is_timeline
    assert found.frame.to_dict("list")["AGENT"] == ["", "X"]
    around = rows.replace("DOSE\n", "DOSE\t\t\n").replace("P1\t4", "  P1\t4")
    assert read(tmp_path, around).frame.equals(found.frame)
    assert not read(tmp_path, PATIENTS).is_timeline
    assert read(tmp_path, SPECIMEN).is_timeline


@pytest.mark.parametrize(
    ("prefix", "status", "event"),
    [
        ("OS", "0:LIVING", False),
        ("OS", "Living", False),
        ("OS", "DECEASED", True),
        ("DFS", "Recurred/Progressed", True),
        ("DFS", "DiseaseFree", False),
        ("PFS", "1:DECEASED", True),
        ("PFS", "0:LIVING", False),
        ("PFS", "0:0/1:1", False),
        ("PFS", "1:", True),
        ("PFS", "DECEASED", None),
        ("DSS", "0:ALIVE OR DEAD TUMOR FREE", False),
        ("OS", "2:LOST", None),
        ("OS", "1", None),
    ],
)
def test_the_digit_says_whether_it_happened(prefix: str, status: str, event: bool | None) -> None:
    assert happened(prefix, status) is event


def test_any_prefix_is_an_endpoint(tmp_path: Path) -> None:
    rows = table(
        "PATIENT_ID|LOCAL_CONTROL_STATUS|LOCAL_CONTROL_MONTHS|SMOKING_STATUS|EFS_MONTHS|EFS_STATUS|IRPFS_STATUS",
        "P1|1:lost|3|Former|4|0:free|1:x",
    )
    found = endpoints(read(tmp_path, rows))
    assert [(e.prefix, e.id) for e in found] == [("LOCAL_CONTROL", ""), ("EFS", "efs")]
    assert found[0].mapped() is None
    assert found[1].mapped() is None  # nobody had the event: a mapping has to be told what it would be


@given(st.binary(max_size=200))
def test_any_bytes_give_a_table_or_a_clear_error(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "a.txt"
    for head in (b"", b"PATIENT_ID\tA\n", b"ENTITY_STABLE_ID\tS1\n"):
        path.write_bytes(head + raw)
        for kind in ("cbioportal", "cbioportal-matrix"):
            with suppress(UnreadableFile):
                assert READERS[kind](path, ReadOptions()).index.is_unique
