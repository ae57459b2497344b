"""The subgroups view as JSON."""

from __future__ import annotations

from tilexplorer.analysis.arm_model import ArmModel
from tilexplorer.analysis.as_json import Json, a_test, context, estimate, number
from tilexplorer.analysis.power import to_json as power
from tilexplorer.analysis.predictive import Interplay, Predictive, StudyArms
from tilexplorer.analysis.subgroup_effect import Effect
from tilexplorer.analysis.subgroups import Subgroups, Variable
from tilexplorer.analysis.subgroups_sentence import subgroups_sentence
from tilexplorer.statistics.results import Estimate


def subgroups(found: Subgroups) -> Json:
    """Overall effect, a row for each subgroup (`groups`), one interaction for each variable, and the panel."""
    question = found.question
    return {
        "view": "subgroups",
        **context(found.context),
        "sentence": subgroups_sentence(found).text,
        "outcome": question.outcome,
        "outcome_words": found.outcome_words,
        "effect": question.kind,
        "contrast": question.contrast,
        "scale": question.scale,
        "exposure": found.rule,
        "overall": _effect(found.overall, p=True),
        "groups": [row for variable in found.variables for row in _rows(variable)],
        "interactions": [_interaction(variable) for variable in found.variables],
        "power": power(found.power),
        "predictive": _predictive(found.predictive),
        "missing": [{"what": m.what, "cohorts": list(m.cohorts), "query": m.query} for m in found.missing],
    }


def _effect(found: Effect, *, p: bool = False) -> Json:
    made: Json = {"n": found.n, "events": found.events, **_ratio(found.ratio)}
    if p:
        made["p_value"] = number(found.ratio.p_value)
    if found.difference is not None:
        made["difference"] = estimate(found.difference, "value")
    return made


def _ratio(found: Estimate) -> Json:
    return {
        "ratio": number(found.value),
        "lower": number(found.lower),
        "upper": number(found.upper),
        "method": found.method,
        "status": str(found.status),
        "reason": found.reason,
    }


def _rows(variable: Variable) -> list[Json]:
    return [
        {
            "key": {variable.key: row.group.id},
            "variable": variable.words,
            "label": row.group.label,
            **_effect(row.effect),
        }
        for row in variable.rows
    ]


def _interaction(variable: Variable) -> Json:
    return {
        "variable": variable.key,
        "label": variable.words,
        **a_test(variable.interaction),
        "left_out": list(variable.left_out),
        "not_recorded": variable.not_recorded,
        "rows_not_shown": variable.hidden,
    }


def _predictive(found: Predictive) -> Json:
    return {
        "separable": bool(found.studies),
        "sentence": found.sentence,
        "studies": [_study(study) for study in found.studies],
        "missing": found.missing.query if found.missing else None,
    }


def _study(found: StudyArms) -> Json:
    return {
        "study": found.study,
        "title": found.title,
        "therapy": found.therapy,
        "comparator": found.comparator,
        "n_therapy": found.sizes[1],
        "n_comparator": found.sizes[0],
        "randomised": found.randomised,
        "models": [_interplay(one) for one in found.asked],
    }


def _interplay(found: Interplay) -> Json:
    model = found.model
    return {
        "label": found.name,
        "transformation": found.formula,
        "n": model.n,
        "events": model.events,
        "interaction": a_test(model.test),
        "ratio_of_ratios": [
            {"level": level or None, **_ratio(e), "p_value": number(e.p_value)}
            for level, e in model.ratio_of_ratios.items()
        ],
        **_within(model),
        "left_out": list(model.left_out),
        "finding": str(found.verdict.finding),
        "sentence": found.verdict.sentence,
        "power": power([found.power]),
    }


def _within(model: ArmModel) -> Json:
    made: Json = {
        "therapy_within": [{"level": level, **_ratio(e)} for level, e in model.therapy_within.items()],
        "infiltration_within": [
            {"arm": arm, "level": level or None, **_ratio(e)} for (arm, level), e in model.infiltration_within.items()
        ],
    }
    if model.along is not None:
        made["therapy_along"] = [
            {"x": float(x), "ratio": float(r), "lower": float(low), "upper": float(high)}
            for x, r, low, high in zip(
                model.along.x, model.along.ratio, model.along.lower, model.along.upper, strict=True
            )
        ]
    return made
