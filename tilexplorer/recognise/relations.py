"""What columns say about each other: units, pairs of time and status, the direction of events, one column a role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from tilexplorer.importers.mapping import DAYS
from tilexplorer.recognise import pairing
from tilexplorer.recognise.guess import PROPOSED, SEVERAL, Guess, Recognised
from tilexplorer.recognise.profile import Profile
from tilexplorer.recognise.times import units

Found = dict[str, Recognised]
Profiles = Mapping[str, Profile]

# How far the ratio of two times of one endpoint may stray from the ratio of two units.
_RATIO: Final = 0.01
# A time that fewer patients have than this share of those with another time of the endpoint is only of some of them.
_FULL: Final = 0.8
# Shares of times longer than survival: that a right unit may have, and from which a unit is taken for wrong.
_LONGER: Final = 0.05
_MUCH_LONGER: Final = 0.2
_FITTING: Final = 0.75


def together(columns: Profiles, alone: Mapping[str, Recognised]) -> Found:
    """The columns after they have been compared with each other."""
    found = dict(alone)
    found = _with_unit_column(columns, found)
    found = _one_time_each(columns, found)
    found = _within_survival(columns, found)
    found = _one_each(found)
    found = _patient_at_least(found)
    found = pairing.paired(columns, found)
    found = _deconvoluted(found)
    return _one_measure_each(found)


def of_role(found: Mapping[str, Recognised], role: str) -> list[Recognised]:
    """The columns of a role, the surest first."""
    return sorted((one for one in found.values() if one.role == role), key=lambda one: -one.confidence)


def demoted(one: Recognised, why: str) -> Recognised:
    """A column that gives its role up to a better one; the role stays as an alternative."""
    guess = Guess(one.role, min(one.confidence, PROPOSED), one.why, one.details)
    return replace(one, role="ignored", confidence=0.6, why=why, alternatives=(guess, *one.alternatives))


def _with_unit_column(columns: Profiles, found: Found) -> Found:
    """Times whose name says no unit are in the unit that a column of the file says."""
    said = of_role(found, "unit")
    if not said:
        return found
    for one in of_role(found, "time"):
        best = units(columns[one.column], one.details.endpoint, said[0].details.unit)[0]
        why = f"is named like the time of {one.details.endpoint}; {best.why}"
        details = replace(one.details, unit=best.details.unit)
        found[one.column] = replace(one, confidence=min(0.95, best.confidence), why=why, details=details)
    return found


def _one_time_each(columns: Profiles, found: Found) -> Found:
    """One time for each endpoint; two that are the same time in two units tell both units."""
    times = of_role(found, "time")
    for endpoint in dict.fromkeys(one.details.endpoint for one in times):
        same = _fullest_first(columns, [one for one in times if one.details.endpoint == endpoint])
        best = same[0]
        for other in same[1:]:
            best = _compared(columns, best, other)
        for other in same:
            found[other.column] = demoted(other, f"{best.column} is the better time of {endpoint}")
        found[best.column] = best
    return found


def _fullest_first(columns: Profiles, times: list[Recognised]) -> list[Recognised]:
    """The times that nearly all patients have before those that some have: days to death are no survival times."""
    most = max(columns[one.column].known.size for one in times)
    return sorted(times, key=lambda one: columns[one.column].known.size < _FULL * most)


def _compared(columns: Profiles, first: Recognised, second: Recognised) -> Recognised:
    """The better of two times; surer of its unit where their ratio is that of two units."""
    one, two = columns[first.column].numbers, columns[second.column].numbers
    good = np.isfinite(one) & np.isfinite(two) & (one > 0) & (two > 0)
    if good.sum() < 3:
        return first
    ratio = float(np.median(one[good] / two[good]))
    for here, days in DAYS.items():
        for there, other in DAYS.items():
            if here != there and abs(ratio * days / other - 1) < _RATIO:
                return _finer((first, here), (second, there))
    return first


def _finer(first: tuple[Recognised, str], second: tuple[Recognised, str]) -> Recognised:
    """The time in the shorter unit, which is the less rounded one."""
    (kept, unit), (other, there) = sorted((first, second), key=lambda pair: DAYS[pair[1]])
    known = {one.details.unit for one, said in (first, second) if one.details.unit == said}
    sure = 0.93 if known else 0.6
    why = f"is the time of {kept.details.endpoint} in {unit}: {other.column} is the same in {there}"
    return replace(kept, confidence=sure, why=why, details=replace(kept.details, unit=unit))


def _within_survival(columns: Profiles, found: Found) -> Found:
    """A time of progression whose unit is not sure is in one that does not make it longer than survival."""
    times = of_role(found, "time")
    survival = next((one for one in times if one.details.endpoint == "os" and one.sure), None)
    if survival is None:
        return found
    for one in times:
        if one.details.endpoint not in pairing.PROGRESSION or one.sure:
            continue
        longer = {unit: _share_longer(columns, one, unit, survival) for unit in DAYS}
        now = longer[one.details.unit]
        usual = [guess.details.unit for guess in one.alternatives if guess.role == "time" and guess.details.unit]
        fitting = [unit for unit in usual if longer[unit] <= _LONGER]
        if now > _MUCH_LONGER and fitting:
            why = f"read as {one.details.unit}, {now:.0%} of them would be longer than survival"
            why = f"is named like the time of {one.details.endpoint}; {why}, as {fitting[0]} {longer[fitting[0]]:.0%}"
            details = replace(one.details, unit=fitting[0])
            found[one.column] = replace(one, confidence=_FITTING, why=why, details=details)
    return found


def _share_longer(columns: Profiles, one: Recognised, unit: str, survival: Recognised) -> float:
    """The share of patients whose time would be longer than their survival; 0 without anybody who has both."""
    days = columns[one.column].numbers * DAYS[unit]
    limit = columns[survival.column].numbers * DAYS[survival.details.unit]
    both = np.isfinite(days) & np.isfinite(limit)
    return float(np.mean(days[both] > 1.02 * limit[both] + 1)) if both.any() else 0.0


def _one_each(found: Found) -> Found:
    """One column for each role that a file can have once."""
    for role in {one.role for one in found.values()} - SEVERAL:
        first, *others = of_role(found, role)
        for other in others:
            found[other.column] = _next_best(other, first, found)
    return found


def _next_best(one: Recognised, better: Recognised, found: Found) -> Recognised:
    """The column in its next role that nobody has yet, or left out."""
    taken = {other.role for other in found.values()}
    for guess in one.alternatives:
        free = guess.role in SEVERAL or guess.role not in taken
        if free and guess.confidence >= PROPOSED and guess.role != one.role:
            rest = tuple(other for other in one.alternatives if other is not guess)
            first = Guess(one.role, PROPOSED, one.why, one.details)
            return replace(one, role=guess.role, confidence=guess.confidence, why=guess.why, details=guess.details,
                           alternatives=(first, *rest))  # fmt: skip
    return demoted(one, f"{better.column} is the better column for this ({better.role})")


def _patient_at_least(found: Found) -> Found:
    """Where no column is a patient's id, the samples' ids are the patients'."""
    samples = of_role(found, "sample")
    if samples and not of_role(found, "patient"):
        one = samples[0]
        why = "is the only id of the file: each row is taken for a patient"
        found[one.column] = replace(one, role="patient", confidence=0.6, why=why)
    return found


def _deconvoluted(found: Found) -> Found:
    """A bare 'P value' is that of a deconvolution only beside the shares of one."""
    measures = {one.details.measure for one in of_role(found, "measure")}
    if "cd8_fraction_cibersort" not in measures:
        for one in of_role(found, "measure"):
            if one.details.measure == "cibersort_p":
                found[one.column] = demoted(one, "is a P value of something that is not said")
    return found


def _one_measure_each(found: Found) -> Found:
    """One column for each measure, timepoint and tissue."""
    seen: dict[tuple[str, str, str], str] = {}
    for one in of_role(found, "measure"):
        key = (one.details.measure, one.details.timepoint, one.details.tissue)
        if key in seen:
            found[one.column] = demoted(one, f"{seen[key]} is the better column for this measure")
        seen.setdefault(key, one.column)
    return found
