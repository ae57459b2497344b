"""One patient: what is recorded, when, and where each measure stands among the patients of the same cohort."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tilexplorer import formatting, vocabulary
from tilexplorer.analysis import cards
from tilexplorer.analysis.groups import study_title
from tilexplorer.analysis_table import measure_column, quoted
from tilexplorer.queries import rows
from tilexplorer.resolve import Resolved
from tilexplorer.scope import Scope, Step
from tilexplorer.store import Store

# Facts of the wide table that a profile prints, with their names.
FACTS = {
    "tumour": "tumour type",
    "regimen": "regimen",
    "combination": "therapy class",
    "line": "line of treatment",
    "prior_io": "immunotherapy before",
    "age": "age [years]",
    "sex": "sex",
    "ecog": "ECOG",
    "msi": "microsatellite status",
    "response": "best overall response",
    "benefit": "benefit, the source's own flag",
    "durable": "durable benefit",
    "shrinkage": "best change of target lesions [%]",
    "site": "biopsy site",
    "sample_age": "age of the biopsy",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A measure of the patient among the cohort's measured patients of the same tumour type.

    `percentile` is the mid-rank share [0 to 1] of values below (half of the equal ones counted), NaN for a category;
    `n` patients are measured, the patient among them; `same` of them have the same category.
    """

    measure: str
    label: str
    value: str
    unit: str
    assay: str
    percentile: float
    n: int
    same: int


@dataclass(frozen=True)
class Profile:
    """What the store knows of one patient; `why_not` says why there is nothing.

    `selected` says whether the patient passes the filters of the selection, `clock` where the times count from.
    """

    cohort: str = ""
    patient: str = ""
    title: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    samples: tuple[dict[str, object], ...] = ()
    outcomes: tuple[dict[str, object], ...] = ()
    places: tuple[Place, ...] = ()
    clock: str = ""
    selected: bool = True
    why_not: str = ""


def profile(resolved: Resolved, name: str, smallest: int) -> Profile:
    """The profile of "<cohort>/<patient>", which must be of a chosen cohort of at least `smallest` patients."""
    cohort, _, patient = name.partition("/")
    if cohort not in resolved.cohorts:
        return Profile(why_not=f"{name}: write it as <cohort>/<patient>, with a cohort that is chosen")
    who: dict[str, object] = {"cohort": cohort, "patient": patient}
    where = "a.cohort = $cohort AND a.patient = $patient"
    found = resolved.store.frame(f"SELECT a.* FROM analysis a WHERE {where} ORDER BY course", who)
    if found.empty:
        return Profile(why_not=f"{resolved.title(cohort)} has no patient {patient}")
    size = resolved.store.frame("SELECT count(*) AS n FROM analysis WHERE cohort = $cohort", {"cohort": cohort})
    if int(size["n"].iloc[0]) < smallest:
        return Profile(why_not=f"{resolved.title(cohort)} has fewer than {smallest} patients: none is shown alone")
    row = found.iloc[0]
    return Profile(
        cohort=cohort,
        patient=patient,
        title=resolved.title(cohort),
        facts=tuple(_facts(resolved, row)),
        samples=tuple(_samples(resolved.store, who)),
        outcomes=tuple(_outcomes(resolved.store, who)),
        places=tuple(_places(resolved.store, row)),
        clock=_clock(resolved.store, cohort),
        selected=_selected(resolved, who),
    )


def _selected(resolved: Resolved, who: dict[str, object]) -> bool:
    """Whether the patient is one of the selection."""
    scope = Scope(resolved)
    scope.parameters |= {"who_cohort": who["cohort"], "who_patient": who["patient"]}
    scope.steps.append(Step("another patient", "a.cohort = $who_cohort AND a.patient = $who_patient"))
    return len(rows(scope, {"patient": "a.patient"})) > 0


def _facts(resolved: Resolved, row: pd.Series) -> list[tuple[str, str]]:
    facts = [("cohort", resolved.title(str(row["cohort"]))), ("study", study_title(resolved, str(row["study"])))]
    return facts + [(words, _text(row[key])) for key, words in FACTS.items()]


def _text(value: object) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return "not recorded"
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    return formatting.measured(value) if isinstance(value, float) else str(value)


