"""Which sheet of an Excel workbook holds the table, and which of its rows are the header."""

from __future__ import annotations

import itertools
import zipfile
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from tilexplorer.errors import UnreadableFile
from tilexplorer.importers.mapping import File
from tilexplorer.importers.text import cell_text
from tilexplorer.recognise import names
from tilexplorer.recognise.header import header_rows

_LOOKED_AT: Final = 60


def sniff_workbook(path: Path) -> tuple[File, float, tuple[str, ...], tuple[str, ...]]:
    """The declaration of a workbook, how sure it is, why, and its sheets, the one that is taken first."""
    try:
        with path.open("rb") as file:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            sheets = {name: _rows(book, name) for name in book.sheetnames}
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ParseError, ValueError) as fault:
        raise UnreadableFile(f"{path.name}: is not a readable Excel workbook ({fault})") from fault
    ranked = sorted(sheets, key=lambda name: -_worth(sheets[name]))
    rows = sheets[ranked[0]]
    if not rows:
        raise UnreadableFile(f"{path.name}: no sheet of the workbook holds anything")
    header, why = header_rows(rows, max(map(len, rows)))
    first = ranked[0] == next(iter(sheets))
    declared = File(path.name, "excel", sheet="" if first else ranked[0], header=header)
    said = f"sheet '{ranked[0]}' of {len(sheets)}" if len(sheets) > 1 else "a workbook with one sheet"
    return declared, 0.95 if len(sheets) == 1 else 0.75, (said, *why), tuple(ranked)


def _rows(book: openpyxl.Workbook, name: str) -> list[list[str]]:
    sheet = book[name]
    if not hasattr(sheet, "iter_rows"):  # a sheet that is one chart
        return []
    rows = [[cell_text(v) for v in row] for row in itertools.islice(sheet.iter_rows(values_only=True), _LOOKED_AT)]
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def _worth(rows: list[list[str]]) -> float:
    """How much a sheet looks like patients' rows: filled cells, and a column that is named like a patient's id."""
    filled = sum(1 for row in rows for cell in row if cell)
    named = any(names.role_rank("patient", names.fold(cell)) in (0, 1) for row in rows[:15] for cell in row if cell)
    return filled * (10 if named else 1)
