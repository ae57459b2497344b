"""The survival view: every number, test and caution of a Kaplan-Meier page for one selection."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilexplorer import vocabulary
from tilexplorer.analysis import calibration
from tilexplorer.analysis.context import Context, describe
from tilexplorer.analysis.groups import (
    Group,
    Grouping,
    default_reference,
    grouping,
    not_randomised,
    strata_labels,
    with_ids,
)
from tilexplorer.analysis.power import Possible
from tilexplorer.queries import events
from tilexplorer.resolve import Resolved, resolve
from tilexplorer.scope import Scope
from tilexplorer.selection import Selection
from tilexplorer.statistics import power, small
from tilexplorer.statistics.cox import CoxLevels, level_hazard_ratios
from tilexplorer.statistics.kaplan_meier import Curve, kaplan_meier, tail_from
from tilexplorer.statistics.logrank import logrank, logrank_trend, pairwise
from tilexplorer.statistics.milestones import survival_at
from tilexplorer.statistics.proportional_hazards import ph_warning
from tilexplorer.statistics.quantiles import median, median_follow_up
from tilexplorer.statistics.results import Estimate, Pairwise, Test, no_test
from tilexplorer.statistics.risk_table import RiskTable, risk_table
from tilexplorer.statistics.rmst import default_tau, restricted_mean, rmst_difference
from tilexplorer.statistics.tables import EventTable
from tilexplorer.store import Store
from tilexplorer.timescale import DAYS_PER_MONTH, risk_times

MILESTONES: Final = (6, 12, 24)  # months
MOST_PAIRED: Final = 8  # groups of which every pair is compared
FOLLOW_UP_RATIO: Final = 1.5  # medians of follow-up further apart than this are said


@dataclass(frozen=True)
class GroupSurvival:
    """One curve and what is said about it. Times in days."""

    group: Group
    n: int
    events: int
    curve: Curve
    median: Estimate
    follow_up: Estimate
    rmst: Estimate
    milestones: dict[int, Estimate]
    tail_from: float
    shown: bool


@dataclass(frozen=True)
class Panel:
    """One set of curves and their comparison; a view by one field has one panel.

    Attributes
    ----------
    group : the value of the second field, or None. tau : horizon of the restricted means [days].
    logrank : stratified where there are strata; `unstratified` is then the other one.
    trend : for ordered groups. pairwise : with Holm's adjustment over the panel's pairs.
    hazard_ratios : of each group against `reference`. rmst_differences : likewise, in days at `tau`.
    ph : a caution where the hazards are not proportional, else "".
    power : the smallest hazard ratio against `reference` that each group could have shown.
    """

    group: Group | None
    groups: tuple[GroupSurvival, ...]
    reference: str
    tau: float
    logrank: Test
    unstratified: Test | None
    trend: Test
    pairwise: tuple[Pairwise, ...]
    cox: CoxLevels | None
    rmst_differences: dict[str, Estimate]
    risk: RiskTable
    strata: tuple[str, ...]
    ph: str
    warnings: tuple[str, ...]
    power: tuple[Possible, ...] = ()


@dataclass(frozen=True)
class Survival:
    """The survival view of a selection."""

    context: Context
    endpoint: str
    endpoint_words: str
    tau: float
    panels: tuple[Panel, ...]
    follow_up: Estimate


def survival(store: Store, selection: Selection) -> Survival:
    """Compute the survival view.

    Parameters
    ----------
    store : the generation.
    selection : `by` gives the curves and, with a second field, the panels; `endpoint` the time.
    """
    resolved = resolve(store, selection)
    scope = survival_scope(resolved)
    counts = events(scope, resolved.selection.by, resolved.selection.endpoint)
    several = len(counts) > 0 and len(counts["g1"].unique()) > 1
    context = describe(resolved, scope, *clock_cautions(resolved), not_randomised(resolved) if several else "")
    whole = _table(counts, _all(counts), resolved.selection.by)
    panels = tuple(_panels(resolved, counts))
    tau = panels[0].tau if panels else math.nan
    words = vocabulary.ENDPOINTS.get(resolved.selection.endpoint, resolved.selection.endpoint)
    return Survival(context, resolved.selection.endpoint, words, tau, panels, median_follow_up(whole))


def grouped_survival(resolved: Resolved, scope: Scope, first: Grouping, counts: pd.DataFrame) -> Survival:
    """The survival view of groups of a view's own making: `counts` as `events` gives them, with their id as g1_id."""
    table = _table(counts, first, resolved.selection.by, column="g1_id").nonempty()
    part = _Parts(None, first, table)
    tau = _tau(resolved.selection, [part])
    panel = _panel(resolved, part, tau, _risk_times([part]))
    words = vocabulary.ENDPOINTS.get(resolved.selection.endpoint, resolved.selection.endpoint)
    context = describe(resolved, scope, *clock_cautions(resolved))
    return Survival(
        context, resolved.selection.endpoint, words, tau, (panel,), median_follow_up(table.merge_strata())
    )  # fmt: skip


