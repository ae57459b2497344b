"""One example of every figure, for the tests that hold for all of them."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tests.figures.views import survival_figure_inputs
from tilexplorer.figures import (
    breakdown,
    composition,
    correlations,
    distribution,
    flow,
    forest,
    heatmap,
    kaplan_meier,
    pairs,
    placement,
    rates,
    regions,
    swimmer,
    upset,
    waterfall,
)
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.palette import Theme
from tilexplorer.figures.template import Width

TITLE = "Response is more frequent in inflamed tumours, 31% against 16% in deserts"
STAMP = "Exact 95% interval; n = 348, 230 events; rule: recorded phenotype; generation 3f9a1c20be77"
CURVES, RISK = survival_figure_inputs()
RANDOM = np.random.default_rng(7)
DENSITIES = np.concatenate([[0.0, 0.0], 10 ** RANDOM.normal(1.5, 0.5, 40)])

RATES = (
    rates.RateView("desert", "desert", 12, 76, 12 / 76, 0.08, 0.26),
    rates.RateView("excluded", "excluded", 24, 134, 24 / 134, 0.118, 0.255),
    rates.RateView("inflamed", "inflamed", 1, 3, math.nan, math.nan, math.nan),
)
RESPONSES = (
    breakdown.BreakdownView("PD-L1 <1%", {"CR": 2, "PR": 10, "SD": 20, "PD": 36, "NE": 8}),
    breakdown.BreakdownView("PD-L1 >=1%", {"CR": 12, "PR": 20, "CRPR": 3, "SD": 20, "SDPD": 4, "PD": 30, "NE": 11}),
)
FOREST = (
    forest.ForestRow("All patients", 348, 230, 0.75, 0.61, 0.92, 40, "total"),
    forest.ForestRow("PD-L1 on immune cells", kind="head", interaction_p=0.04),
    forest.ForestRow("IC0", 100, 70, 0.9, 0.6, 1.3, 10),
    forest.ForestRow("IC2+", 128, 80, 0.5, 0.01, 0.8, 40),
    forest.ForestRow("IC1", 12, 4, reason="fewer than 10 events"),
)
STEPS = (
    flow.FlowStep("in the selected cohorts", 1284, "selected"),
    flow.FlowStep("no infiltration measured", 310),
    flow.FlowStep("field not recorded: prior immunotherapy", 24),
    flow.FlowStep("analysed", 950, "analysed"),
)
CELLS = {
    ("Melanoma", "low"): heatmap.Cell(10, 40),
    ("Melanoma", "high"): heatmap.Cell(30, 50),
    ("Renal", "low"): heatmap.Cell(1, 3),
}
CHANGES = (
    waterfall.ChangeView("desert", "desert", np.array([20.0, -40, 130, math.nan])),
    waterfall.ChangeView("inflamed", "inflamed", np.array([-100.0, -30, 5])),
)
SPREAD = (
    distribution.DistributionView(
        "desert", "desert", DENSITIES, *(float(part) for part in np.quantile(DENSITIES, [0.25, 0.5, 0.75]))
    ),
)
SWIMMERS = (
    swimmer.Swimmer(900, False, "CR", 700, (40.0,)),
    swimmer.Swimmer(400, True, "NE"),
    swimmer.Swimmer(90, True),
)
PLACED = (
    placement.Placed("CD8 density, tumour centre", "1 250 cells/mm2", 0.93, 219),
    placement.Placed("T-effector and interferon-gamma signature (6 genes)", "−0.21 score", 0.5, 40),
)
PAIRS = (pairs.PairsView("responders", "CR", DENSITIES, DENSITIES * 2, 20.0, 40.0),)
COMBINATIONS = (
    upset.Combination("anti-PD-1", frozenset({"anti-PD-1"}), 760, "25.3% (192/760)"),
    upset.Combination("anti-PD-1 + chemotherapy", frozenset({"anti-PD-1", "chemotherapy"}), 200, "47.0% (94/200)"),
)

RHO = np.array([[1.0, 0.83, math.nan], [0.83, 1.0, -0.41], [math.nan, -0.41, 1.0]])
PATIENTS = np.array([[90, 80, 4], [80, 85, 60], [4, 60, 70]])
SIGNATURES = ("T-effector and interferon-gamma signature (6 genes)", "Cytolytic activity", "Angiogenesis signature")
REGIONS = (
    regions.RegionView("desert", np.array([0.0, 3, 20]), np.array([4.0, 0, 30])),
    regions.RegionView("inflamed", np.array([300.0, 2000]), np.array([900.0, 80])),
)
COMPOSITION = (
    composition.CompositionView("Melanoma, any or unknown site (MEL)", (24, 30, 46)),
    composition.CompositionView("Bladder urothelial carcinoma (BLCA)", (76, 133, 2)),
)

Draw = Callable[[Theme, Width, bool], Drawn]


def _common(theme: Theme, width: Width, simulated: bool) -> dict[str, object]:
    return {"theme": theme, "title": TITLE, "stamp": STAMP, "width": width, "simulated": simulated}


def _drawer(function: Callable[..., Drawn], *arguments: object, **options: object) -> Draw:
    return lambda theme, width, simulated: function(*arguments, **_common(theme, width, simulated), **options)


EVERY: dict[str, Draw] = {
    "kaplan_meier": _drawer(kaplan_meier.draw, CURVES, RISK, endpoint="Overall survival"),
    "small_multiple": _drawer(kaplan_meier.draw, CURVES, RISK, rows="at_risk"),
    "rates": _drawer(rates.draw, RATES),
    "breakdown": _drawer(breakdown.draw, RESPONSES),
    "forest": _drawer(forest.draw, FOREST, favours=("longer survival when inflamed", "longer survival when desert")),
    "flow": _drawer(flow.draw, STEPS),
    "heatmap": _drawer(heatmap.draw, CELLS, ["Melanoma", "Renal"], ["low", "high"]),
    "waterfall": _drawer(waterfall.draw, CHANGES),
    "distribution": _drawer(distribution.draw, SPREAD, measure="CD8 density (cells/mm²)", log=True),
    "pairs": _drawer(pairs.draw, PAIRS, measure="CD8 density (cells/mm²)"),
    "correlations": _drawer(correlations.draw, SIGNATURES, RHO, PATIENTS),
    "regions": _drawer(regions.draw, REGIONS, unit="cells/mm²", cuts=(50.0, 60.0)),
    "composition": _drawer(composition.draw, COMPOSITION, ["desert", "excluded", "inflamed"]),
    "upset": _drawer(upset.draw, COMBINATIONS, ("anti-PD-1", "chemotherapy"), measure="objective response rate"),
    "swimmer": _drawer(swimmer.draw, SWIMMERS, total=30),
    "placement": _drawer(placement.draw, PLACED),
}
EMPTY: dict[str, Draw] = {
    "kaplan_meier": _drawer(kaplan_meier.draw, [], RISK),
    "rates": _drawer(rates.draw, []),
    "breakdown": _drawer(breakdown.draw, []),
    "forest": _drawer(forest.draw, FOREST[1:2], favours=("a", "b")),
    "flow": _drawer(flow.draw, []),
    "heatmap": _drawer(heatmap.draw, {("a", "b"): heatmap.Cell(0, 0)}, ["a"], ["b"]),
    "waterfall": _drawer(waterfall.draw, []),
    "distribution": _drawer(distribution.draw, [], measure="x"),
    "pairs": _drawer(pairs.draw, [], measure="x"),
    "correlations": _drawer(correlations.draw, SIGNATURES[:1], RHO[:1, :1], PATIENTS[:1, :1]),
    "regions": _drawer(regions.draw, [], unit="x"),
    "composition": _drawer(composition.draw, [], ["low", "high"]),
    "upset": _drawer(upset.draw, [], ()),
    "swimmer": _drawer(swimmer.draw, [], total=0),
    "placement": _drawer(placement.draw, []),
}
