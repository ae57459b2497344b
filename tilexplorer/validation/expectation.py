"""One expectation of a parsed column or of several together, run by pandera, with the words for those it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from tilexplorer.importers.faults import ERROR

Holds = Callable[[Any], Any]


@dataclass(frozen=True)
class Expectation:
    """What has to hold.

    Attributes
    ----------
    rule
        Id of the rule, for reports and for [[accept]].
    column
        Column of the parsed frame whose source cell is to be named.
    holds
        From that column's recorded cells (or, with `across`, from the whole frame) to whether it holds for each row;
        a single False says that the column as a whole is wrong.
    problem, mend
        What is wrong, said of the value, and how to mend it.
    severity
        'error' or 'warning'.
    across
        Other columns that are looked at; the expectation is left out where the frame does not have them all.
    told
        The problem of one row in its own words, from the row's cells.
    """

    rule: str
    column: str
    holds: Holds
    problem: str
    mend: str
    severity: str = ERROR
    across: tuple[str, ...] = ()
    told: Callable[[pd.Series], str] | None = None


@dataclass(frozen=True)
class Failure:
    """An expectation that does not hold, and for which rows; no row at all: for the column as a whole."""

    expectation: Expectation
    bad: np.ndarray

    @property
    def whole(self) -> bool:
        """Whether the column as a whole is wrong, and not some of its cells."""
        return not self.bad.any()


def schema(expectations: Sequence[Expectation]) -> pa.DataFrameSchema:
    """The expectations as a pandera schema; columns that a source does not record are not asked for."""
    names = dict.fromkeys(e.column for e in expectations if not e.across)
    columns = {name: pa.Column(None, _own(expectations, name), nullable=True, required=False) for name in names}
    return pa.DataFrameSchema(columns, checks=[_check(e) for e in expectations if e.across])


def _own(expectations: Sequence[Expectation], column: str) -> list[pa.Check]:
    return [_check(e) for e in expectations if e.column == column and not e.across]


def _check(expectation: Expectation) -> pa.Check:
    # The failing rows are taken from the check's output; pandera's own table of them would be built row by row.
    return pa.Check(expectation.holds, name=expectation.rule, error=expectation.problem, n_failure_cases=1)


def failures(expectations: Sequence[Expectation], frame: pd.DataFrame) -> Iterator[Failure]:
    """The expectations that do not hold in a frame, all of them, in their order.

    Parameters
    ----------
    expectations
        Rules may not repeat for one column.
    frame
        Parsed columns, indexed 0, 1, 2, ...
    """
    asked = [e for e in expectations if {e.column, *e.across} <= set(frame.columns)]
    by_name = {(e.rule, e.column): e for e in asked}
    across = {e.rule: e for e in asked if e.across}
    try:
        schema(asked).validate(frame, lazy=True, inplace=True)
    except SchemaErrors as found:
        for one in found.schema_errors:
            rule = str(one.check.name)
            expectation = across.get(rule) or by_name[rule, str(one.schema.name)]
            yield Failure(expectation, _bad(one.check_output, len(frame)))


def _bad(output: Any, rows: int) -> np.ndarray:
    """Which rows failed. pandera leaves out the cells that are missing, and those do not fail."""
    bad = np.zeros(rows, dtype=bool)
    if isinstance(output, pd.Series):
        failed = ~output.fillna(True).astype(bool)
        bad[failed.index[failed]] = True
    return bad
