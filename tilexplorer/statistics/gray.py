"""Gray's test that groups have the same cumulative incidence of a cause (Gray 1988, Ann Stat 16:1141).

It is a log-rank test of subdistribution hazards: a group's risk set at t is Y(t) (1 - F(t-)) / S(t-), which keeps
those who had another cause of event.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tilexplorer.statistics.cause_table import CauseTable
from tilexplorer.statistics.quadratic import quadratic_form
from tilexplorer.statistics.results import Test, no_test

Floats = NDArray[np.float64]
METHOD = "Gray's test of cumulative incidence"


def gray(table: CauseTable, cause: str) -> Test:
    """Compare the cumulative incidence of a cause between the groups of a table; df = groups - 1.

    Raises
    ------
    ValueError
        If the table has no such cause.
    """
    if cause not in table.causes:
        raise ValueError(f"no such cause: {cause}")
    present = np.unique(table.group)
    events = int(table.counts[:, 1 + table.causes.index(cause)].sum())
    if present.size < 2 or events == 0:
        reason = "no patients" if table.n == 0 else "no events of this cause" if events == 0 else "one group"
        return no_test(METHOD, reason, n=table.n, events=events)
    sums = _Sums(present.size)
    for own, other, at_risk in _steps(table, cause, present):
        sums.add(own, other, at_risk)
    variance = sums.variance()
    statistic, df = quadratic_form(variance[1:, 1:], sums.score[1:])
    if df == 0:
        return no_test(METHOD, "the groups are never at risk together", n=table.n, events=events)
    return Test(statistic, df, float(special.chdtrc(df, statistic)), METHOD, table.n, events)


def _steps(table: CauseTable, cause: str, present: NDArray[np.int64]) -> list[tuple[Floats, Floats, Floats]]:
    """Events of the cause, of other causes, and numbers at risk of each group at each time with an event."""
    time, column = np.unique(table.time, return_inverse=True)
    row = np.searchsorted(present, table.group)
    own, event, leaving = (np.zeros((present.size, time.size)) for _ in range(3))
    own[row, column] = table.counts[:, 1 + table.causes.index(cause)]
    event[row, column] = table.counts[:, 1:].sum(axis=1)
    leaving[row, column] = table.counts.sum(axis=1)
    at_risk = np.cumsum(leaving[:, ::-1], axis=1)[:, ::-1]
    happened = np.flatnonzero(event.sum(axis=0) > 0)
    return [(own[:, t], event[:, t] - own[:, t], at_risk[:, t]) for t in happened]


@dataclass
class _State:
    """Left-continuous estimates of each group: S of no event, F of the cause; and the pooled F."""

    survival: Floats
    incidence: Floats
    pooled: float = 0.0


class _Sums:
    """The score and the parts of its variance, time by time.

    The score is a martingale transform of the two causes' hazards in each group k, with integrands that depend on
    the rest of the follow-up only through the total of c; so v + c v2' + v2 c' + c diag(v3) c' at the end gives the
    variance in one pass.
    """

    def __init__(self, groups: int) -> None:
        self.score = np.zeros(groups)
        self.state = _State(np.ones(groups), np.zeros(groups))
        self.c = np.zeros((groups, groups))
        self.v = np.zeros((groups, groups))
        self.v2 = np.zeros((groups, groups))
        self.v3 = np.zeros(groups)

    def add(self, own: Floats, other: Floats, at_risk: Floats) -> None:
        """One event time: its events of the cause, of other causes, and the numbers at risk, by group."""
        state = self.state
        here = at_risk > 0
        safe = np.where(here, at_risk, 1.0)
        survival = np.where(here, state.survival * (1 - (own + other) / safe), state.survival)
        incidence = np.where(here, state.incidence + state.survival * own / safe, state.incidence)
        alive = here & (state.survival > 0)
        scaled = np.where(alive, at_risk / np.where(alive, state.survival, 1.0), 0.0)  # Y / S(t-)
        total, total_own = scaled.sum(), own.sum()
        pooled = state.pooled + total_own / total
        modified = scaled * (1 - state.incidence)
        a = np.diag(scaled) - np.outer(scaled, scaled) / total
        if total_own > 0:
            self.c += a * total_own / (total * (1 - state.pooled))
            self.score += own - total_own * modified / modified.sum()
            self._own_cause(a, survival, scaled, alive, total, total_own, pooled)
        self._other_causes(survival, safe, other, pooled)
        self.state = _State(survival, incidence, pooled)

    def _own_cause(
        self,
        a: Floats,
        survival: Floats,
        scaled: Floats,
        alive: NDArray[np.bool_],
        total: float,
        total_own: float,
        pooled: float,
    ) -> None:
        for k in map(int, np.flatnonzero(alive)):
            beyond = 1 - (1 - pooled) / survival[k] if survival[k] > 0 else 1.0
            tied = 1 - (total_own - 1) / (total * self.state.survival[k] - 1) if total_own > 1 else 1.0
            increment = tied * total_own / (total * scaled[k])
            self._accumulate(k, a[:, k] - beyond * self.c[:, k], beyond, increment)

    def _other_causes(self, survival: Floats, at_risk: Floats, other: Floats, pooled: float) -> None:
        for k in map(int, np.flatnonzero((other > 0) & (survival > 0))):
            beyond = -(1 - pooled) / survival[k]
            tied = 1 - (other[k] - 1) / (at_risk[k] - 1) if other[k] > 1 else 1.0
            increment = tied * self.state.survival[k] ** 2 * other[k] / at_risk[k] ** 2
            self._accumulate(k, -beyond * self.c[:, k], beyond, increment)

    def _accumulate(self, k: int, direct: Floats, beyond: float, increment: float) -> None:
        self.v += increment * np.outer(direct, direct)
        self.v2[:, k] += increment * beyond * direct
        self.v3[k] += increment * beyond**2

    def variance(self) -> Floats:
        """The covariance matrix of the score."""
        crossed = self.c @ self.v2.T
        result: Floats = self.v + crossed + crossed.T + (self.c * self.v3) @ self.c.T
        return result
