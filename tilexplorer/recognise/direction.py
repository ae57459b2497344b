"""Which of two values of a status means the event: what its times, other endpoints and the response say.

Names lie: in public files `censOS` and `OS_CNSR` have 1 for the event, `OS_SOR` has 0. So the name counts little, and
each piece of evidence is stated. Weights are log odds, roughly; they are added.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tilexplorer import formatting
from tilexplorer.recognise import names

Flags = NDArray[np.bool_]
Times = NDArray[np.float64]

_ENOUGH: Final = 8
# Without words in the values the data can make it likely, not certain.
MOST_SURE: Final = 0.95
SETTLED: Final = 1.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for (positive) or against (negative) the value that was assumed to be the event."""

    weight: float
    why: str


def confidence(evidence: Sequence[Evidence]) -> float:
    """How sure the assumed direction is, from 0 (surely the other) to 1; 0.5 without evidence."""
    total = sum(item.weight for item in evidence)
    return 1 / (1 + math.exp(-total))


def reasons(evidence: Sequence[Evidence]) -> str:
    """Why, in words; what another reason says with more beside it is not said twice."""
    said = list(dict.fromkeys(item.why for item in evidence))
    return "; ".join(one for one in said if not any(other != one and other.startswith(one) for other in said))


def by_name(folded: str) -> Evidence | None:
    """A hint of the name: 'event' and 'dead' for 1, 'alive' against it, 'censored' nothing."""
    if names.says("words", "censored", folded):
        return Evidence(0.0, "the name says censored, which sources use for either value")
    if names.says("words", "alive", folded) and not names.says("words", "event", folded):
        return Evidence(-1.0, "the name says alive")
    return Evidence(1.0, "the name says event") if names.says("words", "event", folded) else None


def by_times(times: Times, flagged: Flags, known: Flags) -> Evidence | None:
    """Patients who had the event are observed shorter than those who were censored, as a rule: rank test."""
    from scipy import stats  # takes a second to import

    first, second = times[known & flagged], times[known & ~flagged]
    if min(first.size, second.size) < 3:
        return None
    test = stats.mannwhitneyu(second, first, alternative="two-sided", method="asymptotic")
    share = float(test.statistic) / (first.size * second.size)
    z = math.copysign(stats.norm.isf(max(float(test.pvalue), 1e-300) / 2), share - 0.5)
    weight = float(np.clip(0.6 * z, -3.5, 3.5))
    with_it, without = (formatting.measured(float(np.median(part))) for part in (first, second))
    return Evidence(weight, f"the median time is {with_it} with it, {without} without")


def by_response(flagged: Flags, known: Flags, progressed: Flags, responded: Flags) -> Evidence | None:
    """Patients whose best response is progression have the event more often than responders."""
    bad, good = known & progressed, known & responded
    if min(bad.sum(), good.sum()) < 3:
        return None
    one, two = float(flagged[bad].mean()), float(flagged[good].mean())
    scale = min(1.0, math.sqrt(float(min(bad.sum(), good.sum())) / _ENOUGH))
    return Evidence(
        float(np.clip(4 * scale * (one - two), -3.0, 3.0)),
        f"{one:.0%} of the patients with progressive disease have it, {two:.0%} of the responders",
    )


def by_progression(flagged: Flags, known: Flags, progressed: Flags) -> Evidence | None:
    """Of an endpoint that counts progression: it is set in nearly all patients whose best response is progression."""
    rows = known & progressed
    if rows.sum() < 3:
        return None
    share = float(flagged[rows].mean())
    scale = min(1.0, math.sqrt(float(rows.sum()) / _ENOUGH))
    return Evidence(5 * scale * (share - 0.5), f"{share:.0%} of the patients with progressive disease have it")


def by_earlier(flagged: Flags, known: Flags, times: Times, later: Times) -> Evidence | None:
    """Of PFS: patients whose time ends before their OS had the event, as a rule."""
    rows = known & np.isfinite(later) & (times < 0.97 * later)
    if rows.sum() < _ENOUGH:
        return None
    share = float(flagged[rows].mean())
    return Evidence(4 * (share - 0.5), f"{share:.0%} of the patients whose survival goes on after this time have it")


def by_death(flagged: Flags, known: Flags, dead: Flags) -> Evidence | None:
    """Of PFS: the dead have its event, since death is one."""
    rows = known & dead
    if rows.sum() < _ENOUGH:
        return None
    share = float(flagged[rows].mean())
    return Evidence(5 * (share - 0.5), f"{share:.0%} of those who died have it")
