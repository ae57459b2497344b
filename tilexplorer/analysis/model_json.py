"""The model view as JSON."""

from __future__ import annotations

from tilexplorer.analysis import as_json
from tilexplorer.analysis.as_json import Json, a_test, context, estimate, number
from tilexplorer.analysis.continuous import ContinuousEffect
from tilexplorer.analysis.missing import Missing
from tilexplorer.analysis.model import Model
from tilexplorer.analysis.model_sentence import model_sentence
from tilexplorer.analysis.model_terms import label
from tilexplorer.analysis.power import to_json as power
from tilexplorer.analysis.quadrants import Quadrants
from tilexplorer.analysis.thresholds_json import continuous, not_there, ratio


def model(found: Model) -> Json:
    """The model view."""
    return {
        "view": "model",
        **context(found.context),
        "sentence": model_sentence(found).text,
        "outcome": found.outcome,
        "outcome_words": found.outcome_words,
        "events": found.events,
        "eligible": found.eligible,
        "strata": found.strata,
        "unit": found.unit,
        "scale": found.scale,
        "status": "ok" if found.full is not None and found.full.shown else "not_estimable",
        "reason": found.why_not or (found.full.reason if found.full is not None else ""),
        "terms": [
            {"term": t.id, "label": t.words, "recorded": t.recorded, "missing": t.missing, "in_model": t.chosen,
             "reason": t.reason}
            for t in found.terms
        ],
        "groups": [
            {"term": name, "label": label(name), **ratio(r)}
            for name, r in (found.full.ratios.items() if found.full is not None else ())
        ],
        "infiltration": {name: ratio(r) for name, r in found.infiltration.items()},
        "alone_all": _alone(found, found.alone_all),
        "alone_complete_cases": _alone(found, found.alone),
        "added": a_test(found.added) if found.added else not_there(_not_tested(found)),
        "power": power(found.power),
        "discrimination": _discrimination(found),
        "proportional_hazards": _proportional(found),
        "quadrants": _quadrants(found.quadrants),
    }  # fmt: skip


def _alone(found: Model, effect: ContinuousEffect | None) -> Json:
    """Infiltration without other terms; by level there is no single ratio."""
    if effect is not None:
        return continuous(effect)
    return not_there(found.why_not or "infiltration enters by level, which has no single ratio")


def _not_shown(found: Model) -> str:
    return found.why_not or (found.full.reason if found.full is not None else "") or "no model is shown"


def _not_tested(found: Model) -> str:
    shown = found.full is not None and found.full.shown
    return "levels without other terms: see the thresholds view" if shown else _not_shown(found)


def _discrimination(model: Model) -> Json:
    found = model.discrimination
    if found is None:
        return not_there(_not_shown(model))
    return {
        "c_without": number(found.without),
        "c_with": number(found.with_marker),
        "apparent_change": number(found.apparent),
        "optimism": number(found.optimism),
        **estimate(found.change, "change"),
        "resamples": found.resamples,
        "seed": found.seed,
    }


def _proportional(found: Model) -> Json:
    p = found.proportional
    if p is None:
        return not_there(_not_shown(found) if found.outcome == "survival" else "response has no hazards")
    return {
        "overall": a_test(p.test.overall),
        "terms": {name: a_test(test) for name, test in zip(p.test.names, p.test.tests, strict=True)},
        "hr_first_half": number(p.before),
        "hr_second_half": number(p.after),
        "violated": p.violated,
    }


def _quadrants(found: Quadrants | Missing | None) -> Json:
    if found is None:
        return not_there("nobody is left")
    if isinstance(found, Missing):
        return {"status": "not_estimable", "reason": found.words, "cohorts": list(found.cohorts), "query": found.query}
    inner = as_json.survival(found.survival) if found.survival is not None else None
    if found.response is not None:
        inner = as_json.response(found.response)
    return {"marker": found.marker, "rule": found.rule, "interaction": a_test(found.interaction), **(inner or {})}
