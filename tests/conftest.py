"""Fixtures that more than one folder of tests uses."""

from __future__ import annotations

from tests.stores import large_store, real_store, simulated_store

__all__ = ["large_store", "real_store", "simulated_store"]