def survival_scope(resolved: Resolved) -> Scope:
    """The patients of the survival view."""
    scope = Scope(resolved)
    scope.need_groups(resolved.selection.by)
    scope.need_outcome(resolved.selection.endpoint)
    return scope


def _all(counts: pd.DataFrame) -> Grouping:
    return Grouping("", (Group("", "all", "all"),) if len(counts) else (), ordered=False)


def _table(counts: pd.DataFrame, groups: Grouping, by: Sequence[str], *, column: str = "") -> EventTable:
    """Counts as an event table, with the groups in their order and the strata named."""
    strata = strata_labels(counts, by)
    names = tuple(dict.fromkeys(strata))
    codes: NDArray[np.int64] = np.zeros(len(counts), dtype=np.int64)
    if column:
        ids = {group.id: code for code, group in enumerate(groups.groups)}
        codes = np.array([ids[name] for name in counts[column]], dtype=np.int64)
    return EventTable.from_counts(
        counts["days"].to_numpy(dtype=np.int64),
        counts["events"].to_numpy(dtype=np.int64),
        counts["censored"].to_numpy(dtype=np.int64),
        group=codes,
        stratum=strata.map({name: code for code, name in enumerate(names)}).to_numpy(dtype=np.int64),
        groups=groups.labels or ("all",),
        strata=names or ("all",),
    )


@dataclass(frozen=True)
class _Parts:
    """What a panel is computed from: its group, the grouping of its curves, its table."""

    group: Group | None
    first: Grouping
    table: EventTable


def _panels(resolved: Resolved, counts: pd.DataFrame) -> list[Panel]:
    parts = _parts(resolved, counts)
    tau = _tau(resolved.selection, parts)
    times = _risk_times(parts)
    return [_panel(resolved, part, tau, times) for part in parts]


def _parts(resolved: Resolved, counts: pd.DataFrame) -> list[_Parts]:
    by = resolved.selection.by
    if counts.empty:
        return []
    named = with_ids(counts, by)
    size = named["events"] + named["censored"]
    first = grouping(resolved, by[0], named["g1"], size)
    if len(by) == 1:
        return [_Parts(None, first, _table(named, first, by, column="g1_id").nonempty())]
    second = grouping(resolved, by[1], named["g2"], size)
    tables = ((g, _table(named[named["g2_id"] == g.id], first, by, column="g1_id")) for g in second.groups)
    return [_Parts(group, first, table.nonempty()) for group, table in tables]


def _panel(resolved: Resolved, part: _Parts, tau: float, times: NDArray[np.float64]) -> Panel:
    first, table = part.first, part.table
    merged = table.merge_strata()
    groups = tuple(_group(resolved, first.group(label), merged.of_group(label), tau) for label in merged.groups)
    large = [label for label, group in zip(merged.groups, groups, strict=True) if group.shown]
    stratified = len(table.strata) > 1
    reference = default_reference(resolved, first, merged.groups)
    cox = level_hazard_ratios(table, reference) if len(merged.groups) > 1 else None
    return Panel(
        group=part.group,
        groups=groups,
        reference=reference,
        tau=tau,
        logrank=_logrank(table),
        unstratified=_logrank(merged) if stratified else None,
        trend=_trend(first, table),
        pairwise=pairwise(table.only(large)) if 2 < len(merged.groups) <= MOST_PAIRED else (),
        cox=cox,
        rmst_differences=_rmst_differences(groups, reference, tau),
        risk=risk_table(merged, times),
        strata=table.strata,
        ph=_ph(table, reference, cox),
        warnings=(*_panel_warnings(groups), *_calibration(resolved, first, groups)),
        power=tuple(_power(groups, reference)),
    )


