"""What canonical rows may not be: repeated, contradictory, negative, or implausible in their unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from tilexplorer.importers.faults import ERROR, SHOWN, Fault, Origin, Reading, of_file
from tilexplorer.importers.mapping import Endpoint
from tilexplorer.importers.tables import Data, among, marked

if TYPE_CHECKING:
    from tilexplorer.validation.expectation import Expectation

# How many further rows of a repeated id a message names.
_FURTHER: Final = 5


def unrepeated(data: Data, column: str, ids: pd.Series, what: str) -> None:
    """A fault for each id that is there more than once, at its first row."""
    repeated = marked(ids.duplicated(keep=False))
    if not repeated.any():
        return
    origin = data.origin(column).take(repeated)
    found = ids[repeated].reset_index(drop=True)
    first = marked(~found.duplicated())
    details = _also(found, origin.rows, what)
    mend = 'correct the file, or declare duplicates = "identical outcome, keep first" or "one row per sample"'
    problem = f"is the id of a {what} with several rows"
    message = f"{origin.at(0)}: {details[0]}; {mend}"
    one_each = Fault("patient.duplicate", origin.take(first), found[first], problem, mend, ERROR, details, message)
    data.reading.take(one_each)
    data.reading.answered.update(found)


def _also(ids: pd.Series, rows: np.ndarray, what: str) -> tuple[str, ...]:
    """For the first ids of a report: how many rows each has, and which they are beside the first."""
    chosen = ids.isin(ids.drop_duplicates()[:SHOWN])
    found = pd.Series(rows[marked(chosen)]).groupby(ids[chosen].to_numpy(), sort=False)
    return tuple(f"{what} '{i}' has {len(of)} rows (also {_listed(list(of)[1:])})" for i, of in found)


def _listed(rows: Sequence[int]) -> str:
    more = f" and {len(rows) - _FURTHER} more" if len(rows) > _FURTHER else ""
    return f"row{'s' if len(rows) > 1 else ''} {', '.join(map(str, rows[:_FURTHER]))}{more}"


def agreeing(data: Data, columns: Mapping[str, str], ids: pd.Series, rows: pd.DataFrame) -> None:
    """A fault where rows of one patient contradict each other in a recorded field.

    Parameters
    ----------
    data
        The table.
    columns
        The source column of each field, as far as there is one; '' is that of the patient's id.
    ids, rows
        Id and parsed fields of each row.
    """
    several = ids.duplicated(keep=False)
    grouped = rows[several].groupby(ids[several], sort=False)
    differing = grouped.nunique(dropna=True) > 1  # noqa: PD101 - the group, not the column, is in question
    for field in differing.columns[differing.any(axis=0)]:
        patients = differing.index[differing[field]]
        chosen = ids.isin(patients) & rows[field].notna()
        _contradicting(data, columns.get(field) or columns[""], field, ids[chosen], rows.loc[chosen, field])


def _contradicting(data: Data, column: str, field: str, ids: pd.Series, cells: pd.Series) -> None:
    """The fault of a field: every recorded cell that differs from the first of its patient."""
    first = cells.groupby(ids, sort=False).transform("first")
    differs = marked(cells != first)
    origin = data.origin(column).take(cells.index.to_numpy()[differs])
    patients = ids[differs]
    told = zip(patients[:SHOWN], cells[differs][:SHOWN], first[differs][:SHOWN], strict=True)
    details = tuple(f"the rows of patient '{i}' contradict each other in {field}: {b}, {a}" for i, a, b in told)
    mend = "correct the file, or choose the rows with a keep or first step"
    problem = f"contradicts an earlier row of the patient in {field}"
    message = f"{origin.at(0)}: {details[0]}; {mend}"
    fault = Fault("patient.contradiction", origin, cells[differs], problem, mend, ERROR, details, message)
    data.reading.take(fault)
    data.reading.answered.update(patients)


def event_flags(data: Data, endpoint: Endpoint, status: pd.Series) -> pd.Series:
    """Whether the event happened, by the declared values; a value that was not declared is a fault."""
    known = among(status, (*endpoint.event, *endpoint.censored))
    wrong = status.notna() & ~known
    declared = f"event {list(endpoint.event)}, censored {list(endpoint.censored)}"
    mend = f"declare what it means ({declared}), or declare it as missing"
    problem = f"is neither event nor censored for {endpoint.id}"
    data.refuse("outcome.status", endpoint.status, wrong, problem, mend)
    return among(status, endpoint.event).astype("boolean").mask(~known)


def times(data: Data, endpoint: Endpoint, days: pd.Series) -> pd.Series:
    """The days; a fault where one is negative or absurd, or where the declared unit is implausible as a whole."""
    from tilexplorer.validation import times as expected

    expectations = expected.expectations(endpoint)
    if data.reading.in_batches:
        data.reading.timed(endpoint, data, days)
    elif not unit(data.reading, data.origin(endpoint.time), endpoint, days):
        expectations = expected.signs(endpoint)
    return _kept(data, endpoint.time, days.rename("days"), expectations)


def unit(reading: Reading, origin: Origin, endpoint: Endpoint, days: pd.Series) -> bool:
    """Whether all times of an endpoint together can be in the declared unit; a fault where they cannot."""
    from tilexplorer.validation import times as expected

    if expected.unit_is_plausible(days.where(days >= 0)):
        return True
    problem = (
        f"read as {endpoint.unit}, {endpoint.id} has a median of {days.median():.0f} and a longest time of "
        f"{days.max():.0f} days, which is implausible"
    )
    reading.take(of_file("time.unit", origin.file, problem, 'correct unit = "..."', origin.column))
    return False


def measured(data: Data, column: str, measure: str, values: pd.Series) -> pd.Series:
    """The values; a fault where one lies outside of what its scale allows: a share above 1, a density below 0."""
    from tilexplorer.validation import values as expected

    return _kept(data, column, values.rename("number"), expected.expectations(measure))


def _kept(data: Data, column: str, cells: pd.Series, expectations: Sequence[Expectation]) -> pd.Series:
    """The cells that are as expected; the others are answered and missing."""
    from tilexplorer.validation.expectation import failures  # pandera takes a third of a second to import

    for failure in failures(expectations, cells.to_frame()):
        expected, bad = failure.expectation, pd.Series(failure.bad, index=cells.index)
        data.refuse(expected.rule, column, bad, expected.problem, expected.mend, expected.severity)
        cells = cells.mask(bad)
    return cells
