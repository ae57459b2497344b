"""How several files belong together: which one has the patients, which stand beside it, which hold their samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tilexplorer.importers.mapping import Rule
from tilexplorer.recognise.source import Source

# Roles of [patients] and [[endpoints]], with how much each says that a file is the patients' file.
PATIENT_ROLES: Final = {
    "time": 3,
    "status": 3,
    "response": 3,
    "sex": 2,
    "age": 2,
    "regimen": 1,
    "tumour": 1,
    "arm": 1,
    "study": 1,
    "ecog": 1,
    "line": 1,
    "prior_io": 1,
    "msi": 1,
    "benefit": 1,
    "durable": 1,
    "shrinkage": 1,
}
# Below this share of common ids two files do not belong together.
_COMMON: Final = 0.2


@dataclass(frozen=True, slots=True)
class Related:
    """Another file of the same patients.

    Its column of patients, whether an id is there once only, whether ids agree exactly or but for case, whether all its
    patients are in the patients' file (complete), and all of that file's in it (covering).
    """

    source: Source
    column: str
    unique: bool
    exact: bool
    complete: bool
    covering: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """The patients' file and its id column, the related files, and the files that have no patients in common."""

    main: Source
    column: str
    related: tuple[Related, ...]
    unrelated: tuple[Source, ...]

    def place(self, role: str, endpoint: str = "") -> tuple[str, Source] | None:
        """The column of a role as the patients' table names it, and its file: the main one, else one beside it."""
        for source, prefix in self._readable():
            for one in source.of(role):
                if not endpoint or one.details.endpoint == endpoint:
                    return f"{prefix}{one.column}", source
        return None

    @property
    def stand_in(self) -> str:
        """The column of sample ids that stands in where the main file has no id of a patient; nothing without need."""
        if not self.column or self.main.profile(self.column).n == len(self.main.frame):
            return ""
        own = self.main.only("sample")
        if own is None:
            return ""
        samples = self.main.profile(own.column)
        return own.column if samples.unique and samples.n == len(self.main.frame) else ""

    def ids(self, column: str) -> Rule:
        """The rule of the ids of patients in a column of the main file."""
        stand_in = self.stand_in if column == self.column else ""
        return Rule(columns=(column, stand_in)) if stand_in else Rule(column=column)

    def samples_beside(self) -> Related | None:
        """The file that says the sample of each patient of a main file without ids of samples: one for one."""
        if self.main.only("sample") or not self.column or not self.main.profile(self.column).unique:
            return None
        for related in self.related:
            own = related.source.only("sample")
            if related.unique and related.covering and own and related.source.profile(own.column).unique:
                return related
        return None

    def _readable(self) -> list[tuple[Source, str]]:
        beside = [(r.source, f"{r.source.key}:") for r in self.related if r.unique]
        return [(self.main, ""), *beside]


def layout(sources: Sequence[Source]) -> Layout:
    """How the files belong together; a matrix of gene expression is none of the tables that have columns."""
    sources = [source for source in sources if source.matrix is None] or sources
    main = max(sources, key=_weight)
    own = main.only("patient")
    if own is None:
        return Layout(main, "", (), tuple(s for s in sources if s is not main))
    others = [(other, _related(main, own.column, other)) for other in sources if other is not main]
    return Layout(
        main,
        own.column,
        tuple(found for _, found in others if found),
        tuple(other for other, found in others if found is None),
    )


def _weight(source: Source) -> tuple[bool, int]:
    roles = {one.role for one in source.columns}
    return "patient" in roles, sum(weight for role, weight in PATIENT_ROLES.items() if role in roles)


def _related(main: Source, column: str, other: Source) -> Related | None:
    """The relation of a file to the patients' file by the ids of patients, or nothing."""
    theirs = other.only("patient")
    if theirs is None:
        return None
    here, there = set(main.profile(column).values), other.profile(theirs.column)
    ids = set(there.values)
    exact = len(here & ids) / max(1, len(ids))
    folded = len({i.casefold() for i in here} & {i.casefold() for i in ids}) / max(1, len(ids))
    if folded < _COMMON:
        return None
    covering = exact == folded and here <= ids
    return Related(other, theirs.column, there.unique, exact >= folded, max(exact, folded) == 1, covering)
