"""Braun 2020 as the catalogue imports it, against the papers and the figures of its SOURCE.md."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.importers.real import hazard_ratio, logrank_p, median_months, outcome, real, values
from tests.shared import real_cohorts
from tilexplorer.schema import Canonical

pytestmark = pytest.mark.cohorts


@pytest.fixture
def tables() -> Canonical:
    return real("braun2020")


def trial(tables: Canonical, endpoint: str, study: str = "checkmate-025") -> pd.DataFrame:
    frame = outcome(tables, endpoint)
    return frame[frame["study"] == study]


def raw() -> pd.DataFrame:
    path = real_cohorts() / "braun2020_checkmate_ccrcc" / "Braun2020_TableS1_clinical_immune_phenotype.txt"
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)


def test_studies_and_arms(tables: Canonical) -> None:
    arms = tables["course"].groupby(["study", "regimen"]).size().to_dict()
    assert arms == {
        ("checkmate-009", "nivolumab"): 35,
        ("checkmate-010", "nivolumab"): 168,
        ("checkmate-025", "everolimus"): 397,
        ("checkmate-025", "nivolumab"): 406,
    }
    studies = tables["study"].set_index("study")
    for flag in ("randomised", "concurrent_arms"):
        assert list(studies.index[studies[flag]]) == ["checkmate-025"]


def test_survival_of_checkmate_025(tables: Canonical) -> None:
    frame = trial(tables, "os")
    medians = {str(arm): median_months(part) for arm, part in frame.groupby("arm")}
    assert medians == pytest.approx({"nivolumab": 25.99, "everolimus": 19.68}, abs=0.005)
    assert hazard_ratio(frame, frame["arm"] == "nivolumab") == pytest.approx((0.750, 0.639, 0.881), abs=0.0005)


def test_progression_free_survival_of_checkmate_025(tables: Canonical) -> None:
    frame = trial(tables, "pfs")
    assert hazard_ratio(frame, frame["arm"] == "nivolumab")[0] == pytest.approx(0.841, abs=0.0005)


def test_response_of_checkmate_025_is_not_split(tables: Canonical) -> None:
    counts = pd.crosstab(trial(tables, "os")["arm"], trial(tables, "os")["response"])
    assert counts["CRPR"].to_dict() == {"everolimus": 17, "nivolumab": 94}
    assert not {"CR", "PR"} & set(counts.columns)


def test_medians_of_the_single_arm_trials(tables: Canonical) -> None:
    assert median_months(trial(tables, "os", "checkmate-010")) == pytest.approx(23.4, abs=0.05)
    assert median_months(trial(tables, "pfs", "checkmate-010")) == pytest.approx(3.25, abs=0.005)
    assert median_months(trial(tables, "os", "checkmate-009")) == pytest.approx(33.3, abs=0.05)
    responders = trial(tables, "os", "checkmate-010")["response"].isin(["CR", "PR"])
    assert (responders.sum(), len(responders)) == (36, 168)


def test_phenotype_and_survival_on_nivolumab(tables: Canonical) -> None:
    kinds = values(tables, "immune_phenotype")
    assert kinds["category"].value_counts().to_dict() == {"inflamed": 160, "desert": 48, "excluded": 11}
    # In the source's months PFS gives 0.8751. Its trials count days into months in two ways, so that patients who
    # progressed on the same day differ in the fourth digit; whole days bring these ties back, and give 0.8741.
    for endpoint, p in (("os", 0.65), ("pfs", 0.8741)):
        frame = outcome(tables, endpoint).merge(kinds[["patient", "category"]], on="patient")
        nivolumab = frame.query("arm == 'nivolumab'")
        assert len(nivolumab) == 153
        assert logrank_p(nivolumab, "category") == pytest.approx(p, abs=0.005)


def test_damaged_minus_signs_are_mended(tables: Canonical) -> None:
    source = raw()["Tumor_Shrinkage"]
    damaged = source[source.str.startswith(".")]
    assert (damaged.str.count(r"\.") == 2).sum() == 379
    assert (damaged.str.count(r"\.") == 1).sum() == 55
    shrinkage = tables["course"].set_index("patient")["shrinkage"]
    expected = -damaged.str[1:].astype(float)
    read = shrinkage[raw().loc[damaged.index, "SUBJID"]].to_numpy(dtype=float)
    assert list(read) == pytest.approx(list(expected))
    assert shrinkage.notna().sum() == 903
    assert shrinkage.min() == -100


def test_shrinkage_agrees_with_response(tables: Canonical) -> None:
    """A naive reader makes 0.40 of '.40': then most responders would not have shrunk."""
    responders = tables["course"][tables["course"]["response"].isin(["CR", "PR", "CRPR"])]
    assert (responders["shrinkage"].dropna() <= -30).mean() > 0.95


def test_six_codings_of_sex(tables: Canonical) -> None:
    assert len(set(raw()["Sex"])) == 6
    assert tables["patient"]["sex"].value_counts().to_dict() == {"male": 748, "female": 258}


def test_event_flag_is_read_by_value_not_by_name(tables: Canonical) -> None:
    dead = set(raw().loc[raw()["OS_CNSR"] == "1", "SUBJID"])
    assert set(outcome(tables, "os").query("event")["patient"]) == dead
    assert len(dead) == 742


def test_densities_are_numbers_where_cd8_was_counted(tables: Canonical) -> None:
    for measure in ("cd8_density_centre", "cd8_density_margin"):
        read = values(tables, measure)
        assert len(read) == 219
        assert tables["measure"].set_index("measure")["unit"][measure] == "cells/mm2"


def test_age_of_tissue(tables: Canonical) -> None:
    days = tables["sample"]["days"].dropna()
    assert len(days) == 720
    assert days.median() == pytest.approx(-773, abs=1)
    assert (days <= 0).all()
