"""Excel workbooks (.xlsx): one sheet, values only."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import pandas as pd

from tilexplorer.errors import TilExplorerError, UnreadableFile
from tilexplorer.importers.excel_guard import LAST_ROW, check_workbook
from tilexplorer.importers.text import ReadOptions, cell_text, from_rows


def read_excel(path: Path, options: ReadOptions) -> pd.DataFrame:
    """A sheet of an Excel workbook as a frame of text; formulas give the value that was last calculated.

    Raises
    ------
    UnreadableFile
        Not a workbook, no such sheet, rows that do not fit the header, or a workbook that is too large.
    """
    with opened_workbook(path) as book:
        return from_rows(_numbered(book, options.sheet, path.name), options, path.name)


@contextmanager
def opened_workbook(path: Path) -> Iterator[openpyxl.Workbook]:
    """A workbook whose sheets are read row by row; UnreadableFile where it is none, is damaged, or is too large."""
    try:
        check_workbook(path)
        # read_only streams the sheet: a workbook of 11,000 rows and 34 columns takes two seconds instead of eight.
        # The file is opened here, because a workbook that cannot be read would leave it open.
        with path.open("rb") as file, warnings.catch_warnings():
            # openpyxl warns of styles and extensions that it does not know: only values are read.
            warnings.filterwarnings("ignore", module="openpyxl")
            yield openpyxl.load_workbook(file, read_only=True, data_only=True)
    except TilExplorerError:
        raise
    # openpyxl meets damaged parts with errors of many kinds; each of them means the same to the user.
    except Exception as fault:
        raise UnreadableFile(
            f"{path.name}: is not a readable Excel workbook ({type(fault).__name__}: {fault}); save it again"
        ) from fault


def rows_of(book: openpyxl.Workbook, name: str) -> Iterator[Sequence[str]]:
    """The rows of a sheet as text, none of a sheet that is one chart."""
    sheet = book[name]
    if not hasattr(sheet, "reset_dimensions"):
        return
    # A sheet may declare any size of itself, and every row would be filled up to it.
    sheet.reset_dimensions()
    for row in sheet.iter_rows(max_row=LAST_ROW, values_only=True):
        yield [cell_text(value) for value in row]


def _numbered(book: openpyxl.Workbook, sheet: str, label: str) -> Iterator[tuple[int, Sequence[str]]]:
    if not book.sheetnames:
        raise UnreadableFile(f"{label}: has no sheet")
    name = sheet or book.sheetnames[0]
    if name not in book.sheetnames:
        raise UnreadableFile(f"{label}: has no sheet '{name}'; it has {', '.join(book.sheetnames)}")
    yield from enumerate(rows_of(book, name), 1)
