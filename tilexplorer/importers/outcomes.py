"""Times to event: INTEGER days from a declared unit, and an event flag from declared values."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from tilexplorer.importers import checks
from tilexplorer.importers.mapping import Endpoint, Rule
from tilexplorer.importers.rules import numbers
from tilexplorer.importers.tables import Data

# Days that the store's 32-bit integers hold; whatever lies beyond is refused as absurd.
_LARGEST: Final = 2**31 - 1


def whole_days(times: pd.Series, days_in_unit: float) -> pd.Series:
    """Times as INTEGER days, rounded to the nearest day, halves up."""
    days = np.floor(times.astype("Float64") * days_in_unit + 0.5)
    return pd.Series(days.clip(-_LARGEST, _LARGEST), index=times.index).astype("Int64")


def columns(data: Data, endpoint: Endpoint) -> pd.DataFrame:
    """The columns '<id>.days' and '<id>.event' for every row; both are NA where either is missing.

    Raises
    ------
    InvalidData
        An unparsable or negative time, an implausible unit, a status that was not declared.
    """
    raw, _ = numbers(data, Rule(column=endpoint.time, decimal=endpoint.decimal), f"{endpoint.id} time")
    days = whole_days(raw, endpoint.days_in_unit)
    days = checks.times(data, endpoint, days)
    event = checks.event_flags(data, endpoint, data.column(endpoint.status))
    complete = days.notna() & event.notna()
    return pd.DataFrame(
        {f"{endpoint.id}.days": days.where(complete), f"{endpoint.id}.event": event.where(complete)},
        index=data.frame.index,
    )


def rows(people: pd.DataFrame, endpoints: tuple[Endpoint, ...]) -> pd.DataFrame:
    """The outcome table from the people's '<id>.days' and '<id>.event' columns."""
    parts = [_rows(people, endpoint.id) for endpoint in endpoints]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _rows(people: pd.DataFrame, endpoint: str) -> pd.DataFrame:
    part = people[["patient", "course"]].assign(
        endpoint=endpoint, days=people[f"{endpoint}.days"], event=people[f"{endpoint}.event"]
    )
    return part[part["days"].notna()]


def incomplete(people: pd.DataFrame, endpoints: tuple[Endpoint, ...]) -> list[tuple[str, int]]:
    """For each endpoint that some patients lack: the reason, and how many they are."""
    counted = [(f"{e.id}: time or status not recorded", int(people[f"{e.id}.days"].isna().sum())) for e in endpoints]
    return [(reason, n) for reason, n in counted if n]
