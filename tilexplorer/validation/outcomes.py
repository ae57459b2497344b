"""Outcomes against each other: progression after death, deaths that are no events, responses that cannot be.

Real data hold such contradictions, so they are warnings: whoever imports looks at them and accepts them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
import pandas as pd

from tilexplorer.importers.faults import WARNING
from tilexplorer.importers.mapping import Endpoint
from tilexplorer.validation.expectation import Expectation

# Endpoints that end with death at the latest, and those of which death itself is an event.
ENDS_WITH_DEATH: Final = ("pfs", "irpfs", "dfs", "efs", "rfs", "pfi", "dfi", "ttp", "dss")
DEATH_IS_EVENT: Final = ("pfs", "irpfs", "dfs", "efs", "rfs")
OF_PROGRESSION: Final = ("pfs", "irpfs")
# A best response other than progression needs a scan on treatment, and none is made in the first two weeks [days].
BEFORE_ANY_SCAN: Final = 14
CONTROLLED: Final = ("CR", "PR", "CRPR", "SD")
RESPONDED: Final = ("CR", "PR", "CRPR")
# How many patients make a pattern of a cohort, and how large a part of those concerned they are.
PATTERN: Final = 5
MOST: Final = 0.9
# Decimals of a time that are told from its days, and by how much whole days miss the time that they were made from.
_DECIMALS: Final = 3
_ROUNDED: Final = 0.51


def expectations(endpoints: Iterable[Endpoint]) -> tuple[Expectation, ...]:
    """What outcomes and responses should be together, by the endpoints of a cohort."""
    by_id = {endpoint.id: endpoint for endpoint in endpoints}
    made: list[Expectation] = []
    if "os" in by_id:
        for name in ENDS_WITH_DEATH:
            if name in by_id:
                made.append(_not_after_death(name, by_id[name], by_id["os"]))
        for name in DEATH_IS_EVENT:
            if name in by_id:
                pair = by_id[name], by_id["os"]
                made += [_death_counts(name, *pair), *_not_mere_progression(name, *pair)]
        if "dss" in by_id:
            made.append(_died_of_it())
    made += [_response_is_possible(name) for name in OF_PROGRESSION if name in by_id]
    return (*made, _responders_shrink())


def _tolerance(rows: pd.DataFrame, one: Endpoint, other: Endpoint) -> float:
    """By how much two equal times may differ because each was rounded [days].

    Where both were rounded alike, equal times are equal days; else each may be off by half of what it was rounded to.
    """
    steps = [_step(rows[f"{endpoint.id}.days"], endpoint) for endpoint in (one, other)]
    alike = one.days_in_unit == other.days_in_unit and steps[0] == steps[1]
    return 1.0 if alike else sum(steps) / 2 + 1


def _step(days: pd.Series, endpoint: Endpoint) -> float:
    """What the times of an endpoint were rounded to [days]: whole units of the source, tenths, hundredths ..."""
    recorded = days.dropna().to_numpy(dtype=float)
    for decimals in range(_DECIMALS):
        step = endpoint.days_in_unit / float(10**decimals)
        if step <= 1 or bool((np.abs(recorded - np.round(recorded / step) * step) <= _ROUNDED).all()):
            return max(1.0, step)
    return 1.0


def _true(mask: pd.Series) -> pd.Series:
    return mask.fillna(False).astype(bool)


def _not_after_death(name: str, one: Endpoint, death: Endpoint) -> Expectation:
    def told(row: pd.Series) -> str:
        return f"{name} of {row[f'{name}.days']} days is longer than os of {row['os.days']} days"

    return Expectation(
        f"outcome.{name}_after_os",
        f"{name}.days",
        lambda rows: ~_true(rows[f"{name}.days"] > rows["os.days"] + _tolerance(rows, one, death)),
        f"is a time of {name} that is longer than overall survival",
        "correct the time that is wrong, or accept the warning if the source publishes it so",
        WARNING,
        across=("os.days",),
        told=told,
    )


def _died_then(rows: pd.DataFrame, name: str, tolerance: float) -> pd.Series:
    """Patients who died on the day with which the endpoint ends: nothing was seen before."""
    together = (rows[f"{name}.days"] - rows["os.days"]).abs() <= tolerance
    return _true(rows["os.event"] & together & rows[f"{name}.event"].notna())


def _death_counts(name: str, one: Endpoint, death: Endpoint) -> Expectation:
    def told(row: pd.Series) -> str:
        return f"the patient died on day {row['os.days']}, where {name} ends without an event"

    return Expectation(
        f"outcome.dead_without_{name}_event",
        f"{name}.event",
        lambda rows: ~(_died_then(rows, name, _tolerance(rows, one, death)) & ~_true(rows[f"{name}.event"])),
        f"says that {name} is censored on the day of death",
        f"death is an event of {name}: set the event, or declare the endpoint as what it is (ttp)",
        WARNING,
        across=(f"{name}.days", "os.days", "os.event"),
        told=told,
    )


def _not_mere_progression(name: str, one: Endpoint, death: Endpoint) -> tuple[Expectation, Expectation]:
    across = (f"{name}.days", "os.days", "os.event")
    mend = 'use the real times, declare id = "ttp", or take the endpoint out and say why with [[absent]]'
    deaths = f"deaths without progression are no events of {name}: progression was recorded, not {name}"
    times = f"those who progressed have the time of overall survival as {name}: a flag of progression, not a time to it"
    return (
        Expectation(
            f"outcome.progression_as_{name}", f"{name}.event", _deaths_are_events(name, one, death), deaths, mend,
            WARNING, across,
        ),
        Expectation(
            f"outcome.progression_flag_as_{name}", f"{name}.days", _times_are_own(name, one, death), times, mend,
            WARNING, across=(f"{name}.event", "os.days", "os.event"),
        ),
    )  # fmt: skip


def _deaths_are_events(name: str, one: Endpoint, death: Endpoint) -> Callable[[pd.DataFrame], bool]:
    def holds(rows: pd.DataFrame) -> bool:
        died = rows[_died_then(rows, name, _tolerance(rows, one, death))]
        censored = int((~_true(died[f"{name}.event"])).sum())
        return not (censored >= PATTERN and censored >= MOST * len(died))

    return holds


def _times_are_own(name: str, one: Endpoint, death: Endpoint) -> Callable[[pd.DataFrame], bool]:
    def holds(rows: pd.DataFrame) -> bool:
        alive = rows[_true(rows[f"{name}.event"] & ~rows["os.event"])]
        tolerance = _tolerance(rows, one, death)
        same = int(_true((alive[f"{name}.days"] - alive["os.days"]).abs() <= tolerance).sum())
        return not (same >= PATTERN and same >= MOST * len(alive))

    return holds


def _died_of_it() -> Expectation:
    return Expectation(
        "outcome.dss_without_death",
        "dss.event",
        lambda rows: ~_true(rows["dss.event"] & ~rows["os.event"]),
        "says died of the disease, but the patient is alive by overall survival",
        "correct the status that is wrong",
        WARNING,
        across=("os.event",),
    )


def _response_is_possible(name: str) -> Expectation:
    def told(row: pd.Series) -> str:
        return f"best response {row['response']}, but {name} has its event on day {row[f'{name}.days']}"

    def holds(rows: pd.DataFrame) -> pd.Series:
        early = rows[f"{name}.event"] & (rows[f"{name}.days"] <= BEFORE_ANY_SCAN)
        return ~_true(early & rows["response"].isin(CONTROLLED))

    return Expectation(
        f"response.contradicts_{name}",
        "response",
        holds,
        f"is a best response of a patient whose {name} had its event before any scan",
        f"correct the response or the time of {name}",
        WARNING,
        across=(f"{name}.days", f"{name}.event"),
        told=told,
    )


def _responders_shrink() -> Expectation:
    return Expectation(
        "response.contradicts_growth",
        "response",
        lambda rows: ~_true(rows["response"].isin(RESPONDED) & (rows["shrinkage"] > 0)),
        "is a response, but the target lesions grew",
        "correct the response or the change (negative is shrinkage; factor = -1 turns it round)",
        WARNING,
        across=("shrinkage",),
    )
