"""Exact inference on an odds ratio, given the margins: one 2x2 table or several strata.

Conditional on the margins the count in the first cell (or its sum over strata) follows a non-central
hypergeometric law, P(t) proportional to c(t) * psi**t. Everything here works on log c(t), so that large
tables do not underflow. Limits are roots in log psi, found to rounding (R's fisher.test stops at 1e-4).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

Array = NDArray[np.float64]

_TAIL = 0.025
# R's rule for "no more probable than what was seen": ties must not be lost to rounding.
RELATIVE_TOLERANCE = 1e-7
_WIDEST = 700.0  # |log psi| beyond which exp() leaves the doubles


@dataclass(frozen=True, slots=True)
class Conditional:
    """The law of the first cell: `support` counts, `log_weight` up to a constant, `observed` count."""

    support: Array
    log_weight: Array
    observed: int

    def probabilities(self, log_odds_ratio: float = 0.0) -> Array:
        """Return the probability of each count in the support under this log odds ratio."""
        weight = self.log_weight + log_odds_ratio * self.support
        weight = np.exp(weight - weight.max())
        return np.asarray(weight / weight.sum())

    @property
    def at_lowest(self) -> bool:
        """Whether the observed count is the smallest that the margins allow."""
        return bool(self.observed == self.support[0])

    @property
    def at_highest(self) -> bool:
        """Whether the observed count is the largest that the margins allow."""
        return bool(self.observed == self.support[-1])

    @property
    def degenerate(self) -> bool:
        """Whether the margins allow one table only, which says nothing about the odds ratio."""
        return len(self.support) == 1


def one_table(a: int, b: int, c: int, d: int) -> Conditional:
    """The conditional law of the first cell of [[a, b], [c, d]]."""
    row1, row2, column = a + b, c + d, a + c
    support = np.arange(max(0, column - row2), min(column, row1) + 1, dtype=float)
    weight = _log_choose(row1, support) + _log_choose(row2, column - support)
    return Conditional(support, weight, a)


def several_tables(tables: Sequence[tuple[int, int, int, int]]) -> Conditional:
    """The conditional law of the sum of first cells over strata: the convolution of the strata's laws."""
    parts = [one_table(*table) for table in tables]
    law = parts[0].probabilities()
    for part in parts[1:]:
        law = np.convolve(law, part.probabilities())
    first = sum(part.support[0] for part in parts)
    support = first + np.arange(len(law), dtype=float)
    with np.errstate(divide="ignore"):
        weight = np.log(law)  # -inf where a double cannot hold the far tail
    kept = np.isfinite(weight)
    return Conditional(support[kept], weight[kept], sum(part.observed for part in parts))


def _log_choose(n: int, k: Array) -> Array:
    return np.asarray(special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1))


def two_sided_p(law: Conditional) -> float:
    """Sum of the probabilities of tables no more probable than the observed one, under no association."""
    p = law.probabilities()
    seen = p[law.support == law.observed]
    return float(min(1.0, p[p <= seen * (1 + RELATIVE_TOLERANCE)].sum()))


def conditional_estimate(law: Conditional) -> float:
    """Conditional maximum-likelihood odds ratio; 0 or infinity at the support's ends, NaN if degenerate."""
    if law.degenerate:
        return math.nan
    if law.at_lowest:
        return 0.0
    if law.at_highest:
        return math.inf
    return _root(lambda z: float(law.support @ law.probabilities(z)) - law.observed)


def exact_limits(law: Conditional) -> tuple[float, float]:
    """Exact conditional 95% limits: Cornfield, Proc Third Berkeley Symp 1956;4:135."""
    at_least, at_most = law.support >= law.observed, law.support <= law.observed
    return _limits(law, lambda p: float(p[at_least].sum()), lambda p: float(p[at_most].sum()))


def mid_p_limits(law: Conditional) -> tuple[float, float]:
    """Mid-p 95% limits: the observed table counts half. Berry, Armitage. Statistician 1995;44:417."""
    return _limits(law, lambda p: _mid_upper(law, p), lambda p: _mid_lower(law, p))


def mid_p_value(law: Conditional) -> float:
    """Twice the smaller mid-p tail under no association, at most 1."""
    p = law.probabilities()
    return min(1.0, 2 * min(_mid_upper(law, p), _mid_lower(law, p)))


def _mid_upper(law: Conditional, p: Array) -> float:
    return float(p[law.support > law.observed].sum() + 0.5 * p[law.support == law.observed].sum())


def _mid_lower(law: Conditional, p: Array) -> float:
    return float(p[law.support < law.observed].sum() + 0.5 * p[law.support == law.observed].sum())


def _limits(
    law: Conditional, upper_tail: Callable[[Array], float], lower_tail: Callable[[Array], float]
) -> tuple[float, float]:
    lower = 0.0 if law.at_lowest else _root(lambda z: upper_tail(law.probabilities(z)) - _TAIL)
    upper = math.inf if law.at_highest else _root(lambda z: lower_tail(law.probabilities(z)) - _TAIL)
    return lower, upper


def _root(f: Callable[[float], float]) -> float:
    """exp of the root of a monotone function of log psi, the bracket widened until it holds one."""
    width = 4.0
    while f(-width) * f(width) > 0 and width < _WIDEST:
        width = min(2 * width, _WIDEST)
    return math.exp(optimize.brentq(f, -width, width, xtol=1e-14, rtol=1e-14))
