"""Times of endpoints, and the unit that they are in: by name, by a unit column, by whole days, or by magnitude."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tilexplorer import formatting
from tilexplorer.importers.mapping import DAYS
from tilexplorer.recognise import names
from tilexplorer.recognise.guess import Details, Guess
from tilexplorer.recognise.profile import Profile
from tilexplorer.validation.times import LONGEST, LONGEST_MEDIAN, SHORTEST_MEDIAN

# What medians are usual [months], and how far a log median strays from that: OS of 4 to 45 months, PFS of 2 to 25.
USUAL: Final = {"os": (14.0, 0.8), "pfs": (6.0, 0.8), "irpfs": (6.0, 0.8), "dor": (12.0, 0.9)}
USUAL_OTHER: Final = (18.0, 1.0)
# Lengths of a month and a year [days] that sources divide days by.
_DIVISORS: Final = {
    "weeks": (7.0,),
    "months": (30.4375, 30.44, 30.4, 30.42, 365 / 12, 30.0, 30.5),
    "years": (365.25, 365.0),
}
# A number of days that was divided comes back within this distance of a whole number [days].
_NEAR: Final = 0.011
_GRID_SHARE: Final = 0.97
_GRID_VALUES: Final = 10
# By magnitude alone nobody can be sure.
_BY_MAGNITUDE: Final = 0.75
# Medians [months] outside of which even a unit that is spelled out is doubted.
_PLAUSIBLE: Final = (0.7, 120.0)
_DOUBTED: Final = 0.6


def time(column: Profile) -> Guess | None:
    """Times: numbers from 0 with many values, named after an endpoint."""
    endpoint = names.first("endpoints", column.folded)
    if not endpoint or len(column.values) < 3 or not column.within(-0.5, math.inf):
        return None
    if names.says("words", "milestone", column.folded) and not names.says("words", "time", column.folded):
        return None
    bare = column.folded in (endpoint, "ir pfs")
    if not bare and not names.says("words", "time", column.folded):
        return None
    sure, why = 0.95, f"is named like the time of {endpoint}"
    if endpoint == "os" and names.says("words", "alive", column.folded):
        sure, why = 0.5, "is a time, but its name does not say of what"
    unit = units(column, endpoint)[0]
    details = Details(endpoint=endpoint, unit=unit.details.unit, decimal=column.decimal)
    return Guess("time", min(sure, unit.confidence), f"{why}; {unit.why}", details)


def units(column: Profile, endpoint: str, said: str = "") -> list[Guess]:
    """The units that the times can be in, the most likely first; `said` is the word of a unit column of the file."""
    likely = _by_magnitude(column, endpoint)
    spoken = names.first("units", column.folded) or said
    if spoken:
        return _by_word(column, spoken, likely, "a column of the file" if said else "the name")
    if unit := _by_whole_days(column.known):
        why = f"read as {unit}, every time is a whole number of days"
        return _led(likely, _guess(unit, 0.93, why))
    return likely


def _by_word(column: Profile, unit: str, likely: list[Guess], source: str) -> list[Guess]:
    days = column.known * DAYS[unit]
    median = float(np.median(days))
    if SHORTEST_MEDIAN <= median <= LONGEST_MEDIAN and days.max() <= LONGEST:
        months = median / DAYS["months"]
        if _PLAUSIBLE[0] <= months <= _PLAUSIBLE[1]:
            return _led(likely, _guess(unit, 0.95, f"{source} says {unit}"))
        why = f"{source} says {unit}, but a median of {formatting.measured(months)} months is unusual"
        return _led(likely, _guess(unit, _DOUBTED, why))
    against = f"{source} says {unit}, but then the median would be {formatting.count(median)} days"
    if not likely:
        return [_guess(unit, 0.3, against)]
    first = likely[0]
    return [_guess(first.details.unit, first.confidence, f"{against}; {first.why}"), *likely[1:],
            _guess(unit, 0.3, against)]  # fmt: skip


def _by_whole_days(times: NDArray[np.float64]) -> str:
    """The unit in which times that are no whole numbers are whole numbers of days, or nothing.

    Sources divide days by 30.4375, 365.25, ... and keep the digits; trials that were put together may differ in the
    divisor. A random time lies that near to a whole number for one of seven divisors in 15 of 100 cases, so that ten
    values leave no doubt. Times with two decimals prove nothing: 8.4 months are 252 days of 30 to the month.
    """
    broken = np.unique(times[np.abs(times * 100 - np.round(times * 100)) > 1e-4])
    if broken.size < _GRID_VALUES:
        return ""
    for unit, divisors in _DIVISORS.items():
        days = broken[:, None] * np.array(divisors)
        near = (np.abs(days - np.round(days)) < _NEAR).any(axis=1)
        if near.mean() >= _GRID_SHARE:
            return unit
    return ""


def _by_magnitude(column: Profile, endpoint: str) -> list[Guess]:
    """The units by how usual their median is for the endpoint; never sure."""
    centre, spread = USUAL.get(endpoint, USUAL_OTHER)
    weights = {unit: _weight(column, unit, centre, spread) for unit in DAYS}
    total = sum(weights.values())
    if not total:
        return [_guess("months", 0.2, "no unit makes these times plausible")]
    ranked = sorted(weights, key=lambda unit: -weights[unit])
    return [
        _guess(
            unit,
            _BY_MAGNITUDE * weights[unit] / total,
            f"its median of {formatting.measured(column.median)} (longest {formatting.measured(column.known.max())}) "
            f"is plausible as {unit}",
        )
        for unit in ranked
        if weights[unit] / total > 0.02
    ]


def _weight(column: Profile, unit: str, centre: float, spread: float) -> float:
    months = column.median * DAYS[unit] / DAYS["months"]
    longest = float(column.known.max()) * DAYS[unit] / DAYS["years"]
    if months <= 0 or longest > 40 or longest < 0.15:
        return 0.0
    weight = math.exp(-0.5 * (math.log(months / centre) / spread) ** 2)
    # Days are whole numbers; months and years that are all whole are rare.
    return weight * (1.0 if column.whole == (unit in ("days", "weeks")) else 0.15)


def _guess(unit: str, confidence: float, why: str) -> Guess:
    return Guess("time", round(confidence, 2), why, Details(unit=unit))


def _led(likely: list[Guess], first: Guess) -> list[Guess]:
    return [first, *(other for other in likely if other.details.unit != first.details.unit)]