def _samples(store: Store, who: dict[str, object]) -> list[dict[str, object]]:
    """Samples with every value that was measured on them, in the order of time."""
    found = store.frame(
        "SELECT s.sample, s.timepoint, s.days, s.tissue, s.site, v.measure, v.number, v.category FROM sample s"
        " LEFT JOIN value v ON v.cohort = s.cohort AND v.patient = s.patient AND v.sample = s.sample"
        " WHERE s.cohort = $cohort AND s.patient = $patient ORDER BY s.days NULLS LAST, s.timepoint, s.sample,"
        " v.measure",
        who,
    )
    made: list[dict[str, object]] = []
    for sample, part in found.groupby("sample", sort=False):
        head = part.iloc[0]
        values = [
            f"{label(str(r.measure))} {_value(r.number, r.category)}" for r in part.itertuples() if pd.notna(r.measure)
        ]
        made.append(
            {
                "sample": str(sample),
                "timepoint": str(head["timepoint"]),
                "days": int(head["days"]) if pd.notna(head["days"]) else None,
                "tissue": str(head["tissue"]),
                "site": str(head["site"]) if pd.notna(head["site"]) else "",
                "values": "; ".join(values),
            }
        )
    return made


def _value(number: Any, category: Any) -> str:
    return str(category) if pd.notna(category) else formatting.measured(float(number))


def label(measure: str) -> str:
    """A measure in words."""
    known = vocabulary.measures().get(measure)
    return known.label if known else measure


def _outcomes(store: Store, who: dict[str, object]) -> list[dict[str, object]]:
    found = store.frame(
        "SELECT o.endpoint, o.days, o.event, e.t0, e.event AS means FROM outcome o"
        " LEFT JOIN endpoint e ON e.cohort = o.cohort AND e.endpoint = o.endpoint"
        " WHERE o.cohort = $cohort AND o.patient = $patient AND o.course = 1",
        who,
    ).fillna({"t0": "", "means": ""})
    order = list(vocabulary.ENDPOINTS)
    rows = found.to_dict("records")
    rows.sort(key=lambda r: order.index(r["endpoint"]) if r["endpoint"] in order else len(order))
    return [
        {
            "endpoint": str(r["endpoint"]),
            "words": vocabulary.ENDPOINTS.get(str(r["endpoint"]), str(r["endpoint"])),
            "days": int(r["days"]),
            "event": bool(r["event"]),
            "t0": str(r["t0"]),
            "means": str(r["means"]),
        }
        for r in rows
    ]


def _clock(store: Store, cohort: str) -> str:
    cards = store.table("endpoint")
    starts = cards.loc[cards["cohort"] == cohort, "t0"].dropna().unique()
    if not len(starts):
        return ""
    return (
        f"Outcomes count from {'; '.join(str(s) for s in starts)}; days of samples count from the start of treatment."
    )


def _places(store: Store, row: pd.Series) -> list[Place]:
    """Every baseline measure of the patient, placed among the same cohort and tumour type."""
    measures = cards.card(store, "measure")
    places = []
    for held in measures[measures["cohort"] == row["cohort"]].itertuples():
        column = measure_column(str(held.measure))
        if column not in store.columns or pd.isna(row[column]):
            continue
        others = store.frame(
            f"SELECT a.{quoted(column)} AS v FROM analysis a WHERE a.cohort = $cohort AND a.tumour = $tumour"
            f" AND a.{quoted(column)} IS NOT NULL",
            {"cohort": str(row["cohort"]), "tumour": str(row["tumour"])},
        )["v"]
        places.append(_place(held, row[column], others))
    order = list(vocabulary.measures())
    return sorted(places, key=lambda p: order.index(p.measure) if p.measure in order else len(order))


def _place(card: Any, value: Any, others: pd.Series) -> Place:
    measure, number = str(card.measure), card.kind == "number"
    same = int((others == value).sum())
    below = float((others < value).sum()) if number else np.nan
    return Place(
        measure=measure,
        label=label(measure),
        value=formatting.measured(float(value)) if number else str(value),
        unit=str(card.unit) if number else "",
        assay=str(card.assay),
        percentile=(below + same / 2) / len(others),
        n=len(others),
        same=same,
    )
