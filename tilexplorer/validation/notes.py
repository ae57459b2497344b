"""The findings of a validation while they are noted: each cell once, the first of a rule worded, the others counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import pandas as pd

from tilexplorer.formatting import one_line
from tilexplorer.importers.faults import ERROR, SHOWN, WARNING, Fault
from tilexplorer.importers.tables import NUMBER
from tilexplorer.validation import identifiers
from tilexplorer.validation.finding import Finding

DATE: Final = "spreadsheet.date"
# Rules of cells that cannot be read; a date made by a spreadsheet explains why.
UNUSABLE: Final = ("cell.", "outcome.status", "regimen.unknown")
# Rules whose words name a patient, though they concern other columns.
NAMING: Final = frozenset(
    {"patient.contradiction", "sample.contradiction", "sample.two_patients", "value.repeated", "patient.alike"}
)
# Rules whose cells are ids, though nobody looked at their column as one: of a further table, or of one that is joined.
OF_IDS: Final = frozenset({"sample.unknown_patient", "join.repeated", "patient.duplicate"})

Place = tuple[str, str]
Key = tuple[str, str, int | None, str]


@dataclass
class Notes:
    """What was found so far.

    Attributes
    ----------
    findings
        By rule, file, row and column.
    rest
        For each rule and column, a finding without row and how many cells it stands for.
    missing
        Files and columns that are not there; what follows from that is not noted again.
    hidden
        Files and columns whose cells identify patients; a report shows only their beginnings.
    general
        The problem without names, of findings in other columns that name a patient.
    known_ids
        Rules about identifiers that the mapping accepts: guesses, which are warnings then.
    pseudonymous
        Whether ids are replaced by pseudonyms, so that those of the file are shown nowhere.
    """

    findings: dict[Key, Finding] = field(default_factory=dict)
    rest: dict[Key, Finding] = field(default_factory=dict)
    n_rest: Counter[Key] = field(default_factory=Counter)
    missing: set[Place] = field(default_factory=set)
    hidden: set[Place] = field(default_factory=set)
    general: dict[Key, str] = field(default_factory=dict)
    known_ids: frozenset[str] = frozenset()
    pseudonymous: bool = False

    @property
    def errors(self) -> bool:
        """Whether anything noted blocks an import."""
        return any(finding.severity == ERROR for finding in self.findings.values())

    def take(self, fault: Fault, shown: int = SHOWN) -> None:
        """Note the cells of a fault, the first `shown` of them one by one."""
        place = fault.origin.file, fault.origin.column
        if place in self.missing:
            return
        if fault.rule == "structure.column":
            self.missing.add(place)
        if fault.rule in self.known_ids:
            fault = replace(fault, severity=WARNING)
        elif fault.rule.startswith(identifiers.PREFIX):
            self.hidden.add(place)
        for finding in _worded(fault, shown):
            self.findings.setdefault(_key(finding), finding)
            if fault.rule in NAMING:
                self.general[_key(finding)] = fault.problem
        further = len(fault.origin.rows) - shown
        if further > 0:
            general = _finding(fault, None, "", fault.problem)
            self.rest[_key(general)] = general
            self.n_rest[_key(general)] += further

    def every(self) -> tuple[Finding, ...]:
        """Every finding: errors first, then by file, row and column; nothing in it names a patient."""
        further = [
            replace(general, problem=f"{self.n_rest[key]:,} further cells of the same kind: {general.problem}")
            for key, general in self.rest.items()
        ]
        return tuple(sorted(map(self._veiled, [*self._explained(), *further]), key=_order))

    def _explained(self) -> Iterator[Finding]:
        """The findings; a date made by a spreadsheet explains the error of its cell, and is said once."""
        dates = {key[1:] for key in self.findings if key[0] == DATE}
        unusable = {key[1:] for key in self.findings if key[0].startswith(UNUSABLE) and key[1:] in dates}
        ids = {key[1:] for key in self.findings if key[0].startswith(identifiers.PREFIX)}
        for key, finding in self.findings.items():
            cell = key[1:]
            if key[0] == DATE and cell not in ids:
                yield replace(finding, severity=ERROR) if cell in unusable else finding
            elif key[0] != DATE and not (cell in unusable and key[0].startswith(UNUSABLE)):
                yield finding

    def _veiled(self, finding: Finding) -> Finding:
        """The finding, with no more of a hidden cell than its beginning, and without names that ids may be."""
        if self.hidden and _key(finding) in self.general:
            finding = replace(finding, problem=f"'{finding.value}' {self.general[_key(finding)]}")
        if not finding.value or not self._identifies(finding):
            return finding
        shown = identifiers.shortened(finding.value)
        problem, mend = (text.replace(finding.value, shown) for text in (finding.problem, finding.mend))
        return replace(finding, value=shown, problem=problem, mend=mend)

    def _identifies(self, finding: Finding) -> bool:
        """Whether the cell of a finding says who a patient is."""
        if (finding.file, finding.column) in self.hidden:
            return True
        return finding.rule in OF_IDS and (self.pseudonymous or self._looks_like_a_person(finding.value))

    def _looks_like_a_person(self, value: str) -> bool:
        """Whether an id looks like one, where the mapping does not say that such ids are known."""
        return not self.known_ids and identifiers.looks_like_a_person(value)


def _key(finding: Finding) -> Key:
    return finding.rule, finding.file, finding.row, finding.column


def _order(finding: Finding) -> tuple[bool, str, int, str, str]:
    return finding.severity != ERROR, finding.file, finding.row or 0, finding.column, finding.rule


def _finding(fault: Fault, row: int | None, value: str, problem: str) -> Finding:
    # A constant of the mapping has no column, only rows.
    column = "" if fault.origin.column == NUMBER else fault.origin.column
    file, column, value, problem, mend = map(one_line, (fault.origin.file, column, value, problem, fault.mend))
    return Finding(fault.severity, fault.rule, file, row, column, value, problem, mend)


def _worded(fault: Fault, shown: int) -> Iterator[Finding]:
    """A finding for each of the first cells, or one for the column or the file as a whole."""
    if not len(fault.origin.rows):
        yield _finding(fault, None, "", fault.problem)
    rows = fault.origin.rows[:shown]
    for i, (row, value) in enumerate(zip(rows, fault.cells.iloc[:shown], strict=True)):
        text = "" if pd.isna(value) else str(value)
        cell = f"'{text}'" if text else "an empty cell"
        yield _finding(fault, int(row), text, fault.details[i] if fault.details else f"{cell} {fault.problem}")
