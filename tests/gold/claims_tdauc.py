"""Claims of the kind "tdauc": time-dependent AUC of a score."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.gold.harness import EXACT, FITTED, TIGHT, Case, Claim, Compared, NotCompared, numbers
from tilexplorer.statistics import cox
from tilexplorer.statistics.small import SHOW_ALL
from tilexplorer.statistics.time_dependent_auc import time_dependent_auc

STATISTIC = "time-dependent AUC"


def claims(case: Case) -> Iterator[Claim]:
    """Every leaf of a case; the risk that R scores is that of a Cox model of x, so its order is that of b x."""
    time, event, x = (numbers(case.input[name]) for name in ("time", "event", "x"))
    model = cox.fit(cox.CoxDesign.make(time, event, 1 - event, x))
    yield Compared("cox_coef", model.coef[0], case.gold("cox_coef"), "Cox x, efron", FITTED)
    gold = case.gold("score_ipcw")
    score = np.sign(model.coef[0]) * x
    found = [time_dependent_auc(time, event, score, t, thresholds=SHOW_ALL) for t in gold["times"]]
    yield Compared("score_ipcw/times", gold["times"], gold["times"], STATISTIC, EXACT)
    for leaf, ours in (
        ("auc", [each.value for each in found]),
        ("se", [each.std_error for each in found]),
        ("lower", [each.lower for each in found]),
        ("upper", [each.upper for each in found]),
    ):
        yield Compared(f"score_ipcw/{leaf}", ours, gold[leaf], STATISTIC, TIGHT)
    yield NotCompared("score_ipcw/brier", "Brier score", "scores predicted risks, which no view shows")
