"""Fixtures that more than one folder of tests uses, and the hooks of the whole run."""

from __future__ import annotations

from tests.gold.summary import pytest_terminal_summary
from tests.stores import large_store, real_store, simulated_store

__all__ = ["large_store", "pytest_terminal_summary", "real_store", "simulated_store"]
