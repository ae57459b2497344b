"""The template as a workbook: a sheet to fill in for each table, the words to choose from, dictionary, instructions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import openpyxl
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from tilexplorer import vocabulary
from tilexplorer.template.fields import SHEETS, Field, every
from tilexplorer.template.mapping import MISSING

# Rows that are checked while they are typed; further rows are checked by the import all the same.
ROWS: Final = 10_000
LISTS: Final = "lists"
TEXT: Final = "@"

HOW_TO: Final = (
    "1. Fill in the sheets patients (one row for each patient) and samples (one row for each biopsy or blood draw).",
    "2. Use study numbers as ids. Names, birth dates, record numbers and e-mail addresses are refused.",
    "3. Leave empty what you do not know or did not measure. These words mean the same: " + ", ".join(MISSING) + ".",
    "4. Keep every column, also empty ones, and their names. The sheet dictionary says what each holds, and its unit.",
    "5. Times are whole days from the start of the course. An event is yes or no; no means censored at that time.",
    "6. Numbers are written with a point: 0.5. Cells with a limit of detection stay empty.",
    "7. Check it:  python -m tilexplorer validate til-explorer-template.xlsx --mapping mapping.toml",
    "8. Import it: python -m tilexplorer import til-explorer-template.xlsx --mapping mapping.toml",
)


def made(dictionary_header: Sequence[str], dictionary: Sequence[Sequence[str]]) -> openpyxl.Workbook:
    """The workbook; the dictionary comes as rows of text."""
    book = openpyxl.Workbook()
    assert isinstance(book.active, Worksheet)
    how_to = book.active
    how_to.title = "how to"
    for line in HOW_TO:
        how_to.append([line])
    how_to.column_dimensions["A"].width = 120
    lists = _lists()
    for sheet in SHEETS:
        _to_fill_in(book.create_sheet(sheet), [f for f in every() if f.sheet == sheet], list(lists))
    _filled(book.create_sheet("dictionary"), [dictionary_header, *dictionary], widths=(10, 34, 8, 70, 24, 60))
    longest = max(map(len, lists.values()))
    columns = [[name, *words, *[""] * (longest - len(words))] for name, words in lists.items()]
    _filled(book.create_sheet(LISTS), list(zip(*columns, strict=True)), widths=(18,) * len(lists))
    return book


def _lists() -> dict[str, tuple[str, ...]]:
    """The words to choose from, by the name of the column; therapies are there to be looked up."""
    drugs = tuple(dict.fromkeys(therapy.name for therapy in vocabulary.therapies().values()))
    return {**{f.name: f.words for f in every() if f.words}, "therapies": drugs}


def _to_fill_in(sheet: Worksheet, fields: Sequence[Field], lists: Sequence[str]) -> None:
    sheet.append([f.name for f in fields])
    sheet.freeze_panes = "B2"
    for number, field in enumerate(fields, 1):
        letter = get_column_letter(number)
        sheet[f"{letter}1"].font = Font(bold=field.needed, italic=not field.needed)
        sheet.column_dimensions[letter].width = max(12, len(field.name) + 2)
        if field.kind == "text":  # else a spreadsheet makes a date of 1-19
            sheet.column_dimensions[letter].number_format = TEXT
        choice = _choice(field, lists)
        if choice is not None:
            sheet.add_data_validation(choice)
            choice.add(f"{letter}2:{letter}{ROWS}")


def _choice(field: Field, lists: Sequence[str]) -> DataValidation | None:
    """What may be typed into a column, as the spreadsheet checks it; None where anything may."""
    if field.words:
        letter = get_column_letter(lists.index(field.name) + 1)
        words = f"{LISTS}!${letter}$2:${letter}${len(field.words) + 1}"
        made = DataValidation(type="list", formula1=words)
    elif field.bounds is not None:
        low, high = field.bounds
        made = DataValidation(type="whole" if field.kind == "whole" else "decimal", formula1=f"{low:g}")
        made.operator = "greaterThanOrEqual" if high is None else "between"
        made.formula2 = None if high is None else f"{high:.0f}"
    else:
        return None
    # The missing tokens have to be possible: the spreadsheet hints, the import refuses.
    made.errorStyle = "warning"
    made.promptTitle, made.prompt = field.name[:32], f"{field.meaning} {field.unit}".strip()[:255]
    made.showInputMessage = made.allow_blank = made.showErrorMessage = True
    return made


def _filled(sheet: Worksheet, rows: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
    for row in rows:
        sheet.append(list(row))
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.number_format = TEXT
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
