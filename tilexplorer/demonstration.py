"""The simulated cohorts in the store: what a visitor sees before a real cohort is added."""

from __future__ import annotations

from pathlib import Path

from tilexplorer.errors import StoreMissing
from tilexplorer.origin import Origin, source_file
from tilexplorer.publish import publish
from tilexplorer.publishing.stages import Progress
from tilexplorer.schema import Canonical
from tilexplorer.simulate import simulate
from tilexplorer.simulate.recipe import RECIPE
from tilexplorer.store import Store, published


def is_empty(folder: Path) -> bool:
    """Whether nothing has been published in this store; StoreDamaged where something has and cannot be opened."""
    try:
        Store.at(folder, published(folder))
    except StoreMissing:
        return True
    return False


def publish_simulated(
    folder: Path,
    patients: int | None = None,
    seed: int | None = None,
    *,
    progress: Progress | None = None,
    by: str | None = None,
) -> tuple[Canonical, str]:
    """Publish the simulated cohorts beside what is there; the tables and the generation's id."""
    part = simulate(patients=patients, seed=seed)
    recipe = source_file(RECIPE)
    origins = [Origin(cohort, recipe) for cohort in part.cohorts]
    return part, publish(folder, [part], progress=progress, by=by, origins=origins)
