"""Tests of a table of responders by group, and the odds ratio of two groups."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tilexplorer.statistics import conditional
from tilexplorer.statistics.fisher_exact import fisher_exact, without_empty
from tilexplorer.statistics.results import Z95, Estimate, Status, Test, no_test, not_estimable

OddsRatioMethod = Literal["auto", "woolf", "conditional", "mid-p", "haldane"]

_CHI_SQUARE = "Pearson chi-square test without continuity correction"
_FISHER = "Fisher's exact test"
# Cochran's rule as the specification takes it: every expected count.
MIN_EXPECTED = 5.0


def _counts(table: ArrayLike) -> NDArray[np.int64]:
    values = np.asarray(table)
    if values.ndim != 2 or not np.all(values == np.floor(values)) or np.any(values < 0):
        raise ValueError(f"a table of counts has two dimensions and no negative or broken numbers, not {table!r}")
    return values.astype(np.int64)


def expected_counts(table: ArrayLike) -> NDArray[np.float64]:
    """Counts expected without association: row total x column total / n, shape of the table."""
    counts = _counts(table).astype(float)
    total = counts.sum()
    product = np.outer(counts.sum(axis=1), counts.sum(axis=0))
    return np.asarray(product / total if total > 0 else product)


def chi_square(table: ArrayLike, *, yates: bool = False) -> Test:
    """Pearson's chi-square test of an r x c table.

    Parameters
    ----------
    table : shape (r, c), counts. Empty rows and columns are dropped and do not count in df.
    yates : continuity correction, for 2x2 tables only; never used by the pages.

    Returns
    -------
    Test
        Not estimable when fewer than two rows or columns have patients; a warning names the smallest expected
        count when it is below five.

    Raises
    ------
    ValueError
        If the table does not hold counts.
    """
    counts = without_empty(_counts(table))
    n = int(counts.sum())
    method = "Pearson chi-square test with Yates' correction" if yates else _CHI_SQUARE
    if min(counts.shape) < 2:
        return no_test(method, "fewer than two rows or columns have patients", n=n)
    expected = expected_counts(counts)
    gap = np.abs(counts - expected)
    if yates:
        gap = gap - min(0.5, float(gap.min()))
    statistic = float((gap**2 / expected).sum())
    df = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    found = Test(statistic, df, float(special.chdtrc(df, statistic)), method, n)
    if expected.min() < MIN_EXPECTED:
        return found.warned(f"smallest expected count {expected.min():.1f}, below {MIN_EXPECTED:.0f}")
    return found


def fisher(a: int, b: int, c: int, d: int) -> Test:
    """Fisher's two-sided exact test of [[a, b], [c, d]]: sum of the tables no more probable (R's rule).

    Raises
    ------
    ValueError
        If a count is negative.
    """
    _counts([[a, b], [c, d]])
    n = a + b + c + d
    if 0 in (a + b, c + d, a + c, b + d):
        return no_test(_FISHER, "a row or column of the table is empty", n=n)
    return Test(p_value=conditional.two_sided_p(conditional.one_table(a, b, c, d)), method=_FISHER, n=n)


def association(table: ArrayLike) -> Test:
    """Test whether response differs between groups, by the rule for the table's size.

    Pearson's chi-square without correction when every expected count is at least five, else Fisher's exact
    test (Freeman-Halton for more than two groups; a seeded, labelled Monte Carlo only beyond the exact
    method's reach).

    Parameters
    ----------
    table : shape (K, 2), responders and non-responders per group; r x c tables are accepted as well.

    Raises
    ------
    ValueError
        If the table does not hold counts.
    """
    counts = without_empty(_counts(table))
    if min(counts.shape) < 2:
        return no_test("association", "fewer than two groups or outcomes have patients", n=int(counts.sum()))
    if expected_counts(counts).min() >= MIN_EXPECTED:
        return chi_square(counts)
    if counts.shape == (2, 2):
        return fisher(*(int(value) for value in counts.ravel()))
    return fisher_exact(counts)


def odds_ratio(a: int, b: int, c: int, d: int, method: OddsRatioMethod = "auto") -> Estimate:
    """Odds ratio of [[a, b], [c, d]]: odds of response in the first row over those in the second.

    Parameters
    ----------
    a, b, c, d : responders and non-responders of the first group, then of the second.
    method : `woolf` (sample odds ratio, log-normal limits), `conditional` (conditional maximum likelihood,
        exact limits), `mid-p` (the same with mid-p limits), `haldane` (0.5 added to every cell), or `auto`:
        Woolf where no cell is zero, else the Haldane point with mid-p limits, with a warning that says so.

    Returns
    -------
    Estimate
        `events` = responders. Not estimable when a row or column of the table is empty.

    Raises
    ------
    ValueError
        If a count is negative.
    """
    _counts([[a, b], [c, d]])
    n, events = a + b + c + d, a + c
    if 0 in (a + b, c + d, a + c, b + d):
        return not_estimable("odds ratio", "a row or column of the table is empty", n=n, events=events)
    has_zero = 0 in (a, b, c, d)
    if method == "auto":
        return _zero_cell(a, b, c, d) if has_zero else odds_ratio(a, b, c, d, "woolf")
    if method == "woolf":
        if has_zero:
            return not_estimable("odds ratio, Woolf interval", "a cell of the table is zero", n=n, events=events)
        return _log_normal(a, b, c, d, "odds ratio, Woolf interval", n, events)
    if method == "haldane":
        label = "odds ratio, Haldane-Anscombe (0.5 added to every cell)"
        return _log_normal(a + 0.5, b + 0.5, c + 0.5, d + 0.5, label, n, events)
    law = conditional.one_table(a, b, c, d)
    value = conditional.conditional_estimate(law)
    if method == "mid-p":
        lower, upper = conditional.mid_p_limits(law)
        label, p = "odds ratio, conditional maximum likelihood, mid-p interval", conditional.mid_p_value(law)
    else:
        lower, upper = conditional.exact_limits(law)
        label, p = "odds ratio, conditional maximum likelihood, exact interval", conditional.two_sided_p(law)
    return Estimate(value, lower, upper, label, n, events, p_value=p)


def _log_normal(a: float, b: float, c: float, d: float, label: str, n: int, events: int) -> Estimate:
    """Sample odds ratio with limits on the log scale: Woolf. Ann Hum Genet 1955;19:251."""
    log_ratio = math.log(a) - math.log(b) - math.log(c) + math.log(d)
    error = math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    return Estimate(
        math.exp(log_ratio), math.exp(log_ratio - Z95 * error), math.exp(log_ratio + Z95 * error),
        label, n, events, std_error=error, p_value=math.erfc(abs(log_ratio) / error / math.sqrt(2)),
    )  # fmt: skip


def _zero_cell(a: int, b: int, c: int, d: int) -> Estimate:
    """Haldane's point, which is finite, with mid-p limits, which are honest: one of them is 0 or infinite."""
    law = conditional.one_table(a, b, c, d)
    lower, upper = conditional.mid_p_limits(law)
    point, n, events = odds_ratio(a, b, c, d, "haldane"), a + b + c + d, a + c
    return Estimate(
        point.value, lower, upper, "odds ratio, Haldane-Anscombe point, mid-p interval", n, events,
        p_value=conditional.mid_p_value(law), status=Status.WARNING, reason="a cell of the table is zero",
    )  # fmt: skip
