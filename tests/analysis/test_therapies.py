"""Therapy combinations: the same numbers as the response and survival pages, and comparisons that say where."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.miniature import miniature, published_store
from tilexplorer.analysis.response import response
from tilexplorer.analysis.survival import survival
from tilexplorer.analysis.therapies import therapies
from tilexplorer.analysis.therapies_sentence import therapies_sentence
from tilexplorer.analysis.views import VIEWS
from tilexplorer.selection import Selection, parse_query
from tilexplorer.simulate.truth import stored
from tilexplorer.store import Store

COMBINED = "anti-PD-1 + anti-CTLA-4"
BOTH = ("nivolumab", "nivolumab + ipilimumab")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return published_store(
        tmp_path_factory.mktemp("store"),
        miniature("alpha", patients=120, regimens=BOTH),
        miniature("beta", patients=60, tumours=("BLCA",)),
    )


def test_combinations_and_their_patients(store: Store) -> None:
    found = therapies(store, Selection())
    assert [(c.id, c.n) for c in found.combinations] == [
        ("anti-PD-1", 90),
        (COMBINED, 60),
        ("other targeted agent", 30),
    ]
    assert found.components == ("anti-PD-1", "anti-CTLA-4", "other targeted agent")
    assert found.context.n == found.context.chosen == 180
    assert [c.immunotherapy for c in found.combinations] == [True, True, False]


def test_numbers_are_those_of_the_other_pages(store: Store) -> None:
    found = {c.id: c for c in therapies(store, Selection()).combinations}
    whole = {g.group.id: g for g in response(store, Selection(by=("therapy",))).panels[0].groups}
    times = {g.group.id: g for g in survival(store, Selection(by=("therapy",))).panels[0].groups}
    for name, combination in found.items():
        assert combination.overall.rate == whole[name].rate
        assert combination.overall.median == times[name].median
    split = response(store, Selection(by=("level", "therapy")))
    for panel in split.panels:
        assert panel.group is not None
        levels = {one.level: one for one in found[panel.group.id].levels}
        assert {g.group.label: g.rate for g in panel.groups} == {name: one.rate for name, one in levels.items()}


def test_a_combination_beside_its_component_within_the_study(store: Store) -> None:
    (versus,) = therapies(store, Selection()).versus
    assert (versus.combination, versus.component) == (COMBINED, "anti-PD-1")
    # Study alpha gave both and is declared randomised; beta's anti-PD-1 is in another tumour type and stays out.
    assert versus.basis == "randomised within one study"
    assert versus.n == (60, 60)
    assert versus.tumours == ("MEL",)
    assert versus.difference.shown
    assert versus.hazard_ratio.events == 60


def test_across_cohorts_is_marked_and_other_tumours_are_not_compared(tmp_path: Path) -> None:
    made = published_store(
        tmp_path,
        miniature("alone", regimens=("nivolumab",)),
        miniature("both", regimens=("nivolumab + ipilimumab",)),
        miniature("bladder", regimens=("nivolumab",), tumours=("BLCA",)),
    )
    (versus,) = therapies(made, Selection(cohort=("alone", "both"))).versus
    assert versus.basis == "across cohorts, not randomised"
    (none,) = therapies(made, Selection(cohort=("bladder", "both"))).versus
    assert none.basis == "never given in one tumour type of this selection"
    assert not none.difference.shown
    assert none.difference.reason


def test_sentence_and_json(store: Store) -> None:
    words = therapies_sentence(therapies(store, Selection()))
    assert "180 patients of 2 cohorts" in words.text
    assert "ranks none" in words.caution
    made = VIEWS["therapies"].json(store, parse_query("response=dcb").selection)
    assert made["n"] == 180
    for group in made["groups"]:
        assert group["rate"] is not None or group["rate_reason"]
    empty = therapies_sentence(therapies(store, Selection(tumour=("MEL",), cohort=("beta",))))
    assert empty.text == "No patient remains: other tumour type."


def test_simulated_rates_cover_their_truth(simulated_store: Path) -> None:
    """Every arm that is a combination of its own in one cohort: its rate's limits hold the stored rate."""
    cohorts = ("sim-lung", "sim-mel", "sim-platform", "sim-rcc", "sim-uro")
    found = {c.id: c for c in therapies(Store.open(simulated_store), Selection(cohort=cohorts)).combinations}
    by_regimen = {c.regimens[0]: c for c in found.values() if len(c.regimens) == 1}
    arms = [arm for arm in stored()["arms"] if arm["regimen"] in by_regimen]
    counts = {name: sum(arm["regimen"] == name for arm in arms) for name in by_regimen}
    single = [arm for arm in arms if counts[arm["regimen"]] == 1]
    covered = [
        by_regimen[arm["regimen"]].overall.rate.lower
        <= arm["response"]["orr"]
        <= by_regimen[arm["regimen"]].overall.rate.upper
        for arm in single
    ]
    assert len(covered) >= 10
    assert sum(covered) >= len(covered) - 2


@pytest.mark.cohorts
def test_real_combinations(real_store: Path) -> None:
    found = therapies(Store.open(real_store), Selection(cohort=("gide2019", "vanallen2015")))
    combinations = {c.id: c for c in found.combinations}
    assert combinations[COMBINED].n == 32
    assert combinations[COMBINED].overall.responders == 21
    beside = {v.component: v for v in found.versus}
    assert beside["anti-PD-1"].basis == "within one study, not randomised"
    assert (beside["anti-PD-1"].responders, beside["anti-PD-1"].n) == ((21, 19), (32, 41))
    assert beside["anti-CTLA-4"].basis == "across cohorts, not randomised"
