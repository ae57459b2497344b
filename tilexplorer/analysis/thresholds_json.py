"""The thresholds view as JSON."""

from __future__ import annotations

import math

from tilexplorer.analysis.as_json import Json, a_test, context, estimate, number
from tilexplorer.analysis.continuous import ContinuousEffect
from tilexplorer.analysis.cut_rules import RuleEffect
from tilexplorer.analysis.missing import Missing
from tilexplorer.analysis.power import to_json as power
from tilexplorer.analysis.thresholds import Exploratory, Thresholds, on_unit
from tilexplorer.analysis.thresholds_sentence import thresholds_sentence
from tilexplorer.analysis.two_measures import TwoMeasures
from tilexplorer.statistics.results import Estimate, Status


def ratio(found: Estimate) -> Json:
    """A ratio with limits, p, n and events."""
    made = estimate(found, "ratio")
    without = "" if math.isfinite(found.p_value) else "this ratio has no p-value of its own"
    return {
        **made, "p_value": number(found.p_value), "n": found.n, "events": found.events,
        "reason": made["reason"] or without,
    }  # fmt: skip


def not_there(reason: str) -> Json:
    """In the place of a part that the view does not have: why."""
    return {"status": str(Status.NOT_ESTIMABLE), "reason": reason}


def continuous(found: ContinuousEffect) -> Json:
    """A ratio per unit with its likelihood ratio test."""
    return {**ratio(found.ratio), "unit": found.unit, "test": a_test(found.test)}


def thresholds(found: Thresholds) -> Json:
    """The thresholds view."""
    made: Json = {
        "view": "thresholds",
        **context(found.context),
        "sentence": thresholds_sentence(found).text,
        "outcome": found.outcome,
        "outcome_words": found.outcome_words,
        "events": found.events,
        "strata": found.strata,
        "scale": found.scale.rule,
        "continuous": continuous(found.continuous),
        "power": power(found.power),
        "groups": [group for rule in found.rules for group in _groups(rule)],
        "rules": [_rule(rule) for rule in found.rules],
        "sweep": [
            {"cut": on_unit(found, p.cut), "n_low": p.low, "n_high": p.high, **ratio(p.effect)} for p in found.sweep
        ],
        "comparisons": found.comparisons,
        "spline": _spline(found),
    }
    # What nobody asked for has no key: a null would look like a number that could not be given.
    if found.needs is not None:
        made["needs"] = _missing(found.needs)
    if found.cut is not None:
        made["cut"] = {"name": found.cut.name, "version": found.cut.version, "rule": found.cut.rule}
    if found.compared is not None:
        made["compared"] = _compared(found.compared)
    if found.exploratory is not None:
        made["exploratory"] = _exploratory(found, found.exploratory)
    if found.roc is not None:
        made["roc"] = {
            **estimate(found.roc.auc, "auc"),
            "direction": "a higher value predicts response; apparent, not validated",
            "youden": [
                {"cut": number(on_unit(found, p.threshold)), "sensitivity": p.sensitivity, "specificity": p.specificity}
                for p in found.roc.youden
            ],
        }
    return made


def _groups(rule: RuleEffect) -> list[Json]:
    return [{"rule": rule.rule, "label": g.label, "n": g.n, "events": g.events} for g in rule.groups]


def _rule(rule: RuleEffect) -> Json:
    made: Json = {
        "rule": rule.rule,
        "name": rule.name,
        "source": rule.source,
        "n": rule.n,
        "groups": _groups(rule),
        "effect": ratio(rule.effect),
        "test": a_test(rule.test),
    }
    if rule.difference is not None:  # of response rates: an interval without a test of its own
        made["difference"] = estimate(rule.difference, "value")
    if rule.per_step is not None:  # of more than two levels
        made["per_step"] = continuous(rule.per_step)
    return made


def _spline(found: Thresholds) -> Json:
    if found.spline is not None:
        s = found.spline
        return {
            "overall": a_test(s.overall),
            "nonlinear": a_test(s.nonlinear),
            "knots": [on_unit(found, k) for k in s.knots],
            "reference": number(on_unit(found, s.reference)),
            "x": [on_unit(found, x) for x in s.x],
            "log_hr": s.log_hr.tolist(),
            "std_error": s.std_error.tolist(),
        }
    if found.curve is None:
        return not_there(_no_curve(found))
    c = found.curve
    return {
        "overall": a_test(c.overall),
        "nonlinear": a_test(c.nonlinear),
        "knots": [on_unit(found, k) for k in c.knots],
        "x": [on_unit(found, x) for x in c.x],
        "probability": c.probability.tolist(),
        "lower": c.lower.tolist(),
        "upper": c.upper.tolist(),
    }


def _no_curve(found: Thresholds) -> str:
    if found.needs is not None:
        return "the measure is a category: it has no curve"
    return found.why_not or "nobody is left"


def _exploratory(view: Thresholds, found: Exploratory) -> Json:
    test = a_test(found.selected.test)
    made: Json = {
        "exploratory": True,
        "status": test["status"],
        "reason": test["reason"],
        "cut": number(on_unit(view, found.selected.cut)),
        "test": test,
        "p_lausen_1992": number(found.selected.p_1992),
    }
    if found.stability is not None:
        s = found.stability
        made["stability"] = {
            "lower": number(on_unit(view, s.lower)),
            "upper": number(on_unit(view, s.upper)),
            "share_near": number(s.share_near),
            "resamples": s.resamples,
            "seed": s.seed,
            "status": str(s.status),
            "reason": s.reason,
        }
    if found.cross_validated is not None:
        made["cross_validated"] = a_test(found.cross_validated.test)
    return made


def _missing(found: Missing) -> Json:
    return {"what": found.what, "cohorts": list(found.cohorts), "query": found.query}


def _cells(found: TwoMeasures) -> dict[str, dict[str, int]]:
    """Patients by the first and then the second measure's level."""
    names = [str(name) for name in found.table.index]
    return {row: dict(zip(names, cells, strict=True)) for row, cells in zip(names, found.table.to_numpy().tolist(),
                                                                            strict=True)}  # fmt: skip


def _compared(found: TwoMeasures | Missing) -> Json:
    if isinstance(found, Missing):
        return {"n": 0, "status": "not_estimable", "reason": found.words, **_missing(found)}
    rho = found.correlation
    unlike = not_there("the two measures do not have the same levels")
    return {
        "first": found.first,
        "second": found.second,
        "n": found.n,
        "table": _cells(found),
        "same_level": estimate(found.same_level, "share") if found.same_level else unlike,
        "kappa": estimate(found.kappa, "kappa") if found.kappa else unlike,
        "spearman": {"rho": number(rho.value), "p_value": number(rho.p_value), "status": str(rho.status),
                     "reason": rho.reason},
        "bland_altman": _bland_altman(found),
    }  # fmt: skip


def _bland_altman(found: TwoMeasures) -> Json:
    b = found.bland_altman
    if b is None:
        return not_there(found.no_units)
    return {
        "kind": "ratio" if b.ratio else "difference", **estimate(b.mean, "mean"), "low": number(b.low),
        "high": number(b.high), "unit": "ratio" if b.ratio else found.unit,
    }  # fmt: skip
