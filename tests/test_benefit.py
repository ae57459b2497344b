"""The source's own responder flag: a rate by itself, from the flag only, and never part of an objective response."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import binomtest

from tests.command import analyse
from tests.importers.real import real
from tests.json_rules import every_rule
from tests.miniature import miniature, published_store
from tilexplorer.analysis.methods import methods
from tilexplorer.analysis.views import VIEWS
from tilexplorer.facets import facets
from tilexplorer.infiltration import SMALLEST_MEDIAN
from tilexplorer.publish import publish
from tilexplorer.response_source import BENEFIT_CAUTION, SEVERAL_DEFINITIONS
from tilexplorer.selection import parse_query
from tilexplorer.store import Store
from tilexplorer.ui.sidebar import prune

PATIENTS = 60
WHOLE = ("overview", "survival", "response")  # their groups are all the patients, as the rules of JSON ask
CAN_ASK_OF_RESPONSE = {"subgroups": 60, "thresholds": 60, "synthesis": 60, "model": 59}  # one has no prior_io


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cohorts with flag and categories (both), with the flag only (flag), and with categories only (plain)."""
    made = tmp_path_factory.mktemp("benefit")
    publish(
        made,
        [
            miniature("both", patients=PATIENTS, benefit=True),
            miniature("flag", patients=PATIENTS, benefit=True, categories=False),
            miniature("plain", patients=PATIENTS),
        ],
    )
    return made


