"""One row of a validation report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FIELDS: Final = ("severity", "rule", "file", "row", "column", "value", "problem", "mend", "accepted")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a cell, a column or a file, and how to mend it.

    Attributes
    ----------
    severity
        'error' blocks the import, 'warning' can be accepted.
    rule
        Id of the rule, e.g. 'time.negative'; `[[accept]]` names it.
    file, row, column
        Where, with the row as a person counts it; None where it concerns the column or the file as a whole.
    value
        What stands in the cell; shortened where it looks like an identifier.
    problem, mend
        In words.
    accepted
        The reason why a warning may stand; empty where nobody accepted it.
    """

    severity: str
    rule: str
    file: str
    row: int | None
    column: str
    value: str
    problem: str
    mend: str
    accepted: str = ""

    @property
    def key(self) -> str:
        """What names this finding among all of a report, for accepting it alone."""
        return f"{self.rule} {self.file} {'' if self.row is None else self.row} {self.column}"

    @property
    def sentence(self) -> str:
        """'file, row 12, column X: what is wrong; how to mend it'."""
        row = "" if self.row is None else f", row {self.row}"
        column = f", column '{self.column}'" if self.column else ""
        return f"{self.file}{row}{column}: {self.problem}; {self.mend}"
