"""What is hard to believe in canonical tables: units, event directions, response, times against each other, values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd

from tilexplorer import formatting, vocabulary
from tilexplorer.importers.mapping import DAYS
from tilexplorer.recognise import direction
from tilexplorer.recognise.measured import UNUSUAL
from tilexplorer.recognise.pairing import PROGRESSION
from tilexplorer.schema import Canonical

# Medians of observed times [months] that are unusual for an endpoint: nearly all trials lie between.
USUAL_MEDIAN: Final = {"os": (2.0, 100.0), "pfs": (1.0, 60.0)}
USUAL_OTHER: Final = (0.7, 120.0)
_ENOUGH: Final = 10
# Shares of patients from which a contradiction is said.
_LATE_PROGRESSION: Final = 0.02
_SMALLEST_SHARE: Final = 0.011


def warnings(tables: Canonical) -> tuple[str, ...]:
    """One sentence for each thing that is hard to believe; empty where nothing is."""
    people = _wide(tables)
    found = [*_units(people), *_directions(people), *_one_sided(people), *_order(people)]
    return (*found, *_response(tables["course"]), *_ages(tables["course"]), *_therapy(tables), *_values(tables))


def _wide(tables: Canonical) -> pd.DataFrame:
    """A row for each patient: response, and '<endpoint>.days' and '<endpoint>.event' as numbers."""
    people = tables["course"][["patient", "response"]].set_index("patient")
    outcome = tables["outcome"]
    for name, rows in outcome.groupby("endpoint", sort=False):
        at = rows.set_index("patient")
        people[f"{name}.days"] = at["days"].astype(float)
        people[f"{name}.event"] = at["event"].astype(float)
    return people


def _endpoints(people: pd.DataFrame) -> list[str]:
    return [name for name in vocabulary.ENDPOINTS if f"{name}.days" in people.columns]


def _units(people: pd.DataFrame) -> Iterator[str]:
    """Times whose median is unusual, with the unit in which it would be usual."""
    for name in _endpoints(people):
        days = people[f"{name}.days"].dropna()
        low, high = USUAL_MEDIAN.get(name, USUAL_OTHER)
        months = float(days.median()) / DAYS["months"]
        if len(days) >= _ENOUGH and not low <= months <= high:
            yield (
                f"{name.upper()}: a median observed time of {months:.1f} months is unusual; "
                "check the unit (days, weeks, months or years)"
            )


def _flags(people: pd.DataFrame, name: str) -> tuple[Any, Any, Any]:
    event = people[f"{name}.event"].to_numpy(float)
    return people[f"{name}.days"].to_numpy(float), event == 1, np.isfinite(event)


def _directions(people: pd.DataFrame) -> Iterator[str]:
    """Endpoints for which the data speak against the value that was declared as the event."""
    response = people["response"]
    progressed = (response == "PD").to_numpy(dtype=bool, na_value=False)
    responded = response.isin(["CR", "PR", "CRPR"]).to_numpy(dtype=bool, na_value=False)
    for name in _endpoints(people):
        days, event, known = _flags(people, name)
        pieces = [direction.by_times(days, event, known), direction.by_response(event, known, progressed, responded)]
        if name in PROGRESSION:
            pieces.append(direction.by_progression(event, known, progressed))
            if "os.days" in people.columns:
                survival, dead, followed = _flags(people, "os")
                pieces.append(direction.by_earlier(event, known, days, survival))
                pieces.append(direction.by_death(event, known & followed, dead))
        against = [piece for piece in pieces if piece and piece.weight <= -1]
        if sum(piece.weight for piece in pieces if piece) <= -direction.SETTLED and against:
            said = direction.reasons(against)
            yield f"{name.upper()}: the values that mean the event may be turned round: {said}"


def _one_sided(people: pd.DataFrame) -> Iterator[str]:
    for name in _endpoints(people):
        _, event, known = _flags(people, name)
        if known.sum() >= _ENOUGH and not event[known].any():
            yield f"{name.upper()}: nobody has the event; check which value means it"
        if known.sum() >= _ENOUGH and event[known].all():
            yield f"{name.upper()}: every patient has the event, nobody is censored; check which value means it"


def _order(people: pd.DataFrame) -> Iterator[str]:
    """Progression after death."""
    for name in [one for one in _endpoints(people) if one in PROGRESSION and "os.days" in people.columns]:
        both = people[[f"{name}.days", "os.days"]].dropna()
        late = both[f"{name}.days"] > both["os.days"] + 1
        if len(both) >= _ENOUGH and late.mean() > _LATE_PROGRESSION:
            yield (
                f"{name.upper()} is longer than OS in {int(late.sum())} of {len(both)} patients; "
                "check the units and the columns of both"
            )


def _response(course: pd.DataFrame) -> Iterator[str]:
    known = course["response"].dropna()
    rate = known.isin(["CR", "PR", "CRPR"]).mean() if len(known) else float("nan")
    if len(known) >= _ENOUGH and rate in (0.0, 1.0):
        yield f"{rate:.0%} of {len(known)} patients responded; check the meaning of the response words"


def _ages(course: pd.DataFrame) -> Iterator[str]:
    age = course["age"].dropna().astype(float)
    if len(age) >= _ENOUGH and not 15 <= age.median() <= 90:
        yield f"the median age is {age.median():.0f} years; check the column of age"


def _therapy(tables: Canonical) -> Iterator[str]:
    """A cohort of immunotherapy in which nobody had one."""
    if tables["cohort"]["immunotherapy"].all() and not tables["regimen"]["immunotherapy"].any():
        yield "no regimen holds an immunotherapy; correct the regimens, or say that nobody had one (natural history)"


def _values(tables: Canonical) -> Iterator[str]:
    """Measures with an unusual median, without variation, or that were made shares twice."""
    for name, rows in tables["value"].groupby("measure", sort=False):
        numbers = rows["number"].dropna().astype(float)
        entry = vocabulary.measures()[str(name)]
        low, high = UNUSUAL.get(str(name), (-np.inf, np.inf))
        if len(numbers) < _ENOUGH:
            continue
        if numbers.min() == numbers.max():
            yield f"{entry.label}: every value is {formatting.measured(numbers.iloc[0])}"
        elif entry.scale == "fraction" and numbers.max() <= _SMALLEST_SHARE and str(name) != "cibersort_p":
            highest = formatting.measured(numbers.max())
            yield f"{entry.label}: no value is above {highest}; was the factor 0.01 taken twice?"
        elif not low <= numbers.median() <= high:
            middle = formatting.measured(numbers.median())
            yield f"{entry.label}: a median of {middle} {entry.unit} is unusual; check the unit"
