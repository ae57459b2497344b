"""Beside every result that is compatible with chance: how large an effect these patients could have shown at all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from tilexplorer import formatting
from tilexplorer.statistics.power import ALPHA, POWER, Detectable
from tilexplorer.statistics.results import Test

MOST_NAMED: Final = 3
PAIRED: Final = ("geometric mean ratio", "mean change")


@dataclass(frozen=True, slots=True)
class Possible:
    """A comparison (or an effect per unit, then without a reference) and what it could have shown."""

    label: str
    reference: str
    detectable: Detectable

    @property
    def name(self) -> str:
        """The comparison in words."""
        return f"{self.label} v {self.reference}" if self.reference else self.label


def beside_chance(test: Test, found: Sequence[Possible]) -> str:
    """The line that belongs beside "compatible with chance"; "" where the test is not, or was not made."""
    return power_line(found) if test.shown and test.p_value >= ALPHA else ""


def power_line(found: Sequence[Possible]) -> str:
    """One line for a page: "with 80% power ..., a hazard ratio below 0.57 or above 1.75 (high v low, 110 patients)"."""
    shown = [one for one in found if one.detectable.shown]
    if not shown:
        return ""
    opening = (
        f"With {POWER:.0%} power at two-sided {ALPHA:g}, the smallest effect that these data could have shown is a "
    )
    parts = [f"{_limits(one.detectable)} ({one.name}, {_size(one.detectable)})" for one in shown[:MOST_NAMED]]
    more = f"; {len(shown) - MOST_NAMED} further comparisons in the export" if len(shown) > MOST_NAMED else ""
    return f"{opening}{shown[0].detectable.scale} {'; '.join(parts)}{more}"


def _limits(found: Detectable) -> str:
    if found.scale == "mean change":
        return f"of {formatting.measured(found.upper)} either way"
    if found.scale == "difference":
        sides = [f"{formatting.signed_percent(100 * v)[:-1]} points" for v in (found.lower, found.upper)]
        words = ("of {}", "of {}")
    else:
        sides = [formatting.ratio(v) for v in (found.lower, found.upper)]
        words = ("below {}", "above {}")
    known = [
        word.format(side)
        for word, side, value in zip(words, sides, (found.lower, found.upper), strict=True)
        if not math.isnan(value)
    ]
    return " or ".join(known)


def _size(found: Detectable) -> str:
    if found.scale in PAIRED:
        return f"{formatting.count(found.n)} pairs"
    patients = f"{formatting.count(found.n)} patients"
    if found.scale in ("difference", "odds ratio"):
        return patients
    return f"{patients}, {formatting.count(found.events)} events"


def to_json(found: Sequence[Possible]) -> list[dict[str, Any]]:
    """Every comparison with its limits at full precision."""
    return [
        {
            "label": one.label,
            **({"reference": one.reference} if one.reference else {}),  # an effect per unit has none
            "scale": one.detectable.scale,
            "lower": _number(one.detectable.lower),
            "upper": _number(one.detectable.upper),
            "power": POWER,
            "alpha": ALPHA,
            "method": one.detectable.method,
            "n": one.detectable.n,
            "events": one.detectable.events,
            "status": str(one.detectable.status),
            "reason": one.detectable.reason or _why(one.detectable),
        }
        for one in found
    ]


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _why(found: Detectable) -> str:
    one_sided = math.isnan(found.lower) or math.isnan(found.upper)
    return "no rate on that side is far enough away" if found.shown and one_sided else ""
