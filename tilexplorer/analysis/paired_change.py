"""Change of one measure in a group of patients: how far, whether by chance, and how many cold tumours turned hot."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from tilexplorer import vocabulary
from tilexplorer.analysis.groups import Group
from tilexplorer.analysis.power import Possible
from tilexplorer.resolve import Resolved
from tilexplorer.statistics import power, small
from tilexplorer.statistics.pairs import geometric_mean_ratio, mean_change
from tilexplorer.statistics.proportions import rate
from tilexplorer.statistics.ranks import kruskal_wallis, mann_whitney, signed_rank
from tilexplorer.statistics.results import Estimate, Test

Array = NDArray[np.float64]

# Scales on which a fold change has a meaning; densities and counts are compared on the log scale throughout.
FOLD: Final = ("ratio", "fraction", "percent", "count")
LOGGED: Final = ("ratio", "count")

RESPONSE_GROUPS: Final[Mapping[str, str]] = MappingProxyType(
    {"CR": "CR/PR", "PR": "CR/PR", "CRPR": "CR/PR", "SD": "SD", "SDPD": "SD/PD", "PD": "PD", "NE": "not evaluable"}
)
RESPONSE_LABELS: Final = ("CR/PR", "SD", "SD/PD", "PD", "not evaluable")
JUDGED: Final = ("CR/PR", "SD", "SD/PD", "PD")


@dataclass(frozen=True, slots=True)
class Scale:
    """How a measure's change is expressed. `constant` is added before a logarithm, in the measure's unit."""

    name: str
    constant: float

    @property
    def fold(self) -> bool:
        """Whether a ratio is formed; else a difference."""
        return self.name in FOLD

    def tested(self, values: ArrayLike) -> Array:
        """The values on the scale on which they are compared."""
        numbers = np.asarray(values, dtype=float)
        return np.asarray(np.log2(numbers + self.constant) if self.name in LOGGED else numbers)


@dataclass(frozen=True)
class Turned:
    """Tumours of one level before treatment, and how many of them had reached the other end on treatment."""

    cold: int
    warmed: Estimate
    hot: int
    cooled: Estimate


@dataclass(frozen=True)
class Change:
    """One group's pairs, in the unit of the measure.

    Attributes
    ----------
    patients, measured : of the group; of them measured before treatment. n : pairs.
    before, after : shape (n,), the same patients in the same order.
    change : median of after - before. size : geometric mean ratio, or the mean change of a score.
    test : signed rank without continuity correction. corrected : with it, as R does by default.
    power : the smallest ratio or change that so many pairs, so spread, could have shown.
    """

    group: Group
    patients: int
    measured: int
    n: int
    before: Array
    after: Array
    median_before: float
    median_after: float
    change: float
    size: Estimate
    shift: Estimate
    test: Test
    corrected: Test
    turned: Turned | None
    power: Possible

    @property
    def shown(self) -> bool:
        """Whether the group is large enough for its numbers."""
        return small.curve(self.n).shown


def scale_of(measure: str, values: ArrayLike) -> Scale:
    """The scale of a measure; zeros need a constant, half of the smallest value above zero."""
    known = vocabulary.measures().get(measure)
    name = known.scale if known else "score"
    numbers = np.asarray(values, dtype=float)
    if name not in FOLD or not np.any(numbers == 0):
        return Scale(name, 0.0)
    above = numbers[numbers > 0]
    return Scale(name, float(above.min()) / 2 if above.size else 1.0)


def change_of(group: Group, rows: pd.DataFrame, scale: Scale, *, patients: int, measured: int) -> Change:
    """The change of one group; `rows` has before, after and, where there are levels, place_before, place_after."""
    before, after = rows["before"].to_numpy(dtype=float), rows["after"].to_numpy(dtype=float)
    verdict = small.curve(len(rows))
    size = geometric_mean_ratio(before, after, scale.constant) if scale.fold else mean_change(before, after)
    detectable = power.paired_ratio if scale.fold else power.paired_change
    first, second = scale.tested(before), scale.tested(after)
    middle = (float(np.median(x)) if verdict.shown else math.nan for x in (before, after, after - before))
    median_before, median_after, median_change = middle
    return Change(
        group=group,
        patients=patients,
        measured=measured,
        n=len(rows),
        before=before,
        after=after,
        median_before=median_before,
        median_after=median_after,
        change=median_change,
        size=verdict.apply(size),
        shift=verdict.apply(signed_rank(before, after).shift),
        # Published figures of paired biopsies are without the correction, which matters little.
        test=_few(verdict.apply(signed_rank(first, second, correction=False).test)),
        corrected=_few(verdict.apply(signed_rank(first, second).test)),
        turned=turned(rows) if "place_before" in rows else None,
        power=Possible(group.label, "", detectable(size.std_error, len(rows))),
    )


def _few(test: Test) -> Test:
    least = small.DEFAULT.test_group_patients
    return test.warned(f"fewer than {least} pairs") if test.shown and test.n < least else test


def between(changes: Sequence[Change], scale: Scale) -> Test:
    """Whether the groups changed differently: a rank test of the changes, groups of five pairs or more."""
    kept = [change for change in changes if change.shown]
    samples = [scale.tested(change.after) - scale.tested(change.before) for change in kept]
    if len(samples) == 2:
        return _warned(mann_whitney(samples[0], samples[1]).test, samples)
    return _warned(kruskal_wallis(samples), samples)


def _warned(test: Test, samples: Sequence[Array]) -> Test:
    least = small.DEFAULT.test_group_patients
    few = any(len(sample) < least for sample in samples)
    return test.warned(f"a group has fewer than {least} pairs") if test.shown and few else test


# Cold and hot -------------------------------------------------------------------------------------------------------


def with_places(resolved: Resolved, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with 0 for the lowest, 1 for the highest level of the rule before and on treatment (NaN between).

    The cuts are those of the baseline values, for both: a tumour turns hot by passing the cut that made it cold.
    """
    cuts = _cuts(resolved)
    made = rows.copy()
    keys = list(zip(rows["cohort"], rows["study"], rows["tumour"], rows["measure"], strict=True))
    for column in ("before", "after"):
        values = rows[column].to_numpy(dtype=float)
        made[f"place_{column}"] = [_place(v, cuts.get(k, ())) for v, k in zip(values, keys, strict=True)]
    return made


