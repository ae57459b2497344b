"""What every reader shares: a frame of text whose index counts rows as a person does, and nothing guessed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from tilexplorer.errors import UnreadableFile
from tilexplorer.importers.limits import batches, counted

ROW: Final = "row"
MAX_COLUMNS: Final = 20_000


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a file is to be read. Each reader takes what concerns its format and leaves the rest alone.

    Attributes
    ----------
    encoding
        Character encoding of a text file.
    delimiter
        Character between the cells of a text file; empty means what the format says.
    quote
        Quoting character of a text file; empty means that quotes are ordinary characters.
    comment
        Leading text of the lines to skip, e.g. '#'; empty means none.
    header
        Numbers of the header rows, from 1 as a person counts. Several are joined with a blank.
    sheet
        Name of an Excel sheet; empty means the first.
    object
        Name of the object within an R data file; empty means the only one.
    entities
        Names of the rows to take from a matrix of entities by samples; empty means all.
    properties
        Columns of such a matrix that describe its entities and are no samples.
    part
        Part of a SummarizedExperiment: 'colData', 'rowData', 'assay', 'assay:NAME' or 'assay:1'.
    """

    encoding: str = "utf-8-sig"
    delimiter: str = ""
    quote: str = '"'
    comment: str = ""
    header: tuple[int, ...] = (1,)
    sheet: str = ""
    object: str = ""
    entities: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    part: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a file as a frame of text, and how much of it has been read, in bytes or in rows."""

    frame: pd.DataFrame
    done: int
    total: int


def number_text(value: float) -> str:
    """A number as a person writes it: 12 and not 12.0, all digits of a fraction, nothing for not-a-number."""
    if value != value:
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(float(value))


def cell_text(value: object) -> str:
    """A typed cell as text; empty for a missing one."""
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, bool | np.bool_):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float | np.floating):
        return number_text(float(value))
    return str(value)


def unique_names(names: Iterable[str]) -> list[str]:
    """Column names made unique: a second 'name' becomes 'name.1', a third 'name.2'."""
    seen: dict[str, int] = {}
    taken: set[str] = set()
    unique: list[str] = []
    for name in names:
        candidate = name
        while candidate in taken:
            seen[name] = seen.get(name, 0) + 1
            candidate = f"{name}.{seen[name]}"
        taken.add(candidate)
        unique.append(candidate)
    return unique


def joined_header(rows: Sequence[Sequence[str]]) -> list[str]:
    """Column names from one or more header rows; in upper rows an empty cell repeats the one to its left.

    A spreadsheet merges the cells of an upper header, which leaves all but the first of them empty.
    """
    width = max(len(row) for row in rows)
    padded = [[*map(_one_line, row), *[""] * (width - len(row))] for row in rows]
    upper = [_filled(row) for row in padded[:-1]]
    named = [any(cells) for cells in zip(*padded, strict=True)]
    parts = zip(*upper, padded[-1], strict=True)
    return [" ".join(filter(None, part)) if keep else "" for part, keep in zip(parts, named, strict=True)]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _filled(row: Sequence[str]) -> list[str]:
    last = ""
    filled = []
    for cell in row:
        last = cell or last
        filled.append(last)
    return filled


def from_rows(rows: Iterable[tuple[int, Sequence[str]]], options: ReadOptions, label: str) -> pd.DataFrame:
    """A frame from numbered rows of text: header rows joined, blank lines and trailing empty columns left out.

    Parameters
    ----------
    rows
        The number of each row as a person counts it, and its cells.
    options
        Which rows are the header.
    label
        Name of the file, for messages.

    Returns
    -------
    pandas.DataFrame
        Text cells, empty where the source is empty; the index holds the row numbers.

    Raises
    ------
    UnreadableFile
        No header, a header without names, a row longer than the header, too many columns, too many cells.
    """
    numbered = counted(rows, label)
    names = _header(numbered, options, label)
    return _frame(names, [row for row in numbered if any(row[1])], label)


def frames_of_rows(
    rows: Iterable[tuple[int, Sequence[str]]], options: ReadOptions, label: str, size: int
) -> Iterator[pd.DataFrame]:
    """The same in frames of at most `size` rows, one at least; their row numbers run on."""
    numbered = iter(rows)
    names = _header(numbered, options, label)
    for batch in batches((row for row in numbered if any(row[1])), size):
        yield _frame(names, batch, label)


def _header(rows: Iterator[tuple[int, Sequence[str]]], options: ReadOptions, label: str) -> list[str]:
    """The column names; the rows are left where the data begin."""
    last = max(options.header)
    header: dict[int, Sequence[str]] = {}
    for number, row in rows:
        if number in options.header:
            header[number] = row
        if number >= last:
            break
    if set(header) != set(options.header):
        raise UnreadableFile(f"{label}: has no row {last}, which is declared as its header")
    # Said before any row is read: a file of a million columns has rows that are as long.
    _check_width(max(_used(row) for row in header.values()), label)
    return joined_header([header[number] for number in options.header])


def _check_width(width: int, label: str) -> None:
    if width > MAX_COLUMNS:
        raise UnreadableFile(
            f"{label}: has {width:,} columns, more than the {MAX_COLUMNS:,} that are read; "
            "leave out those that are not needed, or turn the table round"
        )


def _frame(names: list[str], rows: Sequence[tuple[int, Sequence[str]]], label: str) -> pd.DataFrame:
    numbers, cells = [number for number, _ in rows], [row for _, row in rows]
    names = _trimmed(names, cells)
    _check_shape(names, numbers, cells, label)
    width = len(names)
    padded = [[*row[:width], *[""] * (width - len(row))] for row in cells]
    index = pd.Index(numbers, name=ROW, dtype="int64")
    return pd.DataFrame(padded, columns=unique_names(names), index=index, dtype="string")


def _trimmed(names: list[str], cells: Sequence[Sequence[str]]) -> list[str]:
    """The names without trailing columns that have neither a name nor a single value."""
    used = max((_used(row) for row in cells), default=0)
    width = len(names)
    while width > used and not names[width - 1]:
        width -= 1
    return names[:width]


def _used(row: Sequence[str]) -> int:
    width = len(row)
    while width and not row[width - 1]:
        width -= 1
    return width


def _check_shape(names: Sequence[str], numbers: Sequence[int], cells: Sequence[Sequence[str]], label: str) -> None:
    if not any(names):
        raise UnreadableFile(
            f"{label}: the header row holds no column name; say where the header is with header = [...]"
        )
    _check_width(len(names), label)
    for number, row in zip(numbers, cells, strict=True):
        if _used(row) > len(names):
            raise UnreadableFile(
                f"{label}: row {number} has {_used(row)} cells, the header has {len(names)}; "
                "check the delimiter, the quoting and the header rows"
            )


def from_typed(columns: Mapping[str, pd.Series], first: int = 1) -> pd.DataFrame:
    """A frame of text from typed columns (Arrow, R); rows are numbered from `first`."""
    names = unique_names(str(name) for name in columns)
    text = [as_text(series) for series in columns.values()]
    frame = pd.DataFrame(dict(zip(names, text, strict=True)))
    frame.index = pd.RangeIndex(first, first + len(frame), name=ROW)
    return frame


def as_text(series: pd.Series) -> pd.Series:
    """A typed column as text, empty where it is missing; row by row only where the type leaves no other way."""
    plain = series.reset_index(drop=True)
    if pd.api.types.is_string_dtype(plain.dtype) and plain.dtype != object:
        return plain.astype("string").fillna("")
    if pd.api.types.is_integer_dtype(plain.dtype) and not plain.isna().any():
        return plain.astype("string")
    if pd.api.types.is_float_dtype(plain.dtype) and isinstance(plain.dtype, np.dtype):
        # Each distinct number is written once: measured values are rounded, and repeat.
        codes, distinct = pd.factorize(plain.to_numpy())
        written = pd.array([*(number_text(float(value)) for value in distinct), ""], dtype="string")
        return pd.Series(written.take(codes))
    return pd.Series([cell_text(value) for value in plain], dtype="string")
