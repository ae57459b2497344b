"""What the patients and events at hand could have shown: the smallest effect with 80% power at two-sided 0.05.

A test that is compatible with chance says little where only a very large effect could have been seen. These numbers
depend on sizes and events alone, never on the effect that was observed (power at the observed effect only repeats p).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from scipy import optimize, special

from tilexplorer.statistics.results import NAN, Status

POWER: Final = 0.8
ALPHA: Final = 0.05
# z of 1 - alpha / 2 and of the power; their sum squared is 7.849.
_Z_ALPHA: Final = float(special.ndtri(1 - ALPHA / 2))
_Z_POWER: Final = float(special.ndtri(POWER))

SCHOENFELD: Final = "Schoenfeld 1983"
HSIEH_LAVORI: Final = "Hsieh and Lavori 2000"
PETERSON_GEORGE: Final = "Peterson and George 1993"
FLEISS: Final = "two proportions, Fleiss 1981, without continuity correction"
HSIEH: Final = "Hsieh, Bloch and Larsen 1998"
T_TEST: Final = "noncentral t"


@dataclass(frozen=True, slots=True)
class Detectable:
    """The nearest effects on both sides that would have been found with 80% power.

    Attributes
    ----------
    lower, upper : a ratio below and above 1, or a difference below and above 0; NaN where no effect on that side is
        large enough (a rate cannot fall below zero).
    scale : "hazard ratio", "odds ratio", "difference", "ratio of hazard ratios", "geometric mean ratio" or
        "mean change", which is in the unit of the measure.
    """

    lower: float = NAN
    upper: float = NAN
    scale: str = ""
    method: str = ""
    n: int = 0
    events: int = 0
    status: Status = Status.OK
    reason: str = ""

    @property
    def shown(self) -> bool:
        """Whether there is a number to print."""
        return self.status is Status.OK


def hazard_ratio(n1: int, n2: int, events: int) -> Detectable:
    """The smallest hazard ratio between two groups that a log-rank or Cox test could have shown.

    Parameters
    ----------
    n1, n2 : patients in the groups, whose shares stand for those among the events. events : in both together.

    References
    ----------
    Schoenfeld DA. Biometrics 1983;39:499: events = (z + z)^2 / (p1 p2 log(HR)^2).
    """
    n = n1 + n2
    spread = n1 * n2 / n**2 if n else 0.0
    return _ratio(spread, events, n, events, "hazard ratio", SCHOENFELD)


def hazard_ratio_per_unit(sd: float, n: int, events: int) -> Detectable:
    """The smallest hazard ratio per unit of a measure with standard deviation `sd`.

    References
    ----------
    Hsieh FY, Lavori PW. Control Clin Trials 2000;21:552: events = (z + z)^2 / (sd^2 log(HR)^2).
    """
    return _ratio(sd**2, events, n, events, "hazard ratio", HSIEH_LAVORI)


def interaction_ratio(n1: int, n2: int, events: int, sd: float) -> Detectable:
    """The smallest ratio of hazard ratios between two arms, per unit of a measure with standard deviation `sd`.

    For two levels with shares q and 1 - q the standard deviation is sqrt(q (1 - q)).

    References
    ----------
    Peterson B, George SL. Control Clin Trials 1993;14:511: events = (z + z)^2 / (p1 p2 q1 q2 log(ratio)^2).
    """
    n = n1 + n2
    spread = n1 * n2 / n**2 * sd**2 if n else 0.0
    return _ratio(spread, events, n, events, "ratio of hazard ratios", PETERSON_GEORGE)


def odds_ratio_per_unit(sd: float, n: int, responders: int) -> Detectable:
    """The smallest odds ratio of response per unit of a measure with standard deviation `sd`.

    References
    ----------
    Hsieh FY, Bloch DA, Larsen MD. Stat Med 1998;17:1623: n = (z + z)^2 / (p (1 - p) sd^2 log(OR)^2).
    """
    rate = responders / n if n else 0.0
    return _ratio(rate * (1 - rate) * sd**2, n, n, responders, "odds ratio", HSIEH)


def pooled_ratio(std_error: float, df: float, n: int, events: int, scale: str) -> Detectable:
    """The smallest pooled ratio that these studies could have shown, as far as they disagree.

    Parameters
    ----------
    std_error : of the pooled logarithm. df : of its t test, infinite where it is a z test.
    """
    distance = _noncentrality(df) * std_error
    return _about_one(distance, scale, n, events, "only one study" if math.isnan(std_error) else "")


def paired_ratio(std_error: float, n: int) -> Detectable:
    """The smallest geometric mean ratio of n pairs; `std_error` is that of the mean logarithm of their ratios."""
    return _about_one(
        _noncentrality(n - 1) * std_error, "geometric mean ratio", n, 0, "no spread" if n > 1 else "no pairs"
    )


def paired_change(std_error: float, n: int) -> Detectable:
    """The smallest mean change of n pairs, in the unit of the measure."""
    distance = _noncentrality(n - 1) * std_error
    if not 0 < distance < math.inf:
        return Detectable(scale="mean change", method=T_TEST, n=n, status=Status.NOT_ESTIMABLE, reason="no pairs")
    return Detectable(-distance, distance, "mean change", T_TEST, n)


def _noncentrality(df: float) -> float:
    """Which multiple of its standard error an effect has to be for its two-sided t test to find it 80 times in 100."""
    if not df > 0:
        return NAN
    if math.isinf(df):
        return _Z_ALPHA + _Z_POWER
    critical = float(special.stdtrit(df, 1 - ALPHA / 2))

    def shortfall(nc: float) -> float:
        # The other tail is left out: an effect of this size ends there less than once in a thousand.
        return float(special.nctdtr(df, nc, critical)) - (1 - POWER)

    return float(optimize.brentq(shortfall, 0.0, 4 * critical + 4))


def _about_one(distance: float, scale: str, n: int, events: int, reason: str) -> Detectable:
    if not 0 < distance <= 50:
        why = reason or "too few"
        return Detectable(scale=scale, method=T_TEST, n=n, events=events, status=Status.NOT_ESTIMABLE, reason=why)
    return Detectable(math.exp(-distance), math.exp(distance), scale, T_TEST, n, events)


def _ratio(spread: float, size: int, n: int, events: int, scale: str, method: str) -> Detectable:
    """Ratios exp(-d) and exp(d) with d = (z + z) / sqrt(size * spread)."""
    information = size * spread
    if not information > 0:
        reason = "no events" if n and not events else "only one group" if n else "no patients"
        return Detectable(scale=scale, method=method, n=n, events=events, status=Status.NOT_ESTIMABLE, reason=reason)
    distance = (_Z_ALPHA + _Z_POWER) / math.sqrt(information)
    if distance > 50:  # beyond any ratio that means something
        return Detectable(
            scale=scale, method=method, n=n, events=events, status=Status.NOT_ESTIMABLE, reason="too few events"
        )
    return Detectable(math.exp(-distance), math.exp(distance), scale, method, n, events)


def rate_difference(n1: int, n0: int, responders0: int) -> Detectable:
    """The smallest differences in response, down and up from the reference group's rate, that could have been shown.

    Parameters
    ----------
    n1, n0 : patients in the group and in the reference. responders0 : of the reference, whose rate is taken as given.

    References
    ----------
    Fleiss JL. Statistical Methods for Rates and Proportions, 2nd ed. 1981, chapter 3 (no continuity correction).
    """
    found = Detectable(scale="difference", method=FLEISS, n=n1 + n0, events=responders0)
    if not (n1 and n0):
        return replace(found, status=Status.NOT_ESTIMABLE, reason="only one group" if n1 or n0 else "no patients")
    base = responders0 / n0
    lower, upper = _reach(base, 0.0, n1, n0), _reach(base, 1.0, n1, n0)
    if math.isnan(lower) and math.isnan(upper):
        reason = "no difference of rates is large enough for so few patients"
        return replace(found, status=Status.NOT_ESTIMABLE, reason=reason)
    return replace(found, lower=lower - base, upper=upper - base)


def _shortfall(rate: float, base: float, n1: int, n0: int) -> float:
    """How much the difference exceeds what 80% power needs; the root is the smallest detectable rate."""
    mean = (n1 * rate + n0 * base) / (n1 + n0)
    null = math.sqrt(mean * (1 - mean) * (1 / n1 + 1 / n0))
    alternative = math.sqrt(rate * (1 - rate) / n1 + base * (1 - base) / n0)
    return abs(rate - base) - _Z_ALPHA * null - _Z_POWER * alternative


def _reach(base: float, end: float, n1: int, n0: int) -> float:
    """The first rate from `base` towards `end` that would have been found; NaN where even `end` would not."""
    if base == end or _shortfall(end, base, n1, n0) < 0:
        return NAN
    near = base + (end - base) * 1e-9
    if _shortfall(near, base, n1, n0) >= 0:
        return near
    return float(optimize.brentq(_shortfall, near, end, args=(base, n1, n0), xtol=1e-12))
