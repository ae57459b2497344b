"""Check files without a mapping: as they are recognised, with all that nobody has said or confirmed as findings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tilexplorer.importers.faults import ERROR, WARNING
from tilexplorer.recognise.draft import Draft, Question, draft
from tilexplorer.validation.check import Checked, check
from tilexplorer.validation.finding import Finding
from tilexplorer.validation.report import Report

REQUIRED: Final = "mapping.required"
PROPOSED: Final = "mapping.proposed"
MEND: Final = "`recognise FILE --output M.toml` drafts a mapping; answer it there and give it as --mapping M.toml"


def check_unmapped(paths: Sequence[Path]) -> Checked:
    """Files checked as `recognise` proposes to read them.

    What has to be said first is an error, and then the cells are not looked at; what was proposed and not confirmed is
    a warning beside what is wrong with the cells.

    Raises
    ------
    UnreadableFile
        A file that is no table, or a study that breaks a rule of its format.
    """
    made = draft(paths)
    asked = tuple(_finding(made, question) for question in made.questions())
    if made.missing():
        return Checked(Report(tuple(one for one in asked if one.severity == ERROR)), None)
    found = check(made.mapped(), made.frames)
    return Checked(Report((*found.report.errors, *found.report.warnings, *asked)), found.canonical)


def _finding(made: Draft, question: Question) -> Finding:
    severity, rule = (ERROR, REQUIRED) if question.required else (WARNING, PROPOSED)
    files = ", ".join(source.file.name for source in made.sources)
    return Finding(severity, rule, files, None, question.column, "", question.text, MEND)
