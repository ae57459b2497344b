"""A progress bar on the error stream: redrawn in a terminal, one line per step elsewhere, JSON for another program."""

from __future__ import annotations

import json
import os
import sys
from types import TracebackType
from typing import Final, Self

WIDTH: Final = 24

# With this in the environment every move of the bar is a line of JSON: label, words, share from 0 to 1.
ENVIRONMENT: Final = "TILEXPLORER_PROGRESS"
AS_JSON: Final = "json"


class Bar:
    """Progress of one step. `update` has the form that downloads report in: a name, bytes so far, bytes in total."""

    def __init__(self, label: str) -> None:
        self.label = label
        self._drawn = -1
        self._told = os.environ.get(ENVIRONMENT) == AS_JSON
        self._live = self._told or sys.stderr.isatty()

    def __enter__(self) -> Self:
        if self._live:
            self._draw(0.0, "")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.finish("failed")

    def update(self, name: str, done: int, total: int) -> None:
        """Draw how far a file has come."""
        share = done / total if total else 0.0
        step = int(share * WIDTH)
        if self._live and step != self._drawn:
            self._drawn = step
            self._draw(share, name)

    def finish(self, outcome: str) -> None:
        """End the line with what became of the step."""
        start = "\r\x1b[K" if self._live and not self._told else ""
        print(f"{start}{self.label}: {outcome}", file=sys.stderr)

    def _draw(self, share: float, name: str) -> None:
        if self._told:
            told = {"label": self.label, "words": name, "share": round(share, 3)}
            print(json.dumps(told), file=sys.stderr, flush=True)
            return
        filled = int(share * WIDTH)
        print(
            f"\r\x1b[K{self.label} [{'#' * filled}{'.' * (WIDTH - filled)}] {name}", end="", file=sys.stderr, flush=True
        )
