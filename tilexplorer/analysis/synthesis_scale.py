"""In which unit the effect of infiltration can be the same question in several cohorts.

A doubling means the same wherever one measure on a ratio scale has one unit. Everything else (another assay, a share, a
signature score) is compared by rank within its own cohort, study and tumour type, never by value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from tilexplorer import queries, vocabulary
from tilexplorer.resolve import Resolved
from tilexplorer.statistics.scores import rank_normal

# Added before the logarithm, in the measure's unit, where a cohort holds a zero. It depends on what the cohorts hold
# and not on who is selected, so that a filter moves no scale.
CONSTANT: Final = 1.0
RATIO_SCALE: Final = "ratio"


@dataclass(frozen=True, slots=True)
class Scale:
    """How a value becomes the number that the model takes: log2(value + constant) where `doubling`, or by rank."""

    doubling: bool
    words: str
    rule: str
    constant: float = math.nan

    def scores(self, rows: pd.DataFrame) -> pd.Series:
        """The scores of `value`, from columns value, cohort, study, tumour; higher is more infiltrated."""
        if self.doubling:
            return pd.Series(np.log2(rows["value"].to_numpy(dtype=float) + self.constant), index=rows.index)
        group = rows[["cohort", "study", "tumour"]].astype(str).agg("/".join, axis=1)
        return pd.Series(rank_normal(rows["value"].to_numpy(dtype=float), group.to_numpy(dtype=str)), index=rows.index)


def scale_of(resolved: Resolved) -> Scale:
    """The scale that all cohorts with the measure can share."""
    measures = resolved.store.table("measure")
    used = measures.loc[
        [resolved.measure_of.get(c) == m for c, m in zip(measures["cohort"], measures["measure"], strict=True)]
    ]
    ids, units = set(used["measure"]), set(used["unit"].dropna())
    if len(ids) == 1 and len(units) == 1:
        known = vocabulary.measures().get(next(iter(ids)))
        if known is not None and known.scale == RATIO_SCALE:
            return _doublings(resolved, next(iter(ids)), str(next(iter(units))))
    rule = "as a number, by rank within cohort, study and tumour type (normal scores)"
    return Scale(False, "per standard deviation of rank", rule)


def _doublings(resolved: Resolved, measure: str, unit: str) -> Scale:
    cohorts = [cohort for cohort, held in resolved.measure_of.items() if held == measure]
    if queries.holds_zero(resolved.store, measure, cohorts):
        return Scale(True, "per doubling", f"as a number, log2(value + {CONSTANT:g} {unit})", CONSTANT)
    return Scale(True, "per doubling", f"as a number, log2(value), value in {unit}", 0.0)
