"""Work that takes longer than a visit to a page: a command of the command line in a process of its own.

An import in the server's process would slow every other visitor down, and would be broken off where its own visitor
opens another page. The process reports its progress as lines of JSON, and outlives the visit.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import streamlit as st

from tilexplorer.progress import AS_JSON, ENVIRONMENT

ROOT: Final = Path(__file__).resolve().parents[2]
MOST_KEPT: Final = 5  # finished jobs that are still listed
OUTCOME_LINES: Final = 2  # at the end of what a command says of its work


@dataclass
class Job:
    """One command that runs or has run.

    Attributes
    ----------
    words : what it does. folder : files that belong to it and go when it has ended, or None.
    stage, share : what it is doing now, and how far the whole has come, from 0 to 1.
    lines : what it said beside its progress. code : its exit code, None while it runs.
    thread : reads what it says, and ends with it.
    """

    words: str
    folder: Path | None = None
    stage: str = "starting"
    share: float = 0.0
    lines: list[str] = field(default_factory=list)
    code: int | None = None
    thread: threading.Thread = field(default_factory=threading.Thread, repr=False)

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.code is None

    @property
    def outcome(self) -> str:
        """How many patients came, and which generation is published: the last that it said."""
        return ", ".join(self.lines[-OUTCOME_LINES:])

    @property
    def said(self) -> str:
        """What it said, errors last."""
        return "\n".join(self.lines)


@st.cache_resource
def _jobs() -> list[Job]:
    """Every job of this server, the newest last."""
    return []


def listed() -> list[Job]:
    """The jobs that run, and the last that have ended."""
    found = _jobs()
    ended = [job for job in found if not job.running]
    for job in ended[: max(0, len(ended) - MOST_KEPT)]:
        found.remove(job)
    return list(found)


def busy() -> bool:
    """Whether one runs: a store has one publisher at a time."""
    return any(job.running for job in _jobs())


def dismiss(job: Job) -> None:
    """Take an ended job off the list."""
    if job in _jobs():
        _jobs().remove(job)


def start(words: str, arguments: Sequence[str], store: Path, folder: Path | None = None) -> Job:
    """Run `python -m tilexplorer` with these arguments on a store; returns at once."""
    environment = {**os.environ, ENVIRONMENT: AS_JSON, "TILEXPLORER_STORE": str(store.resolve())}
    process = subprocess.Popen(
        [sys.executable, "-m", "tilexplorer", *arguments],
        cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    job = Job(words, folder)
    _jobs().append(job)
    job.thread = threading.Thread(target=_follow, args=(job, process), daemon=True)
    job.thread.start()
    return job


def _follow(job: Job, process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    with process.stdout as output:
        for line in output:
            take(job, line.rstrip("\n"))
    code = process.wait()
    if job.folder is not None:
        shutil.rmtree(job.folder, ignore_errors=True)
    job.share, job.code = 1.0, code


def take(job: Job, line: str) -> None:
    """A line of progress moves the bar; any other is kept."""
    if line.startswith("{"):
        try:
            told = json.loads(line)
            job.stage, job.share = f"{told['label']} {told['words']}".strip(), float(told["share"])
            return
        except (ValueError, KeyError, TypeError):
            pass
    if line:
        job.lines.append(line)
