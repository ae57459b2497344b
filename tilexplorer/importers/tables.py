"""Tables: a file's rows after the mapping's steps, and where each cell came from, for messages."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import singledispatch
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from tilexplorer.errors import InvalidMapping
from tilexplorer.importers.faults import ERROR, STRICT, Fault, FaultyCells, Origin, Reading, of_file
from tilexplorer.importers.steps import Combine, DaysBetween, Derive, Drop, Fill, First, Join, Keep, Repair
from tilexplorer.importers.strict import nearest

# The column that holds the row number; a joined table's lies under 'table:#row'.
NUMBER: Final = "#row"


# A whole date, with a time of day or without, and the zone behind a time of day.
_ISO: Final = r"\d{4}(?:-\d\d-\d\d|\d{4})(?:[ T].*)?"
_ZONE: Final = re.compile(r"(:\d\d(?:\.\d+)?)\s*(?:Z|[+-]\d\d(?::?\d\d)?)$")


@dataclass(frozen=True, slots=True)
class Dropped:
    """Rows that were left out, counted under a reason."""

    what: str
    reason: str
    n: int


@dataclass(frozen=True)
class Data:
    """A table of text: missing cells are NA; `labels` names the file of each prefix ('' is the table's own).

    `reading` says what happens where a cell cannot be used: an import stops, a validation report notes it.
    `notes` says how measures were made, where a step made them.
    """

    frame: pd.DataFrame
    labels: Mapping[str, str]
    dropped: tuple[Dropped, ...] = ()
    reading: Reading = STRICT
    notes: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.frame)

    def column(self, name: str) -> pd.Series:
        """A column by its name in the mapping; a fault that names the nearest one where there is none."""
        if name not in self.frame.columns:
            known = [c for c in self.frame.columns if not c.endswith(NUMBER)]
            file, problem, mend = self.labels[""], f"has no column '{name}'", nearest(name, known)
            message = f"{file}: {problem}; {mend}"
            self.reading.take(of_file("structure.column", file, problem, mend, name, message))
            return pd.Series(pd.NA, index=self.frame.index, dtype="string")
        self.reading.saw(*self._source(name)[:2])
        return self.frame[name]

    def _source(self, column: str) -> tuple[str, str, str]:
        """File and name of a column, and the column that holds its row numbers."""
        prefix, _, name = column.rpartition(":")
        if prefix and (prefix not in self.labels or column in self._own):
            prefix, name = "", column
        return self.labels[prefix], name, f"{prefix}:{NUMBER}" if prefix else NUMBER

    def origin(self, column: str) -> Origin:
        """Where a column's cells came from; rows that were joined with nothing have the number of their own file."""
        file, name, number = self._source(column)
        rows = self.frame[number].fillna(self.frame[NUMBER]) if number != NUMBER else self.frame[NUMBER]
        return Origin(file, name, rows.to_numpy(dtype="int64"))

    def _unjoined(self, column: str) -> np.ndarray:
        """Rows whose cell of a joined table is empty because nothing was joined to them."""
        number = self._source(column)[2]
        return marked(self.frame[number].isna()) if number != NUMBER else np.zeros(len(self), dtype=bool)

    def place(self, column: str, position: int) -> str:
        """'file, row 12, column X' of a cell, with the row as a person counts it."""
        return self.origin(column).at(position)

    @property
    def _own(self) -> frozenset[str]:
        return frozenset(c for c in self.frame.columns if c.partition(":")[0] not in self.labels)

    def _fault(self, rule: str, column: str, bad: pd.Series, problem: str, mend: str, severity: str) -> Fault:
        positions = marked(bad).nonzero()[0]
        values = self.column(column).iloc[positions]
        return Fault(rule, self.origin(column).take(positions), values, problem, mend, severity)

    def fault(self, column: str, bad: pd.Series, problem: str, mend: str, rule: str = "cell.unusable") -> FaultyCells:
        """The error for the first of the bad cells, with how many more there are, where nothing can go on."""
        return self._fault(rule, column, bad, problem, mend, ERROR).error()

    def refuse(self, rule: str, column: str, bad: pd.Series, problem: str, mend: str, severity: str = ERROR) -> None:
        """Answer the bad cells, if there are any, as the reading does; where it goes on they are to be missing."""
        bad = pd.Series(marked(bad), index=self.frame.index)
        alone = bad & self._unjoined(column)
        if (bad & ~alone).any():
            self.reading.take(self._fault(rule, column, bad & ~alone, problem, mend, severity))
        if alone.any():  # the row of the table itself is what can be mended
            own = Origin(self.labels[""], column, self.frame[NUMBER].to_numpy(dtype="int64")[alone])
            self.reading.take(Fault(rule, own, self.column(column)[alone], problem, mend, severity))

    def rows(self, keep: pd.Series) -> Data:
        """The rows that are marked."""
        return replace(self, frame=self.frame[keep.to_numpy(dtype=bool, na_value=False)].reset_index(drop=True))

    def without(self, keep: pd.Series, what: str, reason: str) -> Data:
        """The rows that are marked; the others are counted under the reason, where there is one."""
        kept = self.rows(keep)
        n = len(self) - len(kept)
        return replace(kept, dropped=(*self.dropped, Dropped(what, reason, n))) if reason and n else kept


def marked(mask: pd.Series) -> np.ndarray:
    """A mask as an array; cells of which nobody knows are not marked."""
    return mask.to_numpy(dtype=bool, na_value=False)


def among(cells: pd.Series, values: Collection[str]) -> pd.Series:
    """Which cells hold one of the values; an empty text among them stands for an empty cell."""
    found = cells.isin(list(values))
    return found | cells.isna() if "" in values else found


def from_file(frame: pd.DataFrame, label: str, missing: tuple[str, ...], reading: Reading = STRICT) -> Data:
    """A file's rows as a table: blanks around cells removed, missing tokens (in any case) and empty cells made NA."""
    tokens = {"", *(token.casefold() for token in missing)}
    text = pd.DataFrame({name: _clean(frame[name], tokens) for name in frame.columns})
    text.insert(0, NUMBER, frame.index.to_numpy())
    return Data(text.reset_index(drop=True), MappingProxyType({"": label}), reading=reading)


def _clean(column: pd.Series, missing: set[str]) -> pd.Series:
    # Each distinct text is looked at once: most columns repeat a few.
    codes, distinct = pd.factorize(column.to_numpy(dtype=object))
    cleaned = [str(value).strip() for value in distinct]
    values = pd.array([None if value.casefold() in missing else value for value in cleaned], dtype="string")
    return pd.Series(values.take(codes, allow_fill=True), dtype="string")


Lookup = Callable[[str], Data]


@singledispatch
def apply(step: object, data: Data, lookup: Lookup) -> Data:  # noqa: ARG001 - the steps share one signature
    """The table after a step; `lookup` gives another table by its name."""
    raise TypeError(f"{type(step).__name__} is no step")


@apply.register
def _repair(step: Repair, data: Data, lookup: Lookup) -> Data:  # noqa: ARG001
    before = data.column(step.column)
    after = before.str.replace(step.pattern, step.replace, regex=True)
    changed = int((before != after).sum())
    _expected(data, step.expect, changed, f"the repair of column '{step.column}' changed")
    return replace(data, frame=data.frame.assign(**{step.column: _emptied(after)}))


def _emptied(cells: pd.Series) -> pd.Series:
    """The cells as a file would have them: blanks around them removed, missing where nothing is left."""
    stripped = cells.str.strip()
    return stripped.mask(stripped == "")


@apply.register
def _derive(step: Derive, data: Data, lookup: Lookup) -> Data:  # noqa: ARG001
    source = data.column(step.source)
    pattern = re.compile(step.pattern)
    # Each distinct text is looked at once. An optional group that matched nothing is an empty text.
    matches = {text: pattern.fullmatch(text) for text in source.dropna().unique()}
    table = {text: match.expand(step.replace) for text, match in matches.items() if match}
    if step.unmatched == "error":
        mend = "correct the pattern of the derive step"
        wrong = source.notna() & ~source.isin(list(table))
        data.refuse("cell.pattern", step.source, wrong, f"does not match '{step.pattern}'", mend)
    made = source.map(table).astype("string")
    made = made.fillna(source) if step.unmatched == "keep" else made
    return replace(data, frame=data.frame.assign(**{step.column: _emptied(made)}))


@apply.register
def _combine(step: Combine, data: Data, lookup: Lookup) -> Data:  # noqa: ARG001
    made = data.column(step.sources[0])
    for name in step.sources[1:]:
        made = made + step.separator + data.column(name)
    return replace(data, frame=data.frame.assign(**{step.column: made}))


@apply.register
def _days_between(step: DaysBetween, data: Data, lookup: Lookup) -> Data:  # noqa: ARG001
    days = (_dates(data, step.end, step.format) - _dates(data, step.start, step.format)).dt.days
    return replace(data, frame=data.frame.assign(**{step.column: days.astype("Int64").astype("string")}))


def _dates(data: Data, column: str, form: str) -> pd.Series:
    """The dates as they stand in the cells: neither the time of day nor its zone counts."""
    text = data.column(column)
    try:
        dates = _days(text, form) if form else pd.Series(pd.NaT, index=text.index, dtype="datetime64[ns, UTC]")
    except ValueError as fault:  # the format itself: cells that do not fit it are missing
        raise InvalidMapping(
            f"{data.labels['']}: format = '{form}' does not say how dates are written ({fault})"
        ) from fault
    # Typed cells are written year first whatever the text beside them is like. A year alone is no date.
    whole = text.where(text.str.fullmatch(_ISO).fillna(False)).str.replace(_ZONE, r"\1", regex=True)
    dates = dates.fillna(_days(whole, "ISO8601"))
    wrong = text.notna() & dates.isna()
    mend = 'say how dates are written, e.g. format = "%d.%m.%Y"'
    data.refuse("cell.date", column, wrong, f"is no date as {form or 'year-month-day'}", mend)
    return dates


def _days(text: pd.Series, form: str) -> pd.Series:
    return pd.to_datetime(text, format=form, errors="coerce", utc=True).dt.normalize()


@apply.register
def _keep(step: Keep, data: Data, lookup: Lookup) -> Data:  # noqa: ARG001
    chosen = among(data.column(step.column), step.values)
    kept = data.without(chosen, step.what, step.reason)
    _expected(data, step.expect, len(kept), f"keeping {step.column} = {', '.join(step.values)} leaves")
    return kept


@apply.register
def _drop(step: Drop, data: Data, lookup: Lookup) -> Data:  # noqa: ARG001
    chosen = among(data.column(step.column), step.values)
    left = data.without(~chosen, step.what, step.reason)
    _expected(data, step.expect, int(chosen.sum()), f"dropping {', '.join(step.values)} removes")
    return left


@apply.register
def _fill(step: Fill, data: Data, lookup: Lookup) -> Data:  # noqa: ARG001
    return replace(data, frame=data.frame.assign(**{step.column: data.column(step.column).ffill()}))


@apply.register
def _first(step: First, data: Data, lookup: Lookup) -> Data:  # noqa: ARG001
    key = data.column(step.by)
    for name in step.sort:
        data.column(name)
    # A stable sort: rows that tie keep the order of the file.
    order = data.frame.sort_values(list(step.sort), kind="stable").index
    first = ~key.loc[order].duplicated()
    return data.without(first.sort_index() | key.isna(), step.what, step.reason)


@apply.register
def _join(step: Join, data: Data, lookup: Lookup) -> Data:
    other = lookup(step.table)
    here = _keys(data, tuple(step.on), step.fold_case)
    there = _keys(other, tuple(step.on.values()), step.fold_case)
    repeated = there.notna() & there.duplicated(keep=False)
    column = next(iter(step.on.values()))
    mend = f"'{step.table}' can only be joined by a unique key"
    other.refuse("join.repeated", column, repeated, "is there more than once", mend)
    usable = (there.notna() & ~there.duplicated()).to_numpy(dtype=bool)
    position = pd.Series(there.index, index=there)[usable].reindex(here).reset_index(drop=True)
    found = position.notna()
    _expected(data, step.expect, int(found.sum()), f"the join with '{step.table}' found")
    columns = other.frame.add_prefix(f"{step.table}:")
    beside = columns.take(position.fillna(0).astype(int).to_numpy()).reset_index(drop=True)
    beside = beside.astype({f"{step.table}:{NUMBER}": "Int64"}).where(found)
    labels = {**data.labels, step.table: other.labels[""]}
    labels.update({f"{step.table}:{prefix}": label for prefix, label in other.labels.items() if prefix})
    joined = replace(data, frame=pd.concat([data.frame, beside], axis=1), labels=MappingProxyType(labels))
    joined = replace(joined, dropped=(*joined.dropped, *other.dropped), notes={**other.notes, **joined.notes})
    return joined.without(found, "patient", step.reason) if step.how == "inner" else joined


def _keys(data: Data, names: tuple[str, ...], fold_case: bool) -> pd.Series:
    parts = [data.column(name) for name in names]
    key = parts[0]
    for part in parts[1:]:
        # A character that no cell holds keeps ('a', 'bc') and ('ab', 'c') apart.
        key = key + "\x1f" + part
    return key.str.casefold() if fold_case else key


def _expected(data: Data, expect: int | None, seen: int, what: str) -> None:
    if expect is not None and seen != expect:
        problem = f"{what} {seen} rows, the mapping expects {expect}"
        data.reading.take(of_file("step.expect", data.labels[""], problem, "check the file, or correct 'expect'"))
