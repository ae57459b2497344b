"""The pivot step: a long table of keys and values becomes a wide one."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from tilexplorer.importers.steps import Pivot
from tilexplorer.importers.tables import NUMBER, Data, Lookup, apply


@apply.register
def pivot(step: Pivot, data: Data, lookup: Lookup) -> Data:  # noqa: ARG001 - the steps share one signature
    """One row for each `by` in the order of the file, with a column for each key."""
    _check(step, data)
    by = list(step.by)
    rows = data.frame[by].drop_duplicates()
    # Groups are counted in the order in which they appear; the number of a row is that of its first line.
    group = data.frame.groupby(by, sort=False).ngroup()
    keys = data.column(step.key)
    values = _values(step, data, keys)
    wide = _spread(step, data, group, keys, values)
    wide = wide.reindex(index=range(len(rows)), columns=list(dict.fromkeys(keys))).astype("string")
    frame = pd.concat([data.frame.loc[rows.index, [NUMBER, *by]].reset_index(drop=True), wide], axis=1)
    return replace(data, frame=frame)


def _check(step: Pivot, data: Data) -> None:
    data.column(step.value)
    for name in (*step.by, step.key):
        empty = data.column(name).isna()
        if empty.any():
            raise data.fault(name, empty, "gives no row or column to a value", "fill the cell, or drop the row")
    taken = data.column(step.key).isin(step.by)
    if taken.any():
        raise data.fault(step.key, taken, "is also the name of a column of `by`", "rename it with a repair step")


def _values(step: Pivot, data: Data, keys: pd.Series) -> pd.Series:
    """The values, without the key's name as their ending, and NA where they are a missing token."""
    values = data.column(step.value)
    if step.strip_key:
        ends = [f"_{key}".casefold() for key in keys]
        stripped = [_without(value, end) for value, end in zip(values, ends, strict=True)]
        values = pd.Series(stripped, index=values.index, dtype="string")
    tokens = {"", *(token.casefold() for token in step.missing)}
    return values.mask(values.str.casefold().isin(tokens).fillna(False).astype(bool))


def _without(value: object, end: str) -> object:
    text = "" if pd.isna(value) else str(value)  # type: ignore[call-overload]
    return text[: -len(end)] if text.casefold().endswith(end) else text


def _spread(step: Pivot, data: Data, group: pd.Series, keys: pd.Series, values: pd.Series) -> pd.DataFrame:
    """Values by group and key: what is said twice alike is one value; several are joined, or an error."""
    long = pd.DataFrame({"group": group, "key": keys, "value": values}).dropna().drop_duplicates()
    several = long.duplicated(["group", "key"], keep=False)
    if several.any() and not step.separator:
        position = int(long.index[several][1])
        marked = pd.Series(range(len(data)), index=data.frame.index) == position
        mend = "choose one with keep or first, or join them with separator = ..."
        raise data.fault(step.value, marked, f"is a second value of '{keys.iloc[position]}' for one row", mend)
    if several.any():
        joined = long.sort_values("value").groupby(["group", "key"], sort=False)["value"].agg(step.separator.join)
        long = joined.reset_index()
    return long.set_index(["group", "key"])["value"].unstack()  # noqa: PD010 - pivot_table would aggregate
