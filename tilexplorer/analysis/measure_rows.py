"""One measure in the groups of a view: its distribution, whether the groups differ, and by how much."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilexplorer.statistics import small
from tilexplorer.statistics.ranks import kruskal_wallis, mann_whitney
from tilexplorer.statistics.results import Estimate, Test, no_test, not_estimable
from tilexplorer.statistics.tables2x2 import association

Array = NDArray[np.float64]

_SUPERIORITY: Final = "probability that a value of the last group lies above one of the first"
_EPSILON: Final = "epsilon squared: the share of the variance of the ranks between the groups"


@dataclass(frozen=True)
class GroupValues:
    """The values of one group, in the measure's unit, with their quartiles (type 7); NaN where too few."""

    label: str
    numbers: Array
    lower_quartile: float
    median: float
    upper_quartile: float

    @property
    def n(self) -> int:
        """Patients with a value."""
        return len(self.numbers)

    @property
    def shown(self) -> bool:
        """Whether the group is large enough for its values to be drawn."""
        return small.curve(self.n).shown


@dataclass(frozen=True)
class MeasureRow:
    """A numeric measure of one cohort in the groups.

    Attributes
    ----------
    test : Mann-Whitney for two groups, else Kruskal-Wallis. effect : probability of superiority for two groups, else
        epsilon squared. shift : Hodges-Lehmann, last group less the first. q_value : over the whole panel (BH).
    """

    cohort: str
    measure: str
    label: str
    unit: str
    scale: str
    groups: tuple[GroupValues, ...]
    test: Test
    effect: Estimate
    shift: Estimate
    q_value: float = math.nan

    @property
    def n(self) -> int:
        """Patients with a value in a group."""
        return sum(group.n for group in self.groups)

    @property
    def strength(self) -> float:
        """How far the groups are apart, 0 to 1, whichever the number of groups."""
        if not self.effect.shown:
            return 0.0
        return abs(2 * self.effect.value - 1) if self.effect.method == _SUPERIORITY else self.effect.value


@dataclass(frozen=True)
class CategoryRow:
    """A recorded category of one cohort in the groups: patients, shape (groups, categories)."""

    cohort: str
    measure: str
    label: str
    groups: tuple[str, ...]
    categories: tuple[str, ...]
    counts: NDArray[np.int64]
    test: Test
    q_value: float = math.nan


def group_values(label: str, values: pd.Series) -> GroupValues:
    """A group's known numbers with their quartiles."""
    known = values.dropna().to_numpy(dtype=float)
    if not small.curve(len(known)).shown:
        return GroupValues(label, known, math.nan, math.nan, math.nan)
    quartiles = (float(q) for q in np.quantile(known, [0.25, 0.5, 0.75]))
    return GroupValues(label, known, *quartiles)


def compare(groups: Sequence[GroupValues], defines_groups: str = "") -> tuple[Test, Estimate, Estimate]:
    """Test, effect size and shift of a measure; `defines_groups` says why there is nothing to test."""
    kept = [group for group in groups if group.shown]
    n = sum(group.n for group in kept)
    reason = defines_groups or ("" if len(kept) > 1 else "fewer than two groups of five patients")
    if reason:
        return (
            no_test("rank test", reason, n=n),
            not_estimable("effect size", reason, n=n),
            not_estimable("Hodges-Lehmann shift", reason, n=n),
        )
    ends = mann_whitney(kept[-1].numbers, kept[0].numbers)
    few = any(group.n < small.DEFAULT.test_group_patients for group in kept)
    note = f"a group has fewer than {small.DEFAULT.test_group_patients} patients"
    test = ends.test if len(kept) == 2 else kruskal_wallis([group.numbers for group in kept])
    effect = _superiority(ends.test, kept) if len(kept) == 2 else _epsilon_squared(test)
    return test.warned(note) if few and test.shown else test, effect, _within(ends.shift)


def _within(shift: Estimate) -> Estimate:
    """The shift between its limits, which the last bit of a difference may miss."""
    if not shift.shown or math.isnan(shift.lower) or math.isnan(shift.upper):
        return shift
    return replace(shift, value=min(max(shift.value, shift.lower), shift.upper))


def _superiority(test: Test, kept: Sequence[GroupValues]) -> Estimate:
    """W over the number of pairs, ties half. Mann, Whitney. Ann Math Stat 1947;18:50."""
    if not test.shown:
        return not_estimable(_SUPERIORITY, test.reason, n=test.n)
    return Estimate(test.statistic / (kept[0].n * kept[1].n), method=_SUPERIORITY, n=test.n)


def _epsilon_squared(test: Test) -> Estimate:
    """H / (n - 1). Kelley. PNAS 1935;21:554; Tomczak, Tomczak. Trends Sport Sci 2014;21:19."""
    if not test.shown:
        return not_estimable(_EPSILON, test.reason, n=test.n)
    return Estimate(test.statistic / (test.n - 1), method=_EPSILON, n=test.n)


def category_counts(
    values: pd.Series, of: pd.Series, groups: Mapping[str, str], categories: Sequence[str]
) -> NDArray[np.int64]:
    """Patients by group (id to label) and category."""
    table = pd.crosstab(of, values)
    return table.reindex(index=list(groups), columns=list(categories), fill_value=0).to_numpy(dtype=np.int64)


def category_test(counts: NDArray[np.int64], defines_groups: str = "") -> Test:
    """Whether the categories differ between the groups: chi-square, or exact where expected counts are small."""
    if defines_groups:
        return no_test("association", defines_groups, n=int(counts.sum()))
    return association(counts)
