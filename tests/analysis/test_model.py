"""The adjusted model: complete cases, what infiltration adds, and the four groups by a second marker."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.command import analyse
from tests.json_rules import unexplained_nulls
from tests.miniature import miniature, published_store
from tilexplorer.analysis.model import model
from tilexplorer.analysis.model_sentence import model_sentence
from tilexplorer.analysis.power import beside_chance
from tilexplorer.analysis.power_per_unit import residual_sd
from tilexplorer.analysis.thresholds import thresholds
from tilexplorer.queries import rows
from tilexplorer.resolve import resolve
from tilexplorer.scope import Scope
from tilexplorer.selection import Selection, parse_query
from tilexplorer.statistics.second_opinion import lifelines_cox
from tilexplorer.store import Store

URO = "cohort=sim-uro&measure=teff_ifng_6"


@pytest.fixture(scope="module")
def small_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Sixty made-up patients."""
    return published_store(tmp_path_factory.mktemp("model"), miniature())


def test_complete_cases_are_counted_per_term(small_store: Store) -> None:
    found = model(small_store, Selection(measure="cd8_density_centre", terms=("prior_io",)))
    term = next(t for t in found.terms if t.id == "prior_io")
    assert (term.recorded, term.missing, term.chosen) == (59, 1, True)
    assert (found.eligible, found.n) == (60, 59)
    assert found.context.n + sum(n for _, n in found.context.excluded) == found.context.chosen
    assert ("prior immunotherapy not recorded", 1) in found.context.excluded


def test_the_adjusted_model_is_lifelines_own(simulated_store: Path) -> None:
    store = Store.open(simulated_store)
    selection = Selection(cohort=("sim-uro",), measure="tmb", terms=("age", "sex"))
    found = model(store, selection)
    assert found.full is not None
    scope = Scope(resolve(store, selection))
    scope.need_measure(level=False)
    scope.need_outcome("os")
    frame = rows(scope, {"t": "a.os_days", "e": "a.os_event", "v": "value", "age": "a.age", "sex": "a.sex::VARCHAR"})
    design = np.column_stack([frame["age"] / 10, frame["sex"] == "male", np.log2(frame["v"])])  # no value is zero
    other = lifelines_cox(frame["t"], frame["e"], design)
    assert other.reason == ""
    mine = [np.log(ratio.value) for ratio in found.full.ratios.values()]
    assert mine == pytest.approx(other.coef.tolist(), abs=1e-6)


def test_terms_none_is_infiltration_alone_as_the_thresholds_view_has_it(simulated_store: Path) -> None:
    alone = analyse(simulated_store, "model", f"{URO}&terms=none")
    other = analyse(simulated_store, "thresholds", URO)
    assert alone["n"] == other["n"]
    assert alone["infiltration"]["infiltration"]["ratio"] == pytest.approx(other["continuous"]["ratio"], rel=1e-12)
    assert alone["added"]["p_value"] == pytest.approx(other["continuous"]["test"]["p_value"], rel=1e-9)


@pytest.mark.parametrize("outcome", ["survival", "response"])
def test_the_four_groups_hold_everybody_with_both(simulated_store: Path, outcome: str) -> None:
    found = analyse(simulated_store, "model", f"{URO}&other=tmb&outcome={outcome}")["quadrants"]
    assert found["marker"] == "tmb"
    assert len(found["groups"]) == 4
    assert sum(group["n"] for group in found["groups"]) == found["n"]
    tested = found["interaction"]["status"] == "ok"
    assert found["interaction"]["df"] == 1 if tested else "fewer than" in found["interaction"]["reason"]


def test_a_marker_that_nobody_recorded_is_offered_elsewhere(small_store: Store) -> None:
    found = model(small_store, Selection(measure="cd8_density_centre", other="msi"))
    assert "no cohort of this store has it" in found.quadrants.words  # type: ignore[union-attr]


def test_nothing_is_called_significant_or_causal(simulated_store: Path) -> None:
    selection = Selection(cohort=("sim-uro",), measure="tmb", terms=("age", "sex"))
    text = model_sentence(model(Store.open(simulated_store), selection)).text.lower()
    assert "significant" not in text
    assert "adjusted for" in text


@pytest.mark.parametrize(("cohorts", "reason"), [("cohort=sim-uro", ""), ("cohort=sim-uro&cohort=sim-lung", "several")])
def test_pdl1_is_a_term_unless_patients_carry_different_scores(
    simulated_store: Path, cohorts: str, reason: str
) -> None:
    found = model(Store.open(simulated_store), parse_query(f"{cohorts}&terms=pdl1").selection)
    term = next(t for t in found.terms if t.id == "pdl1")
    assert term.chosen == (not reason)
    assert term.reason.startswith(reason)


def test_other_terms_never_make_a_smaller_effect_visible(simulated_store: Path) -> None:
    store = Store.open(simulated_store)
    base = Selection(cohort=("sim-uro",), measure="teff_ifng_6", terms=("none",))
    alone, adjusted = (model(store, s) for s in (base, base.only(terms=("pdl1",))))
    number = thresholds(store, base).power[0].detectable
    assert alone.power[0].detectable == number
    sd = residual_sd(np.array([0.0, 2.0, 5.0, 7.0]), np.empty((4, 0)), pd.Series(["a", "a", "b", "b"]))
    assert sd == pytest.approx(1.0)
    assert adjusted.power[0].detectable.upper > number.upper


def test_the_line_of_power_stands_beside_chance_only(simulated_store: Path) -> None:
    found = model(Store.open(simulated_store), parse_query(f"{URO}&terms=pdl1").selection)
    assert found.added is not None
    assert "compatible with chance" in model_sentence(found).text
    assert "could have shown is a hazard ratio below 0." in beside_chance(found.added, found.power)
    assert beside_chance(replace(found.added, p_value=0.01), found.power) == ""


@pytest.mark.parametrize("query", [f"{URO}&outcome=response", f"{URO}&effect=levels&terms=none", f"{URO}&age_min=110"])
def test_nothing_is_null_without_a_reason(simulated_store: Path, query: str) -> None:
    for view in ("model", "thresholds"):
        assert unexplained_nulls(analyse(simulated_store, view, query)) == []


@pytest.mark.cohorts
@pytest.mark.xdist_group("real")
def test_imvigor210_tmb_given_the_rest(real_store: Path) -> None:
    found = analyse(real_store, "model", "cohort=imvigor210&measure=immune_phenotype")
    assert [t["term"] for t in found["terms"] if t["in_model"]] == ["sex", "ecog", "tmb", "pdl1"]
    assert (found["eligible"], found["n"], found["events"]) == (283, 235, 153)
    assert "compatible with chance" in found["sentence"]


@pytest.mark.cohorts
@pytest.mark.xdist_group("real")
def test_imvigor210_cells_that_are_too_small_are_named(real_store: Path) -> None:
    found = analyse(real_store, "model", "cohort=imvigor210&measure=immune_phenotype&other=pdl1")["quadrants"]
    sizes = {group["label"]: group["n"] for group in found["groups"]}
    assert sizes["inflamed, PD-L1 negative"] == 2
    assert found["interaction"]["status"] == "suppressed"
    assert "2 patients" in found["interaction"]["reason"]
