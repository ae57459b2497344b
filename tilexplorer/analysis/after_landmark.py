"""Survival after a landmark by what happened to a measure before it: the only way in which a change meets survival.

Whoever has a second biopsy has lived until then: compared from the start, a rise would be credited with that time
(immortal time). So the clock starts at a landmark by which the biopsies were taken, and whoever had the event or was
lost before it is left out and counted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.statistics import small
from tilexplorer.statistics.cox import level_hazard_ratios
from tilexplorer.statistics.kaplan_meier import Curve, kaplan_meier, tail_from
from tilexplorer.statistics.landmark import landmark_table
from tilexplorer.statistics.logrank import logrank
from tilexplorer.statistics.quantiles import median
from tilexplorer.statistics.results import Estimate, Test, no_test, not_estimable
from tilexplorer.statistics.risk_table import RiskTable, risk_table
from tilexplorer.statistics.tables import EventTable
from tilexplorer.timescale import risk_times

# Where the source does not say on which day the biopsies were taken: three months, by which scans are due.
ASSUMED_DAYS: Final = 91.0
LABELS: Final = ("no rise", "rise")


@dataclass(frozen=True)
class LandmarkGroup:
    """Patients whose measure rose, or did not: survival from the landmark [days].

    `tail_from` [days] is where too few are at risk; `shown` says whether the group is large enough for a curve.
    """

    label: str
    n: int
    events: int
    median: Estimate
    curve: Curve
    tail_from: float
    shown: bool


@dataclass(frozen=True)
class AfterLandmark:
    """Both groups from the landmark on.

    Attributes
    ----------
    days : the landmark, from the start of treatment. recorded : whether days of biopsy tell it.
    excluded : patients with the event, or lost, by then. unknown : without a time for the endpoint.
    hazard_ratio : of a rise, against no rise. risk : numbers at risk from the landmark on, None without groups.
    """

    endpoint: str
    days: float
    recorded: bool
    excluded: int
    unknown: int
    groups: tuple[LandmarkGroup, ...]
    logrank: Test
    hazard_ratio: Estimate
    risk: RiskTable | None = None
    reason: str = ""


def after_landmark(rows: pd.DataFrame, endpoint: str, interval: str) -> AfterLandmark:
    """Compare rise and no rise; `rows` has before, after, days, endpoint_days, endpoint_event."""
    words = vocabulary.ENDPOINTS.get(endpoint, endpoint)
    known = rows.dropna(subset=["endpoint_days", "endpoint_event"])
    recorded = len(rows) > 0 and bool(rows["days"].notna().all())
    landmark = float(rows["days"].max()) if recorded else ASSUMED_DAYS
    if known.empty:
        return _nothing(endpoint, landmark, recorded, len(rows), f"{words} not recorded")
    table = EventTable.from_rows(
        known["endpoint_days"].to_numpy(dtype=float),
        known["endpoint_event"].to_numpy(dtype=bool).astype(int),
        group=(known["after"] > known["before"]).to_numpy(dtype=np.int64),
        groups=LABELS,
    )
    cut = landmark_table(table, landmark)
    kept = cut.table.nonempty()
    several = len(kept.groups) == len(LABELS)
    none = "only one of the two groups is left after the landmark"
    cox = level_hazard_ratios(kept, LABELS[0]) if several else None
    groups = tuple(_group(label, kept.of_group(label), interval) for label in kept.groups)
    longest = max((float(group.curve.last_time) for group in groups), default=1.0)
    return AfterLandmark(
        endpoint=endpoint,
        days=landmark,
        recorded=recorded,
        excluded=cut.excluded,
        unknown=len(rows) - len(known),
        groups=groups,
        risk=risk_table(kept, risk_times(longest)) if groups else None,
        logrank=logrank(kept).test if several else no_test("log-rank", none, n=kept.n),
        hazard_ratio=cox.hazard_ratios[LABELS[1]] if cox else not_estimable("Cox model", none, n=kept.n),
    )


def _group(label: str, table: EventTable, interval: str) -> LandmarkGroup:
    curve = kaplan_meier(table, interval=interval)
    enough = small.curve(table.n).shown
    return LandmarkGroup(label, table.n, table.n_events, median(curve), curve, tail_from(curve), enough)


def _nothing(endpoint: str, landmark: float, recorded: bool, n: int, reason: str) -> AfterLandmark:
    test, ratio = no_test("log-rank", reason, n=n), not_estimable("Cox model", reason, n=n)
    return AfterLandmark(endpoint, landmark or math.nan, recorded, 0, n, (), test, ratio, reason=reason)
