"""Realistic inputs for figures: a Kaplan-Meier estimate in a few lines, made from drawn times."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tilexplorer.figures.kaplan_meier import CurveView
from tilexplorer.figures.risk_table import RiskView
from tilexplorer.timescale import risk_times

Floats = NDArray[np.float64]


def patients(n: int, mean_days: float, seed: int, longest: float = 1100) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Whole days and event flags of n patients, followed for different times."""
    random = np.random.default_rng(seed)
    death = random.exponential(mean_days, n)
    follow_up = random.uniform(0.3 * longest, longest, n)
    return np.ceil(np.minimum(death, follow_up)).astype(np.int64), death <= follow_up


def curve(label: str, time: NDArray[np.int64], event: NDArray[np.bool_], key: str = "") -> CurveView:
    """The Kaplan-Meier curve of these patients with log-log limits, at every distinct time."""
    times = np.unique(time)
    at_risk = np.array([(time >= t).sum() for t in times], dtype=float)
    deaths = np.array([(event & (time == t)).sum() for t in times], dtype=float)
    survival = np.cumprod(1 - deaths / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = 1.96 * np.sqrt(np.cumsum(deaths / (at_risk * (at_risk - deaths)))) / np.log(survival)
        lower, upper = survival ** np.exp(-spread), survival ** np.exp(spread)
    lower[survival == 1] = upper[survival == 1] = 1
    thin = np.flatnonzero(at_risk < min(10, max(3, len(time) / 4)))
    half = np.flatnonzero(survival <= 0.5)
    return CurveView(
        label=label,
        colour_key=key or label,
        time_days=times.astype(float),
        survival=survival,
        lower=lower,
        upper=upper,
        censor_times=np.sort(time[~event]).astype(float),
        tail_from_days=float(times[thin[0]]) if len(thin) else np.nan,
        median_days=float(times[half[0]]) if len(half) else np.nan,
        n=len(time),
        events=int(event.sum()),
        at_risk=at_risk,
    )


def risk(groups: dict[str, tuple[NDArray[np.int64], NDArray[np.bool_]]]) -> RiskView:
    """The table under the curves of these groups."""
    longest = max(float(time.max()) for time, _ in groups.values())
    columns = np.array(risk_times(longest))
    return RiskView(
        labels=tuple(groups),
        times_days=columns,
        at_risk=np.array([[(time >= t).sum() for t in columns] for time, _ in groups.values()]),
        censored=np.array([[(~event & (time < t)).sum() for t in columns] for time, event in groups.values()]),
        events=np.array([[(event & (time < t)).sum() for t in columns] for time, event in groups.values()]),
    )


def three_levels() -> dict[str, tuple[NDArray[np.int64], NDArray[np.bool_]]]:
    """Desert, excluded, inflamed, the first two close together."""
    return {
        "desert": patients(76, 380, 1),
        "excluded": patients(134, 400, 2, 900),
        "inflamed": patients(1074, 900, 3),
    }


def survival_figure_inputs(
    groups: dict[str, tuple[NDArray[np.int64], NDArray[np.bool_]]] | None = None,
) -> tuple[list[CurveView], RiskView]:
    """Curves and table of the three levels, or of other groups."""
    groups = groups or three_levels()
    return [curve(label, time, event) for label, (time, event) in groups.items()], risk(groups)
