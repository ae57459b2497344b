"""Which sheet of an Excel workbook holds the table, and which of its rows are the header."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Final

from tilexplorer.errors import UnreadableFile
from tilexplorer.importers.excel import Book, opened_workbook, rows_of
from tilexplorer.importers.mapping import File
from tilexplorer.recognise import names
from tilexplorer.recognise.header import header_rows

_LOOKED_AT: Final = 60


def sniff_workbook(path: Path, sheet: str = "") -> tuple[File, float, tuple[str, ...], tuple[str, ...]]:
    """The declaration of a workbook, how sure it is, why, and its sheets, the one that is taken first.

    That is `sheet` where one is given, else the one that looks most like a table of patients.
    """
    with opened_workbook(path) as book:
        sheets = {name: _rows(book, name) for name in book.sheetnames}
    if not sheets:
        raise UnreadableFile(f"{path.name}: has no sheet")
    ranked = sorted(sheets, key=lambda name: (name != sheet, -_worth(sheets[name])))
    rows = sheets[ranked[0]]
    if not rows:
        what = f"the sheet '{sheet}' holds nothing" if sheet else "no sheet of the workbook holds anything"
        raise UnreadableFile(f"{path.name}: {what}")
    header, why = header_rows(rows, max(map(len, rows)))
    first = ranked[0] == next(iter(sheets))
    declared = File(path.name, "excel", sheet="" if first else ranked[0], header=header)
    said = f"sheet '{ranked[0]}' of {len(sheets)}" if len(sheets) > 1 else "a workbook with one sheet"
    return declared, 0.95 if len(sheets) == 1 else 0.75, (said, *why), tuple(ranked)


def _rows(book: Book, name: str) -> list[list[str]]:
    rows = [list(row) for row in itertools.islice(rows_of(book, name), _LOOKED_AT)]
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def _worth(rows: list[list[str]]) -> float:
    """How much a sheet looks like patients' rows: filled cells, and a column that is named like a patient's id."""
    filled = sum(1 for row in rows for cell in row if cell)
    named = any(names.role_rank("patient", names.fold(cell)) in (0, 1) for row in rows[:15] for cell in row if cell)
    return filled * (10 if named else 1)
