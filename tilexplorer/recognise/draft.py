"""A draft of a mapping: what the recogniser proposed and a person confirmed or corrected, until it can be imported."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from tilexplorer.errors import InvalidMapping
from tilexplorer.importers.mapping import Cohort, Mapped, Measure, Regimen, Study
from tilexplorer.recognise.source import Source


@dataclass(frozen=True, slots=True)
class Draft:
    """Files with their columns, and everything that no file says.

    Every change gives a new draft (`tilexplorer.recognise.edit`), so that it can be kept in a session.

    Attributes
    ----------
    sources
        The files.
    cohort, studies
        The cards; with one study the response criteria stand there.
    tumour
        OncoTree code of all patients; empty where a column says it.
    regimen
        Regimen of all patients, or a column with its map; None: as the column of that role was recognised.
    timepoint
        Timepoint of samples of which no column says it; empty until somebody did.
    t0, means
        Where the clock of an endpoint starts, and what its event is, by endpoint.
    measures
        Assay, unit and levels by measure.
    confirmed
        Ids of the questions that were answered.
    pseudonymous
        Whether ids are replaced by pseudonyms on import.
    noticed
        What is odd about what was given, and what of it is not read.
    """

    sources: tuple[Source, ...]
    cohort: Cohort
    studies: tuple[Study, ...] = ()
    tumour: str = ""
    regimen: Regimen | None = None
    timepoint: str = ""
    t0: Mapping[str, str] = field(default_factory=dict)
    means: Mapping[str, str] = field(default_factory=dict)
    measures: Mapping[str, Measure] = field(default_factory=dict)
    confirmed: frozenset[str] = frozenset()
    pseudonymous: bool = False
    noticed: tuple[str, ...] = ()

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """The files' cells by the names that the mapping gives them."""
        return {source.key: source.frame for source in self.sources}

    def source(self, key: str = "") -> Source:
        """A file by its name in the mapping; without a name the only one, or the first."""
        try:
            return next(one for one in self.sources if key in ("", one.key))
        except StopIteration:
            listed = ", ".join(one.key for one in self.sources)
            raise InvalidMapping(f"no file is called '{key}'; there are {listed}") from None

    def questions(self) -> tuple[Question, ...]:
        """What is still open, the necessary first."""
        from tilexplorer.recognise.questions import questions

        return questions(self)

    def missing(self) -> tuple[str, ...]:
        """In words, what has to be said before the mapping can be imported; empty when nothing is missing."""
        return tuple(question.text for question in self.questions() if question.required)

    def mapped(self) -> Mapped:
        """The mapping.

        Raises
        ------
        InvalidMapping
            Something is still missing; the message lists it.
        """
        from tilexplorer.recognise.propose import mapping_of

        if missing := self.missing():
            raise InvalidMapping(f"the mapping is not complete: {'; '.join(missing)}")
        return mapping_of(self)

    def text(self) -> str:
        """The mapping as TOML, with the open questions as comments above the sections that they are about."""
        from tilexplorer.recognise.draft_text import draft_text

        return draft_text(self)


@dataclass(frozen=True, slots=True)
class Question:
    """Something that a person has to say or confirm.

    `id` stays the same while the question does, `section` is the part of the mapping that it is about, `required` says
    that nothing can be imported without an answer; else what was proposed is taken.
    """

    id: str
    section: str
    text: str
    required: bool = False
    column: str = ""


def draft_of(sources: Sequence[Source], name: str = "") -> Draft:
    """The first draft from files that have been looked at; raises InvalidMapping without any.

    The cohort is called by `name`, by default by the file of the patients.
    """
    if not sources:
        raise InvalidMapping("no file was given; name at least the file with the patients")
    named = next((source for source in sources if source.matrix is None), sources[0])
    called = name or Path(named.file.name).stem
    word = re.sub(r"[^a-z0-9]+", "-", called.casefold()).strip("-") or "cohort"
    return Draft(tuple(sources), Cohort(id=word, title=word.replace("-", " ")))


def draft(paths: Sequence[Path]) -> Draft:
    """The first draft from files, folders and archives.

    Raises
    ------
    UnreadableFile
        A file that is no table, or a study that breaks a rule of its format.
    """
    from tilexplorer.recognise.gathered import gathered, study_name

    with tempfile.TemporaryDirectory(prefix="tilexplorer-") as folder:
        found = gathered(paths, Path(folder))
        made = replace(draft_of(found.sources, study_name(paths)), noticed=found.noticed)
        return replace(made, cohort=found.card) if found.card else made
