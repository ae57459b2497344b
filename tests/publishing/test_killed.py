"""An import that is killed at any moment leaves the published generation as it was, to the byte."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from tests.importers.made import MAPPING, ROWS
from tests.miniature import miniature
from tests.shared import ROOT
from tilexplorer.importers.streaming import LARGE
from tilexplorer.publish import publish, roll_back
from tilexplorer.store import Store, generation_path, published

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="NOT RUN: needs fork, which this system does not have")


class Importer:
    """Imports the file into a store, in a process that can be killed."""

    def __init__(self, answers: IO[str], asks: IO[str]) -> None:
        self._answers, self._asks = answers, asks

    def begin(self, store: Path) -> None:
        """Begin to import."""
        self._say(str(store))
        assert self._answers.readline() == "begun\n"

    def end(self, how: str) -> int:
        """Kill it, or wait for it; 0 where it was done."""
        self._say(how)
        return int(self._answers.readline())

    def _say(self, line: str) -> None:
        self._asks.write(f"{line}\n")
        self._asks.flush()


@contextmanager
def importer(folder: Path, rows: int) -> Iterator[Importer]:
    """An importer of a made-up file of so many patients."""
    data, mapping = folder / "clinical.csv", folder / "made.toml"
    # A column that nobody reads makes the file large enough to be read in batches.
    body = (f"P{i:06d},{('PR', 'PD')[i % 2]},{1 + i % 99}.25,{i % 2},{i % 101},{'x' * 400}" for i in range(rows))
    data.write_text(ROWS.splitlines()[0] + ",unread\n" + "\n".join(body) + "\n", encoding="utf-8")
    assert data.stat().st_size > LARGE
    mapping.write_text(MAPPING, encoding="utf-8")
    command = [sys.executable, "-m", "tests.publishing.forking", str(data), str(mapping)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield Importer(process.stdout, process.stdin)
        process.stdin.close()


def whole_import(imports: Importer, store: Path) -> tuple[float, str]:
    """How long an import takes that nobody kills [s], and the generation that it makes."""
    publish(store, [miniature()])
    start = time.monotonic()
    imports.begin(store)
    assert imports.end("wait") == 0
    return time.monotonic() - start, published(store)


def kill_at_random(folder: Path, rows: int, kills: int, seed: int) -> int:
    """Kill so many imports and look at the store after each; how many of them had begun to build."""
    store, moments, caught, building = folder / "store", random.Random(seed), 0, 0
    good = publish(store, [miniature()])
    content = sha256(generation_path(store, good))
    with importer(folder, rows) as imports:
        seconds, complete = whole_import(imports, folder / "other")
        while caught < kills:
            imports.begin(store)
            time.sleep(moments.uniform(0, seconds))
            imports.end("kill")
            if published(store) == complete:  # it was done before it was killed
                roll_back(store, good)
                generation_path(store, complete).unlink()
                continue
            caught += 1
            building += any(store.glob("building-*"))
            assert published(store) == good
            assert sha256(generation_path(store, good)) == content
            assert Store.open(store).frame("SELECT count(*) AS n FROM analysis")["n"][0] == 60
            assert publish(store) == good  # the next publication is not held up, and leaves nothing behind
            assert not list(store.glob("building-*"))
    return building


def sha256(path: Path) -> str:
    """Of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_few_killed_imports_change_nothing(tmp_path: Path) -> None:
    kill_at_random(tmp_path, rows=6_000, kills=3, seed=20261122)  # whether one of so few hits the build is chance


@pytest.mark.soak
def test_fifty_killed_imports_change_nothing(tmp_path: Path) -> None:
    assert kill_at_random(tmp_path, rows=30_000, kills=50, seed=50) > 25
