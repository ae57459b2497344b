"""The same patients under two measures or assays: do they fall into the same levels, and do the values agree?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.analysis.groups import label_of
from tilexplorer.analysis.missing import Missing, cohorts_measuring, missing
from tilexplorer.queries import rows
from tilexplorer.resolve import Resolved, resolve
from tilexplorer.scope import ALL_LEVELS, Scope
from tilexplorer.statistics.agreement import BlandAltman, bland_altman, cohen_kappa
from tilexplorer.statistics.correlation import spearman
from tilexplorer.statistics.proportions import rate
from tilexplorer.statistics.results import Estimate
from tilexplorer.store import Store

_KEYS: Final = ("cohort", "patient", "course")


@dataclass(frozen=True)
class TwoMeasures:
    """Two measures of the same patients.

    Attributes
    ----------
    first, second : in words. n : patients with both.
    table : patients by the first (rows) and the second (columns) measure's level, where both have levels.
    same_level, kappa : where both have the same levels. correlation : of the values.
    bland_altman : where both have one unit, else None with `no_units` saying why.
    """

    first: str
    second: str
    n: int
    table: pd.DataFrame
    same_level: Estimate | None
    kappa: Estimate | None
    correlation: Estimate
    bland_altman: BlandAltman | None
    no_units: str
    unit: str


def two_measures(store: Store, resolved: Resolved) -> TwoMeasures | Missing | None:
    """Compare the selection's measure with its second one; None where none was chosen."""
    other = resolved.selection.other
    known = other in set(store.table("measure").query("kind == 'number'")["measure"])
    if not known or other in set(resolved.measure_of.values()):
        return None
    second = resolve(store, resolved.selection.only(measure=other, other=""))
    both = _values(resolved).merge(_values(second), on=list(_KEYS), suffixes=("_1", "_2"))
    if both.empty:
        label = vocabulary.measures()[other].label if other in vocabulary.measures() else other
        what = f"patient with both {resolved.measure_label} and {label}"
        held = sorted(set(resolved.measure_of.values()))[:1]
        return missing(store, what, cohorts_measuring(store, [*held, other]), measure=next(iter(held), ""), other=other)
    return _compared(resolved, second, both)


def _values(resolved: Resolved) -> pd.DataFrame:
    scope = Scope(resolved)
    scope.need_measure(level=False)
    columns = {key: f"a.{key}::VARCHAR" for key in _KEYS}
    return rows(scope, {**columns, "value": "value", "level": "level"})


def _compared(resolved: Resolved, second: Resolved, both: pd.DataFrame) -> TwoMeasures:
    table = _levels(resolved, both.dropna(subset=["level_1", "level_2"]))
    square = list(table.index) == list(table.columns) and len(table) > 1
    counts = table.to_numpy()
    units = _units(resolved) | _units(second)
    same_unit = len(units) == 1
    ratio = same_unit and _is_ratio(resolved) and _is_ratio(second)
    first_values, second_values = both["value_1"].to_numpy(dtype=float), both["value_2"].to_numpy(dtype=float)
    return TwoMeasures(
        first=resolved.measure_label,
        second=second.measure_label,
        n=len(both),
        table=table,
        same_level=rate(int(np.trace(counts)), int(counts.sum())) if square else None,
        kappa=cohen_kappa(counts) if square else None,
        correlation=spearman(first_values, second_values),
        bland_altman=bland_altman(first_values, second_values, ratio=ratio) if same_unit else None,
        no_units="" if same_unit else f"values in different units ({', '.join(sorted(units))}) have no difference",
        unit=next(iter(units)) if same_unit else "",
    )


def _levels(resolved: Resolved, both: pd.DataFrame) -> pd.DataFrame:
    """Patients by both levels, cold to hot; both sides have the same levels where any patient has them."""
    places = sorted({*both["level_1"], *both["level_2"]}, key=lambda place: int(place))
    labels = [label_of(resolved, "level", place) for place in places]
    counts = pd.crosstab(both["level_1"], both["level_2"]).reindex(index=places, columns=places, fill_value=0)
    assert set(labels) <= set(ALL_LEVELS)
    return counts.set_axis(labels, axis=0).set_axis(labels, axis=1)


def _units(resolved: Resolved) -> set[str]:
    frame = resolved.store.table("measure")
    pairs = zip(frame["cohort"], frame["measure"], strict=True)
    return set(frame.loc[[resolved.measure_of.get(c) == m for c, m in pairs], "unit"].dropna())


def _is_ratio(resolved: Resolved) -> bool:
    known = [vocabulary.measures().get(m) for m in set(resolved.measure_of.values())]
    return all(m is not None and m.scale == "ratio" for m in known)
