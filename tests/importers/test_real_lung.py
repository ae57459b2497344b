"""The four lung studies of one hospital: against their papers, against their own raw files, and against each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter
from scipy.stats import mannwhitneyu

from tests.importers.lung import STUDIES, raw
from tests.importers.real import MONTH, median_months, outcome, real, values
from tests.shared import real_cohorts
from tilexplorer import catalog
from tilexplorer.importers.cbioportal import meta
from tilexplorer.importers.cbioportal.study import read_study
from tilexplorer.schema import Canonical

pytestmark = pytest.mark.cohorts


def test_all_four_folders_are_in_the_catalogue() -> None:
    root = real_cohorts() / "msk_nsclc_ici_no_infiltration"
    names = {
        Path(file.name).parent.name
        for name in catalog.names()
        for file in catalog.entry(name).files.values()
        if file.folder == root.name
    }
    assert names == {path.name for path in root.iterdir() if path.is_dir()}
    assert names == {folder for folder, *_ in STUDIES.values()}


@pytest.mark.parametrize(
    ("name", "patients", "events", "months"),
    [
        ("hellmann2018", 75, 50, 7.7536),
        ("rizvi2015", 34, 22, 6.5),
        ("rizvi2015-discovery", 16, 12, 6.3),
        ("rizvi2018", 240, 198, 3.43),
    ],
)
def test_patients_events_and_median_against_the_raw_file(name: str, patients: int, events: int, months: float) -> None:
    folder, age, status, event = STUDIES[name]
    source = raw(folder, "patient")
    source = source[source[age] != "NA"]
    happened = source[status] == event
    fitted = KaplanMeierFitter().fit(source["PFS_MONTHS"].astype(float), happened)
    assert (len(source), int(happened.sum()), fitted.median_survival_time_) == (patients, events, months)
    frame = outcome(real(name), "pfs")
    assert (len(frame), int(frame["event"].sum())) == (patients, events)
    assert median_months(frame) == pytest.approx(months, abs=0.6 / MONTH)  # whole days
    ages = real(name)["course"].set_index("patient")["age"].astype(int)
    assert ages.to_dict() == source.set_index("PATIENT_ID")[age].astype(int).to_dict()


@pytest.mark.parametrize(
    ("name", "responders", "patients"),
    [("hellmann2018", 24, 75), ("rizvi2015", 12, 34), ("rizvi2015-discovery", 5, 16)],
)
def test_response_rate(name: str, responders: int, patients: int) -> None:
    response = real(name)["course"]["response"]
    assert (int(response.isin(["CR", "PR"]).sum()), int(response.notna().sum())) == (responders, patients)


def test_rizvi_2018_gives_durable_benefit_only() -> None:
    course = real("rizvi2018")["course"]
    assert course["response"].isna().all()
    assert course["durable"].value_counts(dropna=False).to_dict() == {False: 158, True: 69, pd.NA: 13}
    assert course["tumour"].value_counts().to_dict() == {"LUAD": 186, "LUSC": 34, "NSCLC": 13, "LUNE": 7}
    assert course["line"].value_counts().sort_index().to_list() == [51, 127, 39, 8, 8, 5, 2]
    assert sorted(course["regimen"].value_counts()) == [34, 206]
    assert sorted(real("rizvi2018")["regimen"]["combination"]) == ["anti-PD-1", "anti-PD-1 + anti-CTLA-4"]


def burden(tables: Canonical, measure: str) -> pd.DataFrame:
    """Courses with their progression-free survival and a measure."""
    return outcome(tables, "pfs").merge(values(tables, measure)[["patient", "number"]], on="patient")


def ratio(frame: pd.DataFrame, high: pd.Series) -> float:
    fitted = CoxPHFitter().fit(frame[["days", "event"]].assign(high=high.astype(int)), "days", "event")
    return float(fitted.hazard_ratios_["high"])


def test_rizvi_2015_against_its_paper() -> None:
    """Mutations of durable benefit against none: 302 and 148 in the discovery half, 244 and 125 in the other."""
    whole = burden(real("rizvi2015"), "mutation_count")
    samples = real("rizvi2015")["sample"].set_index("patient")["sample"]
    first = whole["patient"].map(samples).isin(real("rizvi2015-discovery")["sample"]["sample"])
    printed = {True: (302, 148, 0.02), False: (244, 125, 0.04)}
    for half, (benefit, none, p) in printed.items():
        frame = whole[first == half]
        durable = frame["durable"].fillna(False).astype(bool)
        lacking = ~frame["durable"].fillna(True).astype(bool)
        with_it, without = (frame.loc[group, "number"].to_numpy(dtype=float) for group in (durable, lacking))
        assert [np.median(with_it), np.median(without)] == pytest.approx([benefit, none], abs=0.5)
        assert mannwhitneyu(with_it, without).pvalue == pytest.approx(p, abs=0.005)
    frame = burden(real("rizvi2015-discovery"), "mutation_count")
    high = frame["number"] > frame["number"].median()
    assert median_months(frame[high]) == pytest.approx(14.5, abs=0.02)
    assert frame.loc[high, "response"].isin(["PR"]).sum() == 5
    assert frame.loc[~high, "response"].isin(["PR"]).sum() == 0


def test_hellmann_2018_against_its_paper() -> None:
    """More than the median of 158 mutations: response 51 and 13%, median 17.1 and 3.7 months."""
    frame = burden(real("hellmann2018"), "mutation_count")
    assert frame["number"].median() == 158
    high = frame["number"] > 158
    rates = [round(100 * frame.loc[group, "response"].isin(["CR", "PR"]).mean()) for group in (high, ~high)]
    assert rates == [51, 13]
    assert [round(median_months(frame[group]), 1) for group in (high, ~high)] == [17.1, 3.7]
    assert ratio(frame, high) == pytest.approx(0.41, abs=0.015)


def test_rizvi_2018_against_its_paper() -> None:
    """Panel burden of durable benefit against none: medians 8.5 and 6.6; below against above the median HR 1.38.

    The file has another burden, made by cBioPortal, which gives neither.
    """
    frame = burden(real("rizvi2018"), "tmb")
    durable = [frame.loc[frame["durable"].fillna(not flag) == flag, "number"] for flag in (True, False)]
    assert [round(float(group.median()), 1) for group in durable] == [8.5, 6.6]
    low = frame["number"] <= frame["number"].median()
    assert ratio(frame, low) == pytest.approx(1.38, abs=0.005)
    other = raw("nsclc_pd1_msk_2018", "sample").set_index("PATIENT_ID")["TMB_NONSYNONYMOUS"].astype(float)
    assert round(other.reindex(frame.loc[frame["durable"].fillna(False).astype(bool), "patient"]).median(), 1) == 8.8


def test_panel_burden_is_a_count_per_megabase_of_the_panel() -> None:
    samples = raw("nsclc_pd1_msk_2018", "sample")
    size = samples["GENE_PANEL"].map({"IMPACT341": 0.98, "IMPACT410": 1.06, "IMPACT468": 1.22})
    counts = samples["MUTATION_RATE"].astype(float) * size
    assert (counts - counts.round()).abs().max() < 1e-6


@pytest.mark.parametrize("name", STUDIES)
def test_the_folders_open_as_studies(name: str) -> None:
    folder = STUDIES[name][0]
    study = read_study(real_cohorts() / "msk_nsclc_ici_no_infiltration" / folder)
    assert study.id == folder
    assert [file.role for file in study.files] == [meta.PATIENTS, meta.SAMPLES]
    endpoints = [survival.prefix for _, survival in study.endpoints]
    # The whole of Rizvi 2015 has months of PFS but calls the status EVENT_TYPE: a person has to say what it means.
    assert endpoints == ([] if name == "rizvi2015" else ["PFS"])


def test_pdl1_and_burden_are_never_comparable_across_these_cohorts() -> None:
    for name in STUDIES:
        assert not real(name)["measure"]["comparable"].any()
