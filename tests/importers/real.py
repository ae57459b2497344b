"""The real cohorts as canonical tables, loaded once a test process; and the second opinions that tests ask."""

from __future__ import annotations

from functools import cache

import pandas as pd
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test

from tests.shared import real_cohorts
from tilexplorer import catalog
from tilexplorer.schema import Canonical

MONTH = 30.4375


@cache
def _load(name: str, mirror: str) -> Canonical:
    return catalog.load(name, mirror=mirror)


def real(name: str) -> Canonical:
    """A catalogue cohort from the real files; the test is skipped, loudly, where they are absent."""
    return _load(name, str(real_cohorts()))


def outcome(tables: Canonical, endpoint: str) -> pd.DataFrame:
    """Courses with their outcome: days and event beside study, regimen and response."""
    chosen = tables["outcome"][tables["outcome"]["endpoint"] == endpoint]
    frame = tables["course"].merge(chosen.drop(columns=["cohort"]), on=["patient", "course"], validate="1:1")
    return frame.astype({"days": float, "event": bool})


def values(tables: Canonical, measure: str, timepoint: str = "baseline") -> pd.DataFrame:
    """Values of a measure with their patient and sample, at a timepoint."""
    samples = tables["sample"].loc[tables["sample"]["timepoint"] == timepoint, ["patient", "sample"]]
    return tables["value"][tables["value"]["measure"] == measure].merge(samples, on=["patient", "sample"])


def median_months(frame: pd.DataFrame) -> float:
    """Kaplan-Meier median [months]."""
    return float(KaplanMeierFitter().fit(frame["days"], frame["event"]).median_survival_time_) / MONTH


def logrank_p(frame: pd.DataFrame, group: str) -> float:
    """P of the log-rank test over groups."""
    return float(multivariate_logrank_test(frame["days"], frame[group].astype(str), frame["event"]).p_value)


def hazard_ratio(frame: pd.DataFrame, marked: pd.Series) -> tuple[float, float, float]:
    """Hazard ratio of the marked against the others, with its 95 % limits."""
    data = pd.DataFrame({"x": marked.astype(float), "days": frame["days"], "event": frame["event"]})
    fit = CoxPHFitter().fit(data, "days", "event")
    low, high = fit.confidence_intervals_.loc["x"]
    return tuple(float(v) for v in (fit.hazard_ratios_["x"], *(2.718281828459045**b for b in (low, high))))  # type: ignore[return-value]
