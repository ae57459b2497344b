"""The smallest effect of a measure that a regression could have shown, given its strata and its other terms."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilexplorer.analysis.power import Possible
from tilexplorer.analysis.row_outcome import STRATUM, Rows, informative
from tilexplorer.statistics import power

Floats = NDArray[np.float64]


def possible(rows: Rows, column: Floats, label: str, reference: str = "", beside: Floats | None = None) -> Possible:
    """What the coefficient of one column could have shown.

    Parameters
    ----------
    column : shape (n,): a measure on its scale, or 1 for the patients of `label` and 0 for the others.
    beside : shape (n, k): every other column of the model.

    Notes
    -----
    What the strata and the other terms already say about the measure tells nothing about its own effect: its spread is
    the residual one, which is sd^2 (1 - R^2) of Hsieh and Lavori 2000 and of Hsieh, Bloch and Larsen 1998.
    """
    kept = informative(rows) if rows.outcome == "response" else np.ones(len(rows.frame), dtype=bool)
    frame = rows.frame[kept]
    others = np.empty((len(frame), 0)) if beside is None else beside[kept]
    sd = residual_sd(column[kept], others, frame[STRATUM])
    if rows.outcome == "survival":
        found = power.hazard_ratio_per_unit(sd, len(frame), rows.events)
    else:
        found = power.odds_ratio_per_unit(sd, len(frame), int(frame["responder"].sum()))
    return Possible(label, reference, found)


def residual_sd(column: Floats, beside: Floats, stratum: pd.Series) -> float:
    """Standard deviation of a column, shape (n,), within strata given other columns, shape (n, k); 0 without rows."""
    if not len(column):
        return 0.0
    group = stratum.to_numpy()
    centred = _within(np.column_stack([column, beside]), group)
    y, x = centred[:, 0], centred[:, 1:]
    left = y - x @ np.linalg.lstsq(x, y, rcond=None)[0] if x.shape[1] else y
    sd = float(np.sqrt(np.mean(left**2)))
    return sd if sd > 1e-9 * max(1.0, float(np.abs(column).max())) else 0.0


def _within(values: Floats, group: NDArray[np.object_]) -> Floats:
    frame = pd.DataFrame(values)
    return np.asarray(frame - frame.groupby(group).transform("mean"), dtype=float)