@pytest.fixture(scope="module")
def nathanson(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("nathanson")
    publish(made, [real("nathanson2017")])
    return made


@cache
def _view(folder: Path, view: str, query: str) -> dict[str, Any]:
    found = analyse(folder, view, query)
    assert view not in WHOLE or every_rule(found) == []
    return found


def _group(folder: Path, query: str) -> dict[str, Any]:
    (group,) = _view(folder, "response", f"{query}&by=cohort")["groups"]
    return dict(group)


def _excluded(found: dict[str, Any]) -> dict[str, int]:
    return {row["reason"]: row["n"] for row in found["excluded"]}


# A made cohort, counted by hand ---------------------------------------------------------------------------------------


def test_benefit_comes_from_the_flag_only(folder: Path) -> None:
    group = _group(folder, "cohort=both&response=benefit")
    assert (group["responders"], group["denominator"], group["evaluable"]) == (35, 60, 59)  # patient 3 has no flag
    assert group["benefit"] == {"benefit": 35, "no benefit": 24, "not recorded": 1}
    exact = binomtest(35, 60).proportion_ci(0.95, "exact")
    assert (group["lower"], group["upper"]) == pytest.approx((exact.low, exact.high), abs=1e-12)
    assert _group(folder, "cohort=both&response=benefit&population=evaluable")["denominator"] == 59


@pytest.mark.parametrize("rate", ["orr", "dcr", "cr", "pd"])
def test_the_flag_changes_no_rate_of_categories(folder: Path, rate: str) -> None:
    both, plain = (_group(folder, f"cohort={cohort}&response={rate}") for cohort in ("both", "plain"))
    for name in ("responders", "denominator", "evaluable", "rate", "lower", "upper", "categories"):
        assert both[name] == plain[name], name
    assert (both["benefit"] == {}, plain["benefit"] == {}) == (False, True)


def test_objective_response_counts_no_flag(folder: Path) -> None:
    group = _group(folder, "cohort=both&response=orr")
    assert (group["responders"], group["evaluable"]) == (12, 59)  # every fifth; patient 1 is not evaluable


def test_patients_without_the_flag_are_left_out_visibly(folder: Path) -> None:
    found = _view(folder, "response", "cohort=both&cohort=flag&cohort=plain&response=benefit&by=cohort")
    assert _excluded(found) == {"benefit not recorded in this cohort and study": 60}
    assert [group["label"] for group in found["groups"]] == ["Both", "Flag"]
    assert found["n"] == 120


def test_the_flag_is_never_pooled_with_objective_response(folder: Path) -> None:
    found = _view(folder, "response", "cohort=both&cohort=flag&response=orr&by=cohort")
    assert _excluded(found) == {"response category not recorded in this cohort and study": 60}
    assert [group["responders"] for group in found["groups"]] == [12]
    assert found["missing"] == []  # one of the cohorts has categories


def test_the_caution_is_said_wherever_benefit_is_shown(folder: Path) -> None:
    for view in ("response", "therapies"):
        found = _view(folder, view, "cohort=both&cohort=flag&response=benefit&by=cohort")
        assert {BENEFIT_CAUTION, SEVERAL_DEFINITIONS} <= set(found["warnings"]), view
        one = _view(folder, view, "cohort=both&response=benefit&by=cohort")["warnings"]
        assert (BENEFIT_CAUTION in one, SEVERAL_DEFINITIONS in one) == (True, False), view
        other = _view(folder, view, "cohort=both&cohort=flag&response=orr&by=cohort")["warnings"]
        assert BENEFIT_CAUTION not in other, view


@pytest.mark.parametrize(("view", "n"), CAN_ASK_OF_RESPONSE.items())
def test_views_of_either_outcome_take_benefit(folder: Path, view: str, n: int) -> None:
    found = _view(folder, view, "cohort=both&cohort=plain&outcome=response&response=benefit")
    assert found["n"] == n
    assert "benefit as the source defines it" in found["sentence"]
    assert not re.search("respon[ds]", found["sentence"])
    assert _excluded(found)["benefit not recorded in this cohort and study"] == 60
    assert BENEFIT_CAUTION in found["warnings"]


def test_every_view_of_regression_counts_the_same_benefit(folder: Path) -> None:
    """35 patients have benefit; of patient 3 nothing is known, which is no benefit or not evaluable."""
    query = "cohort=both&outcome=response&response=benefit"
    assert _view(folder, "thresholds", query)["events"] == 35
    assert _view(folder, "thresholds", f"{query}&population=evaluable")["n"] == 59
    assert _view(folder, "subgroups", query)["overall"]["events"] == 35
    (row,) = _view(folder, "synthesis", query)["groups"]
    assert (row["n"], row["events"]) == (60, 35)


# Where only the flag is recorded --------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", ["orr", "dcr", "dcb"])
def test_a_view_without_categories_says_so_and_links_to_benefit(folder: Path, rate: str) -> None:
    found = _view(folder, "response", f"cohort=flag&response={rate}")
    assert found["n"] == 0
    (one,) = found["missing"]
    assert one["cohorts"] == ["flag"]
    assert "only its own responder flag" in one["words"]
    linked = _view(folder, "response", one["query"])
    assert (linked["n"], linked["response"]) == (60, "benefit")
    assert parse_query(one["query"]).selection.by == ("level",)  # the groups that were asked for have patients


def test_the_link_leaves_the_levels_where_nobody_has_one(tmp_path: Path) -> None:
    few = miniature("few", patients=SMALLEST_MEDIAN - 1, benefit=True, categories=False)
    store = published_store(tmp_path, few)
    (one,) = VIEWS["response"].json(store, parse_query("cohort=few").selection)["missing"]
    shown = VIEWS["response"].json(store, parse_query(one["query"]).selection)
    assert (shown["n"], shown["groups"][0]["responders"]) == (19, 11)


def test_a_cohort_with_neither_offers_no_benefit(folder: Path) -> None:
    assert _view(folder, "response", "cohort=plain&response=dcb&by=cohort")["missing"] == []
    assert _view(folder, "response", "cohort=plain&response=benefit&by=cohort")["n"] == 0


def test_subgroups_and_synthesis_name_the_flag_too(folder: Path) -> None:
    for view in ("subgroups", "synthesis"):
        found = _view(folder, view, "cohort=flag&outcome=response&response=orr")
        assert "response=benefit" in found["missing"][0]["query"], view


# What is offered ------------------------------------------------------------------------------------------------------


def test_benefit_is_offered_only_where_a_cohort_has_it(folder: Path) -> None:
    found = facets(Store.open(folder))
    assert "benefit" in found.rates_of(("plain", "flag"))
    assert "benefit" not in found.rates_of(("plain",))
    assert {"orr", "dcb"} <= set(found.rates_of(("plain",)))


def test_the_sidebar_takes_a_rate_back_that_the_cohorts_lack(folder: Path) -> None:
    found = facets(Store.open(folder))
    asked = parse_query("cohort=plain&response=benefit").selection
    kept, said = prune(asked, found, ("plain",))
    assert kept.response == "orr"
    assert any("benefit" in line for line in said)
    assert prune(asked, found, ("both",))[0].response == "benefit"


def test_methods_say_what_benefit_is_made_of(folder: Path) -> None:
    rows = methods(Store.open(folder), parse_query("").selection).tables["Response rates"]
    (row,) = rows[rows["Key"] == "benefit"].to_dict("records")
    assert "own responder flag" in row["Counts as response"]


# Nathanson 2017 -------------------------------------------------------------------------------------------------------


def test_nathanson_benefit_is_as_its_source_says(nathanson: Path) -> None:
    """SOURCE.md: benefit R 10, NR 14."""
    group = _group(nathanson, "cohort=nathanson2017&response=benefit")
    assert (group["n"], group["responders"], group["denominator"]) == (24, 10, 24)
    assert group["rate"] == pytest.approx(10 / 24)
    assert group["benefit"] == {"benefit": 10, "no benefit": 14}


def test_nathanson_has_no_objective_response(nathanson: Path) -> None:
    found = _view(nathanson, "response", "cohort=nathanson2017&by=cohort")
    assert (found["n"], found["emptied_by"]) == (0, "response category not recorded in this cohort and study")
    (group,) = _view(nathanson, "response", found["missing"][0]["query"])["groups"]
    assert group["responders"] == 10


@pytest.mark.parametrize("view", WHOLE)
def test_nine_samples_make_no_level_and_the_page_says_what_to_do(nathanson: Path, view: str) -> None:
    found = _view(nathanson, view, "cohort=nathanson2017")
    assert _excluded(found) == {
        "no CD8 T-effector signature at baseline": 15,
        "too few measured patients in study and tumour type for a level": 9,
    }
    assert found["n"] == 0
    assert f"Below {SMALLEST_MEDIAN} measured patients" in found["next_step"]
    assert "Thresholds" in found["next_step"]
    assert _view(nathanson, "thresholds", "cohort=nathanson2017")["n"] == 9
