"""Timeline files: events of patients in days from point 0, which is the diagnosis or whatever the study says."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Final

import pandas as pd

from tilexplorer.errors import UnreadableFile

START: Final = "START_DATE"
STOP: Final = "STOP_DATE"
EVENT: Final = "EVENT_TYPE"

_DAY: Final = re.compile(r"-?\d+")


def is_timeline(names: Collection[str]) -> bool:
    """Whether columns with these names are a timeline's."""
    return START in names and EVENT in names


def cells(line: str, width: int) -> list[str]:
    """The cells of a row. cBioPortal trims the line first, so that trailing empty cells may be missing."""
    found = line.rstrip().lstrip(" ").split("\t")
    return [*found, *[""] * (width - len(found))]


def check(path: Path, frame: pd.DataFrame) -> None:
    """UnreadableFile where a day is no whole number, a start is missing, or an event ends before it begins."""
    for name in [column for column in (START, STOP) if column in frame.columns]:
        days = frame[name].str.strip()
        wrong = (days != "") & ~days.str.fullmatch(_DAY.pattern)
        wrong |= (days == "") & (name == START)
        if wrong.any():
            row = frame.index[wrong][0]
            raise UnreadableFile(
                f"{path.name}, row {row}, column '{name}': '{frame.loc[row, name]}' is no whole number of days"
            )
    if STOP in frame.columns:
        start, stop = (pd.to_numeric(frame[name], errors="coerce") for name in (START, STOP))
        backwards = (stop < start).fillna(False)
        if backwards.any():
            row = frame.index[backwards][0]
            raise UnreadableFile(
                f"{path.name}, row {row}: begins on day {frame.loc[row, START]} and ends before it, "
                f"on day {frame.loc[row, STOP]}; exchange them, or correct one"
            )
