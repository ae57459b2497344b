"""Which ids look like a person, and which have to pass."""

from __future__ import annotations

import pandas as pd
import pytest

from tilexplorer.importers.pseudonyms import Pseudonyms, applied
from tilexplorer.validation import identifiers
from tilexplorer.validation.expectation import failures


def looks_like(*ids: str) -> list[str]:
    """The rules that the ids break, in the order of the rules."""
    frame = pd.DataFrame({"patient": pd.Series(ids, dtype="string")})
    return [failure.expectation.rule for failure in failures(identifiers.expectations("patient"), frame)]


@pytest.mark.parametrize(
    "harmless",
    ["0040", "Pt27a", "TCGA-OR-A5J1", "P-0000012", "10208", "RCC10.100", "Gide_ipiPD1_Patient10_PRE", "INS-A-002",
     "blood-INS-A-002", "Prins_DF-02", "SAMf2ce197162ce", "nsclc_mskcc_2018s1", "luad_mskcc_2015_1", "patient one",
     "Patient A", "Tumor Core", "on treatment", "2018-001", "001-0023", "IMVigor_SAM00b9e5c52da9", "ps-abcdefghijkl",
     "ps-ab5dec21cdef", "marker 10 2019", "RCC A", "IMV_210", "mel_pre", "P0123456X", "12-0456",
     "TCGA.OR.A5JG.01A.11R.A29S.07", "Van_Pat02", "123456", "B12/4", "HE3202", "CA209-9999", "pre", "ABC"],
)  # fmt: skip
def test_ids_of_studies_pass(harmless: str) -> None:
    assert looks_like(harmless) == []


@pytest.mark.parametrize(
    ("found", "rule"),
    [
        ("a.b-c@clinic.example.org", "email"),
        ("12.03.1961", "birth_date"),
        ("1961-03-12", "birth_date"),
        ("03/12/61", "birth_date"),
        ("19610312", "birth_date"),
        ("MB-1961-03-12", "birth_date"),
        ("12-MAR-1961", "birth_date"),
        ("12. März 1961", "birth_date"),
        ("March 12, 1961", "birth_date"),
        ("40817265", "record_number"),
        ("MRN 48172", "record_number"),
        ("mrn:0048172", "record_number"),
        ("123-45-6789", "record_number"),
        ("010190-1234", "record_number"),
        ("943 476 5919", "record_number"),
        ("19900101-1234", "record_number"),
        ("131052-308T", "record_number"),
        ("85.07.30-033.28", "record_number"),
        ("1 85 05 78 006 084 36", "record_number"),
        ("RSSMRA85T10A562S", "record_number"),
        ("12345678Z", "record_number"),
        ("756.1234.5678.97", "record_number"),
        ("65 180539 W 003", "record_number"),
        ("123.456.789-09", "record_number"),
        ("Maria Schmidt", "name"),
        ("Schmidt, M.", "name"),
        ("SCHMIDT, MARIA", "name"),
        ("maria schmidt", "name"),
        ("Jean-Luc Müller", "name"),
        ("O'Brien Mary Ann", "name"),
        ("Schmidt_Maria", "name"),
        ("Мария Иванова", "name"),
        ("Schmidt Maria 1961", "name"),
        ("SCHMIDT M", "name"),
        ("M. Schmidt", "name"),
        ("SCHMIDT_M", "name"),
        ("schmidt_maria", "name"),
        ("Dr. Schmidt", "name"),
        ("Frau M. Schmidt", "name"),
        ("王小明", "name"),
    ],
)
def test_what_names_a_person_is_found(found: str, rule: str) -> None:
    assert looks_like(found) == [f"identifier.{rule}"]


def test_running_numbers_are_no_record_numbers() -> None:
    assert looks_like(*(str(1_000_000 + i) for i in range(50))) == []
    assert looks_like(*(str(1_000_000 + 9973 * i) for i in range(50))) == ["identifier.record_number"]


def test_a_column_of_single_words_is_one_of_names() -> None:
    words = ("Schmidt", "Weber", "Fischer", "Wagner", "Becker", "Hoffmann")
    assert looks_like(*words) == ["identifier.name"]
    assert looks_like(*words[:2], "P1", "P2", "P3", "P4") == []


def test_words_with_a_letter_are_names_where_the_words_differ() -> None:
    assert looks_like("Schmidt A", "Weber B", "Fischer C") == ["identifier.name"]
    assert looks_like("Lung A", "Lung B", "Lung C") == []


def test_a_pseudonym_is_keyed_short_and_stable() -> None:
    ids = pd.Series(["40817265", None, "40817265", "40817266"], dtype="string")
    made = applied(Pseudonyms(b"k" * 32), ids)
    assert made.isna().tolist() == [False, True, False, False]
    assert made[0] == made[2] != made[3]
    # HMAC-SHA256 by hand (RFC 2104): H(k xor opad, H(k xor ipad, m)).
    import base64
    import hashlib

    inner = hashlib.sha256(bytes(c ^ 0x36 for c in b"k" * 32) + b"\x36" * 32 + b"40817265").digest()
    outer = hashlib.sha256(bytes(c ^ 0x5C for c in b"k" * 32) + b"\x5c" * 32 + inner).digest()
    assert made[0] == "ps-" + base64.b32encode(outer).decode().lower()[:12]
    assert applied(Pseudonyms(b"x" * 32), ids)[0] != made[0]
    assert "kkk" not in repr(Pseudonyms(b"k" * 32))
