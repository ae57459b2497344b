"""Patients like this one: what happened to the nearest stratum of a described patient, as whole people.

The stratum is chosen by a fixed rule, never by its outcome: the patients that pass the selection's filters, whose
measure lies in the level that the entered value has under their own cohort's rule, and whose age is near where an age
was entered. It is never widened over tumour types or therapies, and nothing here compares therapies.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final, cast

import numpy as np

from tilexplorer import vocabulary
from tilexplorer.analysis.cards import card
from tilexplorer.analysis.context import ARCHIVAL
from tilexplorer.analysis.rates import Tally, counted, estimate, tally
from tilexplorer.infiltration import RECORDED
from tilexplorer.queries import Flow, counts, events, flow, responses
from tilexplorer.resolve import Resolved
from tilexplorer.response_source import cautions, source_of
from tilexplorer.scope import ALL_LEVELS, Scope
from tilexplorer.statistics.kaplan_meier import kaplan_meier
from tilexplorer.statistics.milestones import survival_at
from tilexplorer.statistics.proportions import Interval
from tilexplorer.statistics.quantiles import median
from tilexplorer.statistics.results import Estimate, not_estimable
from tilexplorer.statistics.tables import EventTable
from tilexplorer.timescale import DAYS_PER_MONTH

AGE_YEARS: Final = 10.0  # either side of the entered age
FEW: Final = 20  # fewer such patients are said to be few
AT_MONTHS: Final = 12
NOBODY: Final = "nobody is described"


@dataclass(frozen=True)
class Like:
    """The stratum nearest to a described patient and what was observed in it.

    Attributes
    ----------
    n : patients in the stratum; `excluded` says how it was reached from the chosen cohorts.
    described : what was asked for, a phrase each.
    tally, responders, denominator, rate : response, as in the response view.
    with_outcome, events : patients with a time of the endpoint, and events among them.
    survival : Kaplan-Meier at 12 months. median : of the endpoint [days].
    doubts : every reason to doubt that this says something about one patient.
    why_not : why there is no stratum; "" where there is one.
    """

    n: int = 0
    excluded: tuple[tuple[str, int], ...] = ()
    described: tuple[str, ...] = ()
    level: str = ""
    tally: Tally | None = None
    responders: int = 0
    denominator: int = 0
    rate: Estimate = field(default_factory=lambda: not_estimable("rate", NOBODY))
    with_outcome: int = 0
    events: int = 0
    survival: Estimate = field(default_factory=lambda: not_estimable("Kaplan-Meier", NOBODY))
    median: Estimate = field(default_factory=lambda: not_estimable("median", NOBODY))
    doubts: tuple[str, ...] = ()
    why_not: str = ""


def asked(resolved: Resolved) -> bool:
    """Whether the selection describes a patient."""
    return resolved.selection.like_value is not None or resolved.selection.like_age is not None


def like(resolved: Resolved) -> Like:
    """The stratum of the selection's described patient."""
    why_not = _why_not(resolved)
    if why_not:
        return Like(why_not=why_not)
    scope = _scope(resolved)
    found = flow(scope)
    described = _described(resolved)
    if not found.remaining:
        reason = f"no such patient: {found.emptied_by}"
        return Like(
            excluded=found.excluded, described=described, doubts=_doubts(resolved, scope, found), why_not=reason
        )
    return _observed(resolved, scope, found, described)


def _why_not(resolved: Resolved) -> str:
    if not asked(resolved):
        return f"{NOBODY}: enter an age, or a value of the measure"
    if resolved.selection.like_value is None:
        return ""
    if resolved.rule.name == RECORDED:
        return f"{resolved.measure_label} is a category: choose a measure that is a number to enter a value"
    measures = set(resolved.measure_of.values())
    if len(measures) != 1:
        return "the chosen cohorts have different measures: choose one measure, so that the value has a unit"
    return ""


def _scope(resolved: Resolved) -> Scope:
    scope = Scope(resolved)
    selection = resolved.selection
    if selection.like_age is not None:
        scope.need_age_near(selection.like_age, AGE_YEARS)
    if selection.like_value is not None:
        scope.need_measure()
        scope.need_same_level(selection.like_value)
    return scope


def _described(resolved: Resolved) -> tuple[str, ...]:
    selection = resolved.selection
    parts = []
    if selection.tumour:
        parts.append(" or ".join(selection.tumour))
    if selection.therapy or selection.regimen:
        parts.append("treated with " + " or ".join((*selection.therapy, *selection.regimen)))
    if selection.line:
        parts.append("line " + " or ".join(selection.line))
    if selection.like_age is not None:
        parts.append(f"aged {selection.like_age:g} ± {AGE_YEARS:g} years")
    if selection.like_value is not None:
        unit = _unit(resolved)
        parts.append(f"{resolved.measure_label} in the level of {selection.like_value:g}{' ' + unit if unit else ''}")
    return tuple(parts)


def _unit(resolved: Resolved) -> str:
    return ", ".join(dict.fromkeys(unit for _, _, unit in _assays(resolved) if unit))


