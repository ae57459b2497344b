"""What is wrong with cells of a source: said once, raised by an import, collected by a validation report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np
import pandas as pd

from tilexplorer.errors import InvalidData, TilExplorerError

if TYPE_CHECKING:
    from tilexplorer.importers.mapping import Endpoint, Mapped, Samples
    from tilexplorer.importers.placed import Part
    from tilexplorer.importers.pseudonyms import Pseudonyms
    from tilexplorer.importers.tables import Data

ERROR: Final = "error"
WARNING: Final = "warning"

# How many cells of a fault are worded one by one; the others are counted.
SHOWN: Final = 100


@dataclass(frozen=True)
class Origin:
    """Where a column's cells came from: the file, the name in its header, the row of each as a person counts rows."""

    file: str
    column: str
    rows: np.ndarray

    def at(self, position: int) -> str:
        """'file, row 12, column X'."""
        return f"{self.file}, row {self.rows[position]}, column '{self.column}'"

    def take(self, chosen: np.ndarray) -> Origin:
        """The origin of the chosen cells, by mask or by position."""
        return Origin(self.file, self.column, self.rows[chosen])


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with one or more cells of a column.

    Attributes
    ----------
    rule
        Id of the rule that was broken, e.g. 'time.negative'.
    origin
        Where the cells lie, one row for each; without rows the fault concerns the column or the file.
    cells
        What stands in them, in the same order; missing for an empty cell.
    problem, mend
        What is wrong, said of the value ("is no number, ..."), and how to mend it.
    severity
        'error' blocks an import, 'warning' can be accepted.
    details
        Where the words differ by row: the problems of the first SHOWN rows, in the same order.
    message
        The whole message of an import that stops, where it is not that of the first cell.
    """

    rule: str
    origin: Origin
    cells: pd.Series
    problem: str
    mend: str
    severity: str = ERROR
    details: tuple[str, ...] = ()
    message: str = ""

    def error(self) -> FaultyCells:
        """The error of an import that stops here: the first cell, and how many more there are."""
        return FaultyCells(self)

    def sentence(self) -> str:
        """Place, value, problem and mend of the first cell, as one line."""
        if self.message:
            return self.message
        if not len(self.origin.rows):
            column = f", column '{self.origin.column}'" if self.origin.column else ""
            return f"{self.origin.file}{column}: {self.problem}; {self.mend}"
        value = self.cells.iloc[0]
        shown = "an empty cell" if pd.isna(value) else f"'{value}'"
        more = f" (and {len(self.cells) - 1} more rows)" if len(self.cells) > 1 else ""
        return f"{self.origin.at(0)}: {shown} {self.problem}{more}; {self.mend}"


class FaultyCells(InvalidData):
    """An import that stopped at a fault of the source; it carries the fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.sentence())
        self.fault = fault


class Unfit(TilExplorerError):
    """Errors were noted, so that no tables can be made."""


class Reading:
    """How faults are answered while a mapping's files are read. This one stops at the first error.

    A validation report takes its place with one that collects every fault, and that looks at the parsed columns while
    they still know their rows in the source.
    """

    # Whether it is told of a file's rows in batches: what takes all rows at once is judged when all are there.
    in_batches: ClassVar[bool] = False

    def __init__(self, pseudonyms: Pseudonyms | None = None) -> None:
        self.pseudonyms = pseudonyms
        # Patients whose rows were answered as a whole: what follows from it is not said again of each sample.
        self.answered: set[str] = set()

    def take(self, fault: Fault) -> None:
        """Answer a fault; where this returns, the bad cells are read as missing and reading goes on."""
        if fault.severity == ERROR:
            raise fault.error()

    def saw(self, file: str, column: str) -> None:
        """A column of a file is read."""

    def timed(self, endpoint: Endpoint, data: Data, days: pd.Series) -> None:
        """The times of an endpoint in a batch, as parsed; their unit is judged when all are there."""

    def courses(self, mapped: Mapped, data: Data, ids: pd.Series, rows: pd.DataFrame) -> None:
        """The patients' rows as parsed, one for each row of the source; columns as patients.people() names them."""

    def samples(self, spec: Samples, data: Data, rows: pd.DataFrame) -> None:
        """The sample rows of a block as parsed, one for each row of the source."""

    def values(self, measure: str, data: Data, column: str, numbers: pd.Series) -> None:
        """The numbers of a measure as parsed, one for each row of the source."""

    def complete(self) -> None:
        """Everything is read; the tables are about to be made."""

    def files(self, labels: Mapping[str, str], frames: Mapping[str, pd.DataFrame]) -> None:
        """The files by their names in the mapping: their labels, and their frames of text."""

    def sampled(self, parts: Sequence[Part]) -> None:
        """The rows of all sample blocks as parsed."""


STRICT: Final = Reading()


def nowhere(file: str, column: str = "") -> Origin:
    """The origin of a fault that concerns a file or a column as a whole."""
    return Origin(file, column, np.array([], dtype=np.int64))


def of_file(
    rule: str, file: str, problem: str, mend: str, column: str = "", message: str = "", severity: str = ERROR
) -> Fault:
    """A fault of a file or of a column as a whole."""
    return Fault(rule, nowhere(file, column), pd.Series([], dtype="string"), problem, mend, severity, message=message)
