"""Several tests in one view: adjusted p-values, and how many were made."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tilexplorer.statistics.adjustment import adjusted
from tilexplorer.statistics.results import Test

Adjustment = Literal["holm", "bh"]

_NAMES: dict[Adjustment, str] = {"holm": "Holm", "bh": "Benjamini-Hochberg"}


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values (NaN stays NaN and is not counted): for the pairs within one view."""
    return adjusted(p_values, "holm")


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Benjamini and Hochberg's q-values (NaN stays NaN and is not counted): for panels of markers or tumours."""
    return adjusted(p_values, "bh")


@dataclass(frozen=True, slots=True)
class Family:
    """Tests that were looked at together.

    Attributes
    ----------
    tests : by label.
    adjusted_p : by label; NaN where a test shows no p.
    adjustment : "Holm" or "Benjamini-Hochberg".
    made : number of tests with a p, which the page prints.
    """

    tests: Mapping[str, Test]
    adjusted_p: Mapping[str, float]
    adjustment: str
    made: int


def family(tests: Mapping[str, Test], adjustment: Adjustment = "holm") -> Family:
    """Adjust tests for being made together. A test whose p is not shown does not enter the family."""
    p_values = [test.p_value if test.shown else math.nan for test in tests.values()]
    values = dict(zip(tests, adjusted(p_values, adjustment), strict=True))
    return Family(dict(tests), values, _NAMES[adjustment], sum(not math.isnan(p) for p in p_values))
