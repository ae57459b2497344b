"""Tables: a file's rows after the mapping's steps, and where each cell came from, for messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import singledispatch
from types import MappingProxyType
from typing import Final

import pandas as pd

from tilexplorer.errors import InvalidData
from tilexplorer.importers.steps import Combine, DaysBetween, Derive, Drop, First, Join, Keep, Repair
from tilexplorer.importers.strict import nearest

# The column that holds the row number; a joined table's lies under 'table:#row'.
NUMBER: Final = "#row"


@dataclass(frozen=True, slots=True)
class Dropped:
    """Rows that were left out, counted under a reason."""

    what: str
    reason: str
    n: int


@dataclass(frozen=True)
class Data:
    """A table of text: missing cells are NA; `labels` names the file of each prefix ('' is the table's own)."""

    frame: pd.DataFrame
    labels: Mapping[str, str]
    dropped: tuple[Dropped, ...] = ()

    def __len__(self) -> int:
        return len(self.frame)

    def column(self, name: str) -> pd.Series:
        """A column by its name in the mapping; InvalidData names the nearest one where there is none."""
        if name not in self.frame.columns:
            known = [c for c in self.frame.columns if not c.endswith(NUMBER)]
            raise InvalidData(f"{self.labels['']}: has no column '{name}'; {nearest(name, known)}")
        return self.frame[name]

    def place(self, column: str, position: int) -> str:
        """'file, row 12, column X' of a cell, with the row as a person counts it."""
        prefix, _, name = column.rpartition(":")
        if prefix not in self.labels or column in self._own:
            prefix, name = "", column
        number = self.frame[f"{prefix}:{NUMBER}" if prefix else NUMBER].iloc[position]
        return f"{self.labels[prefix]}, row {number}, column '{name}'"

    @property
    def _own(self) -> frozenset[str]:
        return frozenset(c for c in self.frame.columns if c.partition(":")[0] not in self.labels)

    def fault(self, column: str, bad: pd.Series, problem: str, mend: str) -> InvalidData:
        """The error for the first of the bad cells, with how many more there are."""
        positions = bad.to_numpy(dtype=bool, na_value=False).nonzero()[0]
        value = self.column(column).iloc[positions[0]]
        shown = "an empty cell" if pd.isna(value) else f"'{value}'"
        more = f" (and {len(positions) - 1} more rows)" if len(positions) > 1 else ""
        return InvalidData(f"{self.place(column, int(positions[0]))}: {shown} {problem}{more}; {mend}")

    def rows(self, keep: pd.Series) -> Data:
        """The rows that are marked."""
        return replace(self, frame=self.frame[keep.to_numpy(dtype=bool, na_value=False)].reset_index(drop=True))

    def without(self, keep: pd.Series, what: str, reason: str) -> Data:
        """The rows that are marked; the others are counted under the reason, where there is one."""
        kept = self.rows(keep)
        n = len(self) - len(kept)
        return replace(kept, dropped=(*self.dropped, Dropped(what, reason, n))) if reason and n else kept


def from_file(frame: pd.DataFrame, label: str, missing: tuple[str, ...]) -> Data:
    """A file's rows as a table: blanks around cells removed, missing tokens (in any case) and empty cells made NA."""
    tokens = {"", *(token.casefold() for token in missing)}
    text = pd.DataFrame({name: _clean(frame[name], tokens) for name in frame.columns})
    text.insert(0, NUMBER, frame.index.to_numpy())
    return Data(text.reset_index(drop=True), MappingProxyType({"": label}))


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
    _expected(step.expect, changed, f"{data.labels['']}: the repair of column '{step.column}' changed")
    return replace(data, frame=data.frame.assign(**{step.column: after}))


@apply.register
def _derive(step: Derive, data: Data, lookup: Lookup) -> Data:  # noqa: ARG001
    source = data.column(step.source)
    matched = source.str.fullmatch(step.pattern).fillna(False).astype(bool)
    wrong = ~matched & source.notna()
    if step.unmatched == "error" and wrong.any():
        raise data.fault(
            step.source, wrong, f"does not match '{step.pattern}'", "correct the pattern of the derive step"
        )
    made = source.where(matched).str.replace(f"^(?:{step.pattern})$", step.replace, regex=True)
    made = made.where(matched, source) if step.unmatched == "keep" else made
    return replace(data, frame=data.frame.assign(**{step.column: made}))


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
    text = data.column(column)
    dates = pd.to_datetime(text, format=form or "ISO8601", errors="coerce")
    wrong = text.notna() & dates.isna()
    if wrong.any():
        mend = 'say how dates are written, e.g. format = "%d.%m.%Y"'
        raise data.fault(column, wrong, f"is no date as {form or 'year-month-day'}", mend)
    return dates


@apply.register
def _keep(step: Keep, data: Data, lookup: Lookup) -> Data:  # noqa: ARG001
    chosen = data.column(step.column).isin(step.values)
    kept = data.without(chosen, step.what, step.reason)
    _expected(step.expect, len(kept), f"{data.labels['']}: keeping {step.column} = {', '.join(step.values)} leaves")
    return kept


@apply.register
def _drop(step: Drop, data: Data, lookup: Lookup) -> Data:  # noqa: ARG001
    chosen = data.column(step.column).isin(step.values)
    left = data.without(~chosen, step.what, step.reason)
    _expected(step.expect, int(chosen.sum()), f"{data.labels['']}: dropping {', '.join(step.values)} removes")
    return left


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
    if repeated.any():
        column = next(iter(step.on.values()))
        raise other.fault(
            column, repeated, "is there more than once", f"'{step.table}' can only be joined by a unique key"
        )
    position = pd.Series(there.index, index=there)[there.notna().to_numpy()].reindex(here).reset_index(drop=True)
    found = position.notna()
    _expected(step.expect, int(found.sum()), f"{data.labels['']}: the join with '{step.table}' found")
    columns = other.frame.add_prefix(f"{step.table}:")
    beside = columns.take(position.fillna(0).astype(int).to_numpy()).reset_index(drop=True)
    beside = beside.astype({f"{step.table}:{NUMBER}": "Int64"}).where(found)
    labels = {**data.labels, step.table: other.labels[""]}
    labels.update({f"{step.table}:{prefix}": label for prefix, label in other.labels.items() if prefix})
    joined = replace(data, frame=pd.concat([data.frame, beside], axis=1), labels=MappingProxyType(labels))
    joined = replace(joined, dropped=(*joined.dropped, *other.dropped))
    return joined.without(found, "patient", step.reason) if step.how == "inner" else joined


def _keys(data: Data, names: tuple[str, ...], fold_case: bool) -> pd.Series:
    parts = [data.column(name) for name in names]
    key = parts[0]
    for part in parts[1:]:
        # A character that no cell holds keeps ('a', 'bc') and ('ab', 'c') apart.
        key = key + "\x1f" + part
    return key.str.casefold() if fold_case else key


def _expected(expect: int | None, seen: int, what: str) -> None:
    if expect is not None and seen != expect:
        raise InvalidData(f"{what} {seen} rows, the mapping expects {expect}; check the file, or correct 'expect'")
