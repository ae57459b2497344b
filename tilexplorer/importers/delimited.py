"""Text files with a delimiter: comma, tab, or whatever is declared; any line end, also the classic Mac's CR alone."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

import pandas as pd

from tilexplorer.errors import UnreadableFile
from tilexplorer.importers.limits import LONGEST_LINE, MAX_BYTES, check_size
from tilexplorer.importers.text import Batch, ReadOptions, frames_of_rows, from_rows

_LFS_POINTER = b"version https://git-lfs"
# What files begin with that are no text, though any of their bytes is a character of latin-1.
_OTHER: Final = {
    b"\x1f\x8b": "is packed with gzip; unpack it, and name the file that comes out",
    b"PK\x03\x04": 'is a zip archive or a workbook, and no text; format = "excel" reads a workbook',
}
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
    check_size(path)
    delimiter = _delimiter(path, options, default)
    with opened(path, options.encoding) as text:
        return from_rows(_numbered(text_lines(text, path.name), delimiter, options, path.name), options, path.name)


def csv_batches(path: Path, options: ReadOptions, size: int) -> Iterator[Batch]:
    """A comma-separated file in batches."""
    return delimited_batches(path, options, size, ",")


def tsv_batches(path: Path, options: ReadOptions, size: int) -> Iterator[Batch]:
    """A tab-separated file in batches."""
    return delimited_batches(path, options, size, "\t")


def delimited_batches(path: Path, options: ReadOptions, size: int, default: str = "") -> Iterator[Batch]:
    """A delimited text file in batches of at most `size` rows, one at least; done and total are bytes."""
    delimiter = _delimiter(path, options, default)
    total = path.stat().st_size
    with opened(path, options.encoding) as text:
        rows = _numbered(text_lines(text, path.name), delimiter, options, path.name)
        for frame in frames_of_rows(rows, options, path.name, size):
            yield Batch(frame, text.buffer.tell(), total)


def _delimiter(path: Path, options: ReadOptions, default: str) -> str:
    if not (options.delimiter or default):
        raise UnreadableFile(f"{path.name}: the format 'delimited' needs delimiter = \"...\" in the mapping")
    return options.delimiter or default


@contextmanager
def opened(path: Path, encoding: str) -> Iterator[TextIO]:
    """A text file, to be read by `text_lines`; the same faults as of one that is decoded as a whole."""
    with path.open("rb") as raw:
        first = raw.read(len(_LFS_POINTER))
    if is_pointer(first):
        raise _pointer(path)
    for mark, problem in _OTHER.items():
        if first.startswith(mark):
            raise UnreadableFile(f"{path.name}: {problem}")
    _check_encoding(path, encoding)
    try:
        # newline="" leaves the line ends to the csv module, which knows all three and keeps those within quotes.
        with path.open(encoding=encoding, newline="") as text:
            yield text
    except UnicodeError as fault:
        if path.stat().st_size <= MAX_BYTES:
            decoded(path, encoding)  # says where
        raise _no_text(path, encoding, fault) from fault


def _check_encoding(path: Path, encoding: str) -> None:
    """UnreadableFile where no encoding of text has this name: Python has others, which unpack or turn bytes round."""
    try:
        "".encode(encoding)
        codecs.lookup(encoding)
    except (LookupError, ValueError) as fault:
        raise _no_text(path, encoding, fault) from fault


def _pointer(path: Path) -> UnreadableFile:
    return UnreadableFile(f"{path.name}: is a Git-LFS pointer, not the file itself; fetch it with 'git lfs pull'")


def _no_text(path: Path, encoding: str, fault: Exception, row: int | None = None) -> UnreadableFile:
    place = path.name if row is None else f"{path.name}, row {row}"
    return UnreadableFile(f"{place}: is not text in {encoding} ({fault}); declare its encoding")


def _zeros(label: str, encoding: str) -> UnreadableFile:
    return UnreadableFile(f"{label}: holds zero bytes, so it is not a text file in {encoding}")


def text_lines(text: TextIO, label: str) -> Iterator[str]:
    """The lines of an open text file with their ends; UnreadableFile where one holds zeros or has no end in sight."""
    while line := text.readline(LONGEST_LINE):
        if "\x00" in line:
            raise _zeros(label, text.encoding)
        if len(line) == LONGEST_LINE and not line.endswith(("\n", "\r")):
            raise UnreadableFile(
                f"{label}: has a line of more than {LONGEST_LINE:,} characters; is it a table, and are its lines ended?"
            )
        yield line


def decoded(path: Path, encoding: str) -> str:
    """The text of a file.

    Raises
    ------
    UnreadableFile
        A Git-LFS pointer, bytes that are no text in the encoding (with their row), zero bytes, or too much of it.
    """
    check_size(path)
    _check_encoding(path, encoding)
    raw = path.read_bytes()
    if is_pointer(raw):
        raise _pointer(path)
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as fault:
        raise _no_text(path, encoding, fault, 1 + len(_LINE_END.findall(raw[: fault.start]))) from fault
    except UnicodeError as fault:
        raise _no_text(path, encoding, fault) from fault
    if "\x00" in text:
        raise _zeros(path.name, encoding)
    return text


def is_pointer(raw: bytes) -> bool:
    """Whether the first bytes of a file are those of a Git-LFS pointer, which stands where the file should be."""
    return raw.startswith(_LFS_POINTER)


def lines_of(text: str) -> list[str]:
    """The lines of a text without quoting, whatever ends them; a form feed ends none, other than in str.splitlines."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _numbered(
    source: Iterable[str], delimiter: str, options: ReadOptions, label: str
) -> Iterator[tuple[int, Sequence[str]]]:
    """Rows with their numbers. A row is numbered by its place among the records, which is its line in a plain file."""
    csv.field_size_limit(_LONGEST_CELL)
    try:
        lines = csv.reader(
            source,
            delimiter=delimiter,
            quotechar=options.quote or None,
            quoting=csv.QUOTE_MINIMAL if options.quote else csv.QUOTE_NONE,
        )
    except (TypeError, ValueError) as fault:
        raise UnreadableFile(f"{label}: {fault}; delimiter and quote are one character each") from fault
    try:
        for number, row in enumerate(lines, 1):
            if not (options.comment and row and row[0].startswith(options.comment)):
                yield number, row
    except csv.Error as fault:
        raise UnreadableFile(f"{label}: line {lines.line_num}: {fault}") from fault
