"""What publishing, rolling back or forgetting will change, before it is done."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tilexplorer.publishing import forgetting, shelf
from tilexplorer.publishing.arriving import Arriving
from tilexplorer.publishing.forgetting import Holding
from tilexplorer.schema import Canonical
from tilexplorer.store import Store


@dataclass(frozen=True, slots=True)
class CohortChange:
    """Patients of a cohort in the published generation, before and after.

    None before: it is not there. None after: it will not be. Minus one after: it is counted while it is read.
    """

    cohort: str
    before: int | None
    after: int | None


UNCOUNTED = -1


@dataclass(frozen=True, slots=True)
class Changes:
    """What will change.

    Attributes
    ----------
    action
        publish, rollback or forget.
    before, after
        Id of the published generation now, empty where there is none; afterwards, empty where it is not known before
        it is built, or where there will be none.
    cohorts
        Those whose patients change, in the published generation.
    rewritten, deleted
        Ids of the kept generations that are written anew under another id, and of those that go.
    unreadable
        Those among the deleted whose files cannot be read, so that nobody can say what is in them.
    downloads
        Names of downloaded copies that are deleted.
    """

    action: str
    before: str
    after: str
    cohorts: tuple[CohortChange, ...]
    rewritten: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    downloads: tuple[str, ...] = ()

    def sentences(self) -> list[str]:
        """The changes in words, one a line."""
        lines = [_cohort(change) for change in self.cohorts] or ["no cohort of the published generation changes"]
        lines += [f"generation {name} is written anew under another id" for name in self.rewritten]
        lines += [f"generation {name} is deleted{self._why(name)}" for name in self.deleted]
        lines += [f"the downloaded copy {name} is deleted" for name in self.downloads]
        return [*lines, self._published()]

    def _why(self, generation: str) -> str:
        return ", because nobody can read what is in it" if generation in self.unreadable else ""

    def _published(self) -> str:
        now = f"generation {self.before}" if self.before else "nothing"
        if self.after:
            return f"published is {now}" + (", as before" if self.after == self.before else f", then {self.after}")
        if self.action == "forget" and self.before in self.deleted:
            return f"published is {now}, then nothing"
        return f"published is {now}, then a generation that gets its id from its contents"


def of_publishing(folder: Path, add: Sequence[Canonical | Arriving] = (), remove: Sequence[str] = ()) -> Changes:
    """What `publish` will change."""
    now = _published(forgetting.holdings(folder))
    coming = {cohort: n for part in add for cohort, n in _counted(part)}
    after = {**{cohort: n for cohort, n in now.items() if cohort not in remove}, **coming}
    return Changes(
        action="publish",
        before=shelf.published_or_none(folder),
        after="",
        cohorts=_differences(now, after, coming),
        deleted=tuple(shelf.superfluous(folder, more=1)),
    )


def of_rolling_back(folder: Path, generation: str) -> Changes:
    """What `roll_back` will change; StoreDamaged where that generation is gone."""
    Store.at(folder, generation)
    held = forgetting.holdings(folder)
    then = {one.info.id: one.patients or {} for one in held}[generation]
    return Changes("rollback", shelf.published_or_none(folder), generation, _differences(_published(held), then))


def forgettable(folder: Path) -> list[str]:
    """Ids of the cohorts that a kept generation holds, those of the published one first."""
    held = forgetting.holdings(folder)
    there = {name for one in held for name in one.patients or ()}
    now = _published(held)
    return sorted(there, key=lambda name: (name not in now, name))


def of_forgetting(folder: Path, cohort: str) -> Changes:
    """What `forget` will change.

    Raises
    ------
    UnknownCohort
        No generation holds it, and nothing of it was downloaded.
    """
    held = forgetting.holdings(folder)
    forgetting.check_known(held, cohort)
    current = shelf.published_or_none(folder)
    rewritten, deleted = _ids(forgetting.to_rewrite(held, cohort)), _ids(forgetting.to_delete(held, cohort))
    now = _published(held)
    return Changes(
        action="forget",
        before=current,
        after="" if current in (*rewritten, *deleted) else current,
        cohorts=_differences(now, {name: n for name, n in now.items() if name != cohort}),
        rewritten=rewritten,
        deleted=deleted,
        unreadable=_ids(one for one in held if one.patients is None),
        downloads=tuple(path.name for path in forgetting.downloads(cohort)),
    )


def _ids(held: Iterable[Holding]) -> tuple[str, ...]:
    return tuple(one.info.id for one in held)


def _published(held: Iterable[Holding]) -> dict[str, int]:
    return next((one.patients for one in held if one.info.published), None) or {}


def _counted(part: Canonical | Arriving) -> Iterable[tuple[str, int]]:
    if not isinstance(part, Canonical):
        return [(cohort, UNCOUNTED) for cohort in part.cohorts]
    counts = part["patient"]["cohort"].value_counts()
    return [(cohort, int(counts.get(cohort, 0))) for cohort in part.cohorts]


def _differences(
    now: Mapping[str, int], then: Mapping[str, int], replaced: Collection[str] = ()
) -> tuple[CohortChange, ...]:
    """Cohorts that come, go, are there with other numbers, or are replaced by as many patients."""
    pairs = [CohortChange(cohort, now.get(cohort), then.get(cohort)) for cohort in sorted({*now, *then})]
    return tuple(change for change in pairs if change.before != change.after or change.cohort in replaced)


def _cohort(change: CohortChange) -> str:
    if change.after is None:
        return f"{change.cohort}: {change.before} patients leave"
    after = "the patients of its file" if change.after == UNCOUNTED else f"{change.after} patients"
    come = f"{change.cohort}: {after} come"
    return come if change.before is None else f"{come}, in place of {change.before}"
