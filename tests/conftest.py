"""Hooks of the whole test run."""

from __future__ import annotations

from tests.gold.summary import pytest_terminal_summary

__all__ = ["pytest_terminal_summary"]
