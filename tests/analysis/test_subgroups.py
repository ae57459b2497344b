"""The subgroups view: counts, agreement with the other views, small rows, and the panel within one study."""

from __future__ import annotations

import csv
import functools
from pathlib import Path
from typing import Any

import pytest

from tests.command import analyse
from tests.miniature import miniature
from tilexplorer.analysis.subgroups import subgroups
from tilexplorer.publish import publish
from tilexplorer.selection import Selection
from tilexplorer.statistics.results import Status
from tilexplorer.store import Store

R_ANSWERS = Path(__file__).parents[1] / "r" / "checkmate025_interaction.csv"
BRAUN = "cohort=braun2020&measure=cd8_density_centre"


@pytest.fixture(scope="module")
def small_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Sixty patients of one made-up cohort."""
    folder = tmp_path_factory.mktemp("subgroups")
    publish(folder, [miniature(patients=60, tumours=("MEL", "LUAD"))])
    return Store.open(folder)


@pytest.mark.parametrize("effect", ["continuous", "levels", "therapy"])
@pytest.mark.parametrize("outcome", ["survival", "response"])
def test_every_patient_is_counted_once(small_store: Store, effect: str, outcome: str) -> None:
    found = subgroups(small_store, Selection(measure="cd8_density_centre", effect=effect, outcome=outcome))
    context = found.context
    assert context.n + sum(n for _, n in context.excluded) == context.chosen
    assert found.overall.n == context.n
    for variable in found.variables:
        if not variable.hidden:
            assert sum(row.effect.n for row in variable.rows) + variable.not_recorded == context.n, variable.key
        assert variable.interaction.shown or variable.interaction.reason


def test_no_row_is_without_a_number_or_a_reason(small_store: Store) -> None:
    found = subgroups(small_store, Selection(measure="cd8_density_centre"))
    rows = [row.effect for variable in found.variables for row in variable.rows]
    assert rows
    assert all(row.ratio.shown or row.ratio.reason for row in rows)


def test_small_rows_are_suppressed(tmp_path: Path) -> None:
    """Twelve patients, six of whom die: below the ten events of a hazard ratio."""
    publish(tmp_path, [miniature(patients=12)])
    found = subgroups(Store.open(tmp_path), Selection(measure="cd8_density_centre"))
    assert found.overall.ratio.status is Status.SUPPRESSED
    assert "fewer than 10" in found.overall.ratio.reason


def test_a_category_is_asked_about_by_its_levels(small_store: Store) -> None:
    found = subgroups(small_store, Selection(measure="immune_phenotype"))
    assert found.question.contrast == "inflamed v desert"
    assert any("category" in warning for warning in found.context.warnings)


# Simulated ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def simulated(simulated_store: Path) -> Any:
    """`analyse VIEW QUERY` on the simulated store, each asked once."""
    return functools.cache(functools.partial(analyse, simulated_store))


RCC = "cohort=sim-rcc&measure=cd8_density_centre"


@pytest.mark.parametrize("query", [f"{RCC}&study=sim-rcc-randomised", RCC, "cohort=sim-lung&measure=immune_phenotype"])
def test_the_first_row_is_the_number_of_the_survival_page(simulated: Any, query: str) -> None:
    forest, curves = simulated("subgroups", f"{query}&effect=levels"), simulated("survival", query)
    target, reference = forest["contrast"].split(" v ")
    other = next(h for h in curves["hazard_ratios"] if h["label"] == target)
    assert curves["reference"] == reference
    assert forest["n"] == curves["n"]
    for mine, theirs in (("ratio", "hr"), ("lower", "lower"), ("upper", "upper"), ("p_value", "p_value")):
        assert forest["overall"][mine] == pytest.approx(other[theirs], rel=1e-9)


def test_the_odds_ratio_is_the_one_of_the_response_page(simulated: Any) -> None:
    query = "cohort=sim-uro"
    forest, rates = simulated("subgroups", f"{query}&effect=levels&outcome=response"), simulated("response", query)
    target, _ = forest["contrast"].split(" v ")
    other = next(c for c in rates["comparisons"] if c["label"] == target)
    assert forest["overall"]["ratio"] == pytest.approx(other["odds_ratio"]["value"], rel=1e-9)
    assert forest["overall"]["difference"]["value"] == pytest.approx(other["difference"]["value"], rel=1e-9)


def test_the_panel_covers_the_simulated_truth(simulated: Any) -> None:
    """The recipe's ratio of hazard ratios per doubling is 0.93 in lung and 1 in kidney."""
    for cohort, truth in (("sim-lung", 0.9297), ("sim-rcc", 1.0)):
        found = simulated("subgroups", f"cohort={cohort}&measure=cd8_density_centre")
        ratio = found["predictive"]["studies"][0]["models"][0]["ratio_of_ratios"][0]
        assert ratio["lower"] < truth < ratio["upper"], cohort


