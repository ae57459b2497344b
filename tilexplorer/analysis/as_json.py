"""Results as JSON: full precision, and a status with a reason beside every number that is not there."""

from __future__ import annotations

import math
from typing import Any

from tilexplorer.analysis.context import Context
from tilexplorer.analysis.missing import Missing
from tilexplorer.analysis.next_step import next_step
from tilexplorer.analysis.overview import CohortCard, MeasuredGroup, Overview
from tilexplorer.analysis.power import to_json as power
from tilexplorer.analysis.rates import Tally, own_flag
from tilexplorer.analysis.response import Comparison, GroupResponse, Response, ResponsePanel
from tilexplorer.analysis.sentences import overview_sentence, response_sentence, survival_sentence
from tilexplorer.analysis.survival import GroupSurvival, Panel, Survival
from tilexplorer.statistics.results import Estimate, Pairwise, Test

Json = dict[str, Any]


def number(value: float) -> float | None:
    """A number, or null where there is none: JSON has no NaN and no infinity."""
    return float(value) if math.isfinite(value) else None


def estimate(result: Estimate, name: str) -> Json:
    """An estimate as `name`, `name_lower`, `name_upper`, with method, status and reason."""
    return {
        name: number(result.value),
        f"{name}_lower": number(result.lower),
        f"{name}_upper": number(result.upper),
        "method": result.method,
        "status": str(result.status),
        "reason": result.reason or _why(result),
    }


def _why(result: Estimate) -> str:
    if not math.isfinite(result.value):
        return "not reached"
    return "" if math.isfinite(result.lower) and math.isfinite(result.upper) else "limit not estimable"


def a_test(result: Test) -> Json:
    """A test with its p-value at full precision."""
    return {
        "statistic": number(result.statistic),
        "df": number(result.df),
        "p_value": number(result.p_value),
        "method": result.method,
        "n": result.n,
        "status": str(result.status),
        "reason": result.reason or _without(result),
    }


def _without(result: Test) -> str:
    """What a test with a p-value has none of: an exact test gives no statistic."""
    parts = {"statistic": result.statistic, "degrees of freedom": result.df}
    missing = [name for name, value in parts.items() if not math.isfinite(value)]
    return f"this test has no {' and no '.join(missing)}" if missing else ""


def context(found: Context) -> Json:
    """What every view says about its selection."""
    return {
        "n": found.n,
        "chosen": found.chosen,
        "excluded": [{"reason": reason, "n": n} for reason, n in found.excluded],
        "emptied_by": found.emptied_by,
        "next_step": next_step(found).words,
        "simulated": found.simulated,
        "generation": found.generation,
        "query": found.selection.to_query(found.generation),
        "measure": found.measure,
        "rule": found.rule,
        "cohorts": list(found.cohorts),
        "warnings": list(found.warnings),
        "problems": list(found.problems),
        "notes": list(found.notes),
    }


def survival(found: Survival) -> Json:
    """The survival view. With one panel its tests stand at the top; with several each panel has its own."""
    panels = [_panel(panel, found.tau) for panel in found.panels]
    made: Json = {
        "view": "survival",
        **context(found.context),
        "sentence": survival_sentence(found).text,
        "endpoint": found.endpoint,
        "tau_days": number(found.tau),
        **_tau_verdict(found.tau),
        "follow_up": estimate(found.follow_up, "median_days"),
        "groups": [group for panel in panels for group in panel["groups"]],
    }
    if len(panels) == 1:
        made |= {key: value for key, value in panels[0].items() if key not in ("groups", "warnings", "panel")}
        made["warnings"] = made["warnings"] + panels[0]["warnings"]
    else:
        made["panels"] = panels
        reason = "one test for each panel" if panels else "nobody is left"
        made["logrank"] = {"statistic": None, "p_value": None, "status": "not_estimable", "reason": reason}
    return made


def _tau_verdict(tau: float) -> Json:
    if math.isfinite(tau):
        return {"tau_status": "ok", "tau_reason": ""}
    return {"tau_status": "not_estimable", "tau_reason": "no group is large enough to set a horizon"}


def _panel(panel: Panel, tau: float) -> Json:
    logrank = {**a_test(panel.logrank), "strata": panel.logrank.strata}
    if panel.unstratified is not None:
        logrank["unstratified"] = a_test(panel.unstratified)
    return {
        "panel": panel.group.label if panel.group else None,
        "groups": [_group_survival(group, panel) for group in panel.groups],
        "reference": panel.reference,
        "logrank": logrank,
        "trend": a_test(panel.trend),
        "pairwise": [_pair(pair) for pair in panel.pairwise],
        "hazard_ratios": _hazard_ratios(panel),
        "rmst_differences": [
            {"label": label, "reference": panel.reference, "tau_days": number(tau),
             **_tau_verdict(tau), **estimate(e, "days"),
             "p_value": number(e.p_value)}
            for label, e in panel.rmst_differences.items()
        ],
        "power": power(panel.power),
        "warnings": [*panel.warnings, *([panel.ph] if panel.ph else [])],
    }  # fmt: skip


def _group_survival(group: GroupSurvival, panel: Panel) -> Json:
    key = {group.group.field: group.group.id} | ({panel.group.field: panel.group.id} if panel.group else {})
    return {
        "key": key,
        "label": group.group.label,
        "n": group.n,
        "events": group.events,
        **estimate(group.median, "median_days"),
        "median_lower_days": number(group.median.lower),
        "median_upper_days": number(group.median.upper),
        "rmst_days": number(group.rmst.value),
        "rmst_se": number(group.rmst.std_error),
        "rmst_status": str(group.rmst.status),
        "rmst_reason": group.rmst.reason,
        "follow_up_days": number(group.follow_up.value),
        "follow_up_status": str(group.follow_up.status),
        "follow_up_reason": group.follow_up.reason or _why(group.follow_up),
        "milestones": [{"months": m, **estimate(e, "survival")} for m, e in group.milestones.items()],
    }


