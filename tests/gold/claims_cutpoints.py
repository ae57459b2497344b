"""Claims of maximally selected cut points and of restricted cubic splines in a survival case."""

from __future__ import annotations

from collections.abc import Iterator

from tests.gold.harness import Case, Claim, NotCompared

LATER = "cut points and splines: not in this package yet"


def maxstat_claims(case: Case) -> Iterator[Claim]:
    """Maximally selected log-rank statistics."""
    if case.gold("maxstat"):
        yield NotCompared("maxstat", "maxstat", LATER)


def spline_claims(case: Case) -> Iterator[Claim]:
    """Cox models with restricted cubic splines."""
    if case.gold("rcs_cox"):
        yield NotCompared("rcs_cox", "spline Cox", LATER)
