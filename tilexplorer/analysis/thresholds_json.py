"""The thresholds view as JSON."""

from __future__ import annotations

from tilexplorer.analysis.as_json import Json, a_test, context, estimate, number
from tilexplorer.analysis.continuous import ContinuousEffect
from tilexplorer.analysis.cut_rules import RuleEffect
from tilexplorer.analysis.missing import Missing
from tilexplorer.analysis.thresholds import Exploratory, Thresholds, on_unit
from tilexplorer.analysis.thresholds_sentence import thresholds_sentence
from tilexplorer.analysis.two_measures import TwoMeasures
from tilexplorer.statistics.results import Estimate


def ratio(found: Estimate) -> Json:
    """A ratio with limits, p, n and events."""
    return {**estimate(found, "ratio"), "p_value": number(found.p_value), "n": found.n, "events": found.events}


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
        "groups": [group for rule in found.rules for group in _groups(rule)],
        "rules": [_rule(rule) for rule in found.rules],
        "sweep": [
            {"cut": on_unit(found, p.cut), "n_low": p.low, "n_high": p.high, **ratio(p.effect)} for p in found.sweep
        ],
        "comparisons": found.comparisons,
        "needs": _missing(found.needs) if found.needs else None,
        "cut": {"name": found.cut.name, "version": found.cut.version, "rule": found.cut.rule} if found.cut else None,
        "compared": _compared(found.compared),
    }
    made["spline"] = _spline(found)
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
    return {
        "rule": rule.rule,
        "name": rule.name,
        "source": rule.source,
        "n": rule.n,
        "groups": _groups(rule),
        "effect": ratio(rule.effect),
        "difference": ratio(rule.difference) if rule.difference else None,
        "test": a_test(rule.test),
        "per_step": continuous(rule.per_step) if rule.per_step else None,
    }


def _spline(found: Thresholds) -> Json | None:
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
        return None
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


def _exploratory(view: Thresholds, found: Exploratory) -> Json:
    made: Json = {
        "exploratory": True,
        "cut": number(on_unit(view, found.selected.cut)),
        "test": a_test(found.selected.test),
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


def _compared(found: TwoMeasures | Missing | None) -> Json | None:
    if found is None:
        return None
    if isinstance(found, Missing):
        return {"n": 0, "status": "not_estimable", "reason": found.words, **_missing(found)}
    rho = found.correlation
    made: Json = {
        "first": found.first,
        "second": found.second,
        "n": found.n,
        "table": _cells(found),
        "same_level": estimate(found.same_level, "share") if found.same_level else None,
        "kappa": estimate(found.kappa, "kappa") if found.kappa else None,
        "spearman": {"rho": number(rho.value), "p_value": number(rho.p_value), "status": str(rho.status),
                     "reason": rho.reason},
        "bland_altman": None,
        "bland_altman_reason": found.no_units,
    }  # fmt: skip
    if found.bland_altman is not None:
        b = found.bland_altman
        made["bland_altman"] = {
            "kind": "ratio" if b.ratio else "difference", **estimate(b.mean, "mean"), "low": number(b.low),
            "high": number(b.high), "unit": "ratio" if b.ratio else found.unit,
        }  # fmt: skip
    return made
