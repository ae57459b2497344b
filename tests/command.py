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
