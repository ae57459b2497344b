"""The values that every statistical function returns: an estimate or a test, and whether it may be shown.

A result is never a bare number. It carries its limits, the method in words, the n and events behind it, and
a status with a reason, so that a page prints the reason where it cannot print the number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from enum import StrEnum

NAN = math.nan

# Two-sided 95%: the 0.975 quantile of the standard normal, never 1.96.
Z95 = 1.959963984540054


class Status(StrEnum):
    """Whether a result may be shown as a number."""

    OK = "ok"
    WARNING = "warning"  # shown, with the reason beside it
    SUPPRESSED = "suppressed"  # computable, but too few patients or events to print
    NOT_ESTIMABLE = "not_estimable"  # the data do not determine it


@dataclass(frozen=True, slots=True)
class Estimate:
    """A quantity with its limits.

    Attributes
    ----------
    value, lower, upper : the estimate and its two-sided 95% limits; NaN where not reached or not estimable.
    method : the estimator and its interval in words, e.g. "Kaplan-Meier, log-log interval".
    n, events : patients and events behind it (events 0 where the notion does not apply).
    std_error : on the scale on which the interval was made; NaN where there is none.
    p_value : of the test of no effect that belongs to this estimate; NaN where there is none.
    """

    value: float = NAN
    lower: float = NAN
    upper: float = NAN
    method: str = ""
    n: int = 0
    events: int = 0
    std_error: float = NAN
    p_value: float = NAN
    status: Status = Status.OK
    reason: str = ""

    @property
    def shown(self) -> bool:
        """Whether the number may be printed."""
        return self.status in (Status.OK, Status.WARNING)

    def suppressed(self, reason: str) -> Estimate:
        """The same question without its numbers: too small to print."""
        return replace(
            self,
            value=NAN,
            lower=NAN,
            upper=NAN,
            p_value=NAN,
            std_error=NAN,
            status=Status.SUPPRESSED,
            reason=reason,
        )

    def warned(self, reason: str) -> Estimate:
        """The same numbers with a caution."""
        text = f"{self.reason}; {reason}" if self.reason else reason
        return replace(self, status=Status.WARNING, reason=text)


@dataclass(frozen=True, slots=True)
class Test:
    """A test of a null hypothesis: statistic, degrees of freedom, two-sided p."""

    __test__ = False  # not a test case, whatever its name suggests to pytest

    statistic: float = NAN
    df: float = NAN
    p_value: float = NAN
    method: str = ""
    n: int = 0
    events: int = 0
    status: Status = Status.OK
    reason: str = ""
    strata: int = 1

    @property
    def shown(self) -> bool:
        """Whether the p-value may be printed."""
        return self.status in (Status.OK, Status.WARNING)

    def suppressed(self, reason: str) -> Test:
        """The same test without its numbers."""
        return replace(self, statistic=NAN, p_value=NAN, status=Status.SUPPRESSED, reason=reason)

    def warned(self, reason: str) -> Test:
        """The same numbers with a caution."""
        text = f"{self.reason}; {reason}" if self.reason else reason
        return replace(self, status=Status.WARNING, reason=text)


def not_estimable(method: str, reason: str, *, n: int = 0, events: int = 0) -> Estimate:
    """An estimate that the data do not determine, with the reason."""
    return Estimate(method=method, n=n, events=events, status=Status.NOT_ESTIMABLE, reason=reason)


def no_test(method: str, reason: str, *, n: int = 0, events: int = 0) -> Test:
    """A test that cannot be made, with the reason."""
    return Test(method=method, n=n, events=events, status=Status.NOT_ESTIMABLE, reason=reason)


@dataclass(frozen=True, slots=True)
class Pairwise:
    """One comparison of a family: the two labels, its own test, and p adjusted for the family."""

    first: str
    second: str
    test: Test
    adjusted_p: float = NAN
    adjustment: str = field(default="Holm")
