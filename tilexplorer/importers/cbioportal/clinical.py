"""Clinical data files: four header rows that begin with '#', or none; then column names, then one row each.

Sources: cBioPortal's File-Formats.md and its validator. Timelines are the same without '#' rows: START_DATE and
EVENT_TYPE tell them, and `timeline` has the rules that are theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from tilexplorer.errors import UnreadableFile
from tilexplorer.importers.cbioportal import timeline
from tilexplorer.importers.cbioportal.findings import Finding
from tilexplorer.importers.cbioportal.missing import blanked, is_missing
from tilexplorer.importers.delimited import decoded, lines_of
from tilexplorer.importers.limits import check_cells
from tilexplorer.importers.text import ROW, ReadOptions, unique_names

PATIENT: Final = "PATIENT_ID"
SAMPLE: Final = "SAMPLE_ID"

LABELS: Final = ("display names", "descriptions", "datatypes", "priorities")
DATATYPES: Final = ("STRING", "NUMBER", "BOOLEAN")


@dataclass(frozen=True, slots=True)
class Attribute:
    """A column of a clinical file: what its header rows say of it. Without header rows every column is a STRING."""

    name: str
    display: str = ""
    description: str = ""
    datatype: str = "STRING"
    priority: int = 1


@dataclass(frozen=True)
class Clinical:
    """A clinical or timeline file: text with empty cells where nothing is known, its index the row in the file."""

    frame: pd.DataFrame
    attributes: tuple[Attribute, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def is_timeline(self) -> bool:
        """Whether its rows are events in time."""
        return timeline.is_timeline(tuple(self.frame.columns))


def read_cbioportal(path: Path, options: ReadOptions) -> pd.DataFrame:
    """A clinical or timeline file as a frame of text; see `read_clinical`.

    What its ids should not be is left to the mapping, which names every such cell and hides none of the others.
    """
    return read_clinical(path, options.encoding, ids=False).frame


def read_clinical(path: Path, encoding: str = "utf-8-sig", *, ids: bool = True) -> Clinical:
    """A clinical or timeline file.

    Parameters
    ----------
    path, encoding
        The file.
    ids
        Whether an id that is empty or there twice is an error.

    Raises
    ------
    UnreadableFile
        A Git-LFS pointer, bytes that are no text, a wrong number of '#' rows or something wrong in them, a column name
        that is there twice, no PATIENT_ID, a row with too many or too few cells, an id that is empty or there twice.
    """
    lines = _lines(path, encoding)
    above = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    if above not in (0, len(LABELS)):
        raise UnreadableFile(
            f"{path.name}: {above} rows begin with '#', there have to be four ({', '.join(LABELS)}) or none"
        )
    if above == len(lines):
        raise UnreadableFile(f"{path.name}: has no row of column names")
    names, findings = _names(path, lines[above], above + 1)
    attributes = _attributes(path, lines[:above], names)
    if not above and not timeline.is_timeline(names):
        findings.append(Finding(path.name, "has no '#' rows: every column is read as text, without a description"))
    numbers, cells = _rows(path, lines, above, names)
    columns = dict(zip(names, map(list, zip(*cells, strict=True)), strict=True)) if cells else {n: [] for n in names}
    index = pd.Index(numbers, name=ROW, dtype="int64")
    frame = pd.DataFrame(columns, index=index, dtype="string")
    if any('"' in cell for row in cells for cell in row):
        findings.append(Finding(path.name, "holds quotes, which are part of the values in this format"))
    frame = frame.apply(blanked)
    return Clinical(frame, attributes, (*findings, *_check_ids(path, frame, ids)))


def _lines(path: Path, encoding: str) -> list[str]:
    text = decoded(path, encoding)
    # Counted before they are made: each line and each cell takes 50 bytes and more.
    check_cells(sum(map(text.count, "\t\n\r")), path.name)
    return lines_of(text)


def _names(path: Path, line: str, row: int) -> tuple[tuple[str, ...], list[Finding]]:
    """The column names in upper case, as cBioPortal stores them."""
    written = tuple(cell.strip() for cell in line.split("\t"))
    if timeline.is_timeline([name.upper() for name in written]):
        written = tuple(cell.strip() for cell in timeline.cells(line, 0))
    names = tuple(name.upper() for name in written)
    place = f"{path.name}, row {row}"
    if PATIENT not in names:
        hint = "is it tab-separated?" if len(names) == 1 else "is this a clinical file of cBioPortal?"
        raise UnreadableFile(f"{place}: has no column {PATIENT}; {hint}")
    if "" in names:
        raise UnreadableFile(f"{place}: column {names.index('') + 1} has no name; name it, or remove it")
    repeated = [name for made, name in zip(unique_names(names), names, strict=True) if made != name]
    if repeated:
        raise UnreadableFile(f"{place}: the column {repeated[0]} is there twice; keep one")
    lower = [name for name in written if name != name.upper()]
    return names, [Finding(place, f"the column '{name}' should be in upper case, and is read so") for name in lower]


def _attributes(path: Path, lines: Sequence[str], names: Sequence[str]) -> tuple[Attribute, ...]:
    if not lines:
        return tuple(Attribute(name) for name in names)
    rows: list[list[str]] = []
    for number, (line, label) in enumerate(zip(lines, LABELS, strict=True), 1):
        # The first '#' belongs to the line; a second one would be part of the first label.
        cells = [cell.strip() for cell in line[1:].split("\t")]
        if len(cells) != len(names):
            raise UnreadableFile(
                f"{path.name}, row {number}: has {len(cells)} {label}, but there are {len(names)} columns; "
                "give each column one"
            )
        empty = [name for cell, name in zip(cells, names, strict=True) if is_missing(cell)]
        if empty:
            raise UnreadableFile(f"{path.name}, row {number}, column '{empty[0]}': the {label[:-1]} is missing")
        rows.append(cells)
    return tuple(_attribute(path, *cells) for cells in zip(names, *rows, strict=True))


def _attribute(path: Path, name: str, display: str, description: str, datatype: str, priority: str) -> Attribute:
    if datatype not in DATATYPES:
        raise UnreadableFile(f"{path.name}, row 3, column '{name}': '{datatype}' is none of {', '.join(DATATYPES)}")
    try:
        number = int(priority)
    except ValueError:
        number = -2
    if number < -1:
        raise UnreadableFile(
            f"{path.name}, row 4, column '{name}': '{priority}' is no priority, a whole number from -1"
        )
    return Attribute(name, display, description, datatype, number)


def _rows(path: Path, lines: Sequence[str], above: int, names: Sequence[str]) -> tuple[list[int], list[list[str]]]:
    numbers: list[int] = []
    rows: list[list[str]] = []
    events = timeline.is_timeline(tuple(names))
    for number, line in enumerate(lines[above + 1 :], above + 2):
        if fault := _line_fault(line, lines[above]):
            raise UnreadableFile(f"{path.name}, row {number}: {fault}; remove it")
        cells = timeline.cells(line, len(names)) if events else line.split("\t")
        if len(cells) != len(names):
            raise UnreadableFile(
                f"{path.name}, row {number}: has {len(cells)} cells, the header has {len(names)}; "
                "an empty cell needs its tab too"
            )
        numbers.append(number)
        rows.append(cells)
    return numbers, rows


def _line_fault(line: str, header: str) -> str:
    if not line.strip():
        return "is blank"
    if line.startswith("#"):
        return "begins with '#' below the column names"
    return "repeats the column names" if line == header else ""


def _check_ids(path: Path, frame: pd.DataFrame, ids: bool) -> list[Finding]:
    """UnreadableFile where an id is empty or there twice. TCGA's samples may be: cBioPortal warns, and takes the first.

    Their further rows are kept: a mapping that reads them leaves them out by a step, which counts them.
    """
    events = timeline.is_timeline(tuple(frame.columns))
    keys = [PATIENT] if events else [name for name in (PATIENT, SAMPLE) if name in frame.columns]
    for key in keys:
        empty = frame[key] == ""
        if ids and empty.any():
            raise UnreadableFile(f"{path.name}, row {frame.index[empty][0]}, column '{key}': the id is missing")
    if events:
        timeline.check(path, frame)
        return []
    repeated = frame[keys[-1]].duplicated()
    ours = repeated & ~frame[keys[-1]].str.startswith("TCGA-") if keys[-1] == SAMPLE else repeated
    if not ids:
        repeated &= ~ours
    elif ours.any():
        value = frame.loc[ours, keys[-1]].iloc[0]
        first = frame.index[frame[keys[-1]] == value][0]
        raise UnreadableFile(
            f"{path.name}, row {frame.index[ours][0]}, column '{keys[-1]}': '{value}' is there already in row {first}"
        )
    return [
        Finding(f"{path.name}, row {row}", "repeats a TCGA sample; leave it out by a step 'first', which counts it")
        for row in frame.index[repeated]
    ]
