"""Where a continuous measure is cut: quantiles, and (offered here too) cuts chosen by the outcome."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tilexplorer.statistics.cut_stability import CrossValidatedCut, CutStability, cross_validated_cut, cut_stability
from tilexplorer.statistics.maxstat import SelectedCut, selected_cut

__all__ = [
    "CrossValidatedCut",
    "CutStability",
    "QuantileCuts",
    "SelectedCut",
    "cross_validated_cut",
    "cut_stability",
    "group_of",
    "quantile_cuts",
    "selected_cut",
]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class QuantileCuts:
    """Cuts of a measure, with the sizes that they really give.

    Attributes
    ----------
    cuts : rising; values up to and including the first are the lowest group. Empty where no cut divides the values.
    sizes : patients per group, one more than cuts; ties make them unequal.
    rule : in words, as printed.
    reason : why the rule is not the one that was asked for; empty where it is.
    """

    cuts: tuple[float, ...]
    sizes: tuple[int, ...]
    rule: str
    reason: str = ""


_WORDS = {2: "median split", 3: "tertiles", 4: "quartiles"}


def group_of(x: ArrayLike, cuts: ArrayLike) -> NDArray[np.int64]:
    """Group of each value: 0 up to and including the first cut, and so on; -1 for a missing value."""
    values = np.asarray(x, dtype=float)
    groups = np.searchsorted(np.asarray(cuts, dtype=float), values, side="left")
    return np.where(np.isnan(values), -1, groups).astype(np.int64)


def quantile_cuts(x: ArrayLike, groups: int) -> QuantileCuts:
    """Cut a measure into groups of about equal size (quantiles of type 7, as R, NumPy and DuckDB make them).

    Parameters
    ----------
    x : shape (n,), the patients who are eligible before any filter by outcome or therapy. Missing values are out.
    groups : 2, 3 or 4.

    Returns
    -------
    QuantileCuts
        Where the lowest cut would be the smallest value itself (a third or more of the tumours without any
        infiltration, say) the measure is divided into absent and present instead, with the reason.

    Raises
    ------
    ValueError
        If groups is not 2, 3 or 4.
    """
    if groups not in _WORDS:
        raise ValueError(f"quantile groups are 2, 3 or 4, not {groups}")
    values = np.asarray(x, dtype=float)
    values = values[np.isfinite(values)]
    if values.size == 0 or values.min() == values.max():
        reason = "no values" if values.size == 0 else "all values are equal"
        return QuantileCuts((), (int(values.size),), _WORDS[groups], reason)
    cuts = np.quantile(values, np.arange(1, groups) / groups)
    lowest = float(values.min())
    if cuts[0] == lowest:
        share = float((values == lowest).mean())
        reason = f"{share:.0%} of the values are the smallest one ({lowest:g}): {_WORDS[groups]} would not divide them"
        return QuantileCuts((lowest,), _sizes(values, np.array([lowest])), "absent or present", reason)
    distinct = np.unique(cuts[cuts < values.max()])
    reason = "" if len(distinct) == groups - 1 else "tied values merge neighbouring groups"
    return QuantileCuts(tuple(distinct.tolist()), _sizes(values, distinct), _WORDS[groups], reason)


def _sizes(values: Array, cuts: Array) -> tuple[int, ...]:
    return tuple(np.bincount(group_of(values, cuts), minlength=len(cuts) + 1).tolist())
