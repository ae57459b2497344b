"""Each view recovers the truth of its own estimand from simulated patients.

The truth comes from two million patients and is stored beside the recipe; the views see 40,000 others. Every effect is
put on a scale where its error is normal, divided by its standard error, and the squares are summed: a sum that chance
would exceed once in ten thousand times fails, and so does any one effect beyond 4.5 standard errors. That this would
catch wrong code is tested too, by asking it of the wrong truth.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scipy import stats

from tilexplorer.analysis.views import VIEWS
from tilexplorer.selection import Selection
from tilexplorer.simulate.truth import stored
from tilexplorer.store import Store

pytestmark = pytest.mark.xdist_group("large")

Json = dict[str, Any]
Z95 = 1.959963984540054
RAREST = 1e-4
FARTHEST = 4.5
TRUTH = stored()
DAYS_PER_MONTH = 30.4375


@pytest.fixture(scope="module")
def view(large_store: Path) -> Callable[..., Json]:
    """A view of the large store, each asked once."""
    store = Store.open(large_store)

    @functools.cache
    def ask(name: str, **changes: object) -> Json:
        return VIEWS[name].json(store, Selection().only(**changes))

    return ask


def of_arm(arm: Json) -> dict[str, tuple[str, ...]]:
    """The filters that leave one arm."""
    return {"cohort": (arm["cohort"],), "study": (arm["study"],), "regimen": (arm["regimen"],)}


def agrees(errors: list[float]) -> None:
    """Standardised errors that chance explains."""
    assert len(errors) >= 5, "too few effects to judge"
    assert max(map(abs, errors)) < FARTHEST, errors
    assert stats.chi2.sf(sum(z * z for z in errors), len(errors)) > RAREST, errors


def disagrees(errors: list[float]) -> None:
    """Standardised errors that chance does not explain."""
    assert stats.chi2.sf(sum(z * z for z in errors), len(errors)) < RAREST, errors


def log_ratio_error(found: Json, true: float, log_se: float = 0.0) -> float:
    """A ratio's distance from the truth, in standard errors of its logarithm; the truth's own error counts too."""
    se = (math.log(found["upper"]) - math.log(found["lower"])) / (2 * Z95)
    return (math.log(found["hr"]) - math.log(true)) / math.hypot(se, log_se)


def level_errors(view: Callable[..., Json], endpoint: str, truth_of: str = "high") -> Iterator[float]:
    """Errors of the tertile hazard ratios against low, high against high's truth, in every arm that has them."""
    for arm in TRUTH["arms"]:
        true = arm[endpoint]["hazard_ratio"].get("tertile_v_low")
        if true is None:
            continue
        found = view("survival", **of_arm(arm), measure="cd8_density_centre", rule="tertile", endpoint=endpoint)
        for ratio in found["hazard_ratios"]:
            if ratio["status"] in ("ok", "warning"):
                name = ratio["label"] if truth_of == "high" else truth_of
                yield log_ratio_error(ratio, true[name]["hr"], true[name]["log_se"])


@pytest.mark.parametrize("endpoint", ["os", "pfs"])
def test_hazard_ratios_by_tertile_in_every_arm(view: Callable[..., Json], endpoint: str) -> None:
    errors = list(level_errors(view, endpoint))
    assert len(errors) > 40
    agrees(errors)
    assert abs(sum(errors)) / math.sqrt(len(errors)) < FARTHEST  # no bias that the squares would hide


@pytest.mark.parametrize("endpoint", ["os", "pfs"])
@pytest.mark.parametrize("cohort", ["sim-lung", "sim-mel", "sim-rcc", "sim-platform"])
def test_hazard_ratios_by_tertile_stratified_over_a_cohort(
    view: Callable[..., Json], cohort: str, endpoint: str
) -> None:
    found = view("survival", cohort=(cohort,), measure="cd8_density_centre", rule="tertile", endpoint=endpoint)
    true = TRUTH["cohorts"][cohort][endpoint]["hazard_ratio"]["tertile_v_low"]
    assert found["logrank"]["strata"] > 1 or cohort == "sim-rcc"
    for ratio in found["hazard_ratios"]:
        expected = true[ratio["label"]]
        assert abs(log_ratio_error(ratio, expected["hr"], expected["log_se"])) < FARTHEST


@pytest.mark.parametrize("endpoint", ["os", "pfs"])
@pytest.mark.parametrize("study", ["sim-lung-randomised", "sim-rcc-randomised"])
def test_treatment_effect_of_the_randomised_studies(view: Callable[..., Json], study: str, endpoint: str) -> None:
    (ratio,) = view("survival", study=(study,), by=("regimen",), endpoint=endpoint)["hazard_ratios"]
    true = TRUTH["studies"][study][endpoint]["treatment"]
    assert ratio["reference"] in ("docetaxel", "everolimus")  # the arm without immunotherapy
    assert abs(log_ratio_error(ratio, true["hr"], true["log_se"])) < FARTHEST


