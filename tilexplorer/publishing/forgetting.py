"""Forget a cohort: no generation that is kept, and no downloaded copy, holds its rows any longer.

Generations that hold it are written anew without it, under the id of what is left, and the old files are deleted;
rows that were only deleted inside of a file could still lie in its free space. A note in the folder says what is to be
forgotten until that is done: where the process dies, the next change of the store carries on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import duckdb

from tilexplorer import catalog
from tilexplorer.errors import StoreDamaged, UnknownCohort
from tilexplorer.publishing import builder, log, shelf
from tilexplorer.publishing.lock import scratch
from tilexplorer.publishing.stages import Progress, Stages
from tilexplorer.schema import SCHEMA_VERSION
from tilexplorer.store import POINTER, Store, generation_path

NOTE: Final = "forgetting.json"


@dataclass(frozen=True, slots=True)
class Holding:
    """What a kept generation has: patients by cohort; None where its file cannot be read."""

    info: shelf.GenerationInfo
    patients: dict[str, int] | None


def holdings(folder: Path) -> list[Holding]:
    """The kept generations and what each has, newest first."""
    found = [Holding(info, _patients(folder, info.id)) for info in shelf.generations(folder)]
    # A file that a publisher deleted while it was looked at is kept no longer; it is not one that cannot be read.
    return [one for one in found if one.patients is not None or generation_path(folder, one.info.id).exists()]


def _patients(folder: Path, generation: str) -> dict[str, int] | None:
    try:
        store = Store.at(folder, generation)
        if int(store.frame("SELECT schema_version AS v FROM generation")["v"][0]) != SCHEMA_VERSION:
            return None
        counted = store.frame(
            "SELECT h.cohort, count(p.patient) AS n FROM cohort h LEFT JOIN patient p USING (cohort) GROUP BY ALL"
        )
    except (StoreDamaged, duckdb.Error):
        return None
    return {str(cohort): int(n) for cohort, n in zip(counted["cohort"], counted["n"], strict=True)}


def to_rewrite(held: Iterable[Holding], cohort: str) -> list[Holding]:
    """Generations that hold the cohort beside others."""
    return [one for one in held if one.patients and cohort in one.patients and len(one.patients) > 1]


def to_delete(held: Iterable[Holding], cohort: str) -> list[Holding]:
    """Generations that hold nothing else, and those that cannot be read: nobody can say what is in them."""
    return [one for one in held if one.patients is None or set(one.patients) == {cohort}]


def downloads(cohort: str) -> list[Path]:
    """Copies of the cohort's files that the catalogue fetched; files of users and mirrors are never among them."""
    if cohort not in catalog.names():
        return []
    places = [(catalog.DOWNLOADS / file.folder, file.name) for file in catalog.entry(cohort).files.values()]
    parts = [part for folder, name in places for part in folder.glob(f".{name}.*.part")]
    return sorted({*(folder / name for folder, name in places if (folder / name).is_file()), *parts})


def check_known(held: Iterable[Holding], cohort: str) -> None:
    """UnknownCohort where no generation holds it, and nothing of it was downloaded."""
    known = {name for one in held for name in one.patients or ()}
    if cohort not in known and not downloads(cohort):
        listed = ", ".join(sorted(known)) or "none"
        raise UnknownCohort(f"no kept generation holds a cohort '{cohort}'; they hold {listed}")


def begin(folder: Path, cohort: str, by: str | None) -> None:
    """Note down what is to be forgotten."""
    entry = log.entry("forget", by, "", shelf.published_or_none(folder), removed=(cohort,))
    shelf.write(folder / NOTE, json.dumps({"cohort": cohort, "entry": asdict(entry)}))


def carry_on(folder: Path, progress: Progress | None = None) -> None:
    """Do what the note says, where there is one. Every step may be repeated."""
    note = folder / NOTE
    if not note.exists():
        return
    cohort, entry = _noted(note)
    held = holdings(folder)
    leaving = [*to_rewrite(held, cohort), *to_delete(held, cohort)]
    became = {one.info.id: _rewritten(folder, one, cohort, progress) for one in to_rewrite(held, cohort)}
    _repoint(folder, entry, became, {one.info.id for one in leaving})
    for one in leaving:
        shelf.delete(folder, one.info.id)
    for path in downloads(cohort):
        path.unlink(missing_ok=True)
    note.unlink()


def _noted(note: Path) -> tuple[str, log.Entry]:
    """The cohort that is to be forgotten, and the entry for the log."""
    try:
        found = json.loads(note.read_text(encoding="utf-8"))
        return str(found["cohort"]), log.parsed(found["entry"])
    except (ValueError, KeyError, TypeError):
        raise StoreDamaged(
            f"the note {note.name} in {note.parent.name} of a cohort that is to be forgotten is unreadable: "
            "delete it, and forget the cohort again"
        ) from None


def _rewritten(folder: Path, old: Holding, cohort: str, progress: Progress | None) -> str:
    """Id of the generation without the cohort, which lies beside the old one."""
    with scratch(folder) as path:
        built = builder.build(path, Store.at(folder, old.info.id), {cohort}, (), Stages(progress))
        shelf.put(folder, path, built.generation, old.info.made)
    return built.generation


def _repoint(folder: Path, entry: log.Entry, became: dict[str, str], leaving: set[str]) -> None:
    """The published generation is the one without the cohort; where nothing is left, nothing is published."""
    current = shelf.published_or_none(folder)
    after = became.get(current, "" if current in leaving else current)
    entry = replace(entry, generation=after)
    if after:
        shelf.point(folder, after, entry)
        log.mend(folder)
    else:
        if entry.id not in {one.id for one in log.entries(folder)}:
            log.append(folder, entry)
        if current:  # a pointer that nobody can read stays: `rollback` mends it, and a publication must not follow it
            (folder / POINTER).unlink(missing_ok=True)
