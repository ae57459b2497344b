"""The on-treatment view as JSON."""

from __future__ import annotations

from tilexplorer.analysis.after_landmark import AfterLandmark
from tilexplorer.analysis.as_json import Json, a_test, context, estimate, number
from tilexplorer.analysis.missing import Missing
from tilexplorer.analysis.on_treatment import OnTreatment, OtherMeasure, PairPanel
from tilexplorer.analysis.on_treatment_sentence import on_treatment_sentence
from tilexplorer.analysis.paired_change import Change, Turned
from tilexplorer.analysis.power import to_json as power_json
from tilexplorer.statistics.results import Estimate


def to_json(found: OnTreatment) -> Json:
    """Every number of the view; with one cohort its parts stand at the top."""
    panels = [_panel(panel) for panel in found.panels]
    made: Json = {
        "view": "on_treatment",
        **context(found.context),
        "sentence": on_treatment_sentence(found).text,
        "by": found.field,
        "pairs": found.n,
        "groups": [group for panel in panels for group in panel["groups"]],
        "missing": [lacking(one) for one in found.lacking],
    }
    if len(panels) == 1:
        made |= {key: value for key, value in panels[0].items() if key not in ("groups", "measure")}
    else:
        made["panels"] = panels
    return made


def lacking(found: Missing) -> Json:
    """What is not in the selection and where it is."""
    return {"what": found.what, "cohorts": list(found.cohorts), "query": found.query}


def _panel(panel: PairPanel) -> Json:
    return {
        "cohort": panel.cohort,
        "measure": panel.measure,
        "measure_id": panel.measure,
        "unit": panel.unit,
        "scale": panel.scale.name,
        "constant": panel.scale.constant,
        "all": _change(panel.total, panel),
        "signed_rank": a_test(panel.total.test),
        "median_change": number(panel.total.change),
        "power": power_json([panel.total.power]),
        "groups": [_change(change, panel) for change in panel.groups],
        "between_groups": a_test(panel.between_groups),
        "responses": [_change(change, panel) for change in panel.responses],
        "between_responses": a_test(panel.between_responses),
        "lesions": [_change(change, panel) for change in panel.lesions],
        "other_measures": [_other(other, panel) for other in panel.others],
        "blood_and_tissue": [
            {"measure": b.measure, "n": b.correlation.n, **estimate(b.correlation, "rho"),
             "p_value": number(b.correlation.p_value)}
            for b in panel.blood
        ],
        "landmark": _landmark(panel.landmark),
    }  # fmt: skip


def _change(change: Change, panel: PairPanel) -> Json:
    field = change.group.field or "all"
    return {
        "key": {"cohort": panel.cohort, field: change.group.id},
        "label": change.group.label,
        "n": change.n,
        "patients": change.patients,
        "measured_before": change.measured,
        "median_before": number(change.median_before),
        "median_after": number(change.median_after),
        "median_change": number(change.change),
        "p_value": number(change.test.p_value),
        "status": str(change.test.status),
        "reason": change.test.reason,
        "size": {**estimate(change.size, "value"), "p_value": number(change.size.p_value)},
        "hodges_lehmann": estimate(change.shift, "value"),
        "signed_rank": a_test(change.test),
        "signed_rank_continuity_corrected": a_test(change.corrected),
        "turned": _turned(change.turned),
        "turned_status": "ok" if change.turned else "not_estimable",
        "turned_reason": "" if change.turned else "no level is formed for these values",
    }


def _turned(found: Turned | None) -> Json | None:
    if found is None:
        return None
    return {
        "cold_before": found.cold,
        "hot_on_treatment": found.warmed.events,
        "share": estimate_of(found.warmed),
        "hot_before": found.hot,
        "cold_on_treatment": found.cooled.events,
        "share_cooled": estimate_of(found.cooled),
    }


def estimate_of(result: Estimate) -> Json:
    """A rate with limits, status and reason."""
    return {**estimate(result, "rate"), "reason": result.reason}


def _other(other: OtherMeasure, panel: PairPanel) -> Json:
    return {"measure": other.measure, "q_value": number(other.q_value), **_change(other.change, panel)}


def _landmark(found: AfterLandmark) -> Json:
    return {
        "endpoint": found.endpoint,
        "days": number(found.days),
        "days_recorded": found.recorded,
        "excluded": found.excluded,
        "endpoint_not_recorded": found.unknown,
        "reason": found.reason,
        "groups": [
            {"label": g.label, "n": g.n, "events": g.events, **estimate(g.median, "median_days")} for g in found.groups
        ],
        "logrank": a_test(found.logrank),
        "hazard_ratio": {**estimate(found.hazard_ratio, "hr"), "p_value": number(found.hazard_ratio.p_value)},
    }
