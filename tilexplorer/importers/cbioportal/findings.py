"""What is odd about a study without making it unreadable."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """A warning: the place (file, row, column) and what is odd there. What cannot be read is an error instead."""

    place: str
    problem: str

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}"
