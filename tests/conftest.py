"""Fixtures that more than one folder of tests uses, and the hooks of the whole run."""

from __future__ import annotations

from typing import Any

from hypothesis import settings

from tests.browser import summary as browser_summary
from tests.gold import summary as gold_summary
from tests.stores import large_store, real_store, simulated_store

# How long an example takes says something about the machine, and nothing about the code.
settings.register_profile("without deadline", deadline=None)
settings.load_profile("without deadline")

__all__ = ["large_store", "real_store", "simulated_store"]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What the run says at its end: how closely R was met, and what was not tried in a browser."""
    gold_summary.pytest_terminal_summary(terminalreporter)
    browser_summary.pytest_terminal_summary(terminalreporter)
