"""Claims of the kind "rank": rank tests, correlations, paired changes and the random-intercept model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.gold.harness import FITTED, PENALISED, TIGHT, Case, Claim, Compared, NotCompared, numbers
from tilexplorer.statistics.pairs import geometric_mean_ratio, mean_change, random_intercept
from tilexplorer.statistics.ranks import (
    Shift,
    jonckheere,
    kendall,
    kruskal_wallis,
    mann_whitney,
    pratt,
    signed_rank,
    spearman,
)

Array = NDArray[np.float64]

LIMITS = (TIGHT, TIGHT, FITTED, FITTED, FITTED)  # R finds the shift and its limits by a root search
VARIANTS: dict[str, dict[str, Any]] = {
    "R_default": {},
    "normal_nocc": {"method": "normal", "correction": False},
    "normal_cc": {"method": "normal"},
}


def claims(case: Case) -> Iterator[Claim]:
    """Every leaf of a case."""
    if "pre" in case.input:
        before, after = numbers(case.input["pre"]), numbers(case.input["on"])
        yield from _paired(case, before, after)
    if "value" in case.input:
        yield from _grouped(case, numbers(case.input["value"]), numbers(case.input["level"]))


def _variant(case: Case, key: str, found: Shift) -> Iterator[Claim]:
    shift = found.shift
    ours = (found.test.statistic, found.test.p_value, shift.value, shift.lower, shift.upper)
    for leaf, value, tolerance in zip(("V", "p", "hl", "lower", "upper"), ours, LIMITS, strict=True):
        name = key.split("_R_")[0].split("_normal")[0]
        yield Compared(f"{key}/{leaf}", value, case.gold(f"{key}/{leaf}"), name, tolerance)
    exact = "exact" in case.gold(f"{key}/method")
    assert exact == ("exact" in found.test.method), f"{key}: R took {case.gold(f'{key}/method')}"
    yield NotCompared(f"{key}/method", key.split("_R_")[0].split("_normal")[0], "R's words for exact or normal")


def _leaves(case: Case, key: str, ours: dict[str, float], name: str, tolerance: float = TIGHT) -> Iterator[Claim]:
    for leaf, value in ours.items():
        yield Compared(f"{key}/{leaf}", value, case.gold(f"{key}/{leaf}"), name, tolerance)


def _paired(case: Case, before: Array, after: Array) -> Iterator[Claim]:
    for variant, options in VARIANTS.items():
        yield from _variant(case, f"signed_rank_{variant}", signed_rank(before, after, **options))
    exact = signed_rank(before, after, "exact").test
    ours = {"V": exact.statistic, "p": exact.p_value}
    yield from _leaves(case, "signed_rank_exact_ties", ours, "signed_rank, exact with ties")
    zeros = pratt(before, after)
    ours = {"z": zeros.statistic, "p": zeros.p_value}
    yield from _leaves(case, "signed_rank_pratt_coin", ours, "signed_rank, Pratt")
    change = mean_change(before, after)
    ours = {"t": change.value / change.std_error, "p": change.p_value, "diff": change.value}
    yield from _leaves(case, "paired_t", ours | {"lower": change.lower, "upper": change.upper}, "paired t")
    ratio = geometric_mean_ratio(before, after)
    if case.gold("log_ratio_t"):
        ours = {"gmr": ratio.value, "lower": ratio.lower, "upper": ratio.upper, "p": ratio.p_value}
        yield from _leaves(case, "log_ratio_t", ours, "geometric mean ratio")
    else:
        assert not ratio.shown  # a value is not positive: R made none either
    yield from _mixed(case, before, after)


def _mixed(case: Case, before: Array, after: Array) -> Iterator[Claim]:
    kept = np.isfinite(before) & np.isfinite(after)
    patient, n = np.arange(int(kept.sum())), int(kept.sum())
    values = np.concatenate([before[kept], after[kept]])
    model = random_intercept(np.tile(patient, 2), np.repeat([0.0, 1.0], n), values)
    terms = (model.intercept, model.slope)
    name = "random intercept (nlme stops at 1e-6)"
    yield Compared("mixed_lme/coef", [term.value for term in terms], case.gold("mixed_lme/coef"), name, TIGHT)
    yield Compared("mixed_lme/se", [term.std_error for term in terms], case.gold("mixed_lme/se"), name, PENALISED)
    yield Compared("mixed_lme/df", [model.df, model.df], case.gold("mixed_lme/df"), name, 0.0)
    # nlme's variances are as far from their maximum as its standard errors: p follows to the same digits.
    yield Compared("mixed_lme/p", [term.p_value for term in terms], case.gold("mixed_lme/p"), name, PENALISED)
    for leaf, ours in (("var_id", model.variance_between), ("var_res", model.variance_within)):
        yield Compared(f"mixed_lme/{leaf}", ours, case.gold(f"mixed_lme/{leaf}"), name, 3 * PENALISED)


def _grouped(case: Case, value: Array, level: Array) -> Iterator[Claim]:
    kept = np.isfinite(value)
    value, level = value[kept], level[kept]
    groups = [value[level == each] for each in np.unique(level)]
    whole = kruskal_wallis(groups)
    ours = {"H": whole.statistic, "df": whole.df, "p": whole.p_value}
    yield from _leaves(case, "kruskal", ours, "Kruskal-Wallis")
    for variant, options in VARIANTS.items():
        yield from _variant(case, f"mann_whitney_{variant}", mann_whitney(groups[0], groups[-1], **options))
    exact = mann_whitney(groups[0], groups[-1], "exact").test
    ours = {"W": exact.statistic, "p": exact.p_value}
    yield from _leaves(case, "mann_whitney_exact_ties", ours, "mann_whitney, exact with ties")
    trend = jonckheere(groups)
    ours = {"J": trend.pairs, "E": trend.expected, "var": trend.variance, "z": trend.test.statistic}
    yield from _leaves(case, "jonckheere", ours | {"p": trend.test.p_value}, "Jonckheere")
    rho, tau = spearman(value, level), kendall(value, level)
    yield from _leaves(case, "spearman", {"rho": rho.value, "p": rho.p_value}, "Spearman")
    ours = {"tau": tau.value, "z": tau.value / tau.std_error, "p": tau.p_value}
    yield from _leaves(case, "kendall", ours, "Kendall")
