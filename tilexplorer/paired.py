"""The same patients before and on treatment: which samples make a pair, and their values.

A pair lies within one measure, and a measure is a quantity in one compartment: centre is never paired with margin,
tissue never with blood. The value before is the one that every other view uses: the last sample before treatment.
The value on treatment is the first sample on treatment of the same lesion, or of another lesion where only that was
taken.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from tilexplorer.scope import Scope, Step

BEFORE: Final = "baseline"
ON: Final = "on_treatment"
KEY: Final = ["cohort", "patient", "measure"]

_FROM: Final = (
    'FROM "value" x JOIN sample s ON s.cohort = x.cohort AND s.patient = x.patient AND s.sample = x.sample'
    " WHERE x.number IS NOT NULL"
)


def need_pair(scope: Scope) -> None:
    """Keep patients with the measure both before and on treatment."""
    scope.need_measure(level=False)
    scope.parameters["paired"] = [f"{c}/{m}" for c, m in scope.resolved.measure_of.items()]
    scope.parameters["on"] = ON
    label = scope.resolved.measure_label
    found = (
        f"EXISTS (SELECT 1 {_FROM} AND s.timepoint = $on AND x.cohort = a.cohort AND x.patient = a.patient"
        " AND list_contains($paired, x.cohort || '/' || x.measure))"
    )
    scope.steps.append(Step(f"no {label} on treatment", found, "sample on treatment"))


def values_at(scope: Scope, timepoint: str) -> pd.DataFrame:
    """Every number measured at a timepoint in the patients of a scope.

    Returns
    -------
    Columns cohort, patient, measure, sample, value [unit of the measure], days, lesion, lesion_treated.
    """
    scope.parameters["timepoint"] = timepoint
    return scope.run(
        "SELECT x.cohort, x.patient, x.measure, x.sample, x.number AS value, s.days, s.lesion, s.lesion_treated"
        f" {_FROM} AND s.timepoint = $timepoint AND (x.cohort, x.patient) IN"
        f" (SELECT (a.cohort::VARCHAR, a.patient) FROM a WHERE {scope.where()}) ORDER BY ALL"
    )


def pairs(scope: Scope) -> pd.DataFrame:
    """One pair per patient and measure: columns cohort, patient, measure, before, after, days (of the second)."""
    before = baseline(values_at(scope, BEFORE))
    after = values_at(scope, ON)
    return _first_of_lesion(after.merge(before, on=KEY, suffixes=("", "_before")))


def lesion_pairs(scope: Scope) -> pd.DataFrame:
    """As `pairs`, one for each patient, measure and kind of lesion: `lesion_treated` is true or false."""
    before = baseline(values_at(scope, BEFORE))
    after = values_at(scope, ON).dropna(subset=["lesion_treated"])
    both = after.merge(before, on=KEY, suffixes=("", "_before"))
    kinds = [_first_of_lesion(part) for _, part in both.groupby(both["lesion_treated"].astype(bool))]
    return pd.concat(kinds, ignore_index=True) if kinds else _first_of_lesion(both)


def baseline(values: pd.DataFrame) -> pd.DataFrame:
    """The last sample before treatment of each patient and measure, the first sample id where days do not tell."""
    order = values.sort_values(["days", "sample"], ascending=[False, True], na_position="last")
    return order.drop_duplicates(KEY, ignore_index=True)


def _first_of_lesion(both: pd.DataFrame) -> pd.DataFrame:
    other = both["lesion"].notna() & both["lesion_before"].notna() & (both["lesion"] != both["lesion_before"])
    order = both.assign(other=other).sort_values(["other", "days", "sample"], na_position="last")
    first = order.drop_duplicates(KEY).sort_values(KEY, ignore_index=True)
    named = first.rename(columns={"value_before": "before", "value": "after"})
    return named[[*KEY, "before", "after", "days", "lesion_treated"]]


def several_samples(scope: Scope) -> pd.DataFrame:
    """Numbers of patients who have several samples of one measure at one time: columns as `values_at`, timepoint."""
    return scope.run(
        "SELECT x.cohort, x.patient, x.measure, s.timepoint, x.sample, x.number AS value, s.lesion, s.lesion_treated"
        f" {_FROM} AND s.tissue = 'tumour' AND (x.cohort, x.patient) IN"
        f" (SELECT (a.cohort::VARCHAR, a.patient) FROM a WHERE {scope.where()})"
        " QUALIFY count(*) OVER (PARTITION BY x.cohort, x.patient, x.measure, s.timepoint) > 1 ORDER BY ALL"
    )
