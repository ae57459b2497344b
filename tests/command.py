"""The command line run within a test: exit code, both streams, and a view's JSON."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tilexplorer.cli import main


@dataclass(frozen=True)
class Ran:
    """What a command answered."""

    code: int
    out: str
    err: str


def run(*arguments: str | Path) -> Ran:
    """Run `python -m tilexplorer ...` in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    return Ran(code, out.getvalue(), err.getvalue())


def analyse(store: Path, view: str, query: str = "") -> dict[str, Any]:
    """The JSON that `analyse VIEW QUERY` prints; the command must succeed."""
    ran = run("analyse", view, query, "--store", store)
    assert ran.code == 0, ran.err
    found: dict[str, Any] = json.loads(ran.out)
    return found


def one_message(ran: Ran) -> str:
    """The command failed with exit code 1 and one line on the error stream."""
    assert ran.code == 1
    lines = [line for line in ran.err.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1, ran.err
    assert "Traceback" not in ran.err
    return lines[0]
