"""The generations that a store keeps: put one there, point at one, list them, throw away the oldest."""

from __future__ import annotations

import json
import os
import stat
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tilexplorer.errors import StoreDamaged, StoreMissing
from tilexplorer.publishing.lock import SCRATCH
from tilexplorer.publishing.log import Entry
from tilexplorer.store import POINTER, generation_path, published, release

KEPT_GENERATIONS: Final = 5


@dataclass(frozen=True, slots=True)
class GenerationInfo:
    """A generation in a store: its id, when its file was made, its size, whether it is the published one."""

    id: str
    made: datetime
    bytes: int
    published: bool


def generations(folder: Path) -> list[GenerationInfo]:
    """The generations of a store, newest first."""
    current = published_or_none(folder)
    found = []
    for path in folder.glob("store-*.duckdb"):
        name = path.stem.removeprefix("store-")
        facts = _facts(path)
        if facts is None:
            continue
        made = datetime.fromtimestamp(facts.st_mtime, UTC)
        found.append(GenerationInfo(name, made, facts.st_size, name == current))
    return sorted(found, key=lambda info: info.made, reverse=True)


def _facts(path: Path) -> os.stat_result | None:
    """Size and age of a generation's file; None where it is none, or where a publisher deleted it meanwhile."""
    try:
        facts = path.stat()
    except FileNotFoundError:
        return None
    return facts if stat.S_ISREG(facts.st_mode) else None


def published_or_none(folder: Path) -> str:
    """Id of the published generation; empty where there is none, or where the pointer cannot be read."""
    try:
        return published(folder)
    except (StoreMissing, StoreDamaged):
        return ""


def put(folder: Path, scratch: Path, generation: str, made: datetime | None = None) -> None:
    """Give a complete file its name; `made` keeps the age of a generation that is written anew."""
    target = generation_path(folder, generation)
    if target.exists():
        # The same contents are there already: only the age may change.
        newest = max(made, datetime.fromtimestamp(target.stat().st_mtime, UTC)) if made else None
    else:
        _flush(scratch)
        os.replace(scratch, target)
        newest = made
    os.utime(target, None if newest is None else (newest.timestamp(),) * 2)


def point(folder: Path, generation: str, entry: Entry) -> None:
    """Make a generation the published one, in one step."""
    write(folder / POINTER, json.dumps({"generation": generation, "entry": asdict(entry)}))


def write(path: Path, text: str) -> None:
    """Write a small file in one step: whoever reads it sees the old text or the new one, and never a part."""
    scratch = path.with_name(f"{SCRATCH}{uuid.uuid4().hex}.json")
    scratch.write_text(text, encoding="utf-8")
    _flush(scratch)
    os.replace(scratch, path)


def delete(folder: Path, generation: str) -> None:
    """Delete a generation's file, closed here first; other processes close it with their next query."""
    path = generation_path(folder, generation)
    release(path)
    path.unlink(missing_ok=True)


def superfluous(folder: Path, more: int = 0) -> list[str]:
    """Ids that are not kept any longer when `more` generations have come; the published one always is."""
    return [info.id for info in generations(folder)[max(0, KEPT_GENERATIONS - more) :] if not info.published]


def _flush(path: Path) -> None:
    """A file that is named must be on the disk, also when the power fails."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
