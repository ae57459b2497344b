"""How a text file has to be read: encoding, delimiter, quoting, comment lines, header rows."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tilexplorer.errors import UnreadableFile
from tilexplorer.importers.mapping import File
from tilexplorer.recognise.header import header_rows

_DELIMITERS: Final = {",": "csv", "\t": "tsv", ";": "delimited", "|": "delimited"}
_WORDS: Final = {",": "comma", "\t": "tab", ";": "semicolon", "|": "vertical bar"}
_LOOKED_AT: Final = 400
# Characters of them: 400 rows of a table of 1,000 columns.
_LONGEST: Final = 4_000_000
_BINARY: Final = re.compile(rb"[\x00-\x08\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Shape:
    """A way to split a text: how many columns most rows have, and the share of rows that have as many."""

    delimiter: str
    quote: str
    width: int
    share: float
    rows: tuple[tuple[str, ...], ...]


def sniff_text(name: str, raw: bytes) -> tuple[File, float, tuple[str, ...]]:
    """The declaration of a text file, how sure it is, and why.

    Raises
    ------
    UnreadableFile
        The bytes are no text.
    """
    encoding, why = _encoding(name, raw)
    try:
        text = raw.decode(encoding)[:_LONGEST]
    except UnicodeDecodeError as fault:
        raise UnreadableFile(f"{name}: is no text in {encoding} ({fault}); save it as CSV in UTF-8") from fault
    comment, number, said = _comments(text)
    shape = _shape(text, comment)
    if shape.width < 2:
        file = File(name, "csv", encoding=encoding)
        return file, 0.3, (*why, "no delimiter splits it: it is taken for a single column")
    header, more = header_rows([list(row) for row in shape.rows], shape.width)
    reasons = (*why, f"a {_WORDS[shape.delimiter]} gives {shape.width} columns in {shape.share:.0%} of the rows")
    file = File(
        name,
        _DELIMITERS[shape.delimiter],
        encoding=encoding,
        delimiter=shape.delimiter if _DELIMITERS[shape.delimiter] == "delimited" else "",
        quote=shape.quote,
        comment=comment,
        header=tuple(number + row for row in header),
    )
    return file, round(0.5 + 0.45 * shape.share, 2), (*reasons, *said, *_line_ends(text), *more)


def _encoding(name: str, raw: bytes) -> tuple[str, tuple[str, ...]]:
    """The encoding by its mark or by trial; of Western encodings that of Windows where it uses Windows' own signs."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", ("it begins with the mark of UTF-16",)
    start = raw[:2000]
    if start[1::2].count(0) > len(start) / 3:
        return "utf-16-le", ("every second byte is zero: UTF-16 without a mark",)
    if start[::2].count(0) > len(start) / 3:
        return "utf-16-be", ("every second byte is zero: UTF-16 without a mark",)
    if len(_BINARY.findall(raw[:100_000])) > 0:
        raise UnreadableFile(f"{name}: is no text and no format that is known; save it as CSV, Excel or Parquet")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        windows = any(byte in raw for byte in range(0x80, 0xA0))
        encoding = "cp1252" if windows and _decodes(raw, "cp1252") else "latin-1"
        return encoding, (f"it is not UTF-8; {encoding} is taken: look at the accents in the samples",)
    return "utf-8-sig", ()


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _comments(text: str) -> tuple[str, int, tuple[str, ...]]:
    """The comment sign, the number of lines that it leads before the header, and the reason."""
    lines = text.splitlines()
    leading = 0
    while leading < len(lines) and lines[leading].lstrip('"').startswith("#"):
        leading += 1
    # One line of names that begins with '#' is a header, not a comment.
    alone = leading == 1 and len(lines) > 1 and _cells(lines[0]) == _cells(lines[1]) > 1
    if not leading or alone or leading == len(lines):
        return "", 0, ()
    kind = "the header of cBioPortal" if leading >= 4 and "\t" in lines[0] else "comments"
    return "#", leading, (f"its first {leading} lines begin with '#': {kind}",)


def _cells(line: str) -> int:
    return max(line.count(sign) for sign in _DELIMITERS) + 1


def _shape(text: str, comment: str) -> Shape:
    """The way of splitting that gives the most equal rows of the most columns."""
    ways = [_split(text, delimiter, quote, comment) for delimiter in _DELIMITERS for quote in ('"', "")]
    return max(ways, key=lambda way: (way.width > 1, round(way.share, 2), way.width, way.quote == '"'))


def _split(text: str, delimiter: str, quote: str, comment: str) -> Shape:
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
    )
    rows: list[tuple[str, ...]] = []
    try:
        for row in reader:
            if not (comment and row and row[0].startswith(comment)):
                rows.append(tuple(row))
            if len(rows) >= _LOOKED_AT:
                break
    except csv.Error:
        return Shape(delimiter, quote, 0, 0.0, ())
    widths = Counter(len(row) for row in rows if any(row))
    if not widths:
        return Shape(delimiter, quote, 0, 0.0, ())
    width, times = widths.most_common(1)[0]
    return Shape(delimiter, quote, width, times / widths.total(), tuple(rows))


def _line_ends(text: str) -> Sequence[str]:
    if "\r" in text and "\n" not in text:
        return ("its lines end with CR alone, as on an old Mac",)
    return ()