def _group(resolved: Resolved, group: Group, table: EventTable, tau: float) -> GroupSurvival:
    curve = kaplan_meier(table, interval=resolved.selection.interval)
    return GroupSurvival(
        group=group,
        n=table.n,
        events=table.n_events,
        curve=curve,
        median=median(curve),
        follow_up=median_follow_up(table),
        rmst=restricted_mean(curve, tau),
        milestones={months: survival_at(curve, months * DAYS_PER_MONTH) for months in MILESTONES},
        tail_from=tail_from(curve),
        shown=small.curve(table.n).shown,
    )


def _power(groups: Sequence[GroupSurvival], reference: str) -> list[Possible]:
    base = next((g for g in groups if g.group.label == reference), None)
    return [
        Possible(g.group.label, reference, power.hazard_ratio(g.n, base.n, g.events + base.events))
        for g in groups
        if base is not None and g is not base
    ]


def _logrank(table: EventTable) -> Test:
    if len(table.groups) < 2:
        return no_test("log-rank", "only one group", n=table.n, events=table.n_events)
    return logrank(table).test


def _trend(first: Grouping, table: EventTable) -> Test:
    if not first.ordered or len(table.groups) < 3:
        reason = "the groups are names, not steps" if not first.ordered else "fewer than three ordered groups"
        return no_test("log-rank for trend", reason, n=table.n, events=table.n_events)
    return logrank_trend(table)


def _rmst_differences(groups: Sequence[GroupSurvival], reference: str, tau: float) -> dict[str, Estimate]:
    base = next(g for g in groups if g.group.label == reference)
    return {g.group.label: rmst_difference(g.curve, base.curve, tau) for g in groups if g.group.label != reference}


def _risk_times(parts: Sequence[_Parts]) -> NDArray[np.float64]:
    """At most six round numbers of months from 0 to the longest follow-up of any panel, in days."""
    longest = max((float(part.table.time.max()) for part in parts), default=0.0)
    return np.array(risk_times(longest))


def _ph(table: EventTable, reference: str, cox: CoxLevels | None) -> str:
    """A caution where the hazard ratio changes over time by more than chance and more than 1.5-fold."""
    if cox is None or cox.fit is None:
        return ""
    found = ph_warning(table, reference, cox.fit)
    if not found.violated:
        return ""
    return (
        f"the hazards are not proportional: {found.level} against {reference} has a hazard ratio of {found.before:.2f} "
        f"in the first half of the events and {found.after:.2f} in the second, so one hazard ratio does not describe "
        "it; see the restricted means"
    )


def _panel_warnings(groups: Sequence[GroupSurvival]) -> list[str]:
    found = []
    follow_up = [g.follow_up.value for g in groups if g.shown and not math.isnan(g.follow_up.value)]
    if len(follow_up) > 1 and min(follow_up) > 0 and max(follow_up) / min(follow_up) > FOLLOW_UP_RATIO:
        found.append(
            "follow-up differs between the groups "
            f"(medians {min(follow_up) / DAYS_PER_MONTH:.1f} to {max(follow_up) / DAYS_PER_MONTH:.1f} months)"
        )
    hidden = [g.group.label for g in groups if not g.shown]
    if hidden:
        found.append(f"too few patients for a curve: {', '.join(hidden)}")
    return found


def _calibration(resolved: Resolved, first: Grouping, groups: Sequence[GroupSurvival]) -> tuple[str, ...]:
    sizes = [g.n for g in groups if g.shown]
    return calibration.of_survival(resolved.selection.interval, sizes, ordered=first.ordered)


def _tau(selection: Selection, parts: Sequence[_Parts]) -> float:
    """The horizon of the restricted mean [days]: as asked for, else the one that every curve of ten or more reaches."""
    if selection.tau is not None:
        return selection.tau * DAYS_PER_MONTH
    return min((default_tau(part.table.merge_strata()) for part in parts), default=math.nan)


def clock_cautions(resolved: Resolved) -> list[str]:
    """Where pooled cohorts do not share a clock or an event, and what the endpoint cards caution."""
    cards = resolved.store.table("endpoint")
    held = cards[cards["cohort"].isin(resolved.cohorts) & (cards["endpoint"] == resolved.selection.endpoint)]
    found = []
    for column, words in (
        ("t0", "the clock starts at different points"),
        ("event", "the event is defined differently"),
    ):
        kinds = sorted(str(v) for v in held[column].dropna().unique())
        if len(kinds) > 1:
            found.append(f"{words}: {'; '.join(kinds)}")
    return found + [str(note) for note in held["note"].dropna().unique() if note]
