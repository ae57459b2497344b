"""Steps for tables of events in days (treatments, specimens, assessments): what each may say in a mapping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tilexplorer import vocabulary


@dataclass(frozen=True, slots=True)
class GatherRegimen:
    """One row per patient from rows of agents: the first immunotherapy and what was given together with it.

    The row is that of the first immunotherapy, with the names of all agents in `column`, joined by ' + ', and its
    first and last day in `begins` and `ends`, where these are named. Two agents are given together when they begin on
    the same day or share more than one day; without a last day an agent lasts one day. Patients without
    immunotherapy have no row.
    """

    column: str
    patient: str
    agent: str
    start: str
    stop: str
    begins: str = ""
    ends: str = ""
    # An agent's name in the source to its name in the vocabulary; an empty word leaves the agent out.
    map: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in filter(None, self.map.values()):
            if vocabulary.fold(name) not in vocabulary.therapies():
                raise ValueError(f"no therapy is called '{name}' (data/vocabulary/therapies.csv)")


@dataclass(frozen=True, slots=True)
class Difference:
    """Make a new column with the number in one column minus that in another, e.g. days since the first dose."""

    column: str
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Bands:
    """Make a new column with a word for each band of a number; a number that equals a cut is in the lower band."""

    column: str
    source: str
    cuts: tuple[float, ...]
    words: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.words) != len(self.cuts) + 1 or list(self.cuts) != sorted(set(self.cuts)):
            raise ValueError("words = [...] has one more than cuts = [...], which rise")


@dataclass(frozen=True, slots=True)
class Best:
    """Keep for each of `by` the row whose word in a column comes first in `order`, of equal ones the first row."""

    by: str
    column: str
    order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lowest:
    """Keep for each of `by` the row with the lowest number in a column, of equal ones the first row."""

    by: str
    column: str
