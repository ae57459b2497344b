"""The cautions from the calibration, and the committed calibration itself."""

from __future__ import annotations

import json

import pytest

from benchmarks.calibrate import document, plan, rates, trials
from benchmarks.calibrate.finding import Finding, Tally
from tilexplorer.statistics.calibration_notes import TABLE, WORDS, Simulated, caution, simulated

MADE = (
    Simulated("rmst", "coverage", 20, 0.91, True),
    Simulated("rmst", "coverage", 20, 0.90, True),
    Simulated("rmst", "coverage", 60, 0.95, False),
    Simulated("log-rank", "level", 20, 0.05, False),
    Simulated("ph", "level", 300, 0.08, True),
)


def test_a_method_is_cautioned_against_below_the_size_from_which_it_holds() -> None:
    expected = "the interval of the restricted mean held the truth in 90.0% instead of 95% (n = 20)"
    for n in (5, 20, 59):
        assert expected in caution(["rmst", "log-rank"], n, MADE)
        assert f"groups as small as {n}" in caution(["rmst"], n, MADE)
    assert caution(["rmst", "log-rank"], 60, MADE) == ""


def test_a_method_that_never_holds_is_always_cautioned_against() -> None:
    assert "rejected a true null in 8.0% instead of 5%" in caution(["ph"], 10_000, MADE)


def test_a_method_that_was_not_simulated_is_not_spoken_of() -> None:
    assert caution(["mann-whitney"], 5, MADE) == ""


def test_the_committed_table_has_every_method_and_the_seed_of_the_plan() -> None:
    assert json.loads(TABLE.read_text(encoding="utf-8"))["provenance"]["seed"] == plan.SEED
    assert set(WORDS) <= {found.method for found in simulated()}


def test_the_committed_verdicts_and_document_follow_from_the_committed_findings() -> None:
    rows = json.loads(TABLE.read_text(encoding="utf-8"))["findings"]
    assert [row["fails"] for row in rows] == [found.fails for found in document.read()[0]]
    assert document.DOCUMENT.read_text(encoding="utf-8") == document.text(*document.read())


@pytest.mark.parametrize("world", rates.WORLDS)
def test_the_committed_coverage_of_rates_is_found_again(world: str) -> None:
    committed = {(found.method, found.world, found.n): found.value for found in document.read()[0]}
    for found in [*rates.one_rate(20), *rates.two_rates(20, world)]:
        assert committed[found.method, found.world, 20] == pytest.approx(found.value, abs=1e-5)


def test_the_corrected_p_of_the_best_cut_holds_where_the_naive_one_does_not() -> None:
    found = {(f.method, f.n): f for f in document.read()[0]}
    for n in plan.LARGE_CUT:
        assert not found["selected-cut-1994", n].fails
        assert found["selected-cut-naive", n].value > 0.25


def test_the_simulated_cohorts_effects_are_covered() -> None:
    assert not [f.method for f in document.read()[0] if f.n == 0 and f.fails and f.method.startswith("hazard")]


def test_the_same_seed_gives_the_same_findings() -> None:
    world = trials.WORLDS[3]
    assert trials.coverage(world, 20, 20, seed=3) == trials.coverage(world, 20, 20, seed=3)
    assert trials.level(world, 20, 20, seed=3) != trials.level(world, 20, 20, seed=4)


def test_a_verdict_needs_two_standard_errors() -> None:
    assert Finding("coverage", "rmst", "", 20, value=0.93, error=0.005).fails
    assert not Finding("coverage", "rmst", "", 20, value=0.94, error=0.005).fails
    assert Finding("level", "ph", "", 20, value=0.02, error=0.005).conservative
    tally = Tally()
    for hit in (True, False):
        tally.add("rmst", shown=True, hit=hit)
    tally.add("rmst", shown=False, hit=True)
    (found,) = tally.findings("coverage", "", 20, 3)
    assert (found.value, found.printed) == (0.5, 2 / 3)
