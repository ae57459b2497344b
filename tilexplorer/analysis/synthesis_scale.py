"""In which unit the effect of infiltration can be the same question in several cohorts.

A doubling means the same wherever one measure on a ratio scale has one unit. Everything else (another assay, a share, a
signature score) is compared by rank within its own cohort, study and tumour type, never by value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.resolve import Resolved
from tilexplorer.statistics.scores import rank_normal

CONSTANT: Final = 1.0  # added before the logarithm, in the measure's unit, so that a density of zero has one
RATIO_SCALE: Final = "ratio"


@dataclass(frozen=True, slots=True)
class Scale:
    """How a value becomes the number that the model takes: `doubling`, or by rank."""

    doubling: bool
    words: str
    rule: str

    def scores(self, rows: pd.DataFrame) -> pd.Series:
        """The scores of `value`, from columns value, cohort, study, tumour; higher is more infiltrated."""
        if self.doubling:
            return pd.Series(np.log2(rows["value"].to_numpy(dtype=float) + CONSTANT), index=rows.index)
        group = rows[["cohort", "study", "tumour"]].astype(str).agg("/".join, axis=1)
        return pd.Series(rank_normal(rows["value"].to_numpy(dtype=float), group.to_numpy(dtype=str)), index=rows.index)


def scale_of(resolved: Resolved) -> Scale:
    """The scale that all cohorts with the measure can share."""
    measures = resolved.store.table("measure")
    used = measures[
        [resolved.measure_of.get(c) == m for c, m in zip(measures["cohort"], measures["measure"], strict=True)]
    ]
    ids, units = set(used["measure"]), set(used["unit"].dropna())
    if len(ids) == 1 and len(units) == 1:
        known = vocabulary.measures().get(next(iter(ids)))
        if known is not None and known.scale == RATIO_SCALE:
            rule = f"as a number, log2(value + {CONSTANT:g} {next(iter(units))})"
            return Scale(True, "per doubling", rule)
    rule = "as a number, by rank within cohort, study and tumour type (normal scores)"
    return Scale(False, "per standard deviation of rank", rule)