def _assays(resolved: Resolved) -> list[tuple[str, str, str]]:
    """Cohort title, assay and unit of the measure that each cohort gives."""
    held = card(resolved.store, "measure")
    rows = held.loc[[resolved.measure_of.get(c) == m for c, m in zip(held["cohort"], held["measure"], strict=True)]]
    return [(resolved.title(str(r.cohort)), str(r.assay), str(r.unit)) for r in rows.itertuples()]


def _observed(resolved: Resolved, scope: Scope, found: Flow, described: tuple[str, ...]) -> Like:
    selection = resolved.selection
    group = tally(responses(scope, ()))
    recorded = _with_response(resolved)
    x, n = counted(group, selection.response, selection.population) if recorded else (0, 0)
    interval = cast("Interval", selection.rate_interval)
    rate = (
        estimate(group, selection.response, selection.population, interval)
        if recorded
        else not_estimable("rate", "response is not recorded in the chosen cohorts", n=found.remaining)
    )
    table = _table(scope, selection.endpoint)
    curve = kaplan_meier(table, interval=selection.interval)
    nobody = not table.n
    reason = "the endpoint is not recorded in such patients"
    return Like(
        n=found.remaining,
        excluded=found.excluded,
        described=described,
        level=_level(scope),
        tally=group,
        responders=x,
        denominator=n,
        rate=rate,
        with_outcome=table.n,
        events=table.n_events,
        survival=not_estimable("Kaplan-Meier", reason) if nobody else survival_at(curve, AT_MONTHS * DAYS_PER_MONTH),
        median=not_estimable("median", reason) if nobody else median(curve),
        doubts=_doubts(resolved, scope, found),
    )


def _with_response(resolved: Resolved) -> bool:
    """Whether any patient of the chosen cohorts has what the rate is made of."""
    column = source_of(resolved.selection.response).column
    return bool(counts(Scope(resolved), {"known": f"a.{column} IS NOT NULL"})["known"].any())


def _table(scope: Scope, endpoint: str) -> EventTable:
    found = events(scope, (), endpoint).dropna(subset=["days"])
    return EventTable.from_counts(
        *(found[name].to_numpy(dtype=np.int64) for name in ("days", "events", "censored"))
    ).merge_strata()


def _level(scope: Scope) -> str:
    """The level that the stratum lies in, in words; several where the cohorts' cuts differ."""
    if "like_value" not in scope.parameters:
        return ""
    places = counts(scope, {"level": "level"})["level"]
    return " or ".join(ALL_LEVELS[int(place)] for place in sorted(places))


def _doubts(resolved: Resolved, scope: Scope, found: Flow) -> tuple[str, ...]:
    """What stands between these people and the one who was described."""
    selection = resolved.selection
    doubts = list(cautions(resolved.store, selection.response, resolved.cohorts))
    if found.remaining < FEW:
        doubts.append(f"there are only {found.remaining} such patients: one more responder would change the rate much")
    if selection.like_value is not None:
        doubts += [
            f"{title}: measured by {assay or 'an assay that is not recorded'}" for title, assay, _ in _assays(resolved)
        ]
        doubts.append(
            "a value from another assay, antibody, counting rule or laboratory may belong to another level; the cut is "
            "this data set's own, not a clinical threshold"
        )
    mixed = _mixed(scope)
    if mixed["tumour"] > 1:
        doubts.append(f"the stratum mixes {mixed['tumour']} tumour types: choose one in the sidebar")
    if mixed["regimen"] > 1:
        doubts.append(f"the stratum mixes {mixed['regimen']} regimens and says nothing about which is better")
    if selection.like_age is None:
        doubts.append("age was not entered, so patients of every age are in it")
    doubts.append(
        "what is not recorded here (performance status, organ function, spread, earlier treatment) may matter more"
    )
    doubts += [f"{title}: {population}" for title, population in _populations(resolved)]
    doubts += _old_biopsies(scope, found)
    doubts.append("these patients were treated in the past, in studies; this describes them and predicts nobody")
    return tuple(doubts)


def _mixed(scope: Scope) -> dict[str, int]:
    """How many tumour types and regimens the stratum holds."""
    found = counts(scope, {"tumour": "a.tumour::VARCHAR", "regimen": "a.regimen::VARCHAR"})
    return {name: int(found[name].nunique()) for name in ("tumour", "regimen")}


def _populations(resolved: Resolved) -> list[tuple[str, str]]:
    frame = card(resolved.store, "cohort")
    held = frame[frame["cohort"].isin(resolved.cohorts)]
    return [(str(r.title), str(r.population)) for r in held.itertuples() if r.population]


def _old_biopsies(scope: Scope, found: Flow) -> list[str]:
    if not found.remaining:
        return []
    ages = counts(scope, {"age": "a.sample_age::VARCHAR"}).set_index("age")["n"]
    old = int(sum(ages.get(name, 0) for name in ARCHIVAL))
    return [f"{old} of {found.remaining} biopsies were over a year old when treatment started"] if old else []


def alive_of(found: Like) -> int:
    """Of `with_outcome` patients, the estimated whole number without the event at 12 months; 0 where not shown."""
    return 0 if math.isnan(found.survival.value) else round(found.survival.value * found.with_outcome)


def endpoint_words(resolved: Resolved) -> str:
    """The endpoint in words."""
    return vocabulary.ENDPOINTS.get(resolved.selection.endpoint, resolved.selection.endpoint)
