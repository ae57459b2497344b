"""Whether a workbook may be opened: its parts are counted while they stream by, before anything of them is kept.

A workbook is a zip file of XML. A kilobyte of it can unpack to gigabytes, declare entities that grow without end, or
hold a row that lies beyond the last one of any spreadsheet: what opens it would fill the memory or never come back.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final
from xml.parsers import expat

from tilexplorer.errors import UnreadableFile
from tilexplorer.importers.limits import MAX_CELLS, MAX_UNPACKED, check_size

# Office Open XML: the last row and the last column of a sheet.
LAST_ROW: Final = 1_048_576
LAST_COLUMN: Final = 16_384
# Elements of a workbook that are not within rows: texts, styles, the rows themselves.
MAX_ELEMENTS: Final = 3_000_000

_XML: Final = (".xml", ".rels")
_CHUNK: Final = 1 << 16


def check_workbook(path: Path) -> bool:
    """Look through a workbook without keeping anything; says whether a formula in it was never calculated.

    Raises
    ------
    UnreadableFile
        Too large, packed or not; a part that declares entities; more rows, columns, cells or texts than are read.
    zipfile.BadZipFile, expat.ExpatError and others
        What is damaged, which whoever opens the workbook has to expect too.
    """
    check_size(path)
    with zipfile.ZipFile(path) as archive:
        parts = [part for part in archive.infolist() if part.filename.lower().endswith(_XML)]
        # No more is ever unpacked of a member than it declares.
        total = sum(part.file_size for part in parts)
        if total > MAX_UNPACKED:
            raise UnreadableFile(
                f"{path.name}: would unpack to {total:,} bytes, more than the {MAX_UNPACKED:,} that are read; "
                "save the sheet as CSV"
            )
        counter = _Counter(path.name)
        for part in parts:
            counter.look_through(archive, part)
    return counter.uncalculated


class _Counter:
    """Counts the elements of all parts.

    Attributes
    ----------
    uncalculated
        Whether a cell has a formula and no value: a program wrote it that does not calculate. A formula whose value
        is an empty text says so.
    """

    def __init__(self, label: str) -> None:
        self._label = label
        self._elements = self._cells = self._in_row = 0
        self._within = self.uncalculated = False

    def look_through(self, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
        """Count the elements of one part."""
        self._part, self._within, self._unvalued = part.filename, False, False
        self._parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        with archive.open(part) as content:
            while chunk := content.read(_CHUNK):
                parser.Parse(chunk, False)
        parser.Parse(b"", True)

    def _doctype(self, *_: object) -> None:
        raise UnreadableFile(f"{self._label}: its part '{self._part}' declares entities, which no workbook needs")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "row":
            self._row(attributes.get("r", ""))
        if self._within and tag == "c":
            self._cell(attributes.get("t", ""))
        elif self._within and tag == "f":
            self._unvalued = not self._of_text
        elif tag == "v" and self._unvalued:
            self._parser.CharacterDataHandler = self._valued
        if not self._within or tag == "row":
            self._elements += 1
            self._most(self._elements, MAX_ELEMENTS, "texts and rows")

    def _end(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "row":
            self._within = False
        elif tag == "c" and self._unvalued:
            self.uncalculated, self._unvalued = True, False
            self._parser.CharacterDataHandler = None

    def _valued(self, _: str) -> None:
        self._unvalued, self._parser.CharacterDataHandler = False, None

    def _row(self, number: str) -> None:
        self._within, self._in_row = True, 0
        if number.isdecimal() and (len(number) > len(str(LAST_ROW)) or int(number) > LAST_ROW):
            raise UnreadableFile(f"{self._label}: '{self._part}' has a row {number[:20]}, a sheet has {LAST_ROW:,}")

    def _cell(self, kind: str) -> None:
        self._of_text = kind == "str"
        self._cells += 1
        self._in_row += 1
        self._most(self._in_row, LAST_COLUMN, "cells in a row")
        self._most(self._cells, MAX_CELLS, "cells")

    def _most(self, count: int, most: int, what: str) -> None:
        if count > most:
            raise UnreadableFile(
                f"{self._label}: has more than the {most:,} {what} that are read of a workbook; save the sheet as CSV"
            )
