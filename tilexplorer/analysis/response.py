"""The response view: rates by group, what is compared with what, and the full breakdown behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.analysis import calibration
from tilexplorer.analysis.benefit_instead import benefit_instead
from tilexplorer.analysis.context import Context, describe
from tilexplorer.analysis.groups import (
    Group,
    Grouping,
    default_reference,
    grouping,
    label_of,
    not_randomised,
    strata_labels,
    with_ids,
)
from tilexplorer.analysis.missing import Missing
from tilexplorer.analysis.power import Possible
from tilexplorer.analysis.rates import NOT_RECORDED, Tally, counted, estimate, tally
from tilexplorer.queries import counts, responses, rows
from tilexplorer.resolve import Resolved, resolve
from tilexplorer.response_source import BENEFIT, DURABLE
from tilexplorer.scope import Scope
from tilexplorer.selection import Selection
from tilexplorer.statistics import power
from tilexplorer.statistics.fisher_exact import fisher_exact
from tilexplorer.statistics.proportions import Interval, rate_difference
from tilexplorer.statistics.results import Estimate, Test, no_test
from tilexplorer.statistics.stratified import MantelHaenszel, mantel_haenszel
from tilexplorer.statistics.tables2x2 import association, chi_square, odds_ratio
from tilexplorer.statistics.trend import Trend, cochran_armitage
from tilexplorer.store import Store

MOST_WATERFALL: Final = 2000  # bars that a screen can still tell apart


@dataclass(frozen=True)
class GroupResponse:
    """One group: everybody, the evaluable, the responders and the rate with its interval."""

    group: Group
    tally: Tally
    n: int
    evaluable: int
    responders: int
    denominator: int
    rate: Estimate


@dataclass(frozen=True)
class Comparison:
    """A group against the reference. `stratified` is Mantel-Haenszel across strata, where there are several."""

    group: Group
    difference: Estimate
    odds_ratio: Estimate
    stratified: MantelHaenszel | None


@dataclass(frozen=True)
class ResponsePanel:
    """The groups of one panel and their tests. `association` is the test that the rule for small counts
    chose; `power` the smallest difference from the reference that each group could have shown."""

    group: Group | None
    groups: tuple[GroupResponse, ...]
    reference: str
    association: Test
    fisher: Test
    chi_square: Test
    trend: Trend | None
    comparisons: tuple[Comparison, ...]
    strata: tuple[str, ...]
    power: tuple[Possible, ...] = ()


@dataclass(frozen=True)
class Cell:
    """A cell of the heat map: level by tumour type."""

    level: Group
    tumour: Group
    responders: int
    n: int
    rate: Estimate


@dataclass(frozen=True)
class Response:
    """The response view of a selection."""

    context: Context
    rate_key: str
    rate_words: str
    panels: tuple[ResponsePanel, ...]
    heat_map: tuple[Cell, ...]
    shrinkage: pd.DataFrame
    definitions: tuple[str, ...]
    lacking: tuple[Missing, ...] = ()


def response(store: Store, selection: Selection) -> Response:
    """Compute the response view: `selection.response` names the rate, `population` the denominator."""
    resolved = resolve(store, selection)
    scope = response_scope(resolved, resolved.selection.by)
    counts = responses(scope, resolved.selection.by)
    key = resolved.selection.response
    several = len(counts) > 0 and len(counts["g1"].unique()) > 1
    panels = tuple(_panels(resolved, counts))
    cautions = [
        *_cautions(resolved, key),
        *dict.fromkeys(said for panel in panels for said in _calibration(resolved, panel)),
    ]
    return Response(
        context=describe(resolved, scope, *cautions, not_randomised(resolved) if several else ""),
        rate_key=key,
        rate_words=vocabulary.RESPONSE_RATES[key],
        panels=panels,
        heat_map=tuple(_heat_map(resolved)),
        shrinkage=_shrinkage(resolved, scope),
        definitions=tuple(_definitions(resolved, key)),
        lacking=benefit_instead(resolved),
    )


def grouped_response(resolved: Resolved, scope: Scope, first: Grouping, counts: pd.DataFrame) -> Response:
    """The response view of groups of a view's own making: `counts` as `responses` gives them, with g1_id."""
    key = resolved.selection.response
    return Response(
        context=describe(resolved, scope, *_cautions(resolved, key)),
        rate_key=key,
        rate_words=vocabulary.RESPONSE_RATES[key],
        panels=(_panel(resolved, None, first, counts),),
        heat_map=(),
        shrinkage=pd.DataFrame(columns=["change", "group", "response"]),
        definitions=tuple(_definitions(resolved, key)),
    )


