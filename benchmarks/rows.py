"""The other way to do it: a pandas table of patients and lifelines. It gives what the survival view gives.

lifelines has no stratified log-rank test, so its tests are unstratified; its restricted mean comes without a variance,
because the one it offers is not the squared standard error. Both make its work lighter, never heavier.
"""

from __future__ import annotations

import warnings
from itertools import combinations
from typing import Any, Final

import numpy as np
import pandas as pd

from tilexplorer.store import Store

MEASURE: Final = "cd8_density_centre"
LEVELS: Final = ("low", "intermediate", "high")
GRID_DAYS: Final = np.arange(0, 6) * 365.25
TAU_DAYS: Final = 24 * 30.4375
STRATA: Final = ["cohort", "study", "tumour"]


def load(store: Store) -> pd.DataFrame:
    """The patients as rows in memory, with the few columns that are needed."""
    return store.frame(
        f"SELECT cohort, study, tumour, regimen, response, os_days, os_event, m_{MEASURE} AS value FROM analysis"
    )


def levelled(rows: pd.DataFrame) -> pd.DataFrame:
    """Patients with a value, an outcome and a level by tertiles within cohort, study and tumour type."""
    groups = rows.groupby(STRATA, observed=True)["value"]
    size, low, high = (groups.transform("count"), *(groups.transform("quantile", q) for q in (1 / 3, 2 / 3)))
    code = np.where(rows["value"] <= low, 0, np.where(rows["value"] <= high, 1, 2))
    kept = rows["value"].notna() & (size >= 60)
    return rows.assign(level=pd.Categorical.from_codes(code.tolist(), pd.Index(LEVELS)))[kept]


def aggregate_events(rows: pd.DataFrame) -> pd.DataFrame:
    """Events and censorings by stratum, level and day, as `queries.events` gives them."""
    known = levelled(rows).dropna(subset=["os_days"])
    event = known["os_event"].astype(bool)
    counted = known.assign(events=event, censored=~event)
    return counted.groupby([*STRATA, "level", "os_days"], observed=True)[["events", "censored"]].sum()


def aggregate_responses(rows: pd.DataFrame) -> pd.DataFrame:
    """Patients by stratum, level and category, as `queries.responses` gives them."""
    return levelled(rows).groupby([*STRATA, "level", "response"], observed=True, dropna=False).size().reset_index()


def survival(rows: pd.DataFrame) -> dict[str, Any]:
    """Curves with limits, medians with limits, numbers at risk, restricted means, tests, pairs and hazard ratios."""
    from lifelines.statistics import logrank_test, multivariate_logrank_test

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        known = levelled(rows).dropna(subset=["os_days"])
        days, event = known["os_days"].to_numpy(float), known["os_event"].to_numpy(bool)
        level = known["level"].cat.codes.to_numpy()
        parts = {name: (days[level == i], event[level == i]) for i, name in enumerate(LEVELS)}
        found: dict[str, Any] = {name: _curve(*part) for name, part in parts.items()}
        found["logrank"] = multivariate_logrank_test(days, level, event).p_value
        found["pairs"] = [
            logrank_test(parts[a][0], parts[b][0], parts[a][1], parts[b][1]).p_value for a, b in combinations(LEVELS, 2)
        ]
        found["hazard_ratios"] = _cox(known)
    return found


def _curve(days: np.ndarray[Any, Any], event: np.ndarray[Any, Any]) -> dict[str, Any]:
    from lifelines import KaplanMeierFitter
    from lifelines.utils import median_survival_times, restricted_mean_survival_time

    fitted = KaplanMeierFitter().fit(days, event)
    return {
        "n": len(days),
        "median": fitted.median_survival_time_,
        "median_limits": median_survival_times(fitted.confidence_interval_),
        "milestones": fitted.predict([m * 30.4375 for m in (6, 12, 24)]),
        "at_risk": [int((days >= t).sum()) for t in GRID_DAYS],
        "follow_up": KaplanMeierFitter().fit(days, ~event).median_survival_time_,
        "rmst": restricted_mean_survival_time(fitted, t=TAU_DAYS),
    }


def _cox(known: pd.DataFrame) -> dict[str, float]:
    """Hazard ratios against low, stratified by study and tumour type; Efron's ties, as the view has them."""
    from lifelines import CoxPHFitter

    frame = pd.DataFrame(
        {
            "days": known["os_days"].to_numpy(float),
            "event": known["os_event"].to_numpy(bool),
            "intermediate": (known["level"] == "intermediate").to_numpy(float),
            "high": (known["level"] == "high").to_numpy(float),
            "stratum": known.groupby(STRATA, observed=True).ngroup().to_numpy(),
        }
    )
    fitted = CoxPHFitter().fit(frame, "days", "event", strata=["stratum"])
    return dict(fitted.hazard_ratios_)
