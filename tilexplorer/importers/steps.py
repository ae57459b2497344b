"""The steps by which a file's rows become a table: what each may say in a mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from tilexplorer.importers.event_steps import Bands, Best, Difference, GatherRegimen, Lowest
from tilexplorer.importers.score_step import Score


def _compiled(pattern: str, replace: str) -> None:
    try:
        compiled = re.compile(pattern)
    except re.error as fault:
        raise ValueError(f"'{pattern}' is no regular expression ({fault})") from fault
    try:
        compiled.sub(replace, "")
    except (re.error, IndexError) as fault:
        raise ValueError(f"replace = '{replace}' does not fit the pattern '{pattern}' ({fault})") from fault


@dataclass(frozen=True, slots=True)
class Repair:
    """Mend text that the source damaged: replace what a regular expression finds in a column."""

    column: str
    pattern: str
    replace: str
    expect: int | None = None
    note: str = ""

    def __post_init__(self) -> None:
        _compiled(self.pattern, self.replace)


@dataclass(frozen=True, slots=True)
class Derive:
    """Make a new column from another: the whole cell has to match, and the replacement is its value."""

    column: str
    source: str
    pattern: str
    replace: str
    unmatched: str = "error"

    def __post_init__(self) -> None:
        _compiled(self.pattern, self.replace)
        if self.unmatched not in ("error", "missing", "keep"):
            raise ValueError("unmatched is error, missing or keep")


@dataclass(frozen=True, slots=True)
class Combine:
    """Make a new column from the text of several, e.g. a sample id from patient and visit; missing where one is."""

    column: str
    sources: tuple[str, ...]
    separator: str = "_"

    def __post_init__(self) -> None:
        if not self.sources:
            raise ValueError("sources = [...] has to name the columns that are put together")


@dataclass(frozen=True, slots=True)
class DaysBetween:
    """Make a new column with the days from one date to another; `format` as in strptime, empty for ISO dates."""

    column: str
    start: str
    end: str
    format: str = ""


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep the rows with one of these values; with a reason, the others are counted as left out."""

    column: str
    values: tuple[str, ...]
    reason: str = ""
    what: str = "patient"
    expect: int | None = None


@dataclass(frozen=True, slots=True)
class Drop:
    """Leave out the rows with one of these values, and count them under a reason."""

    column: str
    values: tuple[str, ...]
    reason: str
    what: str = "patient"
    expect: int | None = None


@dataclass(frozen=True, slots=True)
class Fill:
    """Give the empty cells of a column the value above them, as merged cells of a spreadsheet mean it."""

    column: str


@dataclass(frozen=True, slots=True)
class First:
    """Keep the first row of each group after sorting the text of some columns; count the others under a reason."""

    by: str
    sort: tuple[str, ...]
    reason: str
    what: str = "sample"


@dataclass(frozen=True, slots=True)
class Join:
    """Put the columns of another table beside the rows, named 'table:column'. Its key has to be unique."""

    table: str
    on: Mapping[str, str] = field(default_factory=dict)
    fold_case: bool = False
    how: str = "left"
    reason: str = ""
    expect: int | None = None

    def __post_init__(self) -> None:
        if len(self.on) == 0:
            raise ValueError('on = {"column here" = "column there"} is needed')
        if self.how not in ("left", "inner"):
            raise ValueError("how is left (keep every row) or inner (keep the rows that are joined)")
        if self.how == "inner" and not self.reason:
            raise ValueError("an inner join leaves out rows: say why with reason = ...")


@dataclass(frozen=True, slots=True)
class Pivot:
    """Make one row for each `by` from a long table, with a column for each value of the column `key`.

    With `strip_key` an ending '_<key>' is taken off the values, in any case, before `missing` tokens are looked for.
    """

    by: tuple[str, ...]
    key: str
    value: str
    strip_key: bool = False
    missing: tuple[str, ...] = ()
    separator: str = ""

    def __post_init__(self) -> None:
        if not self.by:
            raise ValueError("by = [...] has to name the columns that make a row")


class Step:
    """Any of the steps; the key 'do' says which."""

    KINDS: ClassVar[Mapping[str, type]] = {
        "repair": Repair,
        "derive": Derive,
        "combine": Combine,
        "days between": DaysBetween,
        "keep": Keep,
        "drop": Drop,
        "fill": Fill,
        "first": First,
        "join": Join,
        "regimen": GatherRegimen,
        "difference": Difference,
        "bands": Bands,
        "best": Best,
        "lowest": Lowest,
        "pivot": Pivot,
        "score": Score,
    }
