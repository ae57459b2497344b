"""The committed recipe against the reference that it was transcribed from: no number may have slipped."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

from tests.shared import shared_folder
from tilexplorer import vocabulary
from tilexplorer.errors import InvalidMapping
from tilexplorer.simulate import load
from tilexplorer.simulate.recipe import RECIPE, parse


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    text = shared_folder("reference", "simulated.md").read_text(encoding="utf-8")
    block = re.search(r"```toml\n(.*?)```", text, re.DOTALL)
    assert block
    return tomllib.loads(block.group(1))


@pytest.fixture(scope="module")
def ours() -> dict[str, Any]:
    return tomllib.loads(RECIPE.read_text(encoding="utf-8"))


@pytest.mark.cohorts
@pytest.mark.parametrize(
    "section", ["correlation", "tumour", "phenotype_logit", "response_factor", "follow_up", "simulate", "missing"]
)
def test_keeps_every_number_of_the_reference(reference: dict[str, Any], ours: dict[str, Any], section: str) -> None:
    biopsy, missing = ours["biopsy"], ours["missing"]
    moved = {"fresh_biopsy": biopsy["fresh"], "lymph_node_biopsy": biopsy["lymph_node"]}
    # The reference gives pancreatic cancer's share of zeros in a comment.
    known = moved | ours[section] | {"zero_core": missing["zero_core"]["default"]}
    for key, expected in reference[section].items():
        found = {k: known[key][k] for k in expected} if isinstance(expected, dict) else known[key]
        assert found == expected, (section, key)


@pytest.mark.cohorts
def test_keeps_every_arm_of_the_reference(reference: dict[str, Any], ours: dict[str, Any]) -> None:
    added = {"study", "line"}
    arms = [{k: v for k, v in arm.items() if k not in added} for arm in ours["arms"]["list"]]
    expected = [arm | {"cohort": arm["cohort"].lower()} for arm in reference["arms"]["list"]]
    assert arms == expected


@pytest.mark.cohorts
def test_keeps_the_pdl1_marginals_of_the_reference(reference: dict[str, Any], ours: dict[str, Any]) -> None:
    for name, row in reference["pdl1"].items():
        if isinstance(row, dict):
            expected = [value for key, value in row.items() if key not in ("score", "assay")]
            assert ours["pdl1"][name]["shares"] == expected, name


def test_shares_add_up() -> None:
    recipe = load()
    assert recipe.patients == 2670
    for tumour in recipe.tumours:
        assert sum(tumour.shares) == pytest.approx(1), tumour.name
    for score in recipe.pdl1:
        assert sum(score.shares) == pytest.approx(1), score.measure
        assert len(score.levels) == len(score.shares)
    assert sum(recipe.biopsy.metastasis.values()) == pytest.approx(1)


def test_names_only_what_the_vocabulary_has() -> None:
    recipe = load()
    assert all(t.oncotree in vocabulary.tumours() for t in recipe.tumours)
    assert all(measure in vocabulary.measures() for cohort in recipe.cohorts for measure in cohort.assay)
    assert all(cohort.default_measure in cohort.assay for cohort in recipe.cohorts)
    for arm in recipe.arms:
        assert [vocabulary.therapy(name).name for name in arm.regimen.split(" + ")] == arm.regimen.split(" + ")


@pytest.mark.parametrize(
    ("right", "wrong"), [("sd_ln_core", "sd_ln_kore"), ("gmr = 1.4", "gmrr = 1.4"), ("accrual_months", "accrual")]
)
def test_a_misspelt_recipe_is_refused(right: str, wrong: str) -> None:
    text = RECIPE.read_text(encoding="utf-8")
    assert right in text
    with pytest.raises(InvalidMapping, match="recipe cannot be read"):
        parse(text.replace(right, wrong))


def test_another_number_is_another_recipe_and_a_comment_is_not() -> None:
    text = RECIPE.read_text(encoding="utf-8")
    assert parse(text.replace("# A\n", "# assumed\n")).digest == load().digest
    assert parse(text.replace("orr = 0.18", "orr = 0.19")).digest != load().digest
