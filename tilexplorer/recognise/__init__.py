"""What an unknown file holds: its format, its columns, and a mapping that a person confirms or corrects."""

from __future__ import annotations

from tilexplorer.recognise.columns import recognise
from tilexplorer.recognise.guess import ROLES, Details, Guess, Recognised

__all__ = ["ROLES", "Details", "Guess", "Recognised", "recognise"]
