"""Claims of the kind "meta"."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from tests.gold.harness import FITTED, TIGHT, Case, Claim, Compared, NotCompared, numbers
from tilexplorer.statistics.synthesis import MetaMethod, Pooled, egger, interval, pool, prediction, q_profile

Array = NDArray[np.float64]
METHODS: tuple[MetaMethod, ...] = get_args(MetaMethod)


def claims(case: Case) -> Iterator[Claim]:
    """Every leaf of a case."""
    y, v = numbers(case.input["yi"]), numbers(case.input["vi"])
    for method in METHODS:
        pooled = pool(y, v, method)
        for suffix in ("", "_HK"):
            if f"{method}{suffix}" in case.answers:
                yield from _method(case, f"{method}{suffix}", pooled, hartung_knapp=bool(suffix))
    yield from _profile(case, y, v)
    yield from _egger(case, y, v)


def _tolerance(method: MetaMethod) -> float:
    return FITTED if method in ("REML", "PM") else TIGHT


def _method(case: Case, key: str, pooled: Pooled, *, hartung_knapp: bool) -> Iterator[Claim]:
    name = f"meta {key}"
    found = interval(pooled, hartung_knapp=hartung_knapp, modified=False)
    ours = {
        "est": found.value, "se": found.std_error, "lower": found.lower, "upper": found.upper, "p": found.p_value,
        "stat": found.value / found.std_error, "tau2": pooled.tau2, "I2": pooled.i2, "H2": pooled.h2,
        "weights": pooled.weights,
    }  # fmt: skip
    for leaf, value in ours.items():
        yield Compared(f"{key}/{leaf}", value, case.gold(f"{key}/{leaf}"), name, _tolerance(pooled.method))
    if pooled.k == 1:
        assert not pooled.q.shown
        for leaf in ("Q", "Q_p"):
            yield NotCompared(f"{key}/{leaf}", name, "one study: no heterogeneity to test (R prints 0 and 1)")
    else:
        yield Compared(f"{key}/Q", pooled.q.statistic, case.gold(f"{key}/Q"), name)
        yield Compared(f"{key}/Q_p", pooled.q.p_value, case.gold(f"{key}/Q_p"), name)
    yield from _prediction(case, key, pooled, found.std_error, hartung_knapp=hartung_knapp)


def _prediction(case: Case, key: str, pooled: Pooled, error: float, *, hartung_knapp: bool) -> Iterator[Claim]:
    name = "prediction interval"
    df = pooled.k - 1 if hartung_knapp and pooled.k > 1 else math.inf
    if pooled.method == "FE":
        yield NotCompared(f"{key}/pi_metafor", name, "a common effect has no prediction interval (R: NA)")
    else:
        ours = prediction(pooled, error, df)
        yield Compared(f"{key}/pi_metafor", ours, case.gold(f"{key}/pi_metafor"), name, _tolerance(pooled.method))
    if pooled.k < 3:
        yield NotCompared(f"{key}/pi_higgs_t_km2", name, "fewer than three studies (R: NA)")
    else:
        ours = prediction(pooled, error, pooled.k - 2)
        gold = case.gold(f"{key}/pi_higgs_t_km2")
        yield Compared(f"{key}/pi_higgs_t_km2", ours, gold, name, _tolerance(pooled.method))


def _profile(case: Case, y: Array, v: Array) -> Iterator[Claim]:
    key, name = "tau2_qprofile_ci", "Q-profile limits"
    lower, upper = q_profile(y, v)
    if "error" in case.gold(key):
        assert math.isnan(lower)
        yield NotCompared(f"{key}/error", name, "one study: no limits, and R refuses as well")
        return
    w = 1 / v
    typical = (len(y) - 1) * w.sum() / (w.sum() ** 2 - (w**2).sum())
    bounded = case.gold(f"{key}/tau2")[2] == 100
    for leaf, best, ours in (
        ("tau2", pool(y, v).tau2, (lower, upper)),
        ("I2", pool(y, v).i2, tuple(100 * limit / (limit + typical) for limit in (lower, upper))),
    ):
        if bounded:
            assert upper > 100
            yield NotCompared(f"{key}/{leaf}", name, "R stops its search at tau2 = 100; ours lies beyond")
        else:
            yield Compared(f"{key}/{leaf}", [best, *ours], case.gold(f"{key}/{leaf}"), name, FITTED)


def _egger(case: Case, y: Array, v: Array) -> Iterator[Claim]:
    found, gold = egger(y, v), case.gold("egger")
    if not found.shown:
        leaf = "egger"
        yield NotCompared(leaf, "Egger", "fewer than three studies: no test (R: NaN or an error)")
        return
    yield Compared("egger/t", found.statistic, gold["t"], "Egger", FITTED)
    yield Compared("egger/p", found.p_value, gold["p"], "Egger", FITTED)