def _cuts(resolved: Resolved) -> Mapping[tuple[str, str, str, str], tuple[float, ...]]:
    rules = resolved.store.table("level_rule")
    name = resolved.rule.name
    used = rules[rules["rule"] == ("median" if resolved.rule.fixed else name)]
    found = {}
    for row in used.to_dict("records"):
        key = (str(row["cohort"]), str(row["study"]), str(row["tumour"]), str(row["measure"]))
        cuts = (float(row["cut1"]), float(row["cut2"]), float(row["cut3"]))
        found[key] = resolved.rule.fixed or tuple(cut for cut in cuts if not math.isnan(cut))
    return found


def _place(value: float, cuts: Sequence[float]) -> float:
    if not cuts:
        return math.nan
    if value <= cuts[0]:
        return 0.0
    return 1.0 if value > cuts[-1] else 0.5


def turned(rows: pd.DataFrame) -> Turned | None:
    """How many of the coldest tumours were among the hottest on treatment, and the other way round."""
    known = rows.dropna(subset=["place_before", "place_after"])
    if known.empty:
        return None
    cold, hot = known[known["place_before"] == 0], known[known["place_before"] == 1]
    return Turned(
        len(cold),
        rate(int((cold["place_after"] == 1).sum()), len(cold)),
        len(hot),
        rate(int((hot["place_after"] == 0).sum()), len(hot)),
    )
