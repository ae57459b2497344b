"""What visitors gave goes with the server, however that ends."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app import warm
from tests.miniature import miniature, published_store
from tests.shared import ROOT
from tilexplorer.ui import visitors_files

# A server that takes a file and is killed, or ends by itself.
TAKES = """
import os, signal, sys
from tilexplorer.ui.visitors_files import new_folder
folder = new_folder()
(folder / "patients.csv").write_text("id")
print(folder, flush=True)
if sys.argv[1] == "killed":
    os.kill(os.getpid(), signal.SIGTERM)
"""


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place for temporary files that no other test uses."""
    visitors_files.remove_own()
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)


def left_by(end: str) -> Path:
    ran = subprocess.run([sys.executable, "-c", TAKES, end], cwd=ROOT, capture_output=True, text=True, check=False)
    return Path(ran.stdout.strip())


def test_a_server_that_ends_leaves_nothing() -> None:
    assert not left_by("by itself").exists()


def test_what_a_killed_server_left_goes_with_the_next_start() -> None:
    left, mine = left_by("killed"), visitors_files.new_folder()
    assert (left / "patients.csv").exists()
    visitors_files.remove_left_behind()
    assert not left.exists()
    assert mine.exists()  # its server lives


def test_the_server_removes_its_own_when_it_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published_store(tmp_path / "store", miniature("alpha"))
    monkeypatch.setenv("TILEXPLORER_STORE", str(tmp_path / "store"))
    left = left_by("killed")

    async def run() -> Path:
        async with warm(None):
            assert not left.exists()
            return visitors_files.new_folder()

    with ThreadPoolExecutor(1) as apart:  # the main thread's loop may be taken by a browser of other tests
        assert not apart.submit(lambda: asyncio.run(run())).result().exists()
