"""The patients view: the table, the profile and the stratum of a described patient, by hand and on real cohorts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.command import analyse, run
from tests.json_rules import every_rule
from tests.miniature import miniature, published_store
from tests.shared import ROOT
from tilexplorer.analysis.patients import MOST_LANES
from tilexplorer.analysis.views import VIEWS
from tilexplorer.selection import parse_query
from tilexplorer.statistics import small
from tilexplorer.statistics.small import Thresholds
from tilexplorer.store import Store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return published_store(
        tmp_path_factory.mktemp("patients"), miniature("alpha", patients=120), miniature("tiny", patients=7)
    )


def shown(store: Store, query: str) -> dict[str, Any]:
    return VIEWS["patients"].json(store, parse_query(query).selection)


def test_the_table_holds_everybody_of_the_selection(store: Store) -> None:
    found = shown(store, "cohort=alpha&line=1&rule=tertile")
    assert every_rule(found) == []
    assert found["n"] == len(found["patients"]) == 60
    assert found["patients"][3] == {
        "cohort": "alpha", "patient": "alpha-006", "study": "alpha-study", "tumour": "MEL", "regimen": "nivolumab",
        "line": 1, "prior_io": True, "age": 46.0, "sex": "male", "ecog": 0, "response": "PD", "value": 6.0,
        "level": "low", "days": 70, "event": True, "immune_phenotype": "desert",
    }  # fmt: skip


def test_patients_like_this_one_are_counted_as_by_hand(store: Store) -> None:
    """Tertiles of 0 to 119: high is 80 to 119. Age 40 + i % 40 within 50 +- 10: i = 80 to 100. i % 5 == 0 responds."""
    found = shown(store, "cohort=alpha&measure=cd8_density_centre&rule=tertile&like_value=100&like_age=50")["like"]
    assert (found["n"], found["level"], found["responders"], found["denominator"]) == (21, "high", 5, 21)
    assert found["sentence"].startswith("Of 21 such patients, 5 responded (between 8 and 47 of 100")
    assert found["at_12_months"]["survival"] == 1.0  # the first of them dies on day 810
    assert found["n"] + sum(e["n"] for e in found["excluded"]) == 120
    assert any("mixes 2 regimens" in doubt for doubt in found["doubts"])


def test_a_value_equal_to_the_cut_is_low(store: Store) -> None:
    query = "cohort=alpha&measure=cd8_density_centre&rule=cut:40&like_value="
    assert shown(store, query + "40")["like"]["n"] == 41
    assert shown(store, query + "40.001")["like"]["n"] == 79


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("cohort=alpha", "nobody is described"),
        ("cohort=alpha&measure=immune_phenotype&like_value=3", "is a category"),
        ("cohort=alpha&like_age=110", "no such patient"),
    ],
)
def test_why_there_is_no_stratum(store: Store, query: str, reason: str) -> None:
    found = shown(store, query)
    assert reason in found["like"]["reason"]
    assert every_rule(found) == []


def test_different_measures_take_no_value(simulated_store: Path) -> None:
    found = analyse(simulated_store, "patients", "cohort=sim-mel&cohort=sim-uro&measure=cd8&like_value=3")
    assert "choose one measure" in found["like"]["reason"]


def test_few_patients_are_said_to_be_few(store: Store) -> None:
    found = shown(store, "cohort=alpha&like_age=50&like_value=100&rule=tertile&line=2&prior_io=yes")
    assert 0 < found["like"]["n"] < 20
    assert any(f"only {found['like']['n']} such patients" in doubt for doubt in found["like"]["doubts"])


def test_a_profile_places_the_patient_in_the_cohort(store: Store) -> None:
    found = shown(store, "cohort=alpha&patient=alpha/alpha-030&line=2")["profile"]
    density = next(m for m in found["measures"] if m["measure"] == "cd8_density_centre")
    assert density["percentile"] == 30.5 / 120
    phenotype = next(m for m in found["measures"] if m["measure"] == "immune_phenotype")
    assert (phenotype["same"], phenotype["percentile"]) == (40, None)
    assert found["outcomes"][0]["days"] == 310
    assert found["selected"] is False  # line 1 is not in the selection
    assert shown(store, "cohort=alpha&patient=alpha/alpha-030")["profile"]["selected"] is True


@pytest.mark.parametrize("name", ["alpha", "alpha/nobody", "nosuch/alpha-030", "alpha/' OR 1=1 --"])
def test_an_unknown_patient_is_named(store: Store, name: str) -> None:
    found = shown(store, f"cohort=alpha&patient={name}")["profile"]
    assert found["status"] == "not_estimable"
    assert found["reason"]


def test_no_row_below_the_smallest_cell(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(small, "DEFAULT", Thresholds(disclosure_cell=10))
    found = shown(store, "patient=tiny/tiny-001")
    assert found["n"] == 127
    assert {row["cohort"] for row in found["patients"]} == {"alpha"}
    assert found["withheld"] == [{"cohort": "Tiny", "n": 7}]
    assert "fewer than 10" in found["profile"]["reason"]


def test_lanes_are_an_even_choice(store: Store) -> None:
    found = VIEWS["patients"].compute(store, parse_query("cohort=alpha").selection)
    assert (len(found.lanes), found.drawable) == (MOST_LANES, 120)
    assert found.lanes["follow_up"].iloc[[0, -1]].tolist() == [1200, 10]
    assert found.lanes["follow_up"].is_monotonic_decreasing


def test_the_stratum_is_that_of_the_table(simulated_store: Path) -> None:
    """Counted again from the rows of the table: same level, age within ten years."""
    query = "cohort=sim-lung&measure=cd8_density_centre&tumour=LUAD&therapy=anti-PD-1&like_value=400&like_age=60"
    found = analyse(simulated_store, "patients", query)
    near = [p for p in found["patients"] if p["level"] == found["like"]["level"] and abs(p["age"] - 60) <= 10]
    assert found["like"]["n"] == len(near) > 20
    assert found["like"]["responders"] == sum(p["response"] in ("CR", "PR") for p in near)
    assert found["like"]["events"] == sum(p["event"] is True for p in near)


def test_the_csv_is_the_table(store: Store) -> None:
    ran = run("analyse", "patients", "cohort=tiny", "--store", store.folder, "--format", "csv")
    lines = ran.out.strip().splitlines()
    assert len(lines) == 8
    assert lines[0].startswith("cohort,patient,study")


@pytest.mark.cohorts
def test_real_patients(real_store: Path) -> None:
    query = "cohort=imvigor210&patient=imvigor210/10001"
    found = analyse(real_store, "patients", query)
    assert (found["n"], found["shown"]) == (347, 347)
    assert found["profile"]["outcomes"] == [
        {"endpoint": "os", "words": "overall survival", "days": 119, "event": True,
         "t0": "first dose of atezolizumab", "means": "death from any cause"}
    ]  # fmt: skip
    braun = "cohort=braun2020&measure=cd8_density_centre&therapy=anti-PD-1 only&like_age=60&like_value=100"
    like = analyse(real_store, "patients", braun)["like"]
    assert like["sentence"].startswith("Of 35 such patients, 7 responded")


PAGES = (
    "cohort=sim-mel&patient=sim-mel/SM0003&like_age=60&measure=cd8_density_centre&like_value=300",
    "cohort=sim-uro&age_min=99",
    "cohort=sim-uro&patient=nobody&measure=immune_phenotype&like_value=3",
)


@pytest.mark.parametrize("query", PAGES)
def test_the_page(simulated_store: Path, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILEXPLORER_STORE", str(simulated_store))
    page = AppTest.from_file(str(ROOT / "tilexplorer" / "ui" / "shell.py"), default_timeout=60)
    for pair in query.split("&"):
        key, value = pair.split("=")
        page.query_params[key] = value
    page.switch_page(str(ROOT / "pages" / "patients.py")).run()
    assert not page.exception, page.exception
    words = " ".join(str(element.proto.body) for element in page.main if element.type in ("html", "alert"))
    like = analyse(simulated_store, "patients", query)["like"]
    if like["status"] == "ok":
        assert like["sentence"].split(" (")[0] in words
    elif "like_value" in query:
        assert "is a category" in words