def response_scope(resolved: Resolved, by: Sequence[str]) -> Scope:
    """The patients of the response view."""
    scope = Scope(resolved)
    scope.need_groups(by)
    scope.need_response(resolved.selection.response)
    return scope


def _panels(resolved: Resolved, counts: pd.DataFrame) -> list[ResponsePanel]:
    by = resolved.selection.by
    if counts.empty:
        return []
    named = with_ids(counts, by)
    first = grouping(resolved, by[0], named["g1"], named["n"])
    if len(by) == 1:
        return [_panel(resolved, None, first, named)]
    second = grouping(resolved, by[1], named["g2"], named["n"])
    return [_panel(resolved, group, first, named[named["g2_id"] == group.id]) for group in second.groups]


def _panel(resolved: Resolved, panel: Group | None, first: Grouping, counts: pd.DataFrame) -> ResponsePanel:
    groups = [_group(resolved, g, counts[counts["g1_id"] == g.id]) for g in first.groups]
    groups = [g for g in groups if g.n]
    table = np.array([[g.responders, g.denominator - g.responders] for g in groups])
    usable = [g for g in groups if not g.tally.why_not(resolved.selection.response)]
    reference = default_reference(resolved, first, [g.group.label for g in usable or groups])
    if len(usable) < len(groups) or len(usable) < 2:
        reason = next((g.rate.reason for g in groups if g not in usable), "only one group")
        test = exact = pearson = no_test("association", reason, n=sum(g.denominator for g in groups))
        trend = None
    else:
        test, exact, pearson = association(table), fisher_exact(table), chi_square(table)
        trend = cochran_armitage(table[:, 0].tolist(), table.sum(1).tolist()) if first.ordered else None
    return ResponsePanel(
        group=panel,
        groups=tuple(groups),
        reference=reference,
        association=test,
        fisher=exact,
        chi_square=pearson,
        trend=trend,
        comparisons=tuple(_comparisons(resolved, usable, reference, counts)),
        strata=tuple(dict.fromkeys(strata_labels(counts, resolved.selection.by))),
        power=tuple(_power(usable, reference)),
    )


def _group(resolved: Resolved, group: Group, counts: pd.DataFrame) -> GroupResponse:
    selection = resolved.selection
    found = tally(counts)
    x, n = counted(found, selection.response, selection.population)
    return GroupResponse(
        group=group,
        tally=found,
        n=found.n,
        evaluable=found.evaluable(selection.response),
        responders=x,
        denominator=n,
        rate=estimate(found, selection.response, selection.population, cast("Interval", selection.rate_interval)),
    )


def _comparisons(
    resolved: Resolved, groups: Sequence[GroupResponse], reference: str, counts: pd.DataFrame
) -> list[Comparison]:
    base = next((g for g in groups if g.group.label == reference), None)
    if base is None:
        return []
    return [_compare(resolved, g, base, counts) for g in groups if g is not base]


def _power(groups: Sequence[GroupResponse], reference: str) -> list[Possible]:
    base = next((g for g in groups if g.group.label == reference), None)
    return [
        Possible(g.group.label, reference, power.rate_difference(g.denominator, base.denominator, base.responders))
        for g in groups
        if base is not None and g is not base
    ]


def _compare(resolved: Resolved, group: GroupResponse, base: GroupResponse, counts: pd.DataFrame) -> Comparison:
    x1, n1, x0, n0 = group.responders, group.denominator, base.responders, base.denominator
    return Comparison(
        group=group.group,
        difference=rate_difference(x1, n1, x0, n0),
        odds_ratio=odds_ratio(x1, n1 - x1, x0, n0 - x0),
        stratified=_stratified(resolved, group.group.id, base.group.id, counts),
    )


