"""The table at the end of a test run: what was compared with R, how closely, and what was not."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from tests.gold.harness import Line, Report, table

PROPERTY = "gold_report"


def record(report: Report) -> tuple[str, str]:
    """A report as a test property, which also reaches the controller of a parallel run."""
    lines = [[kind, statistic, asdict(line)] for (kind, statistic), line in report.lines.items()]
    return PROPERTY, json.dumps({"lines": lines, "failures": report.failures})


def _read(text: str) -> Report:
    parsed = json.loads(text)
    lines = {(kind, statistic): Line(**line) for kind, statistic, line in parsed["lines"]}
    return Report(lines, parsed["failures"])


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the table where any gold case ran."""
    total, seen = Report(), 0
    for outcome in ("passed", "failed"):
        for result in terminalreporter.stats.get(outcome, []):
            for name, value in getattr(result, "user_properties", []):
                if name == PROPERTY and getattr(result, "when", "call") == "call":
                    total.add(_read(value))
                    seen += 1
    if seen:
        terminalreporter.section(f"agreement with R: {seen} cases")
        for line in table(total):
            terminalreporter.write_line(line)
