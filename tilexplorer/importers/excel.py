"""Excel workbooks (.xlsx): one sheet, values only."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import openpyxl
import pandas as pd
from openpyxl.cell.cell import Cell, MergedCell

from tilexplorer.errors import TilExplorerError, UnreadableFile
from tilexplorer.importers.excel_guard import LAST_ROW, check_workbook
from tilexplorer.importers.text import ReadOptions, cell_text, from_rows


def read_excel(path: Path, options: ReadOptions) -> pd.DataFrame:
    """A sheet of an Excel workbook as a frame of text; formulas give the value that was last calculated.

    A formula that was never calculated stands as it is written, so that whoever reads its cell is told.

    Raises
    ------
    UnreadableFile
        Not a workbook, no such sheet, rows that do not fit the header, or a workbook that is too large.
    """
    with opened_workbook(path) as book:
        return from_rows(_numbered(book, options.sheet, path.name), options, path.name)


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook, and the same with formulas in the place of values where some were never calculated."""

    values: openpyxl.Workbook
    formulas: openpyxl.Workbook | None

    @property
    def sheetnames(self) -> list[str]:
        """The names of its sheets."""
        return list(self.values.sheetnames)


@contextmanager
def opened_workbook(path: Path) -> Iterator[Book]:
    """A workbook whose sheets are read row by row; UnreadableFile where it is none, is damaged, or is too large."""
    try:
        uncalculated = check_workbook(path)
        # The file is opened here, because a workbook that cannot be read would leave it open.
        with path.open("rb") as file, path.open("rb") as again, warnings.catch_warnings():
            # openpyxl warns of styles and extensions that it does not know: only values are read.
            warnings.filterwarnings("ignore", module="openpyxl")
            yield Book(_loaded(file), _loaded(again, values=False) if uncalculated else None)
    except TilExplorerError:
        raise
    # openpyxl meets damaged parts with errors of many kinds; each of them means the same to the user.
    except Exception as fault:
        raise UnreadableFile(
            f"{path.name}: is not a readable Excel workbook ({type(fault).__name__}: {fault}); save it again"
        ) from fault


def _loaded(file: BinaryIO, *, values: bool = True) -> openpyxl.Workbook:
    # read_only streams the sheet: a workbook of 11,000 rows and 34 columns takes two seconds instead of eight.
    return openpyxl.load_workbook(file, read_only=True, data_only=values)


def rows_of(book: Book, name: str) -> Iterator[Sequence[str]]:
    """The rows of a sheet as text, none of a sheet that is one chart."""
    shown = ([_shown(cell) for cell in row] for row in _cells(book.values, name))
    if book.formulas is None:
        yield from shown
        return
    for row, written in zip(shown, _cells(book.formulas, name), strict=True):
        yield [text or _formula(cell) for text, cell in zip(row, written, strict=True)]


def _cells(book: openpyxl.Workbook, name: str) -> Iterator[Sequence[Cell | MergedCell]]:
    sheet = book[name]
    if not hasattr(sheet, "reset_dimensions"):
        return
    # A sheet may declare any size of itself, and every row would be filled up to it.
    sheet.reset_dimensions()
    yield from sheet.iter_rows(max_row=LAST_ROW)


def _shown(cell: Cell | MergedCell) -> str:
    """A cell as text, with the zeros in front of a number that its format asks for: 40 under '0000' is 0040."""
    text = cell_text(cell.value)
    if not text.isdecimal() or isinstance(cell.value, str):
        return text
    form = cell.number_format
    return text.zfill(len(form)) if form.strip("0") == "" else text


def _formula(cell: Cell | MergedCell) -> str:
    """The formula of a cell, nothing where it has none."""
    return str(getattr(cell.value, "text", cell.value)) if cell.data_type == "f" else ""


def _numbered(book: Book, sheet: str, label: str) -> Iterator[tuple[int, Sequence[str]]]:
    if not book.sheetnames:
        raise UnreadableFile(f"{label}: has no sheet")
    name = sheet or book.sheetnames[0]
    if name not in book.sheetnames:
        raise UnreadableFile(f"{label}: has no sheet '{name}'; it has {', '.join(book.sheetnames)}")
    yield from enumerate(rows_of(book, name), 1)
