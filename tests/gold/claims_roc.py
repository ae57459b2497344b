"""Claims of the kind "roc"."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tests.gold.harness import TIGHT, Case, Claim, Compared, NotCompared, numbers
from tilexplorer.statistics.roc import compare_auc, delong, roc
from tilexplorer.statistics.small import SHOW_ALL


def claims(case: Case) -> Iterator[Claim]:
    """Every leaf of a case."""
    y, first, second = (numbers(case.input[name]) for name in ("y", "s1", "s2"))
    curve = roc(y, first, thresholds=SHOW_ALL)
    areas, covariance = delong(y, [first, second])
    yield Compared("auc1", curve.auc.value, case.gold("auc1"), "AUC")
    yield Compared("auc2", areas[1], case.gold("auc2"), "AUC")
    yield Compared("auc1_var", covariance[0, 0], case.gold("auc1_var"), "DeLong variance")
    for leaf, ours in (("auc1_lower", curve.auc.lower), ("auc1_upper", curve.auc.upper)):
        if math.isnan(ours):
            assert case.gold("auc1_var") == 0
            assert "perfect separation" in curve.auc.reason
            yield NotCompared(leaf, "DeLong limits", "perfect separation: R prints [1, 1], we print no interval")
        else:
            yield Compared(leaf, ours, case.gold(leaf), "DeLong limits")
    paired = compare_auc(y, first, second, thresholds=SHOW_ALL)
    yield Compared("paired/z", paired.statistic, case.gold("paired/z"), "DeLong paired")
    yield Compared("paired/p", paired.p_value, case.gold("paired/p"), "DeLong paired")
    yield from _points(case, "points", curve.points)
    yield from _points(case, "youden", curve.youden)


def _points(case: Case, key: str, points: tuple) -> Iterator[Claim]:  # type: ignore[type-arg]
    cuts = [p.threshold for p in points]
    yield Compared(f"{key}/threshold", cuts, case.gold(f"{key}/threshold"), f"ROC {key}", TIGHT)
    for leaf, ours in (("sens", [p.sensitivity for p in points]), ("spec", [p.specificity for p in points])):
        yield Compared(f"{key}/{leaf}", ours, case.gold(f"{key}/{leaf}"), f"ROC {key}", TIGHT)
