"""Who published what, when, from which files: one line of JSON for every change of a store, and no patient's data.

The entry of a publication travels in the pointer, which is swapped in one step, and is then appended to the log. A
process that dies between the two loses nothing: the entry in the pointer counts, and the next change appends it.
"""

from __future__ import annotations

import getpass
import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tilexplorer.errors import StoreDamaged
from tilexplorer.formatting import one_line
from tilexplorer.origin import Origin, SourceFile
from tilexplorer.store import pointed

LOG: Final = "publish-log.jsonl"


@dataclass(frozen=True, slots=True)
class Added:
    """A cohort that was published: how many patients, and what it was made from."""

    cohort: str
    patients: int | None = None
    mapping: SourceFile | None = None
    files: tuple[SourceFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of a store.

    Attributes
    ----------
    time
        When, UTC, in ISO form.
    by
        Who.
    action
        publish, rollback or forget.
    generation
        The published generation afterwards; empty where there is none any more.
    before
        The published generation before; empty where there was none.
    added, removed
        Cohorts that came or were replaced, and ids of those that went.
    id
        Tells this entry from every other.
    """

    time: str
    by: str
    action: str
    generation: str
    before: str = ""
    added: tuple[Added, ...] = ()
    removed: tuple[str, ...] = ()
    id: str = field(default_factory=lambda: uuid.uuid4().hex)


def entry(action: str, by: str | None, generation: str, before: str, **facts: Any) -> Entry:
    """An entry of this moment; `by` is the user of this process where it is not given."""
    return Entry(datetime.now(UTC).isoformat(timespec="seconds"), by or user(), action, generation, before, **facts)


def added(patients: Mapping[str, int], cohorts: tuple[str, ...], origins: tuple[Origin, ...]) -> tuple[Added, ...]:
    """What is said about cohorts that were published."""
    known = {origin.cohort: origin for origin in origins}
    found = [(cohort, known.get(cohort, Origin(cohort))) for cohort in cohorts]
    return tuple(Added(cohort, patients.get(cohort), made.mapping, made.files) for cohort, made in found)


def user() -> str:
    """TILEXPLORER_USER, else the name under which this process runs."""
    try:
        return os.environ.get("TILEXPLORER_USER") or getpass.getuser()
    except (OSError, KeyError, ImportError):  # no name for the user's number, as in a container
        return "unknown"


def entries(folder: Path) -> list[Entry]:
    """Every change of a store, the oldest first."""
    carried = _carried(folder)  # first: what is published meanwhile is in the log when that is read
    written = _written(folder)
    return [*written, carried] if carried and carried.id not in {one.id for one in written} else written


def mend(folder: Path) -> None:
    """Write the entry that a process which died could not write; to be called before the pointer is swapped."""
    written = {one.id for one in _written(folder)}
    for one in entries(folder):
        if one.id not in written:
            append(folder, one)


def append(folder: Path, new: Entry) -> None:
    """Write an entry, on a line of its own also after one that was not finished."""
    path = folder / LOG
    torn = path.exists() and path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
    with path.open("a", encoding="utf-8") as log:
        log.write(("\n" if torn else "") + json.dumps(asdict(new)) + "\n")
        log.flush()
        os.fsync(log.fileno())


def _carried(folder: Path) -> Entry | None:
    """The entry in the pointer; None where there is no pointer, or one that cannot be read."""
    try:
        return _entry((pointed(folder) or {}).get("entry"))
    except StoreDamaged:
        return None


def _written(folder: Path) -> list[Entry]:
    try:
        # A line that was cut off may end within a character, and a name may hold what Python takes for a line end.
        lines = (folder / LOG).read_text(encoding="utf-8", errors="replace").split("\n")
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [found for line in lines if (found := _entry(_json(line))) is not None]


def _json(line: str) -> object:
    """None for a line that a process which was killed did not finish."""
    try:
        return json.loads(line)
    except ValueError:
        return None


def _entry(found: Any) -> Entry | None:
    """None for what is no entry."""
    try:
        return parsed(found)
    except (KeyError, TypeError, AttributeError):
        return None


def parsed(found: Mapping[str, Any]) -> Entry:
    """An entry from its JSON."""
    parts = tuple(_added(part) for part in found["added"])
    return Entry(**{**found, "added": parts, "removed": tuple(found["removed"])})


def _added(found: Mapping[str, Any]) -> Added:
    mapping = SourceFile(**found["mapping"]) if found["mapping"] else None
    return Added(found["cohort"], found["patients"], mapping, tuple(SourceFile(**file) for file in found["files"]))


def sentences(entry: Entry) -> list[str]:
    """An entry in words: what happened, and below it the files that each cohort was made from; a line for each."""
    return [one_line(line) for line in _sentences(entry)]


def _sentences(entry: Entry) -> list[str]:
    removed = f" without {', '.join(entry.removed)}" if entry.removed else ""
    start = f"{entry.time}  {entry.by}  "
    if entry.action == "forget":
        return [f"{start}forgot {', '.join(entry.removed)}; published is {entry.generation or 'nothing'}"]
    if entry.action == "rollback":
        return [f"{start}rolled back to {entry.generation}"]
    return [f"{start}published {entry.generation}{removed}", *(line for one in entry.added for line in _made(one))]


def _made(one: Added) -> list[str]:
    files = [file for file in (one.mapping, *one.files) if file is not None]
    counted = "" if one.patients is None else f", {one.patients} patients"
    return [f"    {one.cohort}{counted}", *(f"        {file.sha256}  {file.name}" for file in files)]
