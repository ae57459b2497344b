"""The simulated cohorts: whether the views' intervals hold the stored truth, over other draws of the same recipe."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.calibrate.finding import Finding, Tally
from tilexplorer.simulate.people import generate
from tilexplorer.simulate.recipe import load
from tilexplorer.simulate.truth import HORIZONS, Population, stored
from tilexplorer.statistics.cox import level_hazard_ratios
from tilexplorer.statistics.kaplan_meier import kaplan_meier
from tilexplorer.statistics.milestones import survival_at
from tilexplorer.statistics.proportions import rate
from tilexplorer.statistics.quantiles import median
from tilexplorer.statistics.regression import fit_rows
from tilexplorer.statistics.results import Estimate
from tilexplorer.statistics.rmst import restricted_mean
from tilexplorer.statistics.tables import EventTable

WORLD: Final = "30 arms of the simulated cohorts"
LEVELS: Final = ("low", "intermediate", "high")

Rows = NDArray[np.int64]


def coverage(draws: int, seed: int) -> list[Finding]:
    """Coverage of the truth of each arm: overall survival, response rate, and hazard ratios of infiltration."""
    recipe, truth, tally = load(), stored()["arms"], Tally()
    for draw in range(draws):
        world = Population(generate(recipe, recipe.sizes(None), seed + draw))
        for position, true in enumerate(truth):
            _one_arm(tally, world, np.flatnonzero(world.people.baseline.arm == position), true)
    return tally.findings("coverage", WORLD, 0, draws * len(truth))


def _one_arm(tally: Tally, world: Population, rows: Rows, true: dict[str, Any]) -> None:
    days, event, _ = (column[rows] for column in world.endpoints()["os"])
    curve = kaplan_meier(EventTable.from_rows(days, event))
    for horizon in HORIZONS:
        _count(tally, "km-log-log", survival_at(curve, horizon), true["os"]["survival"][str(horizon)])
        _count(tally, "rmst", restricted_mean(curve, horizon), true["os"]["rmst_days"][str(horizon)])
    found = median(curve)
    last = curve.last_time if math.isnan(found.lower) else found.lower
    truth = true["os"]["median_days"]
    tally.add("median", found.shown, last <= truth and not truth > found.upper)
    responders = int(world.people.response.responder[rows].sum())
    _count(tally, "clopper-pearson", rate(responders, rows.size), true["response"]["orr"])
    ratios = true["os"]["hazard_ratio"]
    if "per_doubling_of_positive_core" in ratios:
        _hazard_ratios(tally, world, rows, ratios)


def _hazard_ratios(tally: Tally, world: Population, rows: Rows, ratios: dict[str, Any]) -> None:
    """Per doubling of the density among positive samples, and of the levels, stratified as the truth is."""
    measured = rows[world.core[rows] > 0]
    days, event, _ = (column[measured] for column in world.endpoints()["os"])
    doubling = np.log2(world.core[measured])[:, None]
    model = fit_rows(days, event, doubling, ["core"], stratum=world.stratum[measured])
    if model.shown:
        _count(tally, "hazard-ratio-doubling", model.hazard_ratio(0), ratios["per_doubling_of_positive_core"]["hr"])
    with_level = rows[world.tertile[rows] >= 0]
    days, event, _ = (column[with_level] for column in world.endpoints()["os"])
    table = EventTable.from_rows(
        days, event, group=world.tertile[with_level], stratum=world.stratum[with_level].astype(str), groups=LEVELS
    )
    found = level_hazard_ratios(table, "low").hazard_ratios["high"]
    _count(tally, "hazard-ratio", found, ratios["tertile_v_low"]["high"]["hr"])


def _count(tally: Tally, method: str, found: Estimate, truth: float) -> None:
    shown = found.shown and not math.isnan(found.lower + found.upper)
    tally.add(method, shown, found.lower <= truth <= found.upper)
