"""The simulated cohorts in the store: what a visitor sees before a real cohort is added."""

from __future__ import annotations

from pathlib import Path

from tilexplorer.errors import StoreMissing
from tilexplorer.publish import publish
from tilexplorer.schema import Canonical
from tilexplorer.simulate import simulate
from tilexplorer.store import Store, published


def is_empty(folder: Path) -> bool:
    """Whether nothing has been published in this store; StoreDamaged where something has and cannot be opened."""
    try:
        Store.at(folder, published(folder))
    except StoreMissing:
        return True
    return False


def publish_simulated(folder: Path, patients: int | None = None, seed: int | None = None) -> tuple[Canonical, str]:
    """Publish the simulated cohorts beside what is there; the tables and the generation's id."""
    part = simulate(patients=patients, seed=seed)
    return part, publish(folder, [part])
