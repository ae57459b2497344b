"""The microenvironment view as JSON."""

from __future__ import annotations

from tilexplorer.analysis.as_json import Json, a_test, context, estimate, number
from tilexplorer.analysis.measure_correlations import Correlations
from tilexplorer.analysis.measure_rows import CategoryRow, MeasureRow
from tilexplorer.analysis.microenvironment import Lesions, Microenvironment
from tilexplorer.analysis.microenvironment_sentence import microenvironment_sentence
from tilexplorer.analysis.two_regions import REGIONS, TwoRegions


def to_json(found: Microenvironment) -> Json:
    """Every number of the view."""
    return {
        "view": "microenvironment",
        **context(found.context),
        "sentence": microenvironment_sentence(found).text,
        "by": found.field,
        "people": found.people,
        "levels": list(found.levels.labels),
        "groups": [_group(found, i) for i in range(len(found.levels.groups))],
        "measures": [_row(row) for row in found.rows],
        "by_response": [_row(row) for row in found.by_response],
        "categories": [_category(row) for row in found.categories],
        "correlations": [_correlations(one) for one in found.correlations],
        "core_and_margin": [_regions(one) for one in found.regions],
        "composition": [
            {"tumour": label, "n": sum(counts), **dict(zip(found.composition.levels, counts, strict=True))}
            for label, counts in zip(found.composition.labels, found.composition.counts, strict=True)
        ],
        "lesions": [_lesions(one) for one in found.lesions],
        "missing": [{"what": m.what, "cohorts": list(m.cohorts), "query": m.query} for m in found.lacking],
    }


def _group(found: Microenvironment, place: int) -> Json:
    """A group of the view: its patients, and the median of every measure that it has enough values of."""
    group = found.levels.groups[place]
    several = len(found.context.cohorts) > 1
    made: Json = {"key": {group.field: group.id}, "label": group.label, "n": found.sizes[place]}
    for row in found.rows:
        name = f"{row.cohort}.{row.measure}" if several else row.measure
        for values in row.groups:
            if values.label == group.label and values.shown:
                made |= {f"{name}_n": values.n, f"{name}_median": values.median}
    return made


def _groups(row: MeasureRow) -> list[Json]:
    return [
        {
            "key": {"cohort": row.cohort, "measure": row.measure},
            "label": group.label,
            "n": group.n,
            "q1": number(group.lower_quartile),
            "median": number(group.median),
            "q3": number(group.upper_quartile),
            "status": "ok" if group.shown else "suppressed",
            "reason": "" if group.shown else "fewer than 5 patients",
        }
        for group in row.groups
    ]


def _row(row: MeasureRow) -> Json:
    return {
        "cohort": row.cohort,
        "measure": row.measure,
        "label": row.label,
        "unit": row.unit,
        "n": row.n,
        "groups": _groups(row),
        "test": a_test(row.test),
        "p_value": number(row.test.p_value),
        "q_value": number(row.q_value),
        "status": str(row.test.status),
        "reason": row.test.reason,
        "effect": estimate(row.effect, "value"),
        "shift": estimate(row.shift, "value"),
    }


def _category(row: CategoryRow) -> Json:
    return {
        "cohort": row.cohort,
        "measure": row.measure,
        "label": row.label,
        "n": int(row.counts.sum()),
        "categories": list(row.categories),
        "counts": {group: [int(n) for n in line] for group, line in zip(row.groups, row.counts, strict=True)},
        "test": a_test(row.test),
        "q_value": number(row.q_value),
        "status": str(row.test.status),
        "reason": row.test.reason,
    }


def _correlations(found: Correlations) -> Json:
    k = len(found.measures)
    return {
        "cohort": found.cohort,
        "measures": list(found.measures),
        "pairs": [
            {
                "first": found.measures[i],
                "second": found.measures[j],
                "n": int(found.n[i, j]),
                "rho": number(float(found.rho[i, j])),
                "p_value": number(float(found.p_value[i, j])),
                "status": "ok" if found.rho[i, j] == found.rho[i, j] else "suppressed",
                "reason": ""
                if found.rho[i, j] == found.rho[i, j]
                else "fewer than 10 patients with both, or no spread",
            }
            for i in range(k)
            for j in range(i + 1, k)
        ],
    }


def _regions(found: TwoRegions) -> Json:
    made: Json = {
        "cohort": found.cohort,
        "n": len(found.region),
        "no_cut": found.no_cut,
        "regions": found.counts,
        "percentile_bands": found.bands,
        "cuts": list(found.cuts) if found.cuts else None,
        "cuts_status": "ok" if found.cuts else "not_estimable",
        "cuts_reason": "" if found.cuts else "one pair of cuts for each study and tumour type",
        "recorded_phenotype": None,
        "recorded_phenotype_status": "not_estimable",
        "recorded_phenotype_reason": "no phenotype is recorded",
        "agreement": None,
        "agreement_status": "not_estimable",
        "agreement_reason": "no phenotype is recorded",
    }
    if found.recorded is not None and found.agreement is not None:
        made["recorded_phenotype"] = {
            region: dict(zip(REGIONS, (int(n) for n in line), strict=True))
            for region, line in zip(REGIONS, found.recorded, strict=True)
        }
        made |= {"recorded_phenotype_status": "ok", "recorded_phenotype_reason": ""}
        made["agreement"] = estimate(found.agreement, "rate")
        made["agreement_status"] = str(found.agreement.status)
        made["agreement_reason"] = found.agreement.reason
    return made


def _lesions(found: Lesions) -> Json:
    return {
        "cohort": found.cohort,
        "measure": found.label,
        "timepoint": found.timepoint,
        "patients": found.patients,
        **estimate(found.correlation, "rho"),
    }
