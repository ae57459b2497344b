"""Fixtures that more than one folder of tests uses, and the hooks of the whole run."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import settings
from streamlit.components.v2 import manifest_scanner

from tests.browser import summary as browser_summary
from tests.gold import summary as gold_summary
from tests.stores import large_store, real_store, simulated_store

# How long an example takes says something about the machine, and nothing about the code.
settings.register_profile("without deadline", deadline=None)
settings.load_profile("without deadline")

__all__ = ["large_store", "real_store", "simulated_store"]


@pytest.fixture(scope="session", autouse=True)
def _packages_searched_once() -> Iterator[None]:
    """Streamlit's AppTest searches every installed package for components before each run of a script, which takes
    longer than the script; the packages stay the same while tests run.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What the run says at its end: how closely R was met, and what was not tried in a browser."""
    gold_summary.pytest_terminal_summary(terminalreporter)
    browser_summary.pytest_terminal_summary(terminalreporter)
