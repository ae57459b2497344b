"""The one loud line at the end of a run whose pages were not tried in a browser, with how many tests it left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.browser.chromium import NONE


def loud_line(reasons: Iterable[str]) -> str:
    """The line for tests skipped for these reasons; "" where every page was tried."""
    n = sum(NONE in reason for reason in reasons)
    return f"{NONE} ({n} tests)" if n else ""


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print that line, also in a quiet run."""
    skipped = terminalreporter.stats.get("skipped", [])
    if line := loud_line(str(report.longrepr) for report in skipped):
        terminalreporter.section("browser")
        terminalreporter.write_line(line)
