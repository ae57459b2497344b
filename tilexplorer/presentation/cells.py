"""Results as cells of a table: the number with its limits, or the reason why there is none."""

from __future__ import annotations

from tilexplorer import formatting
from tilexplorer.statistics.results import Estimate, Test


def median(estimate: Estimate) -> str:
    """A median in months with its limits."""
    return formatting.median(estimate.value, estimate.lower, estimate.upper) if estimate.shown else estimate.reason


def ratio(estimate: Estimate) -> str:
    """A ratio with its limits."""
    if not estimate.shown:
        return estimate.reason
    return formatting.ratio_interval(estimate.value, estimate.lower, estimate.upper)


def p_value(test: Test) -> str:
    """A test's p with what limits it."""
    if not test.shown:
        return test.reason
    return formatting.p_value(test.p_value) + (f" ({test.reason})" if test.reason else "")
