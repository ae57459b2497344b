"""Cohorts with outcome but no infiltration: INSPIRE from R, two lung studies in cBioPortal's format."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.importers.real import median_months, outcome, real, values
from tests.shared import real_cohorts

pytestmark = pytest.mark.cohorts


def test_inspire_against_its_published_figures() -> None:
    tables = real("inspire")
    assert tables["course"]["response"].value_counts().to_dict() == {"SDPD": 78, "CRPR": 16}
    assert median_months(outcome(tables, "os")) == pytest.approx(13.96, abs=0.02)
    assert median_months(outcome(tables, "pfs")) == pytest.approx(1.94, abs=0.02)
    changes = values(tables, "ctdna_change", "on_treatment")["category"]
    assert changes.value_counts().to_dict() == {"increase": 40, "decrease": 33}
    assert tables["course"].groupby("tumour").size().to_dict() == {
        "BRCA": 18,
        "HGSOC": 18,
        "HNSC": 16,
        "MEL": 12,
        "OTHER": 30,
    }


def test_inspire_from_r_equals_the_converted_table() -> None:
    tables = real("inspire")
    source = pd.read_csv(real_cohorts() / "inspire_pembrolizumab" / "pembrolizumab.csv").set_index("id")
    ages = tables["course"].set_index("patient")["age"].astype(float)
    assert ages.to_dict() == pytest.approx(source["age"].to_dict())
    scores = values(tables, "pdl1_percent").set_index("patient")["number"].astype(float)
    assert scores.to_dict() == source["pdl1"].dropna().to_dict()


def test_hellmann() -> None:
    tables = real("hellmann2018")
    assert len(tables["patient"]) == 75
    assert outcome(tables, "pfs")["event"].sum() == 50
    counts = tables["course"]["response"].value_counts().to_dict()
    assert counts == {"SD": 27, "PR": 20, "PD": 17, "NE": 7, "CR": 4}
    assert tables["course"]["tumour"].value_counts().to_dict() == {"LUAD": 59, "LUSC": 16}


def test_rizvi_counts_a_patient_with_two_samples_once() -> None:
    tables = real("rizvi2015")
    assert len(tables["patient"]) == 34
    assert outcome(tables, "pfs")["event"].sum() == 22
    assert tables["exclusion"]["n"].tolist() == [1]


def test_what_the_event_of_rizvi_means_by_its_copy() -> None:
    """16 of the patients are in another study, whose status says 0 or 1."""
    folder = real_cohorts() / "msk_nsclc_ici_no_infiltration" / "nsclc_mskcc_2015"
    copy = pd.read_csv(folder / "data_clinical_patient.txt", sep="\t").set_index("PATIENT_ID")
    tables = real("rizvi2015")
    frame = outcome(tables, "pfs").merge(tables["sample"][["patient", "sample"]], on="patient").set_index("sample")
    same = frame.loc[copy.index]
    assert len(same) == 16
    assert list(same["event"]) == list(copy["PFS_STATUS"].str.startswith("1:"))
    assert list(same["days"] / 30.4375) == pytest.approx(list(copy["PFS_MONTHS"]), abs=0.02)
