"""The validation report: every finding, what of it blocks, and the forms in which it is downloaded."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd

from tilexplorer.analysis.tables import neutral
from tilexplorer.importers.faults import ERROR, WARNING
from tilexplorer.validation.finding import FIELDS, Finding


@dataclass(frozen=True)
class Report:
    """What a validation found, errors first, then in the order of files and rows."""

    findings: tuple[Finding, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that block an import."""
        return tuple(f for f in self.findings if f.severity == ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that can be accepted, accepted or not."""
        return tuple(f for f in self.findings if f.severity == WARNING)

    @property
    def open_warnings(self) -> tuple[Finding, ...]:
        """The warnings that nobody accepted."""
        return tuple(f for f in self.warnings if not f.accepted)

    def blocks(self, *, strict: bool = False) -> bool:
        """Whether an import may not go on: an error, or, strictly, a warning that nobody accepted."""
        return bool(self.errors or (strict and self.open_warnings))

    def accepted(self, names: Iterable[str] | None = None, reason: str = "accepted") -> Report:
        """The report with warnings accepted: those of the named rules, single ones by their keys, or all of them."""
        chosen = None if names is None else set(names)
        return Report(tuple(_accepted(finding, chosen, reason) for finding in self.findings))

    def declared(self, reasons: Mapping[str, str]) -> Report:
        """The report with the warnings accepted that the mapping accepts by rule, and why."""
        report = self
        for rule, reason in reasons.items():
            report = report.accepted([rule], reason)
        return report

    @property
    def summary(self) -> str:
        """How many errors and warnings, in words."""
        if not self.findings:
            return "nothing is wrong"
        accepted = len(self.warnings) - len(self.open_warnings)
        parts = (len(self.errors), "error"), (len(self.open_warnings), "warning"), (accepted, "accepted warning")
        return ", ".join(f"{n} {word}{'s' if n != 1 else ''}" for n, word in parts if n)

    def frame(self) -> pd.DataFrame:
        """A row for each finding; the row number is missing where a finding concerns no single row."""
        made = pd.DataFrame([asdict(f) for f in self.findings], columns=list(FIELDS))
        return made.astype({name: "Int64" if name == "row" else "string" for name in FIELDS})

    def as_text(self) -> str:
        """A line for each finding, and their numbers."""
        lines = [f"{'accepted' if f.accepted else f.severity}: {f.sentence}" for f in self.findings]
        return "\n".join([*lines, self.summary]) + "\n"

    def as_csv(self) -> str:
        """The findings as CSV; no cell is a formula to a spreadsheet."""
        out = io.StringIO()
        writer = csv.DictWriter(out, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows([{k: neutral(v) for k, v in asdict(f).items()} for f in self.findings])
        return out.getvalue()

    def as_json(self, stored: Mapping[str, int] | None = None) -> str:
        """The findings as JSON, with their numbers and the rows of each table that would be stored."""
        made: dict[str, Any] = {
            "status": "error" if self.errors else "warning" if self.open_warnings else "ok",
            "errors": len(self.errors),
            "warnings": len(self.warnings),
            "accepted": len(self.warnings) - len(self.open_warnings),
            "would_store": None if stored is None else dict(stored),
            "findings": [asdict(f) for f in self.findings],
        }
        return json.dumps(made, indent=2, ensure_ascii=False, allow_nan=False)


def _accepted(finding: Finding, chosen: set[str] | None, reason: str) -> Finding:
    named = chosen is None or finding.rule in chosen or finding.key in chosen
    return replace(finding, accepted=reason) if named and finding.severity == WARNING else finding
