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
from tilexplorer.importers.faults import Fault, FaultyCells, Origin, Unfit
from tilexplorer.importers.mapping import Mapped
from tilexplorer.importers.pseudonyms import Pseudonyms
from tilexplorer.schema import Canonical
from tilexplorer.validation import unfilled
from tilexplorer.validation.collecting import Collecting
from tilexplorer.validation.report import Report

STRUCTURE: Final = "structure.unusable"
# How messages of readers begin: 'file, row 12, column 'X': '.
_PLACE: Final = r"({})(?:, row ([0-9]+))?(?:, column '([^']*)')?: "


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
            reading.take(_structural(stopped, *dict.fromkeys(file.label for file in mapped.files.values())))
    reading.files({name: file.label for name, file in mapped.files.items()}, frames)
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
            # Readers name the file as it was given, which a single one may be in any way.
            unreadable.take(_structural(fault, paths[name].name))
    if unreadable.notes.errors:
        return Checked(Report(unreadable.notes.every()), None)
    return check(mapped, frames, pseudonyms)


def refused(fault: TilExplorerError | OSError, file: str) -> Report:
    """The report of a mapping or a file that could not be read at all."""
    notes = Collecting().notes
    notes.take(_structural(fault, file))
    return Report(notes.every())


def _structural(fault: TilExplorerError | OSError, *files: str) -> Fault:
    """The fault of a message; the place that it begins with, in one of these files, becomes the finding's own."""
    message = str(fault)
    place = re.match(_PLACE.format("|".join(map(re.escape, files))), message)
    problem, _, mend = message[place.end() if place else 0 :].partition("; ")
    file, row, column = place.groups() if place else (", ".join(files), None, None)
    rows = np.array([int(row)] if row else [], dtype=np.int64)
    cells = pd.Series([pd.NA] * len(rows), dtype="string")
    mend = mend or "correct the file or the mapping"
    details = (problem,) * len(rows)
    return Fault(STRUCTURE, Origin(file, column or "", rows), cells, problem, mend, details=details, message=message)