def _stratified(resolved: Resolved, group: str, base: str, counts: pd.DataFrame) -> MantelHaenszel | None:
    """Mantel-Haenszel of two groups over cohort, study and tumour type; None where there is one stratum."""
    selection = resolved.selection
    pair = counts[counts["g1_id"].isin((group, base))]
    strata = strata_labels(pair, selection.by)
    if strata.nunique() < 2:
        return None
    tables = []
    for name in dict.fromkeys(strata):
        rows_of = [tally(pair[(strata == name) & (pair["g1_id"] == g)]) for g in (group, base)]
        cells = [counted(t, selection.response, selection.population) for t in rows_of]
        tables.append([[x, n - x] for x, n in cells])
    return mantel_haenszel(np.array(tables))


def _heat_map(resolved: Resolved) -> list[Cell]:
    """Rates by level and tumour type, whatever the curves are stratified by."""
    by = ("level", "tumour")
    counts = responses(response_scope(resolved, by), by)
    if counts.empty:
        return []
    named = with_ids(counts, by)
    levels = grouping(resolved, "level", named["g1"], named["n"])
    tumours = grouping(resolved, "tumour", named["g2"], named["n"])
    cells = []
    for tumour in tumours.groups:
        for level in levels.groups:
            found = _group(resolved, level, named[(named["g1_id"] == level.id) & (named["g2_id"] == tumour.id)])
            cells.append(Cell(level, tumour, found.responders, found.denominator, found.rate))
    return cells


def _shrinkage(resolved: Resolved, scope: Scope) -> pd.DataFrame:
    """Best change of the target lesions [%] by group, from growth to shrinkage; no patient is named.

    Empty where nobody has it, and where there are more bars than a screen can tell apart.
    """
    known = counts(scope, {"known": "a.shrinkage IS NOT NULL"})
    if not 0 < int(known.loc[known["known"], "n"].sum()) <= MOST_WATERFALL:
        return pd.DataFrame({"change": [], "group": [], "response": []})
    columns = {
        "change": "a.shrinkage",
        "group": scope.group(resolved.selection.by[0]),
        "response": "a.response::VARCHAR",
    }
    found = rows(scope, columns).dropna(subset=["change"])
    field = resolved.selection.by[0]
    found["group"] = [label_of(resolved, field, value) for value in found["group"].astype(object)]
    return found.sort_values("change", ascending=False, ignore_index=True)


def _calibration(resolved: Resolved, panel: ResponsePanel) -> tuple[str, ...]:
    sizes = [g.denominator for g in panel.groups if g.rate.shown]
    return calibration.of_response(resolved.selection.rate_interval, sizes, ordered=panel.trend is not None)


def _definitions(resolved: Resolved, key: str) -> list[str]:
    """What the rate means in each study that is looked at: criteria, confirmation, durable benefit."""
    studies = resolved.store.table("study")
    held = studies[studies["cohort"].isin(resolved.cohorts)]
    found = []
    for row in held.fillna({"criteria": "", "durable_benefit": "", "confirmed": False}).to_dict("records"):
        if key == BENEFIT:
            found.append(f"{row['title']}: benefit as the source defines it")
            continue
        parts = [str(row["criteria"] or "response criteria not recorded")]
        if row["confirmed"]:
            parts.append("confirmed")
        if key == DURABLE and row["durable_benefit"]:
            parts.append(f"durable benefit: {row['durable_benefit']}")
        found.append(f"{row['title']}: {', '.join(parts)}")
    return list(dict.fromkeys(found))


def _cautions(resolved: Resolved, key: str) -> list[str]:
    studies = resolved.store.table("study")
    held = studies[studies["cohort"].isin(resolved.cohorts)]
    criteria = sorted(str(value) for value in held["criteria"].dropna().unique() if value)
    found = []
    if len(criteria) > 1 and key != BENEFIT:
        found.append(f"response was judged by different criteria: {', '.join(criteria)}")
    if key in NOT_RECORDED:
        found.append("the chosen rate is not recorded by any cohort of this store")
    return found
