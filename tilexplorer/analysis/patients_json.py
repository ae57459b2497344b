"""The patients view as JSON."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from tilexplorer.analysis.as_json import Json, categories, context, estimate, number
from tilexplorer.analysis.like import AT_MONTHS, Like
from tilexplorer.analysis.patients import Patients
from tilexplorer.analysis.patients_sentence import like_sentence, patients_sentence
from tilexplorer.analysis.profile import Place, Profile


def to_json(found: Patients) -> Json:
    """Rows, profile, and patients like the described one."""
    return {
        "view": "patients",
        **context(found.context),
        "sentence": patients_sentence(found).text,
        "groups": [{"key": {"cohort": cohort}, "label": title, "n": n} for cohort, title, n in found.by_cohort],
        "endpoint": found.endpoint,
        "shown": len(found.table),
        "withheld": [{"cohort": title, "n": n} for title, n in found.withheld],
        "columns": found.words,
        "patients": [_row(row) for row in found.table.to_dict("records")],
        "swimmer": {"drawn": len(found.lanes), "n": found.drawable},
        "profile": _profile(found.profile),
        "like": _like(found),
    }


def _row(row: dict[Any, Any]) -> Json:
    return {str(name): _plain(value) for name, value in row.items()}


def _plain(value: object) -> object:
    """A cell as JSON; what is not recorded is the text "not recorded", so that no null lacks its reason."""
    if value is None or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return "not recorded"
    return value.item() if hasattr(value, "item") else value


def _profile(found: Profile) -> Json:
    if not found.patient:
        return {"status": "not_estimable", "reason": found.why_not or "no patient is asked for"}
    return {
        "status": "ok",
        "cohort": found.cohort,
        "patient": found.patient,
        "selected": found.selected,
        "facts": dict(found.facts),
        "samples": [{k: "not recorded" if v is None else v for k, v in sample.items()} for sample in found.samples],
        "outcomes": list(found.outcomes),
        "measures": [_place(place) for place in found.places],
    }


def _place(place: Place) -> Json:
    made: Json = {
        "measure": place.measure,
        "value": place.value,
        "unit": place.unit,
        "assay": place.assay,
        "n": place.n,
        "same": place.same,
        "percentile": number(place.percentile),
    }
    if made["percentile"] is None:
        made |= {"status": "not_estimable", "reason": "a category has no percentile"}
    return made


def _like(found: Patients) -> Json:
    asked: Like = found.like
    made: Json = {
        "n": asked.n,
        "described": list(asked.described),
        "level": asked.level,
        "excluded": [{"reason": reason, "n": n} for reason, n in asked.excluded],
        "doubts": list(asked.doubts),
    }
    if asked.why_not:
        return made | {"status": "not_estimable", "reason": asked.why_not}
    return made | {
        "status": "ok",
        "reason": "",
        "sentence": like_sentence(found).text,
        "responders": asked.responders,
        "denominator": asked.denominator,
        "response": estimate(asked.rate, "rate"),
        "categories": categories(asked.tally) if asked.tally else {},
        "with_outcome": asked.with_outcome,
        "events": asked.events,
        f"at_{AT_MONTHS}_months": estimate(asked.survival, "survival"),
        "median": estimate(asked.median, "median_days"),
    }
