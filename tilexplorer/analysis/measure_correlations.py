"""Rank correlations of every pair of measures of a cohort, ordered so that like stands beside like."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from tilexplorer.statistics.ranks import spearman

LEAST: Final = 10  # complete pairs: fewer are not correlated
LEAST_MEASURES: Final = 3


@dataclass(frozen=True)
class Correlations:
    """Spearman's rho of the measures of a cohort, shape (k, k), with the complete pairs behind each.

    NaN where fewer than ten patients have both. The order is that of average-linkage clustering on 1 - rho.
    """

    cohort: str
    title: str
    measures: tuple[str, ...]
    labels: tuple[str, ...]
    rho: NDArray[np.float64]
    n: NDArray[np.int64]
    p_value: NDArray[np.float64]


def correlations(
    cohort: str, title: str, people: pd.DataFrame, measures: Sequence[str], labels: Sequence[str]
) -> Correlations | None:
    """Correlate the measures (columns of `people`); None where fewer than three were measured often enough."""
    kept = [(m, label) for m, label in zip(measures, labels, strict=True) if people[m].notna().sum() >= LEAST]
    if len(kept) < LEAST_MEASURES:
        return None
    columns = [people[m].to_numpy(dtype=float) for m, _ in kept]
    k = len(kept)
    rho, p_value = np.eye(k), np.full((k, k), math.nan)
    n = np.array([[int((np.isfinite(a) & np.isfinite(b)).sum()) for b in columns] for a in columns], dtype=np.int64)
    for i in range(k):
        for j in range(i):
            found = spearman(columns[i], columns[j])
            enough = found.shown and n[i, j] >= LEAST
            rho[i, j] = rho[j, i] = found.value if enough else math.nan
            p_value[i, j] = p_value[j, i] = found.p_value if enough else math.nan
    order = clustered(rho)
    square = np.ix_(order, order)
    names = [kept[i] for i in order]
    return Correlations(
        cohort, title, tuple(m for m, _ in names), tuple(label for _, label in names),
        rho[square], n[square], p_value[square],
    )  # fmt: skip


def clustered(rho: NDArray[np.float64]) -> list[int]:
    """The order of the leaves of an average-linkage tree on 1 - rho; an unknown correlation counts as none."""
    distance = 1 - np.nan_to_num(rho, nan=0.0)
    np.fill_diagonal(distance, 0)
    tree = linkage(squareform(np.maximum(distance, 0), checks=False), "average", optimal_ordering=True)
    return [int(leaf) for leaf in leaves_list(tree)]