def arm_curve(view: Callable[..., Json], arm: Json, tau_days: int) -> tuple[Json, float]:
    """The one curve of an arm, and the horizon of its restricted mean [days]."""
    found = view("survival", **of_arm(arm), by=("cohort",), tau=float(round(tau_days / DAYS_PER_MONTH)))
    return found["groups"][0], found["tau_days"]


def test_median_survival_of_every_arm(view: Callable[..., Json]) -> None:
    covered, shown = 0, 0
    for arm in TRUTH["arms"]:
        group, _ = arm_curve(view, arm, 365)
        limits = (group["median_days"], group["median_lower_days"], group["median_upper_days"])
        if None in limits:
            continue
        value, lower, upper = limits
        se = (math.log(upper) - math.log(lower)) / (2 * Z95)
        assert abs(math.log(value / arm["os"]["median_days"])) < FARTHEST * se, arm["regimen"]
        covered += lower <= arm["os"]["median_days"] <= upper
        shown += 1
    assert shown >= 20  # the others have not reached theirs
    assert stats.binom.cdf(covered, shown, 0.95) > RAREST


@pytest.mark.parametrize("days", [365, 730])
def test_milestones_and_restricted_means_of_every_arm(view: Callable[..., Json], days: int) -> None:
    alive, mean = [], []
    for arm in TRUTH["arms"]:
        group, tau = arm_curve(view, arm, days)
        true = arm["os"]["survival"][str(days)]
        (milestone,) = (m for m in group["milestones"] if m["months"] == round(days / DAYS_PER_MONTH))
        low, high = (math.log(-math.log(milestone[f"survival_{side}"])) for side in ("upper", "lower"))
        middle = math.log(-math.log(milestone["survival"]))
        alive.append((middle - math.log(-math.log(true))) / ((high - low) / (2 * Z95)))
        # The horizon is a quarter or half of a day beyond the truth's: everybody alive adds that much.
        expected = arm["os"]["rmst_days"][str(days)] + (tau - days) * true
        mean.append((group["rmst_days"] - expected) / group["rmst_se"])
    agrees(alive)
    agrees(mean)


def rate_errors(view: Callable[..., Json], by: str, **changes: object) -> Iterator[tuple[str, int, int, float]]:
    """Group, responders, patients and true rate of each arm and level."""
    for arm in TRUTH["arms"]:
        found = view("response", **of_arm(arm), **changes)
        for group in found["groups"]:
            if group["label"] in arm[by]:
                yield group["label"], group["responders"], group["n"], arm[by][group["label"]]


def rate_error(responders: int, n: int, true: float) -> float:
    """A rate's distance from the truth in standard errors under the truth."""
    return (responders / n - true) / math.sqrt(true * (1 - true) / n)


def enough(n: int, true: float) -> bool:
    """Whether the normal law holds for a rate."""
    return n * true >= 10 and n * (1 - true) >= 10


@pytest.mark.parametrize(
    ("by", "measure", "rule"),
    [("orr_by_phenotype", "immune_phenotype", "recorded"), ("orr_by_tertile", "cd8_density_centre", "tertile")],
)
def test_response_rates_by_level_in_every_arm(view: Callable[..., Json], by: str, measure: str, rule: str) -> None:
    cells = [c for c in rate_errors(view, by, measure=measure, rule=rule) if enough(c[2], c[3])]
    assert len(cells) > 40
    agrees([rate_error(x, n, true) for _, x, n, true in cells])


@pytest.mark.parametrize("rate", ["orr", "cr", "dcr"])
def test_response_rates_of_every_arm(view: Callable[..., Json], rate: str) -> None:
    errors = []
    for arm in TRUTH["arms"]:
        (group,) = view("response", **of_arm(arm), by=("cohort",), response=rate)["groups"]
        true = arm["response"][rate]
        if enough(group["n"], true):
            errors.append(rate_error(group["responders"], group["n"], true))
    agrees(errors)


def test_the_wrong_truth_is_refused(view: Callable[..., Json]) -> None:
    """The same questions with an answer that is not theirs: a mistaken level, endpoint or group would be seen."""
    disagrees(list(level_errors(view, "os", truth_of="intermediate")))
    cells = [c for c in rate_errors(view, "orr_by_phenotype", measure="immune_phenotype") if enough(c[2], c[3])]
    inflamed = [(x, n) for label, x, n, _ in cells if label == "inflamed"]
    overall = sum(x for x, _ in inflamed) / sum(n for _, n in inflamed)
    disagrees([rate_error(x, n, overall) for label, x, n, _ in cells if label == "desert"])
    medians = []
    for arm in TRUTH["arms"]:
        group, _ = arm_curve(view, arm, 365)
        true = arm["pfs"]["survival"]["365"]
        (year,) = (m for m in group["milestones"] if m["months"] == 12)
        medians.append((year["survival"] - true) / ((year["survival_upper"] - year["survival_lower"]) / (2 * Z95)))
    disagrees(medians)
