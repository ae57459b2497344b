"""Claims of the kind "competing": cumulative incidence, Gray's test, cause-specific and Fine-Gray models."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.gold.harness import EXACT, FITTED, TIGHT, Case, Claim, Compared, numbers
from tilexplorer.statistics import concordance, cox, fine_gray
from tilexplorer.statistics.cause_table import CauseTable
from tilexplorer.statistics.competing_risks import cumulative_incidence
from tilexplorer.statistics.gray import gray
from tilexplorer.statistics.small import SHOW_ALL


def claims(case: Case) -> Iterator[Claim]:
    """Every leaf of a competing risks case."""
    groups = sorted(set(case.input["group"]))
    table = CauseTable.from_rows(
        numbers(case.input["time"]), numbers(case.input["status"]), group=case.input["group"], groups=groups
    )
    yield from _gray(case, table)
    yield from _incidence(case, table)
    yield from _models(case, groups)


def _gray(case: Case, table: CauseTable) -> Iterator[Claim]:
    gold = case.gold("gray")
    tests = [gray(table, cause) for cause in table.causes]
    yield Compared("gray/rows", list(table.causes), gold["rows"], "Gray's test", EXACT)
    yield Compared("gray/stat", [test.statistic for test in tests], gold["stat"], "Gray's test", TIGHT)
    yield Compared("gray/p", [test.p_value for test in tests], gold["p"], "Gray's test", TIGHT)
    yield Compared("gray/df", [test.df for test in tests], gold["df"], "Gray's test", EXACT)


def _incidence(case: Case, table: CauseTable) -> Iterator[Claim]:
    times = case.gold("times")
    yield Compared("times", times, times, "cumulative incidence", EXACT)
    found = {(label, cause): cumulative_incidence(table.of_group(label), cause)
             for cause in table.causes for label in table.groups}  # fmt: skip
    estimates, variances = [], []
    for curve in found.values():
        at = np.searchsorted(curve.time, times, side="right") - 1
        estimates.append(np.where(at >= 0, curve.incidence[at], 0.0).tolist())
        variances.append(np.where(at >= 0, curve.std_error_aalen[at] ** 2, 0.0).tolist())
    names = [f"{label} {cause}" for label, cause in found]
    yield Compared("cuminc_rows", names, case.gold("cuminc_rows"), "cumulative incidence", EXACT)
    yield Compared("cuminc_est", estimates, case.gold("cuminc_est"), "cumulative incidence", TIGHT)
    yield Compared("cuminc_var", variances, case.gold("cuminc_var"), "cumulative incidence", TIGHT)
    for (label, cause), curve in found.items():
        at = np.searchsorted(curve.time, times, side="right") - 1
        gold = case.gold(f"aj/{label}")
        for leaf, series in ((f"p{cause}", curve.incidence), (f"se{cause}", curve.std_error)):
            ours = np.where(at >= 0, series[at], 0.0)
            yield Compared(f"aj/{label}/{leaf}", ours, gold[leaf], "cumulative incidence", TIGHT)


def _models(case: Case, groups: list[str]) -> Iterator[Claim]:
    columns = case.input
    time, status, x = (numbers(columns[name]) for name in ("time", "status", "x"))
    covariates = np.column_stack([[float(groups.index(label)) for label in columns["group"]], x])
    event = (status == 1).astype(float)
    found = cox.fit(cox.CoxDesign.make(time, event, 1 - event, covariates, names=["Xgrp", "Xx"]))
    gold, key = case.gold("cause_specific_cox"), "cause_specific_cox"
    ratios = [found.hazard_ratio(i, thresholds=SHOW_ALL) for i in range(2)]
    c = concordance.harrell(time, event, (covariates * found.coef).sum(axis=1)).estimate
    for leaf, ours in (
        ("terms", list(found.names)),
        ("coef", found.coef),
        ("se", found.std_error),
        ("hr", [each.value for each in ratios]),
        ("hr_lower", [each.lower for each in ratios]),
        ("hr_upper", [each.upper for each in ratios]),
        ("z", found.coef / found.std_error),
        ("p", [each.p_value for each in ratios]),
        ("loglik", [found.loglik_null, found.loglik]),
        ("lr", [found.lr.statistic, found.lr.df, found.lr.p_value]),
        ("wald", [found.wald.statistic, found.wald.df, found.wald.p_value]),
        ("score", [found.score.statistic, found.score.df, found.score.p_value]),
        ("n", found.n),
        ("nevent", found.events),
        ("concordance", c.value),
        ("concordance_se", c.std_error),
    ):
        yield Compared(f"{key}/{leaf}", ours, gold[leaf], "cause-specific Cox", FITTED)
    if case.gold("fine_gray") is not None:
        model = fine_gray.fit(time, status, covariates)
        for leaf, values in (("coef", model.coef), ("se", model.std_error), ("loglik", model.loglik)):
            yield Compared(f"fine_gray/{leaf}", values, case.gold("fine_gray")[leaf], "Fine-Gray", FITTED)
