"""Text in cells of files that people open with a spreadsheet: nothing runs as a formula, and nothing is lost.

A text is written with an apostrophe in front where a spreadsheet would take it for a formula, where it begins with an
apostrophe itself, and where it is empty, which is not the same as missing. Reading takes one apostrophe away, so every
text comes back as it was. Numbers are never texts: -3.5 stays -3.5.
"""

from __future__ import annotations

from typing import Final

# What a cell may not begin with. The wide forms are read as formulas by spreadsheets of East Asian languages.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MARK: Final = "'"

RULE: Final = (
    "A text that is empty, or that begins with = + - @, a tab, a line break or an apostrophe, is written with an "
    "apostrophe in front: take the first apostrophe away to have the text. An empty cell is a missing value."
)


def runs(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula."""
    return text.startswith(FORMULA)


def written(text: str) -> str:
    """The text as a cell."""
    return MARK + text if not text or runs(text) or text.startswith(MARK) else text


def read(cell: str) -> str:
    """The text of a cell that `written` made."""
    return cell.removeprefix(MARK)
