"""TCGA as the catalogue imports it, against the converted table and the figures of its SOURCE.md."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.importers.real import hazard_ratio, outcome, real, values
from tests.shared import real_cohorts
from tilexplorer import vocabulary
from tilexplorer.schema import Canonical

pytestmark = [pytest.mark.cohorts, pytest.mark.xdist_group("tcga")]


@pytest.fixture
def tables() -> Canonical:
    return real("tcga")


def converted() -> pd.DataFrame:
    path = real_cohorts() / "tcga_natural_history" / "tcga_cdr_cibersort_merged.csv"
    return pd.read_csv(path, dtype={"sample_type_code": str}).set_index("bcr_patient_barcode")


def test_patients_and_tumour_types(tables: Canonical) -> None:
    assert len(tables["patient"]) == 11160
    types = tables["course"].set_index("patient")["tumour"]
    assert types.nunique() == 33
    codes = vocabulary.tcga_codes()
    assert types.to_dict() == converted()["type"].map(codes).to_dict()


def test_every_endpoint_agrees_with_the_converted_table(tables: Canonical) -> None:
    source = converted()
    for endpoint in ("os", "dss", "dfi", "pfi"):
        read = outcome(tables, endpoint).set_index("patient")[["days", "event"]].sort_index()
        name = endpoint.upper()
        expected = source[[f"{name}.time", name]].dropna().sort_index()
        assert list(read.index) == list(expected.index)
        assert list(read["days"]) == list(expected[f"{name}.time"])
        assert list(read["event"]) == list(expected[name] == 1)


def test_median_survival(tables: Canonical) -> None:
    from lifelines import KaplanMeierFitter

    frame = outcome(tables, "os")
    for tumour, days in (("GB", 428), ("BLCA", 1036), ("SKCM", 2402)):
        part = frame[frame["tumour"] == tumour]
        assert KaplanMeierFitter().fit(part["days"], part["event"]).median_survival_time_ == days


def test_one_aliquot_per_patient_by_the_stated_rule(tables: Canonical) -> None:
    source = converted().dropna(subset=["cibersort_barcode"])
    sample = tables["sample"].set_index("patient")["sample"].str.replace(".", "-")
    assert len(sample) == 10367
    assert sample.to_dict() == source["cibersort_barcode"].to_dict()
    read = values(tables, "cd8_fraction_cibersort").set_index("patient")["number"].astype(float)
    expected = source.loc[read.index, "T.cells.CD8"]
    assert list(read) == pytest.approx(list(expected))
    purity = values(tables, "purity").set_index("patient")["number"].astype(float)
    assert list(purity) == pytest.approx(list(source.loc[purity.index, "ABSOLUTE_purity"]))
    assert len(purity) == 9884


def test_melanoma_by_the_median_of_cd8(tables: Canonical) -> None:
    shares = values(tables, "cd8_fraction_cibersort")[["patient", "number"]]
    course = tables["course"].query("tumour == 'SKCM'")
    measured = course.merge(shares, on="patient")
    cut = measured["number"].median()
    frame = outcome(tables, "os").merge(shares, on="patient").query("tumour == 'SKCM'")
    assert hazard_ratio(frame, frame["number"] > cut)[0] == pytest.approx(0.577, abs=0.0005)


def test_most_melanoma_samples_are_metastases(tables: Canonical) -> None:
    melanoma = tables["course"].query("tumour == 'SKCM'")["patient"]
    origins = tables["sample"][tables["sample"]["patient"].isin(melanoma)]["origin"].value_counts().to_dict()
    assert origins == {"metastasis": 366, "primary": 103}


def test_half_of_the_deconvolutions_are_uncertain(tables: Canonical) -> None:
    p = values(tables, "cibersort_p")["number"]
    assert 0.45 < (p > 0.05).mean() < 0.6


def test_it_is_natural_history(tables: Canonical) -> None:
    assert not tables["cohort"]["immunotherapy"].iloc[0]
    assert not tables["regimen"]["immunotherapy"].any()
    assert set(tables["study"]["setting"]) == {"natural history"}
    assert not tables["study"]["concurrent_arms"].any()


def test_what_was_left_out_is_counted(tables: Canonical) -> None:
    counts = tables["exclusion"].query("what == 'sample'").set_index("reason")["n"]
    assert counts.sum() + len(tables["sample"]) == 11373
