"""The view of therapy combinations as JSON."""

from __future__ import annotations

from tilexplorer.analysis.as_json import Json, context, estimate
from tilexplorer.analysis.components import Versus
from tilexplorer.analysis.therapies import Combination, Outcome, Therapies
from tilexplorer.analysis.therapies_sentence import therapies_sentence
from tilexplorer.queries import Flow


def to_json(found: Therapies) -> Json:
    """Every number of the view; `groups` are the combinations."""
    response, survival = found.level_flow
    return {
        "view": "therapies",
        **context(found.context),
        "sentence": therapies_sentence(found).text,
        "endpoint": found.context.selection.endpoint,
        "response": found.context.selection.response,
        "components": list(found.components),
        "groups": [_combination(c) for c in found.combinations],
        "comparisons": [_versus(v) for v in found.versus],
        "by_level": {"response": _flow(response), "survival": _flow(survival)},
    }


def _combination(found: Combination) -> Json:
    return {
        "key": {"therapy": found.id},
        "label": found.id,
        "classes": list(found.classes),
        "immunotherapy": found.immunotherapy,
        "regimens": list(found.regimens),
        "cohorts": list(found.cohorts),
        "tumours": list(found.tumours),
        "n": found.n,
        **_outcome(found.overall),
        "levels": [{"level": one.level, **_outcome(one)} for one in found.levels],
    }


def _outcome(found: Outcome) -> Json:
    return {
        "responders": found.responders,
        "denominator": found.denominator,
        **_named(estimate(found.rate, "rate"), "rate"),
        "n_survival": found.n_survival,
        "events": found.events,
        **_named(estimate(found.median, "median_days"), "median"),
    }


def _named(made: Json, name: str) -> Json:
    """An estimate with its method, status and reason under names of their own."""
    return {f"{name}_{key}" if key in ("method", "status", "reason") else key: value for key, value in made.items()}


def _versus(found: Versus) -> Json:
    return {
        "combination": found.combination,
        "component": found.component,
        "basis": found.basis,
        "randomised": found.randomised,
        "tumours": list(found.tumours),
        "n": list(found.n),
        "responders": list(found.responders),
        "difference": estimate(found.difference, "value"),
        "hazard_ratio": estimate(found.hazard_ratio, "value"),
    }


def _flow(found: Flow) -> Json:
    return {"n": found.remaining, "excluded": [{"reason": reason, "n": n} for reason, n in found.excluded]}
