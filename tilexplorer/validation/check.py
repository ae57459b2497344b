"""Check a mapping's files before anything is stored: a report of everything, and the tables where nothing blocks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from tilexplorer.errors import TilExplorerError
from tilexplorer.importers import build, read_file
from tilexplorer.importers.faults import Fault, FaultyCells, Origin, Unfit, of_file
from tilexplorer.importers.mapping import Mapped
from tilexplorer.importers.pseudonyms import Pseudonyms
from tilexplorer.schema import Canonical
from tilexplorer.validation import unfilled
from tilexplorer.validation.collecting import Collecting
from tilexplorer.validation.report import Report

# What a reader's message has between the name of the file and the problem.
_PLACE: Final = re.compile(r"(?:, row (?P<row>\d+))?(?:, column '(?P<column>[^']*)')?: (?P<problem>.*)", re.DOTALL)


@dataclass(frozen=True)
class Checked:
    """The report, and the canonical tables where it has no errors."""

    report: Report
    canonical: Canonical | None

    @property
    def counts(self) -> dict[str, int] | None:
        """How many rows each table would get; None where errors block."""
        return None if self.canonical is None else {name: len(rows) for name, rows in self.canonical.frames.items()}


def check(mapped: Mapped, frames: Mapping[str, pd.DataFrame], pseudonyms: Pseudonyms | None = None) -> Checked:
    """Read frames by a mapping and report everything that is wrong. Faults of the data are findings, never exceptions.

    Parameters
    ----------
    mapped
        The mapping. Its [[accept]] entries accept warnings by rule.
    frames
        For each of its files, the frame of text that a reader gave.
    pseudonyms
        What replaces the ids of rules with pseudonym = true.
    """
    reasons = {item.rule: item.reason for item in mapped.accept}
    reading = Collecting(pseudonyms, reasons)
    made: Canonical | None = None
    try:
        made = build(mapped, frames, reading)
        for fault in unfilled.faults(mapped, set(made["value"]["measure"])):
            reading.take(fault)
    except Unfit:
        pass  # the errors are in the notes
    except FaultyCells as stopped:
        reading.take(stopped.fault)
    except TilExplorerError as stopped:
        if not reading.notes.errors:  # else it follows from what was noted
            reading.take(_structural(stopped, ", ".join(file.name for file in mapped.files.values())))
    reading.files({name: file.name for name, file in mapped.files.items()}, frames)
    report = Report(reading.notes.every()).declared(reasons)
    return Checked(report, None if report.errors else made)


def check_files(mapped: Mapped, paths: Mapping[str, Path], pseudonyms: Pseudonyms | None = None) -> Checked:
    """Read files by a mapping and report everything that is wrong; an unreadable file is a finding of its own."""
    frames: dict[str, pd.DataFrame] = {}
    unreadable = Collecting()
    for name, file in mapped.files.items():
        try:
            frames[name] = read_file(file, paths[name])
        except TilExplorerError as fault:
            unreadable.take(_structural(fault, file.name))
    if unreadable.notes.errors:
        return Checked(Report(unreadable.notes.every()), None)
    return check(mapped, frames, pseudonyms)


def refused(fault: TilExplorerError, file: str) -> Report:
    """The report of a mapping or a file that could not be read at all."""
    notes = Collecting().notes
    notes.take(_structural(fault, file))
    return Report(notes.every())


def _structural(fault: TilExplorerError, file: str) -> Fault:
    """A message as a fault of the file, at the row and column that it begins with."""
    message = str(fault)
    found = _PLACE.fullmatch(message.removeprefix(file)) if message.startswith(file) else None
    problem, _, mend = (found["problem"] if found else message).partition("; ")
    mend = mend or "correct the file or the mapping"
    column = (found["column"] or "") if found else ""
    if found is None or found["row"] is None:
        return of_file("structure.unusable", file, problem, mend, column, message)
    origin, cell = Origin(file, column, np.array([int(found["row"])])), pd.Series([pd.NA], dtype="string")
    return Fault("structure.unusable", origin, cell, problem, mend, details=(problem,), message=message)
