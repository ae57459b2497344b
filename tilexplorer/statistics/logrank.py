"""Log-rank tests of several groups: k-sample, weighted, stratified, for trend, and pairwise.

The variance is the hypergeometric one without continuity correction, as in R's `survdiff` and SAS. Over strata
the differences O - E and their variances are summed; a stratum with one group or no event adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tilexplorer.statistics import small
from tilexplorer.statistics.adjustment import adjusted
from tilexplorer.statistics.grids import Grid, grids
from tilexplorer.statistics.quadratic import quadratic_form
from tilexplorer.statistics.results import Pairwise, Test, no_test
from tilexplorer.statistics.small import DEFAULT, Thresholds
from tilexplorer.statistics.tables import EventTable

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

MOST_GROUPS = 500  # the variance is a matrix of groups by groups
MOST_PAIRED_GROUPS = 60


@dataclass(frozen=True, slots=True, eq=False)
class LogRank:
    """A log-rank test with its parts.

    Attributes
    ----------
    test : the chi-square test; df = groups with expected events, less one.
    observed, expected : shape (K,): (weighted) events of each group.
    variance : shape (K, K): of observed - expected.
    groups : the K labels.
    """

    test: Test
    observed: Floats
    expected: Floats
    variance: Floats
    groups: tuple[str, ...]


def logrank(table: EventTable, *, rho: float = 0.0, thresholds: Thresholds = DEFAULT) -> LogRank:
    """Test that the groups have one hazard, stratified wherever the table has several strata.

    Parameters
    ----------
    table : groups without patients are left out.
    rho : the weight S(t-)^rho of Harrington and Fleming (1982); 0 is the log-rank test, 1 Peto and Peto's.

    Notes
    -----
    Two-sided; equal to R's `survdiff`. Where strata split the groups into sets that are never compared, the
    degrees of freedom are the rank of the variance.
    """
    compared = _Compared.of(table.nonempty())
    method = _method(compared.strata, rho)
    if len(compared.groups) > MOST_GROUPS:
        reason = f"more than {MOST_GROUPS} groups"
        empty = np.zeros(0)
        return LogRank(no_test(method, reason, n=table.n), empty, empty, empty.reshape(0, 0), compared.groups)
    return _logrank(compared, grids(compared.table), rho, thresholds)


@dataclass(frozen=True, slots=True, eq=False)
class _Compared:
    """The groups that are compared and their sizes, counted once for all tests of a table."""

    table: EventTable
    groups: tuple[str, ...]
    n_by_group: Counts
    events_by_group: Counts
    strata: int

    @classmethod
    def of(cls, table: EventTable) -> _Compared:
        return cls(table, table.groups, table.n_by_group, table.events_by_group, len(table.strata))

    def some(self, codes: list[int]) -> _Compared:
        """Some of the groups; the table stays whole."""
        names = tuple(self.groups[code] for code in codes)
        return replace(
            self, groups=names, n_by_group=self.n_by_group[codes], events_by_group=self.events_by_group[codes]
        )

    @property
    def n(self) -> int:
        return int(self.n_by_group.sum())

    @property
    def events(self) -> int:
        return int(self.events_by_group.sum())


def _logrank(compared: _Compared, strata: Iterable[Grid], rho: float, thresholds: Thresholds) -> LogRank:
    """The test of groups whose grids were already made."""
    observed, expected, variance = _sums(len(compared.groups), strata, rho)
    test = _k_sample(compared, _method(compared.strata, rho), observed, expected, variance)
    verdict = small.comparison(compared.n_by_group, compared.events_by_group, thresholds)
    return LogRank(verdict.apply(test), observed, expected, variance, compared.groups)


def logrank_trend(
    table: EventTable, scores: Sequence[float] | None = None, *, thresholds: Thresholds = DEFAULT
) -> Test:
    """Test for a trend over ordered groups: z = s'(O - E) / sqrt(s'Vs), reported as z with 1 df, two-sided.

    Parameters
    ----------
    scores : one per group of the table; None: 0, 1, 2, ... over the groups that have patients.

    Raises
    ------
    ValueError
        If the scores differ in number from the groups.
    """
    if scores is not None and len(scores) != len(table.groups):
        raise ValueError(f"{len(table.groups)} groups need as many scores, got {len(scores)}")
    present = table.n_by_group > 0
    table = table.nonempty()
    score = np.arange(len(table.groups), dtype=float) if scores is None else np.asarray(scores, float)[present]
    method = _method(len(table.strata), 0.0).replace("log-rank", "log-rank for trend (z)")
    n, events = table.n, table.n_events
    if len(table.groups) > MOST_GROUPS:
        return no_test(method, f"more than {MOST_GROUPS} groups", n=n, events=events)
    if len(table.groups) < 2 or events == 0:
        return no_test(method, "no events" if events == 0 else "one group", n=n, events=events)
    observed, expected, variance = _sums(len(table.groups), grids(table), 0.0)
    spread = float(score @ variance @ score)
    if not spread > 1e-12 * max(1.0, float(score @ score)):
        return no_test(method, "the groups are never at risk together", n=n, events=events)
    z = float(score @ (observed - expected)) / spread**0.5
    test = Test(z, 1, 2 * float(special.ndtr(-abs(z))), method, n, events, strata=len(table.strata))
    return small.comparison(table.n_by_group, table.events_by_group, thresholds).apply(test)


def pairwise(
    table: EventTable, adjust: Literal["holm", "bh"] = "holm", *, thresholds: Thresholds = DEFAULT
) -> tuple[Pairwise, ...]:
    """The log-rank test of every pair, each on that pair alone, with p adjusted over the pairs that have one.

    Stratified where the table has strata. Empty for more than 60 groups.
    """
    table = table.nonempty()
    if len(table.groups) > MOST_PAIRED_GROUPS:
        return ()
    compared, strata = _Compared.of(table), grids(table)
    pairs = list(combinations(range(len(table.groups)), 2))
    tests = [_pair_test(compared, strata, list(pair), thresholds) for pair in pairs]
    p_values = adjusted([test.p_value for test in tests], adjust)
    name = {"holm": "Holm", "bh": "Benjamini-Hochberg"}[adjust]
    return tuple(
        Pairwise(table.groups[first], table.groups[second], test, p, name)
        for (first, second), test, p in zip(pairs, tests, p_values, strict=True)
    )


def _pair_test(compared: _Compared, strata: Iterable[Grid], pair: list[int], thresholds: Thresholds) -> Test:
    """The test of two groups alone: times at which neither is at risk or has events add nothing."""
    return _logrank(compared.some(pair), [grid.of(pair) for grid in strata], 0.0, thresholds).test


def _method(strata: int, rho: float) -> str:
    name = "log-rank" if rho == 0 else "Peto-Peto log-rank" if rho == 1 else f"G-rho log-rank, rho = {rho:g}"
    return f"stratified {name}" if strata > 1 else name


def _k_sample(compared: _Compared, method: str, observed: Floats, expected: Floats, variance: Floats) -> Test:
    n, events, strata = compared.n, compared.events, compared.strata
    if n == 0:
        return no_test(method, "no patients")
    if len(compared.groups) < 2:
        return no_test(method, "one group", n=n, events=events)
    if events == 0:
        return no_test(method, "no events", n=n)
    kept = np.flatnonzero(expected > 0)[1:]  # one group is determined by the others
    if kept.size == 0:
        return no_test(method, "no two groups were at risk together at an event", n=n, events=events)
    statistic, df = quadratic_form(variance[np.ix_(kept, kept)], (observed - expected)[kept])
    if df == 0:
        return no_test(method, "no two groups were at risk together at an event", n=n, events=events)
    reason = "" if df == kept.size else "strata separate some groups: df is the rank of the variance"
    return Test(statistic, df, float(special.chdtrc(df, statistic)), method, n, events, reason=reason, strata=strata)


def _sums(size: int, strata: Iterable[Grid], rho: float) -> tuple[Floats, Floats, Floats]:
    """Observed, expected and variance over the strata."""
    observed, expected, variance = np.zeros(size), np.zeros(size), np.zeros((size, size))
    for grid in strata:
        part = _stratum_sums(grid.events, grid.at_risk, rho)
        observed += part[0]
        expected += part[1]
        variance += part[2]
    return observed, expected, variance


def _stratum_sums(events: Floats, at_risk: Floats, rho: float) -> tuple[Floats, Floats, Floats]:
    """Observed, expected and variance of one stratum, whose event times may hold none of these groups."""
    total_events, total_risk = events.sum(axis=0), np.maximum(at_risk.sum(axis=0), 1)
    weight = _weights(total_events, total_risk, rho)
    weighted = total_events * weight
    share = at_risk / total_risk
    remaining = (total_risk - total_events) / np.maximum(total_risk - 1, 1)
    scaled = share * (weighted * weight * remaining)  # the variance is that of share (1 - share)
    variance = np.diag(scaled.sum(axis=1)) - scaled @ share.T
    return events @ weight, share @ weighted, variance


def _weights(total_events: Floats, total_risk: Floats, rho: float) -> Floats:
    """S(t-)^rho of the pooled stratum."""
    if rho == 0:
        return np.ones_like(total_events)
    survival = np.cumprod(1 - total_events / total_risk)
    weights: Floats = np.concatenate(([1.0], survival[:-1])) ** rho
    return weights