def _hazard_ratios(panel: Panel) -> list[Json]:
    if panel.cox is None:
        return []
    return [
        {
            "label": label,
            "reference": panel.reference,
            "hr": number(e.value),
            "lower": number(e.lower),
            "upper": number(e.upper),
            "p_value": number(e.p_value),
            "method": e.method,
            "n": e.n,
            "events": e.events,
            "status": str(e.status),
            "reason": e.reason,
        }
        for label, e in panel.cox.hazard_ratios.items()
    ]


def _pair(pair: Pairwise) -> Json:
    return {
        "first": pair.first,
        "second": pair.second,
        **a_test(pair.test),
        "adjusted_p": number(pair.adjusted_p),
        "adjustment": pair.adjustment,
    }


def response(found: Response) -> Json:
    """The response view, laid out as the survival view is."""
    panels = [_response_panel(panel) for panel in found.panels]
    made: Json = {
        "view": "response",
        **context(found.context),
        "sentence": response_sentence(found).text,
        "response": found.rate_key,
        "population": found.context.selection.population,
        "groups": [group for panel in panels for group in panel["groups"]],
        "definitions": list(found.definitions),
        "missing": [missing(one) for one in found.lacking],
        "heat_map": [
            {
                "level": cell.level.label,
                "tumour": cell.tumour.id,
                "responders": cell.responders,
                "n": cell.n,
                **estimate(cell.rate, "rate"),
            }
            for cell in found.heat_map
        ],
    }
    if len(panels) == 1:
        made |= {key: value for key, value in panels[0].items() if key not in ("groups", "panel")}
    else:
        made["panels"] = panels
        made["tests"] = {}
    return made


def _response_panel(panel: ResponsePanel) -> Json:
    tests = {"fisher": a_test(panel.fisher), "chi2": a_test(panel.chi_square)}
    if panel.trend is not None:
        tests |= {"trend": a_test(panel.trend.test), "departure": a_test(panel.trend.departure)}
    return {
        "panel": panel.group.label if panel.group else None,
        "groups": [_group_response(group, panel) for group in panel.groups],
        "reference": panel.reference,
        "test": a_test(panel.association),
        "tests": tests,
        "comparisons": [_comparison(c, panel.reference) for c in panel.comparisons],
        "power": power(panel.power),
    }


def _group_response(group: GroupResponse, panel: ResponsePanel) -> Json:
    key = {group.group.field: group.group.id} | ({panel.group.field: panel.group.id} if panel.group else {})
    made = estimate(group.rate, "rate")
    return {
        "key": key,
        "label": group.group.label,
        "n": group.n,
        "evaluable": group.evaluable,
        "responders": group.responders,
        "denominator": group.denominator,
        "rate": made["rate"],
        "lower": made["rate_lower"],
        "upper": made["rate_upper"],
        "method": made["method"],
        "status": made["status"],
        "reason": group.rate.reason,
        "categories": categories(group.tally),
        "benefit": own_flag(group.tally),
    }


def categories(found: Tally) -> dict[str, int]:
    """Patients by recorded category, those without one as "not recorded"."""
    return {name or "not recorded": n for name, n in found.categories.items()}


def missing(found: Missing) -> Json:
    """What is not in the selection and the query that shows it or what stands in its place."""
    return {"what": found.what, "words": found.words, "cohorts": list(found.cohorts), "query": found.query}


def _comparison(found: Comparison, reference: str) -> Json:
    made: Json = {
        "label": found.group.label,
        "reference": reference,
        "difference": estimate(found.difference, "value"),  # an interval without a test of its own
        "odds_ratio": {**estimate(found.odds_ratio, "value"), "p_value": number(found.odds_ratio.p_value)},
    }
    if found.stratified is not None:
        made["stratified"] = {
            "strata": found.stratified.strata,
            "odds_ratio": estimate(found.stratified.odds_ratio, "value"),
            "difference": estimate(found.stratified.risk_difference, "value"),
            "cmh": a_test(found.stratified.cmh),
            "breslow_day_tarone": a_test(found.stratified.tarone),
        }
    return made


def overview(found: Overview) -> Json:
    """The overview."""
    return {
        "view": "overview",
        **context(found.context),
        "sentence": overview_sentence(found).text,
        "cohorts": [_card(card) for card in found.cards],
        "levels": list(found.levels.labels),
        "level_sizes": list(found.table.sizes),
        "table": [
            {
                "variable": row.variable,
                "category": row.category,
                "cells": list(row.cells),
                "total": row.total,
                "text": list(row.text),
            }
            for row in found.table.rows
        ],
        "measured": [_measured(group) for group in found.measured],
        "no_real_cohort_for": list(found.gaps),
    }


def _card(card: CohortCard) -> Json:
    return {
        "cohort": card.cohort,
        "title": card.title,
        "n": card.patients,
        "deaths": card.deaths,
        **estimate(card.follow_up, "follow_up_days"),
        "tumours": list(card.tumours),
        "regimens": list(card.regimens),
        "studies": list(card.studies),
        "endpoints": list(card.endpoints),
        "measures": list(card.measures),
        "licence": card.licence,
        "citation": card.citation,
        "doi": card.doi,
        "simulated": card.simulated,
        "notes": list(card.notes),
    }


def _measured(group: MeasuredGroup) -> Json:
    return {
        "label": group.label,
        "n": group.n,
        "evaluable": group.evaluable,
        "responders": group.responders,
        "orr": estimate(group.response, "rate"),
        "events": group.deaths,
        "median": estimate(group.median, "median_days"),
    }
