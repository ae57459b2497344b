"""Text files with a delimiter: comma, tab, or whatever is declared; any line end, also the classic Mac's CR alone."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from tilexplorer.errors import UnreadableFile
from tilexplorer.importers.text import ReadOptions, from_rows

_LFS_POINTER = b"version https://git-lfs"
_LINE_END = re.compile(rb"\r\n|\n|\r")
_LONGEST_CELL = 10_000_000


def read_csv(path: Path, options: ReadOptions) -> pd.DataFrame:
    """A comma-separated file as a frame of text."""
    return read_delimited(path, options, ",")


def read_tsv(path: Path, options: ReadOptions) -> pd.DataFrame:
    """A tab-separated file as a frame of text."""
    return read_delimited(path, options, "\t")


def read_delimited(path: Path, options: ReadOptions, default: str = "") -> pd.DataFrame:
    """A delimited text file as a frame of text, values untouched: 0040 stays 0040.

    Raises
    ------
    UnreadableFile
        No delimiter is known, the bytes are not text in the declared encoding, or the rows do not fit the header.
    """
    delimiter = options.delimiter or default
    if not delimiter:
        raise UnreadableFile(f"{path.name}: the format 'delimited' needs delimiter = \"...\" in the mapping")
    text = decoded(path, options.encoding)
    return from_rows(_numbered(text, delimiter, options, path.name), options, path.name)


def decoded(path: Path, encoding: str) -> str:
    """The text of a file.

    Raises
    ------
    UnreadableFile
        A Git-LFS pointer, bytes that are no text in the encoding (with their row), or zero bytes.
    """
    raw = path.read_bytes()
    if is_pointer(raw):
        raise UnreadableFile(f"{path.name}: is a Git-LFS pointer, not the file itself; fetch it with 'git lfs pull'")
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as fault:
        row = 1 + len(_LINE_END.findall(raw[: fault.start]))
        raise UnreadableFile(
            f"{path.name}, row {row}: is not text in {encoding} ({fault}); declare its encoding"
        ) from fault
    except LookupError as fault:
        raise UnreadableFile(f"{path.name}: is not text in {encoding} ({fault}); declare its encoding") from fault
    if "\x00" in text:
        raise UnreadableFile(f"{path.name}: holds zero bytes, so it is not a text file in {encoding}")
    return text


def is_pointer(raw: bytes) -> bool:
    """Whether the first bytes of a file are those of a Git-LFS pointer, which stands where the file should be."""
    return raw.startswith(_LFS_POINTER)


def lines_of(text: str) -> list[str]:
    """The lines of a text without quoting, whatever ends them; a form feed ends none, other than in str.splitlines."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _numbered(text: str, delimiter: str, options: ReadOptions, label: str) -> Iterator[tuple[int, Sequence[str]]]:
    """Rows with their numbers. A row is numbered by its place among the records, which is its line in a plain file."""
    csv.field_size_limit(_LONGEST_CELL)
    # newline="" leaves the line ends to the csv module, which knows all three and keeps those within quotes.
    lines = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        quotechar=options.quote or None,
        quoting=csv.QUOTE_MINIMAL if options.quote else csv.QUOTE_NONE,
    )
    try:
        for number, row in enumerate(lines, 1):
            if not (options.comment and row and row[0].startswith(options.comment)):
                yield number, row
    except csv.Error as fault:
        raise UnreadableFile(f"{label}: line {lines.line_num}: {fault}") from fault
