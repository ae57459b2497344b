"""Build a generation beside the running app and publish it atomically; roll back; forget; list what is there.

A generation's id is a hash over the schema and vocabulary versions and the canonical rows in key order, never over the
file's bytes: the same inputs give the same id, whoever publishes them and whenever. A build that fails or is killed
leaves a scratch file and nothing else; the pointer is swapped only when the new file is complete and closed. Whoever
reads the old generation goes on reading it: `Store.newer` tells that there is another.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tilexplorer.errors import StoreMissing
from tilexplorer.origin import Origin
from tilexplorer.publishing import builder, forgetting, log, shelf
from tilexplorer.publishing.arriving import Arriving, Whole
from tilexplorer.publishing.lock import exclusive, scratch
from tilexplorer.publishing.shelf import KEPT_GENERATIONS, GenerationInfo, generations
from tilexplorer.publishing.stages import Progress, Stages
from tilexplorer.schema import Canonical
from tilexplorer.store import Store, published

__all__ = ["KEPT_GENERATIONS", "GenerationInfo", "forget", "generations", "publish", "roll_back"]


def publish(
    folder: Path,
    add: Sequence[Canonical | Arriving] = (),
    remove: Sequence[str] = (),
    *,
    progress: Progress | None = None,
    by: str | None = None,
    origins: Sequence[Origin] = (),
) -> str:
    """Publish a new generation: the present one, less `remove`, with the cohorts of `add` put in or replaced.

    Parameters
    ----------
    folder
        The store; it is created where there is none.
    add
        Canonical tables, or cohorts that give their rows in parts.
    remove
        Ids of cohorts that leave.
    progress
        Called with the words of the stage and how far the whole has come.
    by
        Who publishes, for the log: TILEXPLORER_USER or the user of this process where it is not given.
    origins
        What the cohorts of `add` were made from, for the log.

    Returns
    -------
    str
        The generation's id.

    Raises
    ------
    InvalidData
        Rows that do not hold together.
    StoreBusy
        Somebody else is publishing.
    """
    arriving = [Whole(part) if isinstance(part, Canonical) else part for part in add]
    coming = tuple(cohort for part in arriving for cohort in part.cohorts)
    with exclusive(folder):
        _finish(folder)
        base = _base(folder)
        with scratch(folder) as path:
            built = builder.build(path, base, {*remove, *coming}, arriving, Stages(progress))
            shelf.put(folder, path, built.generation)
        facts = {"added": log.added(built.patients, coming, tuple(origins)), "removed": tuple(remove)}
        before = base.generation if base else ""
        _announce(folder, log.entry("publish", by, built.generation, before, **facts))
        for generation in shelf.superfluous(folder):
            shelf.delete(folder, generation)
        return built.generation


def roll_back(folder: Path, generation: str, *, by: str | None = None) -> None:
    """Make an older generation the published one."""
    with exclusive(folder):
        _finish(folder)
        Store.at(folder, generation)  # complains where the file is gone or damaged
        _announce(folder, log.entry("rollback", by, generation, shelf.published_or_none(folder)))


def forget(folder: Path, cohort: str, *, progress: Progress | None = None, by: str | None = None) -> None:
    """Remove a cohort from every generation that is kept, and the copies of its files that the catalogue fetched.

    The log keeps that it was there, and who forgot it. Files of users are never touched.

    Raises
    ------
    UnknownCohort
        No generation holds it, and nothing of it was downloaded.
    """
    with exclusive(folder):
        _finish(folder)
        forgetting.check_known(forgetting.holdings(folder), cohort)
        forgetting.begin(folder, cohort, by)
        forgetting.carry_on(folder, progress)


def _finish(folder: Path) -> None:
    """What a process that died could not."""
    log.mend(folder)
    forgetting.carry_on(folder)


def _announce(folder: Path, entry: log.Entry) -> None:
    shelf.point(folder, entry.generation, entry)
    log.append(folder, entry)


def _base(folder: Path) -> Store | None:
    try:
        return Store.at(folder, published(folder))
    except StoreMissing:
        return None
