"""Fisher's exact test of any r x c table (Freeman-Halton), by meeting in the middle.

The p-value is the total probability, given the margins, of the tables no more probable than the observed one.
Listing all tables costs the product of the rows' possibilities. Here the rows are split into two halves and
each half is listed by its column sums: a table is a pair of halves whose sums complete each other, so that
for every sum the pairs below the threshold are counted with one sorted list, its running total and a binary
search. The cost is the square root of the full listing, and the answer is exact (R's fisher.test to
rounding). Beyond a limit on the listing a seeded Monte Carlo takes over and says so.

Freeman, Halton. Biometrika 1951;38:141.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tilexplorer.statistics.conditional import RELATIVE_TOLERANCE
from tilexplorer.statistics.results import Test, no_test

Counts = NDArray[np.int64]
Array = NDArray[np.float64]

LARGEST_LISTING = 3_000_000  # half tables; about a second and 100 MB
RESAMPLES = 100_000
LARGEST_SIMULATED = 240  # cells; the simulated tables are held in memory, about 200 MB
SEED = 20240611

_EXACT = "Fisher's exact test (Freeman-Halton)"


def fisher_exact(table: NDArray[np.int64]) -> Test:
    """Test a table of counts for association, given its margins.

    Parameters
    ----------
    table : shape (r, c), counts >= 0. Empty rows and columns are dropped first.

    Returns
    -------
    Test
        Exact two-sided p without statistic or df; a seeded Monte Carlo p, labelled as such, when the listing
        would exceed LARGEST_LISTING; not estimable when fewer than two rows or columns have patients, or too many
        to simulate.
    """
    counts = without_empty(np.asarray(table, dtype=np.int64))
    n = int(counts.sum())
    if min(counts.shape) < 2:
        return no_test(_EXACT, "fewer than two rows or columns have patients", n=n)
    if counts.shape[0] < counts.shape[1]:
        counts = counts.T  # fewer columns: shorter lists
    totals, limits = counts.sum(axis=1).tolist(), counts.sum(axis=0)
    halves = _split(totals, limits)
    if max(_listing_size([totals[row] for row in half], limits) for half in halves) > LARGEST_LISTING:
        if counts.size > LARGEST_SIMULATED:
            return no_test(_EXACT, f"{counts.shape[0]:,} groups are too many for an exact test", n=n)
        return _monte_carlo(counts)
    return Test(p_value=_exact_p(counts, halves), method=_EXACT, n=n)


def without_empty(table: Counts) -> Counts:
    """Return the table without rows and columns that hold nobody."""
    if table.size == 0:
        return table
    return np.asarray(table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0])


def _ways(total: int, limits: Counts) -> int:
    """Bound on the ways to spread a row total over the columns within the column totals."""
    caps = sorted(min(total, int(limit)) + 1 for limit in limits)
    return min(math.comb(total + len(caps) - 1, len(caps) - 1), math.prod(caps[:-1]))


def _listing_size(totals: Sequence[int], limits: Counts) -> int:
    """Bound on the number of fillings of rows with these totals."""
    size = math.prod(_ways(total, limits) for total in totals)
    if len(limits) == 2:  # few events over many rows: their spread is the bound
        size = min(size, math.comb(int(limits.min()) + len(totals), len(totals)))
    return size


def _split(totals: Sequence[int], limits: Counts) -> tuple[list[int], list[int]]:
    """Two sets of rows of about equal length of listing: the longest row goes to the shorter half."""
    halves: tuple[list[int], list[int]] = ([], [])
    length = [0.0, 0.0]
    for row in sorted(range(len(totals)), key=lambda row: -totals[row]):
        side = 0 if length[0] <= length[1] else 1
        halves[side].append(row)
        length[side] += math.log(_ways(totals[row], limits))
    return halves


def _compositions(total: int, limits: Counts) -> Counts:
    """Every way to spread `total` over columns within their limits, shape (ways, columns)."""
    if len(limits) == 1:
        return np.array([[total]] if total <= limits[0] else np.empty((0, 1)), dtype=np.int64)
    if len(limits) == 2:
        first = np.arange(max(0, total - int(limits[1])), min(total, int(limits[0])) + 1, dtype=np.int64)
        return np.column_stack([first, total - first])
    parts = []
    for here in range(min(total, int(limits[0])) + 1):
        rest = _compositions(total - here, limits[1:])
        parts.append(np.column_stack([np.full(len(rest), here, dtype=np.int64), rest]))
    return np.concatenate(parts)


def _list_half(rows: Counts, limits: Counts) -> tuple[Counts, Array]:
    """Column sums (m, c) and log weight (m) of every filling of these rows within the column totals."""
    sums, weight = np.zeros((1, rows.shape[1]), dtype=np.int64), np.zeros(1)
    for total in rows.sum(axis=1):
        ways = _compositions(int(total), limits)
        way_weight = -special.gammaln(ways + 1).sum(axis=1)
        sums = (sums[:, None, :] + ways[None, :, :]).reshape(-1, rows.shape[1])
        weight = (weight[:, None] + way_weight[None, :]).ravel()
        inside = (sums <= limits).all(axis=1)
        sums, weight = sums[inside], weight[inside]
    return sums, weight


def _keys(sums: Counts, limits: Counts) -> Counts:
    """One integer per vector of column sums (the last column follows from the others)."""
    return np.asarray(np.ravel_multi_index(tuple(sums[:, :-1].T), tuple(limits[:-1] + 1)), dtype=np.int64)


def _by_key(keys: Counts, weight: Array) -> Iterator[tuple[int, Array]]:
    """Each key with its log weights in rising order."""
    order = np.lexsort((weight, keys))
    keys, weight = keys[order], weight[order]
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    for start, end in itertools.pairwise([*starts.tolist(), len(keys)]):
        yield int(keys[start]), weight[start:end]


def _exact_p(counts: Counts, halves: tuple[list[int], list[int]]) -> float:
    limits = counts.sum(axis=0)
    constant = float(
        special.gammaln(counts.sum(axis=1) + 1).sum()
        + special.gammaln(limits + 1).sum()
        - special.gammaln(counts.sum() + 1)
    )
    threshold = -float(special.gammaln(counts + 1).sum()) + RELATIVE_TOLERANCE
    (first_sums, first_weight), (second_sums, second_weight) = (_list_half(counts[half], limits) for half in halves)
    second = dict(_by_key(_keys(limits - second_sums, limits), second_weight))
    return min(
        1.0,
        math.fsum(
            _pairs_below(weight, second[key], threshold, constant)
            for key, weight in _by_key(_keys(first_sums, limits), first_weight)
            if key in second
        ),
    )


def _pairs_below(first: Array, second: Array, threshold: float, constant: float) -> float:
    """Total probability of the pairs whose joint log weight does not exceed the threshold."""
    running = np.r_[0.0, np.cumsum(np.exp(second - second[-1]))]
    below = np.searchsorted(second, threshold - first, side="right")
    return float((np.exp(first + second[-1] + constant) * running[below]).sum())


def _monte_carlo(counts: Counts) -> Test:
    """Seeded Monte Carlo p over random tables with these margins: (1 + as extreme) / (1 + resamples)."""
    from scipy.stats import random_table

    law = random_table(counts.sum(axis=1), counts.sum(axis=0), seed=np.random.default_rng(SEED))
    drawn = law.rvs(RESAMPLES)
    weight = -special.gammaln(drawn + 1).sum(axis=(1, 2))
    threshold = -float(special.gammaln(counts + 1).sum()) + RELATIVE_TOLERANCE
    p = (1 + int((weight <= threshold).sum())) / (1 + RESAMPLES)
    method = f"Fisher's exact test, Monte Carlo ({RESAMPLES:,} tables, seed {SEED})"
    return Test(p_value=p, method=method, n=int(counts.sum()))
