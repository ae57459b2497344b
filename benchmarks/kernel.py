"""The statistics of one survival table, three groups and 3,000 distinct times, beside lifelines and scikit-survival."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Final

import numpy as np
import pandas as pd

from benchmarks.timing import Ratio, alternate, seconds
from tilexplorer.statistics.cox import level_hazard_ratios
from tilexplorer.statistics.kaplan_meier import kaplan_meier
from tilexplorer.statistics.logrank import logrank, logrank_trend, pairwise
from tilexplorer.statistics.milestones import survival_at
from tilexplorer.statistics.proportional_hazards import ph_warning
from tilexplorer.statistics.quantiles import median, median_follow_up
from tilexplorer.statistics.risk_table import risk_table
from tilexplorer.statistics.rmst import default_tau, restricted_mean, rmst_difference
from tilexplorer.statistics.tables import EventTable

DISTINCT: Final = 3000
PATIENTS: Final = 9000
GROUPS: Final = ("low", "intermediate", "high")
MEDIANS: Final = (700.0, 900.0, 1200.0)  # days
MILESTONES: Final = (182.625, 365.25, 730.5)
RISK_TIMES: Final = np.arange(6) * 500.0
REPEATS: Final = 15

SECTION: Final = """
## The statistics alone

A table of three groups with 3,000 distinct times (9,000 patients): curves with limits, medians, follow-up, milestones,
restricted means and their differences, numbers at risk, log-rank test, trend and pairs, hazard ratios with three tests,
and the check of proportional hazards. Median **{median:.1f} ms**, fastest {fastest:.1f} ms. The libraries start from
rows and do less.

| library | what it does not do here | times faster |
|---|---|---|
"""

Rows = pd.DataFrame


@dataclass(frozen=True)
class Kernel:
    """Every number of a panel from the table: fastest and median [ms], and against the two libraries from rows."""

    fastest: float
    median: float
    lifelines: Ratio
    sksurv: Ratio


def patients(seed: int = 1) -> Rows:
    """Rows with `time` (every day from 1 to 3,000 occurs), `event`, `group` as a code, and its indicators."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 3, PATIENTS)
    died = rng.exponential(np.array(MEDIANS)[group] / np.log(2))
    left = rng.uniform(100, DISTINCT + 100, PATIENTS)
    time = np.clip(np.ceil(np.minimum(died, left)), 1, DISTINCT).astype(np.int64)
    time[:DISTINCT] = np.arange(1, DISTINCT + 1)
    frame = pd.DataFrame({"time": time, "event": died <= left, "group": group})
    return frame.assign(**{name: (group == code + 1).astype(float) for code, name in enumerate(GROUPS[1:])})


def table(rows: Rows) -> EventTable:
    """The rows as the query gives them: counted."""
    return EventTable.from_rows(rows["time"], rows["event"], group=rows["group"], groups=GROUPS)


def ours(table: EventTable) -> list[object]:
    """What a panel of the survival page computes."""
    tau = default_tau(table)
    parts = {label: table.of_group(label) for label in table.groups}
    curves = {label: kaplan_meier(part) for label, part in parts.items()}
    cox = level_hazard_ratios(table, GROUPS[0])
    by_group = [
        (median(curve), restricted_mean(curve, tau), median_follow_up(parts[label]), *_at(curve))
        for label, curve in curves.items()
    ]
    differences = [rmst_difference(curves[label], curves[GROUPS[0]], tau) for label in GROUPS[1:]]
    tests = [logrank(table), logrank_trend(table), pairwise(table)]
    return [by_group, differences, tests, cox, ph_warning(table, GROUPS[0], cox.fit), risk_table(table, RISK_TIMES)]


def _at(curve: Any) -> list[object]:
    return [survival_at(curve, moment) for moment in MILESTONES]


def by_lifelines(rows: Rows) -> None:
    """What lifelines offers of it: no trend, no variance of restricted means, no tests of proportionality here."""
    from lifelines import CoxPHFitter, KaplanMeierFitter
    from lifelines.statistics import multivariate_logrank_test
    from lifelines.utils import median_survival_times, restricted_mean_survival_time

    for _, part in rows.groupby("group"):
        curve = KaplanMeierFitter().fit(part["time"], part["event"])
        median_survival_times(curve.confidence_interval_)
        restricted_mean_survival_time(curve, t=MILESTONES[-1])
        curve.predict(list(MILESTONES))
        KaplanMeierFitter().fit(part["time"], ~part["event"])
    multivariate_logrank_test(*(rows[name].to_numpy() for name in ("time", "group", "event")))
    for pair in combinations(range(3), 2):
        part = rows[rows["group"].isin(pair)]
        multivariate_logrank_test(*(part[name].to_numpy() for name in ("time", "group", "event")))
    CoxPHFitter().fit(rows.drop(columns="group"), "time", "event")


def by_sksurv(rows: Rows) -> None:
    """What scikit-survival offers of it: curves, log-rank tests and the coefficients of Cox's model."""
    from sksurv.compare import compare_survival
    from sksurv.linear_model import CoxPHSurvivalAnalysis
    from sksurv.nonparametric import kaplan_meier_estimator
    from sksurv.util import Surv

    for _, part in rows.groupby("group"):
        event, time = part["event"].to_numpy(), part["time"].to_numpy()
        kaplan_meier_estimator(event, time, conf_type="log-log")
        kaplan_meier_estimator(~event, time)
    outcome = Surv.from_dataframe("event", "time", rows)
    group = rows["group"].to_numpy()
    compare_survival(outcome, group)
    for pair in combinations(range(3), 2):
        chosen = np.isin(group, pair)
        compare_survival(outcome[chosen], group[chosen])
    CoxPHSurvivalAnalysis(ties="efron").fit(rows[list(GROUPS[1:])], outcome)


def measure() -> Kernel:
    """Ours on a fresh table every time, so that nothing is kept from the run before."""
    rows = patients()
    made = table(rows)

    def fresh() -> object:
        return ours(replace(made))

    fresh()
    runs = sorted(seconds(fresh) for _ in range(4 * REPEATS))
    return Kernel(
        fastest=1000 * runs[0],
        median=1000 * runs[len(runs) // 2],
        lifelines=alternate(fresh, lambda: by_lifelines(rows), REPEATS),
        sksurv=alternate(fresh, lambda: by_sksurv(rows), REPEATS),
    )


def text(found: Kernel) -> str:
    """The section of docs/benchmarks.md."""
    lines = [
        ("lifelines", "no trend, no variance of restricted means, no test of proportionality", found.lifelines),
        ("scikit-survival", "curves, log-rank tests and Cox coefficients only", found.sksurv),
    ]
    rows = "".join(
        f"| {name} | {less} | **{each.ratio:.1f}** ({each.lowest:.1f} to {each.highest:.1f}, {each.repeats} runs) |\n"
        for name, less, each in lines
    )
    return SECTION.format(median=found.median, fastest=found.fastest) + rows


if __name__ == "__main__":
    print(text(measure()))
