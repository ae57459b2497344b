"""The stored truth: made from the recipe that is there, and found again in other patients of the same recipe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tilexplorer.simulate.recipe import Recipe, load
from tilexplorer.simulate.truth import PATIENTS, SEED, stored, truth

pytestmark = pytest.mark.xdist_group("simulate-truth")

# About 800 ratios are compared at once: by chance the largest deviation is 3.4 standard errors.
LIMIT = 5.0


@pytest.fixture(scope="module")
def again() -> dict[str, Any]:
    """The truth from a tenth of the patients and another seed."""
    return truth(patients=PATIENTS // 10, seed=SEED + 1)


def _groups(table: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for arm in table["arms"]:
        yield f"{arm['study']} {arm['regimen']}", arm
    yield from table["cohorts"].items()
    yield from table["studies"].items()


def _ratios(node: Any, path: str = "") -> Iterator[tuple[str, float, float]]:
    """Every log hazard ratio below a node, with its standard error."""
    if isinstance(node, dict):
        if set(node) == {"hr", "log_se"}:
            yield path, float(np.log(node["hr"])), node["log_se"]
            return
        for key, child in node.items():
            yield from _ratios(child, f"{path}/{key}")


def _deviations(one: dict[str, Any], two: dict[str, Any]) -> dict[str, float]:
    """Difference of every log hazard ratio in standard errors of the difference."""
    found = {}
    for (name, left), (_, right) in zip(_groups(one), _groups(two), strict=True):
        for (path, a, se_a), (_, b, se_b) in zip(_ratios(left), _ratios(right), strict=True):
            found[name + path] = abs(a - b) / np.hypot(se_a, se_b)
    return found


def test_was_made_from_this_recipe() -> None:
    """Fails when the recipe or the model changed: run python -m tilexplorer.simulate.truth."""
    assert stored()["provenance"] == {"recipe_sha256": load().digest, "patients": PATIENTS, "seed": SEED}


def test_covers_every_arm_cohort_and_randomised_study() -> None:
    table, recipe = stored(), load()
    assert [(a["study"], a["regimen"]) for a in table["arms"]] == [(a.study, a.regimen) for a in recipe.arms]
    assert [a["conditional_hr_per_doubling"] for a in table["arms"]] == [a.hr for a in recipe.arms]
    assert list(table["cohorts"]) == [c.id for c in recipe.cohorts]
    assert set(table["studies"]) == {"sim-lung-randomised", "sim-rcc-randomised"}
    assert sum(a["patients"] for a in table["arms"]) == PATIENTS


def test_hazard_ratios_are_found_again(again: dict[str, Any]) -> None:
    deviations = _deviations(stored(), again)
    assert len(deviations) > 500
    assert max(deviations.values()) < LIMIT, max(deviations, key=deviations.__getitem__)
    assert np.mean(np.square(list(deviations.values()))) == pytest.approx(1, abs=0.3)


def test_rates_and_times_are_found_again(again: dict[str, Any]) -> None:
    for (name, left), (_, right) in zip(_groups(stored()), _groups(again), strict=True):
        if "response" not in left:
            continue
        error = LIMIT * np.sqrt(0.25 / right["patients"])
        for key, rate in left["response"].items():
            assert right["response"][key] == pytest.approx(rate, abs=error), (name, key)
        for endpoint in ("os", "pfs_before_scans"):
            relative = LIMIT * 1.3 / np.sqrt(right["patients"])
            assert right[endpoint]["median_days"] == pytest.approx(left[endpoint]["median_days"], rel=relative), name
            for tau, days in left[endpoint]["rmst_days"].items():
                assert right[endpoint]["rmst_days"][tau] == pytest.approx(days, rel=relative), (name, tau)


def test_would_notice_another_effect() -> None:
    """The comparison can fail: one arm's hazard ratio of 0.90 made 0.97 stands out, and only there."""
    base = load()
    arms = (replace(base.arms[0], hr=0.97), *base.arms[1:])
    changed: Recipe = replace(base, arms=arms)
    deviations = _deviations(stored(), truth(changed, patients=60_000, seed=3))
    key = "sim-lung-randomised pembrolizumab/os/hazard_ratio/per_doubling_of_positive_core"
    assert deviations[key] > LIMIT
    others = [z for name, z in deviations.items() if name.startswith(("sim-mel", "sim-rcc", "sim-crc"))]
    assert max(others) < LIMIT


def test_interaction_is_null_in_renal_and_real_in_lung() -> None:
    studies = stored()["studies"]
    assert studies["sim-rcc-randomised"]["conditional_ratio_of_hazard_ratios"] == 1.0
    renal = studies["sim-rcc-randomised"]["os"]["interaction_per_doubling"]
    lung = studies["sim-lung-randomised"]["os"]["interaction_per_doubling"]
    assert abs(np.log(renal["hr"])) < 4 * renal["log_se"]
    assert np.log(lung["hr"]) < -10 * lung["log_se"]


def test_the_scan_grid_delays_progression() -> None:
    """A median that lies on a scan day already stays; every restricted mean grows, by less than a scan interval."""
    for arm in stored()["arms"]:
        assert 0 <= arm["pfs"]["median_days"] - arm["pfs_before_scans"]["median_days"] < 63
        assert 0 < arm["pfs"]["rmst_days"]["730"] - arm["pfs_before_scans"]["rmst_days"]["730"] < 42


def test_same_seed_same_truth() -> None:
    assert truth(patients=20_000, seed=4) == truth(patients=20_000, seed=4)
