"""What canonical rows may not be: repeated, contradictory, negative, or implausible in their unit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.errors import InvalidData
from tilexplorer.importers.mapping import Endpoint
from tilexplorer.importers.tables import Data

# Bounds on the median and the longest time of an endpoint [days]: years read as days, or days read as years, fall out.
SHORTEST_MEDIAN: Final = 10
LONGEST_MEDIAN: Final = 30 * 365
LONGEST: Final = 100 * 365
# A median of a handful of patients says nothing about the unit.
ENOUGH: Final = 10

# Lowest and highest value by the scale of a measure; 1 % of room for rounding in the source.
RANGES: Final = {"fraction": (0.0, 1.01), "percent": (0.0, 101.0), "ratio": (0.0, None), "count": (0.0, None)}


def unrepeated(data: Data, column: str, ids: pd.Series, what: str) -> None:
    """InvalidData where an id is there more than once."""
    repeated = ids.duplicated(keep=False)
    if repeated.any():
        rows = [data.place(column, int(p)) for p in repeated.to_numpy().nonzero()[0]]
        same = [r for r, i in zip(rows, ids[repeated], strict=True) if i == ids[repeated].iloc[0]]
        raise InvalidData(
            f"{same[0]}: {what} '{ids[repeated].iloc[0]}' has {len(same)} rows (also {same[1].split(', ')[1]}); "
            'correct the file, or declare duplicates = "identical outcome, keep first" or "one row per sample"'
        )


def agreeing(data: Data, column: str, ids: pd.Series, rows: pd.DataFrame) -> None:
    """InvalidData where rows of one patient contradict each other in a recorded field."""
    several = ids.duplicated(keep=False)
    grouped = rows[several].groupby(ids[several], sort=False)
    differing = grouped.nunique(dropna=True) > 1  # noqa: PD101 - the group, not the column, is in question
    if differing.to_numpy().any():
        patient = differing.index[differing.any(axis=1)][0]
        field = differing.columns[differing.loc[patient]][0]
        position = int((ids == patient).to_numpy().nonzero()[0][0])
        found = ", ".join(str(v) for v in rows.loc[ids == patient, field].dropna().unique())
        raise InvalidData(
            f"{data.place(column, position)}: the rows of patient '{patient}' contradict each other in {field}: "
            f"{found}; correct the file, or choose the rows with a keep or first step"
        )


def event_flags(data: Data, endpoint: Endpoint, status: pd.Series) -> pd.Series:
    """Whether the event happened, by the declared values; InvalidData names a value that was not declared."""
    known = status.isin([*endpoint.event, *endpoint.censored])
    wrong = status.notna() & ~known
    if wrong.any():
        declared = f"event {list(endpoint.event)}, censored {list(endpoint.censored)}"
        mend = f"declare what it means ({declared}), or declare it as missing"
        raise data.fault(endpoint.status, wrong, f"is neither event nor censored for {endpoint.id}", mend)
    return status.isin(list(endpoint.event)).astype("boolean").mask(status.isna())


def times(data: Data, endpoint: Endpoint, days: pd.Series) -> None:
    """InvalidData for a negative time, or for times that no patient can have in the declared unit."""
    if (days < 0).any():
        mend = "correct it, or declare the row as left out with a drop step"
        raise data.fault(endpoint.time, days < 0, f"is a negative time for {endpoint.id}", mend)
    median, longest = days.median(), days.max()
    if len(days.dropna()) < ENOUGH:
        return
    if not SHORTEST_MEDIAN <= median <= LONGEST_MEDIAN or longest > LONGEST:
        raise InvalidData(
            f"{data.labels['']}, column '{endpoint.time}': read as {endpoint.unit}, {endpoint.id} has a median of "
            f'{median:.0f} and a longest time of {longest:.0f} days, which is implausible; correct unit = "..."'
        )


def measured(data: Data, column: str, measure: str, values: pd.Series) -> None:
    """InvalidData for a value outside of what its scale allows: a share above 1, a density below 0."""
    low, high = RANGES.get(vocabulary.measures()[measure].scale, (None, None))
    below = values < low if low is not None else values.isna() & False
    above = values > high if high is not None else values.isna() & False
    bad = (below | above).fillna(False)
    if bad.any():
        scale = vocabulary.measures()[measure].scale
        bounds = f"{low:g} to {high:.0f}" if high is not None else f"{low:g} or more"
        mend = "correct the cell, or declare the unit with factor = ... (0.01 makes a share of a percentage)"
        raise data.fault(column, bad, f"lies outside of {bounds}, as the {scale} {measure} needs", mend)


def known_words(words: Iterable[str], known: Iterable[str]) -> list[str]:
    """The words that are not known, in order."""
    there = set(known)
    return [word for word in words if word not in there]
