"""The cohorts of the iAtlas file: years beside days, a progression flag that is not PFS, copies of the same people."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.importers.real import outcome, real, values
from tests.shared import real_cohorts
from tilexplorer import importers
from tilexplorer.importers.text import ReadOptions

pytestmark = pytest.mark.cohorts

COHORTS = ("gide2019", "hugo2016", "vanallen2015", "prins2019", "iatlas-riaz2017", "iatlas-imvigor210")


# Cohorts whose patients come from a second source beside this file: that one has progression-free survival.
JOINED = ("gide2019", "vanallen2015")


def features() -> pd.DataFrame:
    frame = importers.READERS["feather"](real_cohorts() / "iatlas_ici_2021" / "fmx_io.feather", ReadOptions())
    return frame.replace("", None)


@pytest.mark.parametrize(
    ("name", "patients", "samples", "deaths"),
    [
        ("gide2019", 73, 89, 29),
        ("hugo2016", 27, 28, 12),
        ("vanallen2015", 42, 42, 29),
        ("prins2019", 29, 29, 21),
        ("iatlas-riaz2017", 58, 101, 36),
        ("iatlas-imvigor210", 347, 348, 231),
    ],
)
def test_patients_are_counted_once(name: str, patients: int, samples: int, deaths: int) -> None:
    tables = real(name)
    assert len(tables["patient"]) == patients
    assert len(tables["sample"]) == samples
    assert outcome(tables, "os")["event"].sum() == deaths


def test_survival_in_years_agrees_with_the_source_in_months() -> None:
    copy = outcome(real("iatlas-imvigor210"), "os").set_index("patient")["days"]
    source = outcome(real("imvigor210"), "os").set_index("patient")["days"]
    assert copy.to_dict() == source.to_dict()


def test_survival_in_years_agrees_with_the_source_in_days() -> None:
    copy = outcome(real("iatlas-riaz2017"), "os").set_index("patient")[["days", "event"]]
    copy.index = copy.index.str.removeprefix("Riaz_")
    source = outcome(real("riaz2017"), "os").set_index("patient")[["days", "event"]]
    pd.testing.assert_frame_equal(copy.sort_index(), source.loc[sorted(copy.index)], check_index_type=False)


def test_the_file_holds_years_and_days() -> None:
    frame = features()
    assert frame["OS_time"].astype(float).max() < 5
    assert frame["PFI_time_1"].astype(float).max() > 1000


@pytest.mark.parametrize("name", COHORTS)
def test_progression_is_never_offered_as_progression_free_survival(name: str) -> None:
    tables = real(name)
    assert set(tables["endpoint"]["endpoint"]) == ({"os", "pfs"} if name in JOINED else {"os"})
    assert set(tables["outcome"]["endpoint"]) == set(tables["endpoint"]["endpoint"])
    if name == "prins2019":
        assert "PFS is not offered" in tables["cohort"]["note"].iloc[0]


def test_progression_flag_is_what_the_card_says() -> None:
    """19 sample rows are dead with PFI_1 = 0, and in Gide the flag equals progressive disease."""
    frame = features()
    assert ((frame["OS"] == "1") & (frame["PFI_1"] == "0")).sum() == 19
    gide = frame[frame["Dataset"] == "Gide 2019"]
    assert ((gide["PFI_1"] == "1") == (gide["Response"] == "Progressive Disease")).all()


def test_response_comes_from_the_categories_not_from_the_flag() -> None:
    gide = real("gide2019")["course"]
    assert gide["response"].value_counts().to_dict() == {"PR": 26, "PD": 22, "CR": 14, "SD": 11}
    flagged = features().query("Dataset == 'Gide 2019' and Responder == 'Responder'")["Patient_ID"]
    assert set(gide[gide["response"] == "SD"]["patient"]) <= set(flagged)


def test_regimens_and_their_classes() -> None:
    tables = real("gide2019")
    classes = tables["course"].merge(tables["regimen"], on="regimen")["combination"].value_counts().to_dict()
    assert classes == {"anti-PD-1": 41, "anti-PD-1 + anti-CTLA-4": 32}
    assert set(real("vanallen2015")["regimen"]["combination"]) == {"anti-CTLA-4"}


def test_tissue_taken_after_a_neoadjuvant_dose_is_on_treatment() -> None:
    tables = real("prins2019")
    frame = tables["sample"].merge(tables["course"][["patient", "arm"]], on="patient")
    counts = frame.groupby(["arm", "timepoint"]).size().to_dict()
    assert counts == {("adjuvant only", "baseline"): 14, ("neoadjuvant", "on_treatment"): 15}


def test_on_treatment_samples() -> None:
    assert len(values(real("gide2019"), "cd8_fraction_cibersort", "on_treatment")) == 16
    assert len(values(real("iatlas-riaz2017"), "cd8_fraction_cibersort", "on_treatment")) == 50


def test_cibersort_medians_differ_twelvefold_and_are_not_comparable() -> None:
    medians = {}
    for name in ("iatlas-imvigor210", "hugo2016"):
        found = real(name)["value"]
        medians[name] = float(found.loc[found["measure"] == "cd8_fraction_cibersort", "number"].median())
    assert medians == pytest.approx({"iatlas-imvigor210": 0.011, "hugo2016": 0.130}, abs=0.001)
    for name in COHORTS:
        card = real(name)["measure"].set_index("measure").loc["cd8_fraction_cibersort"]
        assert not card["comparable"]
        assert card["unit"] == "share of leukocytes"


def test_copies_are_declared() -> None:
    for name, preferred in (("iatlas-riaz2017", "riaz2017"), ("iatlas-imvigor210", "imvigor210")):
        assert real(name)["overlap"][["patient", "preferred"]].to_numpy().tolist() == [["", preferred]]
    people = {p.removeprefix("Riaz_") for p in real("iatlas-riaz2017")["patient"]["patient"]}
    assert people <= set(real("riaz2017")["patient"]["patient"])
    assert set(real("iatlas-imvigor210")["patient"]["patient"]) == set(real("imvigor210")["patient"]["patient"])


def test_not_evaluable_patients_of_the_copies_stay_in_the_denominator() -> None:
    assert (real("iatlas-imvigor210")["course"]["response"] == "NE").sum() == 49
    assert real("iatlas-imvigor210")["course"]["response"].notna().all()
