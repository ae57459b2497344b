"""Stores that many tests read, each built once in a test session, whichever worker asks for it first."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import run
from tests.shared import real_cohorts
from tilexplorer.errors import StoreBusy, StoreMissing
from tilexplorer.publish import publish
from tilexplorer.publishing.lock import exclusive
from tilexplorer.simulate import simulate
from tilexplorer.store import published

PATIENCE_SECONDS = 300.0


def session_folder(factory: pytest.TempPathFactory, name: str) -> Path:
    """A folder that all workers of a test session share."""
    base = factory.getbasetemp()
    return (base.parent if base.name.startswith("popen-") else base) / name


def built_once(folder: Path, build: Callable[[Path], None]) -> Path:
    """Build a store where nothing has been published yet; other workers wait for the one that builds."""
    turn = folder.with_name(f"{folder.name}-turn")
    turn.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            with exclusive(turn):
                if not _is_there(folder):
                    build(folder)
                return folder
        except StoreBusy:
            time.sleep(0.1)
    raise TimeoutError(f"no worker built {folder.name} within {PATIENCE_SECONDS:.0f} seconds")


def _is_there(folder: Path) -> bool:
    try:
        published(folder)
    except StoreMissing:
        return False
    return True


def _build_real(folder: Path) -> None:
    ran = run("catalog", "add", "--all", "--store", folder, "--mirror", real_cohorts())
    assert ran.code == 0, ran.err


def _build_simulated(folder: Path) -> None:
    publish(folder, [simulate()])


def _build_large(folder: Path) -> None:
    publish(folder, [simulate(patients=40_000)])


@pytest.fixture(scope="session")
def real_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of every cohort of the catalogue, from the shared folder; skips loudly where that is absent."""
    real_cohorts()
    return built_once(session_folder(tmp_path_factory, "real-store"), _build_real)


@pytest.fixture(scope="session")
def simulated_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the five simulated cohorts, as a visitor finds it."""
    return built_once(session_folder(tmp_path_factory, "simulated-store"), _build_simulated)


@pytest.fixture(scope="session")
def large_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of 40,000 simulated patients: what is left of a difference from the truth is not chance."""
    return built_once(session_folder(tmp_path_factory, "large-store"), _build_large)
