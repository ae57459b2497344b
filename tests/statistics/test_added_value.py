"""What a marker adds to discrimination: nothing where it is noise, something where it carries the outcome."""

from __future__ import annotations

import numpy as np
import pytest

from tilexplorer.statistics.added_value import added_value, comparable, concordance
from tilexplorer.statistics.concordance import harrell
from tilexplorer.statistics.regression import fit_rows


def _times(seed: int, n: int, effect: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=n), rng.normal(size=n)
    time = np.ceil(500 * rng.exponential(size=n) * np.exp(-0.5 * z - effect * x))
    return time, (rng.random(n) < 0.8).astype(float), x, z


def _value(effect: float) -> tuple[float, float, float]:
    time, event, x, z = _times(5, 150, effect)
    stratum = np.zeros(len(time), dtype=np.int64)
    pairs = comparable(time, event, stratum)

    def fit(on: np.ndarray, design: np.ndarray) -> np.ndarray:
        return fit_rows(time[on], event[on], design[on], [str(i) for i in range(design.shape[1])]).coef

    found = added_value(
        z[:, None], x[:, None], fit, lambda at, lp: concordance(pairs[np.ix_(at, at)], lp), resamples=60
    )
    return found.change.value, found.change.lower, found.change.upper


def test_the_pairwise_c_is_harrells() -> None:
    time, event, x, z = _times(1, 200, 0.4)
    stratum = (z > 0).astype(np.int64)
    score = np.round(x, 1)  # with ties
    expected = harrell(time, event, score, stratum=stratum).estimate.value
    assert concordance(comparable(time, event, stratum), score) == pytest.approx(expected, rel=1e-12)


def test_a_marker_that_carries_the_outcome_adds() -> None:
    change, lower, upper = _value(0.8)
    assert lower > 0
    assert lower < change < upper


def test_noise_adds_nothing() -> None:
    change, lower, upper = _value(0.0)
    assert abs(change) < 0.03
    assert lower < 0 < upper
