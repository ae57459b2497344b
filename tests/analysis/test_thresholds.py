"""The thresholds view: the continuous effect first, every rule as the other views have it, and what a cut is worth."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.command import analyse
from tests.miniature import miniature, published_store
from tests.shared import real_cohorts
from tilexplorer.analysis.named_cuts import named_cut
from tilexplorer.analysis.thresholds import Thresholds, thresholds
from tilexplorer.analysis.thresholds_sentence import thresholds_sentence
from tilexplorer.selection import Selection, parse_query
from tilexplorer.statistics.regression import cox_regression
from tilexplorer.statistics.terms import Number
from tilexplorer.store import Store

TMB = "cohort=imvigor210&measure=tmb"
NAMED = Selection(measure="cd8_density_centre", rule="cut:20", cut_name="cold")


@pytest.fixture(scope="module")
def small_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Sixty made-up patients."""
    return published_store(tmp_path_factory.mktemp("thresholds"), miniature())


@pytest.fixture(scope="module")
def named(small_store: Store) -> Thresholds:
    """Their density, with a cut of one's own."""
    return thresholds(small_store, NAMED)


def test_everybody_is_analysed_or_excluded(named: Thresholds) -> None:
    found = named
    excluded = sum(n for _, n in found.context.excluded)
    assert found.context.n + excluded == found.context.chosen
    assert found.n == found.context.n == 60


def test_a_measure_that_orders_the_deaths_has_no_finite_ratio_and_says_so(named: Thresholds) -> None:
    # In the miniature the density is the order of the times: every later death has more cells.
    assert not named.continuous.ratio.shown
    assert named.continuous.ratio.reason in thresholds_sentence(named).text


@pytest.mark.parametrize("outcome", ["survival", "response"])
def test_rules_are_the_numbers_of_the_other_views(simulated_store: Path, outcome: str) -> None:
    query = "cohort=sim-uro&measure=teff_ifng_6"
    found = analyse(simulated_store, "thresholds", f"{query}&outcome={outcome}")
    rules = {rule["rule"]: rule for rule in found["rules"]}
    for name in ("median", "tertile"):
        other = analyse(simulated_store, outcome, f"{query}&rule={name}&by=level")
        assert [g["n"] for g in rules[name]["groups"]] == [g["n"] for g in other["groups"]]
        last = other["hazard_ratios"][-1] if outcome == "survival" else other["comparisons"][-1]["odds_ratio"]
        assert rules[name]["effect"]["ratio"] == last["hr" if outcome == "survival" else "value"]


def test_a_category_offers_the_cohort_measure_that_can_be_cut(small_store: Store) -> None:
    found = thresholds(small_store, Selection(measure="immune_phenotype"))
    assert found.needs is not None
    assert parse_query(found.needs.query).selection.measure == "cd8_density_centre"


def test_a_named_cut_keeps_its_version_until_measure_or_cut_change(named: Thresholds) -> None:
    first = named.cut
    renamed, moved = (named_cut(s) for s in (NAMED.only(cut_name="other"), NAMED.only(rule="cut:21")))
    assert first is not None
    assert renamed is not None
    assert moved is not None
    assert first.version == renamed.version != moved.version
    assert "cold" in first.words
    assert "cut_name=cold" in NAMED.to_query()


def test_several_studies_have_no_cut_chosen_by_the_outcome(simulated_store: Path) -> None:
    found = analyse(simulated_store, "thresholds", "cohort=sim-mel&measure=cd8_density_centre")
    assert found["exploratory"]["cut"] is None
    assert "choose one" in found["exploratory"]["test"]["reason"]


def test_the_doubling_covers_the_truth_of_its_estimand(simulated_store: Path) -> None:
    from tilexplorer.simulate.truth import stored

    query = "cohort=sim-rcc&study=sim-rcc-randomised&regimen=nivolumab&measure=cd8_density_centre"
    found = analyse(simulated_store, "thresholds", query)
    arm = next(a for a in stored()["arms"] if (a["study"], a["regimen"]) == ("sim-rcc-randomised", "nivolumab"))
    truth = arm["os"]["hazard_ratio"]["per_doubling_of_core_plus_1"]["hr"]
    error = (math.log(found["continuous"]["ratio_upper"]) - math.log(found["continuous"]["ratio_lower"])) / 3.92
    assert abs(math.log(found["continuous"]["ratio"]) - math.log(truth)) < 3 * error


def test_two_measures_of_the_same_patients(simulated_store: Path) -> None:
    found = analyse(simulated_store, "thresholds", "cohort=sim-rcc&measure=cd8_density_centre&other=cd8_density_margin")
    compared = found["compared"]
    assert compared["n"] > 100
    assert 0 < compared["kappa"]["kappa"] < 1
    assert compared["bland_altman"]["kind"] == "ratio"
    assert sum(sum(row.values()) for row in compared["table"].values()) <= compared["n"]


# Real cohorts ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tmb(real_store: Path) -> dict[str, Any]:
    """IMvigor210 by TMB, survival."""
    return analyse(real_store, "thresholds", TMB)


@pytest.mark.cohorts
@pytest.mark.xdist_group("real")
def test_imvigor210_by_quartiles_of_tmb(tmb: dict[str, Any]) -> None:
    # The paper's rows give 0.744 and 1.31e-05 on 272 samples (below); the store counts one woman's two samples once.
    quartile = next(rule for rule in tmb["rules"] if rule["rule"] == "quartile")
    assert (tmb["n"], tmb["events"]) == (271, 172)
    assert round(quartile["per_step"]["ratio"], 3) == 0.748
    assert quartile["per_step"]["test"]["p_value"] == pytest.approx(1.849e-05, rel=1e-3)


@pytest.mark.cohorts
def test_imvigor210_sample_rows_give_the_papers_quartile_score() -> None:
    rows = pd.read_csv(real_cohorts() / "imvigor210_mariathasan2018" / "pData_IMvigor210.csv")
    rows = rows.dropna(subset=["FMOne.mutation.burden.per.MB"])
    rows = rows.assign(score=pd.qcut(rows["FMOne.mutation.burden.per.MB"], 4, labels=False).astype(float))
    model = cox_regression(rows, "os", "censOS", [Number("score")])
    assert (model.n, model.events) == (272, 173)
    assert round(model.hazard_ratios["score"].value, 3) == 0.744
    assert model.lr.p_value == pytest.approx(1.31e-05, rel=1e-2)


@pytest.mark.cohorts
@pytest.mark.xdist_group("real")
def test_braun_infiltration_is_compatible_with_chance(real_store: Path) -> None:
    for outcome in ("survival", "response"):
        query = f"cohort=braun2020&regimen=nivolumab&measure=cd8_density_centre&outcome={outcome}"
        assert "compatible with chance" in analyse(real_store, "thresholds", query)["sentence"]


@pytest.mark.cohorts
@pytest.mark.xdist_group("real")
def test_tcga_melanoma_by_cd8(real_store: Path) -> None:
    found = analyse(real_store, "thresholds", "cohort=tcga&tumour=SKCM&measure=cd8_fraction_cibersort")
    median = next(rule for rule in found["rules"] if rule["rule"] == "median")
    assert round(median["effect"]["ratio"], 3) == 0.577
