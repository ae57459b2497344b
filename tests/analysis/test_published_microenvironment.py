"""Pairs and microenvironment of the real cohorts give what was published of them."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest

from tests.command import analyse

pytestmark = [pytest.mark.cohorts, pytest.mark.xdist_group("real")]


@pytest.fixture(scope="module")
def view(real_store: Path) -> Any:
    """`analyse VIEW QUERY` on the real store, each asked once."""
    return functools.cache(functools.partial(analyse, real_store))


def test_riaz_pairs(view: Any) -> None:
    found = view("on_treatment", "cohort=riaz2017")
    assert (found["n"], found["pairs"], found["chosen"]) == (34, 34, 73)
    assert found["n"] + sum(part["n"] for part in found["excluded"]) == 73
    assert round(found["signed_rank"]["p_value"], 4) == 0.0147
    assert round(found["median_change"], 3) == 0.030
    # R's default has the continuity correction.
    assert round(found["all"]["signed_rank_continuity_corrected"]["p_value"], 4) == 0.0151
    assert "unlikely to be chance alone (signed-rank test, p = 0.015)" in found["sentence"]


def test_riaz_change_by_response(view: Any) -> None:
    found = view("on_treatment", "cohort=riaz2017")
    change = {group["label"]: (group["n"], group["median_change"]) for group in found["responses"]}
    assert {label: n for label, (n, _) in change.items()} == {"CR/PR": 8, "SD": 11, "PD": 14, "not evaluable": 1}
    assert round(change["CR/PR"][1], 3) == 0.134
    assert round(change["SD"][1], 3) == 0.034
    assert abs(change["PD"][1]) <= 0.0005  # printed as 0.000
    assert change["not evaluable"][1] is None
    size = {group["label"]: round(group["size"]["value"] or 0, 2) for group in found["responses"]}
    assert (size["CR/PR"], size["SD"]) == (2.04, 1.63)
    assert round(found["all"]["size"]["value"], 2) == 1.28


def test_the_two_copies_of_riaz_are_counted_once(view: Any) -> None:
    found = view("on_treatment", "cohort=riaz2017&cohort=iatlas-riaz2017")
    assert sum(panel["all"]["n"] for panel in found["panels"]) == found["n"] if "panels" in found else True
    people = {excluded["reason"]: excluded["n"] for excluded in found["excluded"]}
    assert any(reason.startswith("same patients as") for reason in people)


def test_imvigor210_has_no_pairs_and_says_who_has(view: Any) -> None:
    found = view("on_treatment", "cohort=imvigor210")
    assert found["n"] == 0
    (missing,) = found["missing"]
    assert "riaz2017" in missing["cohorts"]


def test_imvigor210_tmb_by_response(view: Any) -> None:
    found = view("microenvironment", "cohort=imvigor210")
    tmb = next(row for row in found["by_response"] if row["measure"] == "tmb")
    assert tmb["n"] == 234
    assert f"{tmb['p_value']:.1e}" == "1.1e-07"
    assert tmb["effect"]["value"] > 0.5  # higher in responders


def test_imvigor210_t_effector_signature_rises_from_desert_to_inflamed(view: Any) -> None:
    found = view("microenvironment", "cohort=imvigor210")
    assert found["levels"] == ["desert", "excluded", "inflamed"]
    row = next(row for row in found["measures"] if row["measure"] == "cd8_teff")
    medians = [group["median"] for group in row["groups"]]
    assert medians == sorted(medians)
    assert row["q_value"] < 1e-20


def test_braun_core_against_margin(view: Any) -> None:
    found = view("microenvironment", "cohort=braun2020&measure=cd8_density_centre")
    (one,) = found["core_and_margin"]
    assert sum(one["regions"].values()) + one["no_cut"] == 219
    assert one["agreement"]["rate"] == pytest.approx(162 / 219)
    assert one["recorded_phenotype"]["inflamed"]["inflamed"] == 109


def test_no_real_view_holds_a_simulated_cohort(view: Any) -> None:
    for name in ("microenvironment", "on_treatment"):
        assert view(name, "")["simulated"] is False
