"""The view across cohorts as JSON."""

from __future__ import annotations

from tilexplorer.analysis.as_json import Json, a_test, context, estimate, number
from tilexplorer.analysis.missing import Missing
from tilexplorer.analysis.power import to_json as power_json
from tilexplorer.analysis.synthesis import Across, Pool, Row, Subgroups
from tilexplorer.analysis.synthesis_sentence import synthesis_sentence
from tilexplorer.statistics.results import Estimate


def to_json(found: Across) -> Json:
    """Every number of the view; `groups` are the cohorts."""
    return {
        "view": "synthesis",
        **context(found.context),
        "sentence": synthesis_sentence(found).text,
        "outcome": found.outcome_words,
        "ratio": found.ratio_words,
        "effect": found.effect_words,
        "groups": [_row(row) | {"measure": found.measures.get(row.cohort, "")} for row in found.whole.rows],
        **_pool(found.whole),
        "power": power_json(found.power),
        "one_stage": _ratio(found.one_stage),
        "leave_one_out": [{"without": name, **_ratio(effect)} for name, effect in found.without],
        "subgroups": [_subgroups(part) for part in found.subgroups],
        "left_out": [{"cohort": out.cohort, "label": out.label, "reason": out.reason} for out in found.left_out],
        "missing": [missing_json(one) for one in found.lacking],
    }


def _row(row: Row) -> Json:
    return {
        "key": {"cohort": row.cohort},
        "label": row.label,
        "n": row.n,
        "events": row.events,
        **_ratio(row.effect),
        "weight": number(row.weight),
        "weight_status": "ok" if number(row.weight) is not None else "not_estimable",
        "weight_reason": "" if number(row.weight) is not None else row.effect.reason or "nothing to pool with",
    }


def _ratio(effect: Estimate) -> Json:
    made = estimate(effect, "ratio")
    return {
        "ratio": made["ratio"],
        "lower": made["ratio_lower"],
        "upper": made["ratio_upper"],
        "p_value": number(effect.p_value),
        "log_se": number(effect.std_error),
        "method": made["method"],
        "status": made["status"],
        "reason": made["reason"],
    }


def _pool(found: Pool) -> Json:
    return {
        "k": found.k,
        "pooled": _ratio(found.pooled),
        "common": _ratio(found.common),
        "prediction": estimate(found.prediction, "ratio"),
        "tau2": estimate(found.tau2, "value"),
        "i2_percent": estimate(found.i2, "value"),
        "heterogeneity": a_test(found.q),
        "egger": a_test(found.egger),
    }


def _subgroups(found: Subgroups) -> Json:
    return {
        "field": found.field,
        "between": a_test(found.between),
        "groups": [
            {
                "key": {found.field: part.key},
                "label": part.label,
                "rows": [_row(row) for row in part.rows],
                **_pool(part),
            }
            for part in found.pools
        ],
    }


def missing_json(found: Missing) -> Json:
    """What is not in the selection and where it is."""
    return {"what": found.what, "cohorts": list(found.cohorts), "query": found.query}