def test_without_concurrent_arms_the_two_cannot_be_told_apart(simulated: Any) -> None:
    found = simulated("subgroups", "cohort=sim-uro")
    assert not found["predictive"]["separable"]
    assert "cannot be told from one that predicts" in found["predictive"]["sentence"]
    nobody = simulated("subgroups", "cohort=sim-uro&effect=therapy")
    assert nobody["n"] == 0
    assert nobody["missing"][0]["cohorts"] == ["sim-lung", "sim-rcc"]


def test_treatments_are_not_compared_across_studies(simulated: Any) -> None:
    found = simulated("subgroups", RCC)
    therapy = next(i for i in found["interactions"] if i["variable"] == "therapy")
    assert therapy["p_value"] is None
    assert therapy["reason"] == "treatments are compared only within one study with concurrent arms"


@pytest.mark.parametrize("query", [f"{RCC}&effect=levels", f"{RCC}&outcome=response", f"{RCC}&effect=therapy"])
def test_every_null_has_a_status_and_a_reason(simulated: Any, query: str) -> None:
    for row in simulated("subgroups", query)["groups"]:
        assert row["ratio"] is not None or (row["status"] != "ok" and row["reason"])


def test_power_stands_beside_survival_and_response(simulated: Any) -> None:
    for view, scale in (("survival", "hazard ratio"), ("response", "difference")):
        power = simulated(view, "cohort=sim-uro")["power"]
        assert [p["scale"] for p in power] == [scale] * len(power)
        assert power
        assert all(p["lower"] is not None or p["upper"] is not None or p["reason"] for p in power)


# Real -----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(real_store: Path) -> Any:
    """`analyse VIEW QUERY` on the real store, each asked once."""
    return functools.cache(functools.partial(analyse, real_store))


def answers() -> dict[str, dict[str, str]]:
    """What R printed."""
    with R_ANSWERS.open(encoding="utf-8") as lines:
        return {row["model"]: row for row in csv.DictReader(lines)}


@pytest.mark.cohorts
@pytest.mark.xdist_group("real")
@pytest.mark.parametrize(
    ("way", "place", "printed"), [("number", 0, (1.00, 0.79, 1.26)), ("inflamed", -1, (0.78, 0.30, 2.05))]
)
def test_checkmate_025_agrees_with_r(real: Any, way: str, place: int, printed: tuple[float, ...]) -> None:
    panel = real("subgroups", BRAUN)["predictive"]
    (study,) = panel["studies"]
    model, r = study["models"][place], answers()[way]
    ratio = model["ratio_of_ratios"][0]
    assert (study["study"], study["n_therapy"], study["n_comparator"]) == ("checkmate-025", 69, 66)
    assert (model["n"], model["events"]) == (int(r["n"]), int(r["events"]))
    assert tuple(round(ratio[key], 2) for key in ("ratio", "lower", "upper")) == printed
    for key in ("ratio", "lower", "upper"):
        assert ratio[key] == pytest.approx(float(r[key]), rel=1e-8)
    assert ratio["p_value"] == pytest.approx(float(r["wald_p"]), rel=1e-6)
    assert model["interaction"]["p_value"] == pytest.approx(float(r["lr_p"]), rel=1e-5)
    assert model["finding"] == "no_difference_shown"


@pytest.mark.cohorts
@pytest.mark.xdist_group("real")
def test_a_filter_on_therapy_does_not_take_the_comparator_away(real: Any) -> None:
    """CheckMate 010 has no control arm and stays out, whatever is filtered."""
    whole, filtered = (real("subgroups", f"{BRAUN}{more}")["predictive"] for more in ("", "&therapy=anti-PD-1"))
    assert filtered == whole


@pytest.mark.cohorts
@pytest.mark.xdist_group("real")
def test_therapy_in_checkmate_025_is_the_trial_s(real: Any) -> None:
    """Motzer 2015 printed 0.73 (98.5% limits 0.57 to 0.93) at the interim analysis."""
    found = real("subgroups", "cohort=braun2020&effect=therapy")
    assert found["n"] == 803
    assert found["contrast"] == "nivolumab v everolimus"
    assert found["overall"]["ratio"] == pytest.approx(0.75, abs=0.005)
