"""One rate, two rates: intervals of a proportion, of a difference of proportions, and of their ratio.

Every interval is two-sided 95%. Functions named `*_limits` return the bare limits at any n; the functions
that return an `Estimate` apply the rules for small groups and say in words which method made the limits.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, get_args

from scipy import optimize, special

from tilexplorer.statistics import small
from tilexplorer.statistics.results import Z95, Estimate, Status, not_estimable
from tilexplorer.statistics.small import DEFAULT, Thresholds

Interval = Literal["clopper-pearson", "wilson", "wilson-cc", "jeffreys", "agresti-coull"]
DifferenceMethod = Literal["newcombe", "miettinen-nurminen", "mee", "wald"]
Limits = tuple[float, float]

INTERVALS: tuple[Interval, ...] = get_args(Interval)
DIFFERENCE_METHODS: tuple[DifferenceMethod, ...] = get_args(DifferenceMethod)

_TAIL = 0.025
_CHI2_95 = Z95 * Z95
_NAMES: dict[str, str] = {
    "clopper-pearson": "Clopper-Pearson exact interval",
    "wilson": "Wilson score interval",
    "wilson-cc": "Wilson score interval with continuity correction",
    "jeffreys": "Jeffreys interval",
    "agresti-coull": "Agresti-Coull interval",
    "newcombe": "Newcombe hybrid score interval",
    "miettinen-nurminen": "Miettinen-Nurminen score interval",
    "mee": "Mee score interval",
    "wald": "Wald interval",
}


def check_counts(x: int, n: int) -> None:
    """Refuse counts that no data can give.

    Raises
    ------
    ValueError
        Unless 0 <= x <= n.
    """
    if not 0 <= x <= n:
        raise ValueError(f"counts must satisfy 0 <= x <= n, not x={x}, n={n}")


def _clopper_pearson(x: int, n: int) -> Limits:
    """Clopper, Pearson. Biometrika 1934;26:404. Beta quantiles; the limit at x=0 is 0 and at x=n is 1."""
    lower = 0.0 if x == 0 else float(special.betaincinv(x, n - x + 1, _TAIL))
    upper = 1.0 if x == n else float(special.betaincinv(x + 1, n - x, 1 - _TAIL))
    return lower, upper


def _wilson(x: int, n: int) -> Limits:
    """Wilson. JASA 1927;22:209."""
    p, scale = x / n, 1 + _CHI2_95 / n
    centre = p + _CHI2_95 / (2 * n)
    half = Z95 * math.sqrt(p * (1 - p) / n + _CHI2_95 / (4 * n * n))
    # Exact at the ends, where rounding would leave 1e-17 instead of 0.
    return (0.0 if x == 0 else (centre - half) / scale), (1.0 if x == n else (centre + half) / scale)


def _wilson_corrected(x: int, n: int) -> Limits:
    """Wilson with continuity correction: Newcombe. Stat Med 1998;17:857, method 4."""
    p, z2 = x / n, _CHI2_95
    scale = 2 * (n + z2)
    low = (2 * x + z2 - 1 - Z95 * math.sqrt(max(0.0, z2 - 2 - 1 / n + 4 * p * (n * (1 - p) + 1)))) / scale
    high = (2 * x + z2 + 1 + Z95 * math.sqrt(max(0.0, z2 + 2 - 1 / n + 4 * p * (n * (1 - p) - 1)))) / scale
    return (0.0 if x == 0 else low), (1.0 if x == n else high)


def _jeffreys(x: int, n: int) -> Limits:
    """Equal-tailed posterior of the Beta(1/2, 1/2) prior, with 0 and 1 as limits at x=0 and x=n.

    Brown, Cai, DasGupta. Stat Sci 2001;16:101.
    """
    lower = 0.0 if x == 0 else float(special.betaincinv(x + 0.5, n - x + 0.5, _TAIL))
    upper = 1.0 if x == n else float(special.betaincinv(x + 0.5, n - x + 0.5, 1 - _TAIL))
    return lower, upper


def _agresti_coull(x: int, n: int) -> Limits:
    """Wald about the Wilson centre; may leave [0, 1]. Agresti, Coull. Am Stat 1998;52:119."""
    total = n + _CHI2_95
    p = (x + _CHI2_95 / 2) / total
    half = Z95 * math.sqrt(p * (1 - p) / total)
    return p - half, p + half


_RATE_LIMITS: dict[Interval, Callable[[int, int], Limits]] = {
    "clopper-pearson": _clopper_pearson,
    "wilson": _wilson,
    "wilson-cc": _wilson_corrected,
    "jeffreys": _jeffreys,
    "agresti-coull": _agresti_coull,
}


def rate_limits(x: int, n: int, interval: Interval = "clopper-pearson") -> Limits:
    """Return the bare 95% limits of x/n (n >= 1); Agresti-Coull may leave [0, 1]."""
    check_counts(x, n)
    return _RATE_LIMITS[interval](x, n)


def rate(x: int, n: int, interval: Interval = "clopper-pearson", *, thresholds: Thresholds = DEFAULT) -> Estimate:
    """Estimate a rate with its limits.

    Parameters
    ----------
    x, n : responders and patients.
    interval : Clopper-Pearson unless the reader chose another, and then everywhere at once.

    Returns
    -------
    Estimate
        `value` = x/n (a share, not a percentage), `events` = x. Suppressed below five patients (x/n only; n
        and events are kept); not estimable without patients.

    Raises
    ------
    ValueError
        If x < 0 or x > n: no data give such counts.
    """
    check_counts(x, n)
    method = _NAMES[interval]
    if n == 0:
        return not_estimable(method, "no patients")
    lower, upper = rate_limits(x, n, interval)
    found = Estimate(x / n, max(0.0, lower), min(1.0, upper), method, n, x)
    return small.rate(n, thresholds).apply(found)


def _newcombe(x1: int, n1: int, x2: int, n2: int) -> Limits:
    """Square-and-add of two Wilson intervals: Newcombe. Stat Med 1998;17:873, method 10."""
    p1, p2 = x1 / n1, x2 / n2
    (low1, high1), (low2, high2) = _wilson(x1, n1), _wilson(x2, n2)
    difference = p1 - p2
    return difference - math.hypot(p1 - low1, high2 - p2), difference + math.hypot(high1 - p1, p2 - low2)


def _wald(x1: int, n1: int, x2: int, n2: int) -> Limits:
    """Estimate plus or minus z standard errors, unpooled."""
    p1, p2 = x1 / n1, x2 / n2
    half = Z95 * math.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    return p1 - p2 - half, p1 - p2 + half


def constrained_rates(x1: int, n1: int, x2: int, n2: int, difference: float) -> tuple[float, float]:
    """Maximum-likelihood rates under p1 - p2 = difference, as the root of a cubic in p2.

    Miettinen, Nurminen. Stat Med 1985;4:213, Appendix I.
    """
    total, events, d = n1 + n2, x1 + x2, difference
    b = ((n1 + 2 * n2) * d - total - events) / (3 * total)
    c = ((n2 * d - total - 2 * x2) * d + events) / total
    e = x2 * d * (1 - d) / total
    q = b**3 - b * c / 2 + e / 2
    p = math.copysign(math.sqrt(max(0.0, b * b - c / 3)), 1.0 if q >= 0 else -1.0)
    angle = (math.pi + math.acos(max(-1.0, min(1.0, q / p**3)) if p else 0.0)) / 3
    second = min(1.0, max(0.0, 2 * p * math.cos(angle) - b))
    return min(1.0, max(0.0, second + d)), second


def _score_limits(x1: int, n1: int, x2: int, n2: int, variance_factor: float) -> Limits:
    """Differences whose score statistic does not exceed the 95% point of chi-square(1)."""
    observed = x1 / n1 - x2 / n2

    def excess(d: float) -> float:
        p1, p2 = constrained_rates(x1, n1, x2, n2, d)
        variance = (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * variance_factor
        if variance <= 1e-300:
            return -_CHI2_95 if abs(observed - d) < 1e-12 else math.inf
        return float((observed - d) ** 2 / variance - _CHI2_95)

    def limit(end: float) -> float:
        if abs(observed) >= 1 and math.copysign(1, observed) == math.copysign(1, end):
            return end
        inner = end * (1 - 1e-12)
        if excess(inner) < 0:
            return end
        return float(optimize.brentq(excess, inner, observed, xtol=1e-15, rtol=1e-15))

    return limit(-1.0), limit(1.0)


def difference_limits(x1: int, n1: int, x2: int, n2: int, method: DifferenceMethod = "newcombe") -> Limits:
    """Return the bare 95% limits of x1/n1 - x2/n2 (n1, n2 >= 1)."""
    check_counts(x1, n1)
    check_counts(x2, n2)
    if method == "newcombe":
        return _newcombe(x1, n1, x2, n2)
    if method == "wald":
        return _wald(x1, n1, x2, n2)
    total = n1 + n2
    # Miettinen and Nurminen scale the variance by N/(N-1); Mee (Biometrics 1984;40:1175) does not.
    return _score_limits(x1, n1, x2, n2, total / (total - 1) if method == "miettinen-nurminen" else 1.0)


def rate_difference(
    x1: int,
    n1: int,
    x2: int,
    n2: int,
    method: DifferenceMethod = "newcombe",
    *,
    thresholds: Thresholds = DEFAULT,
) -> Estimate:
    """Estimate the difference of two rates, first minus second.

    Parameters
    ----------
    x1, n1, x2, n2 : responders and patients of the two groups.
    method : Newcombe's hybrid score by default; Miettinen-Nurminen as the regulators' usual choice.

    Returns
    -------
    Estimate
        `value` in shares (-1 to 1). Suppressed when a group has fewer than five patients, not estimable when
        one is empty.

    Raises
    ------
    ValueError
        If a count is impossible.
    """
    check_counts(x1, n1)
    check_counts(x2, n2)
    label, n, events = f"risk difference, {_NAMES[method]}", n1 + n2, x1 + x2
    if n1 == 0 or n2 == 0:
        return not_estimable(label, "a group has no patients", n=n, events=events)
    lower, upper = difference_limits(x1, n1, x2, n2, method)
    found = Estimate(x1 / n1 - x2 / n2, lower, upper, label, n, events)
    return small.rate(min(n1, n2), thresholds).apply(found)


def risk_ratio(x1: int, n1: int, x2: int, n2: int, *, thresholds: Thresholds = DEFAULT) -> Estimate:
    """Estimate x1/n1 over x2/n2 with Katz's logarithmic interval.

    `std_error` is that of the log ratio: Katz et al. Biometrics 1978;34:469. Not estimable without a
    responder in both groups, where the ratio is 0, infinite or undefined and the interval does not exist.

    Raises
    ------
    ValueError
        If a count is impossible.
    """
    check_counts(x1, n1)
    check_counts(x2, n2)
    label, n, events = "risk ratio, Katz log interval", n1 + n2, x1 + x2
    if n1 == 0 or n2 == 0:
        return not_estimable(label, "a group has no patients", n=n, events=events)
    if x1 == 0 or x2 == 0:
        return not_estimable(label, "a group has no responder", n=n, events=events)
    log_ratio = math.log(x1 / n1) - math.log(x2 / n2)
    error = math.sqrt(1 / x1 - 1 / n1 + 1 / x2 - 1 / n2)
    p_value = math.erfc(abs(log_ratio) / error / math.sqrt(2)) if error > 0 else math.nan
    found = Estimate(
        math.exp(log_ratio), math.exp(log_ratio - Z95 * error), math.exp(log_ratio + Z95 * error),
        label, n, events, std_error=error, p_value=p_value,
    )  # fmt: skip
    if error == 0:
        found = Estimate(1.0, method=label, n=n, events=events, status=Status.WARNING, reason="all responded")
    return small.rate(min(n1, n2), thresholds).apply(found)
