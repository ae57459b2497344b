"""The microenvironment view on made-up cohorts: who is compared, and what is not."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from tests.miniature import miniature, published_store
from tilexplorer.analysis.measure_correlations import clustered, correlations
from tilexplorer.analysis.measure_rows import compare, group_values
from tilexplorer.analysis.microenvironment import Microenvironment, microenvironment
from tilexplorer.analysis.microenvironment_json import to_json
from tilexplorer.analysis.microenvironment_sentence import microenvironment_sentence
from tilexplorer.analysis.two_regions import two_regions
from tilexplorer.schema import Canonical
from tilexplorer.selection import Selection, parse_query
from tilexplorer.store import Store


def with_more_measures() -> Canonical:
    """The miniature with a margin that is 59 less the centre, a TMB that is its square, and PD-L1 classes."""
    base = miniature("alpha")
    frames = {name: base[name].copy() for name in base.frames}
    centre = frames["value"].query("measure == 'cd8_density_centre'")
    margin = centre.assign(measure="cd8_density_margin", number=59 - centre["number"])
    tmb = centre.assign(measure="tmb", number=centre["number"] ** 2)
    frames["value"] = pd.concat([frames["value"], margin, tmb], ignore_index=True)
    kinds = [
        {"cohort": "alpha", "measure": name, "kind": "number", "unit": unit, "comparable": False}
        for name, unit in (("cd8_density_margin", "cells/mm2"), ("tmb", "mut/Mb"))
    ]
    frames["measure"] = pd.concat([frames["measure"], pd.DataFrame(kinds)], ignore_index=True)
    return Canonical.of(frames)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return published_store(tmp_path_factory.mktemp("micro"), with_more_measures(), miniature("beta"))


@pytest.fixture(scope="module")
def found(store: Store) -> Microenvironment:
    return microenvironment(store, Selection(cohort=("alpha",), measure="cd8_density_centre"))


def test_selected_and_left_out_make_up_the_chosen(found: Microenvironment) -> None:
    context = found.context
    assert context.n + sum(n for _, n in context.excluded) == context.chosen == 60
    assert found.levels.labels == ("low", "intermediate", "high")


def test_the_measure_that_makes_the_groups_is_not_tested_against_itself(found: Microenvironment) -> None:
    rows = {row.measure: row for row in found.rows}
    assert rows["cd8_density_centre"].test.reason == "this measure makes the groups"
    assert rows["tmb"].test.shown
    assert rows["tmb"].q_value <= 1
    kept = {row.measure: row.test.reason for row in found.categories}
    assert kept == {"immune_phenotype": ""}


def test_complete_order_has_the_largest_possible_effect(found: Microenvironment) -> None:
    tmb = next(row for row in found.rows if row.measure == "tmb")
    # Three groups of twenty in complete order: H = 12 / (60 x 61) x 3 groups' rank sums - 3 x 61.
    h = 12 / (60 * 61) * (210**2 + 610**2 + 1010**2) / 20 - 3 * 61
    assert tmb.test.statistic == pytest.approx(h, abs=1e-9)
    assert tmb.effect.value == pytest.approx(h / 59, abs=1e-12)
    assert tmb.shift.value > 0


def test_two_groups_give_the_probability_of_superiority() -> None:
    low = group_values("low", pd.Series([1.0, 2, 3, 4, 5]))
    high = group_values("high", pd.Series([3.0, 6, 7, 8, 9]))
    _, effect, shift = compare([low, high])
    wins = np.mean([(h > x) + (h == x) / 2 for h in (3.0, 6, 7, 8, 9) for x in (1.0, 2, 3, 4, 5)])
    assert effect.value == pytest.approx(wins)
    assert shift.value > 0


def test_groups_below_five_are_not_compared() -> None:
    few = group_values("low", pd.Series([1.0, 2, 3, 4]))
    many = group_values("high", pd.Series([3.0, 6, 7, 8, 9]))
    test, effect, _ = compare([few, many])
    assert math.isnan(few.median)
    assert (test.shown, effect.shown) == (False, False)
    assert test.reason == "fewer than two groups of five patients"


def test_core_against_margin_follows_the_median_cuts(found: Microenvironment) -> None:
    (one,) = found.regions
    # Densities 0 to 59 with the margin reversed: above the median centre inflamed, the rest have high margins.
    assert one.counts == {"desert": 0, "excluded": 30, "inflamed": 30}
    assert one.cuts == (29.5, 29.5)
    assert np.allclose(one.percentile, 50)
    assert one.recorded is not None
    assert one.agreement is not None
    assert one.agreement.events == 10 + 20  # excluded 20 to 29, inflamed 40 to 59


def test_two_regions_need_both_densities(store: Store) -> None:
    people = pd.DataFrame(
        {"study": ["s"], "tumour": ["MEL"], "cd8_density_centre": [1.0], "cd8_density_margin": [None]}
    )
    assert two_regions(store, "alpha", "Alpha", people) is None


def test_correlations_are_of_complete_pairs(found: Microenvironment) -> None:
    (one,) = found.correlations
    place = {measure: i for i, measure in enumerate(one.measures)}
    rho = one.rho[place["cd8_density_centre"], place["cd8_density_margin"]]
    assert rho == pytest.approx(-1)
    assert one.n[place["tmb"], place["cd8_density_margin"]] == 60


def test_correlations_of_few_patients_are_left_out() -> None:
    people = pd.DataFrame({"a": np.arange(12.0), "b": np.arange(12.0) % 5, "c": [np.nan] * 4 + list(range(8))})
    assert correlations("x", "X", people, ["a", "b", "c"], ["A", "B", "C"]) is None


def test_clustering_puts_like_beside_like() -> None:
    rho = np.array([[1, 0.1, 0.9, 0.0], [0.1, 1, 0.0, 0.8], [0.9, 0.0, 1, 0.1], [0.0, 0.8, 0.1, 1.0]])
    order = clustered(rho)
    assert abs(order.index(0) - order.index(2)) == 1
    assert abs(order.index(1) - order.index(3)) == 1


def test_composition_counts_everybody_once(found: Microenvironment) -> None:
    assert sum(sum(counts) for counts in found.composition.counts) == found.context.n


def test_what_is_not_measured_is_named_with_who_has_it(store: Store) -> None:
    found = microenvironment(store, Selection(cohort=("beta",), measure="cd8_density_centre"))
    lacking = {one.what: one.cohorts for one in found.lacking}
    assert lacking["measure of mutations and neoantigens"] == ("alpha",)
    assert lacking["measure of viral status"] == ()


def test_quantile_levels_warn_that_types_are_alike_by_construction(found: Microenvironment, store: Store) -> None:
    assert any("by construction" in warning for warning in found.context.warnings)
    recorded = microenvironment(store, Selection(cohort=("alpha",), measure="immune_phenotype"))
    assert not any("by construction" in warning for warning in recorded.context.warnings)


@pytest.mark.parametrize("query", ["cohort=alpha", "cohort=alpha&by=ecog", "cohort=beta", "cohort=alpha&line=9"])
def test_no_number_is_missing_without_a_reason(store: Store, query: str) -> None:
    made = to_json(microenvironment(store, parse_query(query).selection))
    assert "signific" not in made["sentence"].lower()
    for row in (*made["measures"], *made["by_response"]):
        if row["p_value"] is None:
            assert row["reason"]
        for group in row["groups"]:
            assert group["median"] is not None or group["reason"]


def test_the_sentence_counts_what_was_compared(found: Microenvironment) -> None:
    text = microenvironment_sentence(found).text
    assert text.startswith("In 60 patients")
    assert "2 of 2 measures" in text
