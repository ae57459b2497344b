"""Across cohorts: by hand on made-up cohorts, against the truth on simulated ones, against other views on real ones.

In the made-up cohorts whoever has more density lives longer, without exception: infiltration as a number has no finite
hazard ratio there, so what is counted is asked of levels or of response.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from tests.miniature import miniature, published_store
from tilexplorer.analysis.survival import survival
from tilexplorer.analysis.synthesis import synthesis
from tilexplorer.analysis.synthesis_effects import poolable
from tilexplorer.analysis.synthesis_sentence import synthesis_sentence
from tilexplorer.analysis.views import VIEWS
from tilexplorer.selection import Selection, parse_query
from tilexplorer.simulate.truth import stored
from tilexplorer.statistics.results import Status
from tilexplorer.store import Store

SIMULATED = ("sim-lung", "sim-mel", "sim-platform", "sim-rcc")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return published_store(
        tmp_path_factory.mktemp("store"),
        miniature("alpha", patients=120, tumours=("MEL", "BLCA")),
        miniature("beta", patients=60, measured=50),
        miniature("gamma", patients=90, tumours=("MEL",), regimens=("nivolumab",)),
        miniature("small", patients=12),
        miniature("copy", patients=60, same_as="beta"),
        miniature("sim", patients=60, simulated=True),
    )


def view(store: Store, query: str) -> dict[str, Any]:
    return VIEWS["synthesis"].json(store, parse_query(query).selection)


@pytest.mark.parametrize("query", ["", "effect=levels", "outcome=response", "outcome=response&effect=levels"])
def test_everybody_is_counted_once(store: Store, query: str) -> None:
    found = view(store, query)
    assert found["n"] + sum(e["n"] or 0 for e in found["excluded"]) == found["chosen"] == 120 + 60 + 90 + 12 + 60
    assert {group["key"]["cohort"] for group in found["groups"]}.isdisjoint({"copy", "sim"})
    assert sum(group["n"] for group in found["groups"]) == found["n"]
    assert {"cohort": "copy", "label": "Copy", "reason": "same patients as Beta: counted there"} in found["left_out"]


@pytest.mark.parametrize("query", ["", "effect=levels", "outcome=response", "outcome=response&effect=levels"])
def test_every_null_has_a_reason(store: Store, query: str) -> None:
    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if "ratio" in node and node["ratio"] is None:
                assert node["status"] != "ok"
                assert node["reason"]
            for child in node.values():
                walk(child)
        if isinstance(node, list):
            for child in node:
                walk(child)

    walk(view(store, query))


def test_levels_are_the_survival_page_of_each_cohort(store: Store) -> None:
    found = synthesis(store, Selection(effect="levels"))
    compared = [row for row in found.whole.rows if poolable(row.effect)]
    assert len(compared) == 3
    for row in compared:
        (panel,) = survival(
            store, Selection(cohort=(row.cohort,), measure="cd8_density_centre", reference="low")
        ).panels
        assert panel.cox is not None
        other = panel.cox.hazard_ratios["high"]
        assert (row.effect.value, row.effect.lower, row.effect.p_value) == (other.value, other.lower, other.p_value)
        assert row.n == sum(group.n for group in panel.groups)


def test_the_pool_by_hand(store: Store) -> None:
    """The common effect is the mean weighted by precision; the weights of the lines shown add up to 100."""
    found = synthesis(store, Selection(effect="levels"))
    used = [row for row in found.whole.rows if poolable(row.effect)]
    weights = [row.effect.std_error**-2 for row in used]
    mean = sum(w * math.log(row.effect.value) for w, row in zip(weights, used, strict=True)) / sum(weights)
    assert found.whole.common.value == pytest.approx(math.exp(mean))
    assert found.whole.common.std_error == pytest.approx(sum(weights) ** -0.5)
    assert sum(row.weight for row in used) == pytest.approx(100)
    assert [name for name, _ in found.without] == [row.label for row in used]


def test_a_small_cohort_is_left_out_by_name(store: Store) -> None:
    found = synthesis(store, Selection(outcome="response"))
    (row,) = [row for row in found.whole.rows if row.cohort == "small"]
    assert row.effect.status is Status.SUPPRESSED
    assert math.isnan(row.weight)
    assert "3 patients of the rarer outcome" in next(out.reason for out in found.left_out if out.cohort == "small")


def test_one_cohort_is_not_pooled(store: Store) -> None:
    found = view(store, "cohort=beta&outcome=response")
    assert found["pooled"]["ratio"] is None
    assert found["pooled"]["reason"] == "one study: nothing to pool"
    assert found["leave_one_out"] == []
    assert "nothing to put together" in found["sentence"]


def test_two_cohorts_have_a_common_effect_and_no_prediction(store: Store) -> None:
    found = view(store, "cohort=alpha&cohort=beta&outcome=response")
    assert found["pooled"] == found["common"]
    assert found["prediction"]["reason"] == "fewer than three studies"


def test_therapies_are_not_tested_against_each_other(store: Store) -> None:
    found = view(store, "outcome=response")
    tumour, therapy = found["subgroups"]
    assert tumour["between"]["p_value"] is not None
    assert therapy["between"]["p_value"] is None
    assert "within one study" in therapy["between"]["reason"]
    assert sum(row["n"] for group in tumour["groups"] for row in group["rows"]) == found["n"]


def test_a_monotone_effect_is_not_invented(store: Store) -> None:
    found = view(store, "")
    assert all(group["status"] == "not_estimable" and group["reason"] for group in found["groups"])
    assert found["pooled"]["reason"] == "no study"
    assert "No cohort of the selection can answer" in found["sentence"]


def test_a_missing_measure_names_the_cohorts_that_have_it(tmp_path: Path) -> None:
    made = published_store(tmp_path, miniature("alpha"), miniature("bare", measured=0))
    found = synthesis(made, Selection(cohort=("bare",), measure="cd8_density_centre", endpoint="pfs"))
    assert found.context.empty
    found = synthesis(made, Selection(cohort=("alpha",), measure="cd8_density_centre", endpoint="pfs"))
    assert [one.what for one in found.lacking] == ["progression-free survival"]
    assert found.lacking[0].cohorts == ()


def test_sentences_claim_nothing(store: Store) -> None:
    for query in ("", "effect=levels", "cohort=sim", "outcome=response", "cohort=small", "tumour=GB"):
        found = synthesis(store, parse_query(query).selection)
        words = synthesis_sentence(found)
        text = f"{words.text} {words.caution}".lower()
        assert words.text
        for forbidden in ("significant", "because", "causes", "improves"):
            assert forbidden not in text


def test_simulated_effects_cover_their_truth(simulated_store: Path) -> None:
    found = synthesis(Store.open(simulated_store), Selection(cohort=SIMULATED, measure="cd8_density_centre"))
    assert found.effect_words == "per doubling"
    truths = stored()["cohorts"]
    covered = 0
    for row in found.whole.rows:
        truth = truths[row.cohort]["os"]["hazard_ratio"]["per_doubling_of_core_plus_1"]["hr"]
        assert abs(math.log(row.effect.value / truth)) < 3 * row.effect.std_error
        covered += row.effect.lower <= truth <= row.effect.upper
    assert len(found.whole.rows) == len(SIMULATED)
    assert covered >= 3
    mean = sum(math.log(truths[c]["os"]["hazard_ratio"]["per_doubling_of_core_plus_1"]["hr"]) for c in SIMULATED) / 4
    assert found.whole.pooled.lower <= math.exp(mean) <= found.whole.pooled.upper


# Real cohorts ---------------------------------------------------------------------------------------------------------


@pytest.mark.cohorts
def test_real_cohorts_together(real_store: Path) -> None:
    found = synthesis(Store.open(real_store), Selection())
    rows = {row.cohort: row for row in found.whole.rows}
    assert {"braun2020", "imvigor210", "riaz2017", "gide2019", "hugo2016", "vanallen2015", "prins2019"} <= set(rows)
    assert {"iatlas-imvigor210", "iatlas-riaz2017", "tcga"}.isdisjoint(rows)
    # The specification's example of a signature: T-effector score of IMvigor210, 0.79 (0.69 to 0.89) per SD.
    effect = rows["imvigor210"].effect
    assert (rows["imvigor210"].n, rows["imvigor210"].events) == (347, 231)
    assert (round(effect.value, 2), round(effect.lower, 2)) == (0.79, 0.69)
    assert found.whole.k >= 7
    assert found.whole.pooled.shown
    assert found.whole.prediction.lower < found.whole.pooled.lower < found.whole.pooled.value


@pytest.mark.cohorts
def test_tcga_melanoma_by_tumour_type(real_store: Path) -> None:
    query = "cohort=tcga&tumour=SKCM&measure=cd8_fraction_cibersort&rule=median&effect=levels"
    found = synthesis(Store.open(real_store), parse_query(query).selection)
    (pool,) = found.subgroups[0].pools
    assert pool.key == "SKCM"
    assert round(pool.rows[0].effect.value, 3) == 0.577
    assert pool.rows[0].n == 454
