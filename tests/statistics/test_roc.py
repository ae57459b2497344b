"""ROC curves and their comparison."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tilexplorer.statistics.results import Status
from tilexplorer.statistics.roc import compare_auc, delong, roc

RNG = np.random.default_rng(3)
Y = np.repeat([0.0, 1.0], [40, 25])
SCORE = np.round(RNG.normal(size=65) + Y, 1)


def test_auc_is_the_share_of_pairs_in_order() -> None:
    pairs = np.subtract.outer(SCORE[Y == 1], SCORE[Y == 0])
    assert roc(Y, SCORE).auc.value == pytest.approx(np.mean((pairs > 0) + 0.5 * (pairs == 0)))


def test_direction_is_fixed() -> None:
    assert roc(Y, -SCORE).auc.value == pytest.approx(1 - roc(Y, SCORE).auc.value)
    assert roc(Y, -SCORE).auc.value < 0.5


def test_curve_runs_from_everybody_to_nobody() -> None:
    points = roc(Y, SCORE).points
    assert (points[0].sensitivity, points[0].specificity) == (1, 0)
    assert (points[-1].sensitivity, points[-1].specificity) == (0, 1)
    area = -np.trapezoid([p.sensitivity for p in points], [1 - p.specificity for p in points])
    assert area == pytest.approx(roc(Y, SCORE).auc.value)


def test_bootstrap_agrees_with_delong() -> None:
    rows = [RNG.integers(0, 65, 65) for _ in range(400)]
    spread = np.std([roc(Y[r], SCORE[r]).auc.value for r in rows])
    assert roc(Y, SCORE).auc.std_error == pytest.approx(spread, rel=0.15)


def test_perfect_separation_has_no_interval() -> None:
    found = roc(Y, Y + RNG.random(65) / 10)
    assert found.auc.value == 1
    assert found.auc.status is Status.WARNING
    assert math.isnan(found.auc.lower)
    assert "perfect separation, n=65" in found.auc.reason


def test_small_classes_and_one_class() -> None:
    assert roc(Y[30:50], SCORE[30:50]).auc.status is Status.OK
    assert roc(Y[31:50], SCORE[31:50]).auc.status is Status.SUPPRESSED
    assert roc(np.ones(20), SCORE[:20]).auc.status is Status.NOT_ESTIMABLE
    assert roc([], []).auc.status is Status.NOT_ESTIMABLE
    assert compare_auc(np.ones(20), SCORE[:20], SCORE[20:40]).status is Status.NOT_ESTIMABLE


def test_missing_values_leave_the_patient_out() -> None:
    y, score = np.r_[Y, math.nan, 1.0], np.r_[SCORE, 3.0, math.nan]
    assert roc(y, score).auc == roc(Y, SCORE).auc


def test_paired_comparison() -> None:
    other = SCORE + RNG.normal(size=65)
    test = compare_auc(Y, SCORE, other)
    assert test.p_value == pytest.approx(compare_auc(Y, other, SCORE).p_value)
    assert compare_auc(Y, SCORE, 2 * SCORE + 1).status is Status.NOT_ESTIMABLE
    areas, _ = delong(Y, [SCORE, other])
    assert math.copysign(1, test.statistic) == math.copysign(1, areas[0] - areas[1])


def test_impossible_input_is_refused() -> None:
    with pytest.raises(ValueError, match="0 or 1"):
        roc([0, 1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="length"):
        roc([0, 1], [1, 2, 3])
