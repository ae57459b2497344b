"""Files that were given by name and that the mapping does not read: somebody expects them to be in the cohort."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from tilexplorer.importers.archive import is_archive
from tilexplorer.importers.faults import WARNING
from tilexplorer.importers.mapping import Mapped
from tilexplorer.validation.check import Checked
from tilexplorer.validation.finding import Finding
from tilexplorer.validation.report import Report


def with_unread(checked: Checked, mapped: Mapped, given: Sequence[Path], read: Iterable[Path]) -> Checked:
    """The result with a warning for each file that was given and not read. Folders and archives hold what they hold."""
    taken = set(read)
    left = [path for path in given if path not in taken and path.is_file() and not is_archive(path)]
    if not left:
        return checked
    report = Report((*checked.report.findings, *map(_finding, left)))
    return replace(checked, report=report.declared({item.rule: item.reason for item in mapped.accept}))


def _finding(path: Path) -> Finding:
    problem = "was given, and the mapping does not read it"
    mend = "declare it under [files] by this name, or leave it out"
    return Finding(WARNING, "structure.unread_file", path.name, None, "", "", problem, mend)
