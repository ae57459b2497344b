"""A file of the user's: how it is read, its cells, and what its columns are taken for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from tilexplorer.importers import read_file
from tilexplorer.importers.cbioportal.clinical import read_clinical
from tilexplorer.importers.mapping import File
from tilexplorer.recognise import clinical_file, missing
from tilexplorer.recognise.columns import recognise
from tilexplorer.recognise.format import sniff
from tilexplorer.recognise.guess import Recognised
from tilexplorer.recognise.matrix import Matrix, matrix_of, missing_tokens
from tilexplorer.recognise.profile import Profile


@dataclass(frozen=True, slots=True)
class Source:
    """A file: its name in the mapping, its declaration, its columns, and its cells as a reader gave them.

    `why` says how the format was found out, `parts` are the sheets or objects that could be read instead.
    A matrix of gene expression has no columns here: they are genes or samples, and `matrix` says which.
    `described` is what the file itself says of its columns, where its format has a place for that.
    """

    key: str
    file: File
    columns: tuple[Recognised, ...]
    frame: pd.DataFrame = field(compare=False, repr=False)
    why: tuple[str, ...] = ()
    confidence: float = 1.0
    parts: tuple[str, ...] = ()
    matrix: Matrix | None = None
    described: Mapping[str, str] = field(default_factory=dict)

    def column(self, name: str) -> Recognised:
        """The column of this name; KeyError where there is none."""
        return next(one for one in self.columns if one.column == name)

    def of(self, role: str) -> tuple[Recognised, ...]:
        """The columns of a role, in the order of the file."""
        return tuple(one for one in self.columns if one.role == role)

    def only(self, role: str) -> Recognised | None:
        """The column of a role that a file has once, or nothing."""
        return next(iter(self.of(role)), None)

    def profile(self, name: str) -> Profile:
        """The cells of a column, without what means missing."""
        return Profile(name, missing.cleaned(self.frame[name], self.file.missing))

    def replaced(self, column: Recognised) -> Source:
        """The file with one column taken for something else."""
        return replace(self, columns=tuple(column if one.column == column.column else one for one in self.columns))


def look(path: Path, taken: Iterable[str] = ()) -> Source:
    """A file, read and recognised.

    Parameters
    ----------
    path
        The file.
    taken
        Names that other files of the mapping have already.

    Raises
    ------
    UnreadableFile
        No table: the message says what it is instead, or which row does not fit.
    """
    found = sniff(path)
    return read_as(path, found.file, found.why, found.confidence, found.parts, taken)


def read_as(
    path: Path,
    file: File,
    why: tuple[str, ...] = (),
    confidence: float = 1.0,
    parts: tuple[str, ...] = (),
    taken: Iterable[str] = (),
    word: str = "",
) -> Source:
    """A file, read as a declaration says: another sheet, delimiter or header than was found out.

    Its name in the mapping is made of `word`, by default of the file's name.
    """
    frame = read_file(file, path)
    key = _key(word or path.stem, frozenset(taken))
    if (found := matrix_of(frame)) is not None:
        declared = replace(file, missing=missing_tokens(frame, found) or ("NA",))
        return Source(key, declared, (), frame, why, confidence, parts, found)
    tokens = missing.tokens(frame)
    declared = replace(file, missing=tokens or ("NA",))
    columns = recognise(frame, declared.missing)
    if file.format != "cbioportal":
        return Source(key, declared, columns, frame, why, confidence, parts)
    clinical = read_clinical(path, file.encoding)
    columns = clinical_file.with_statuses(columns, clinical)
    said = clinical_file.described(clinical)
    return Source(key, declared, columns, frame, why, confidence, parts, described=said)


def _key(stem: str, taken: frozenset[str]) -> str:
    """A short name for the file within the mapping, not taken by another."""
    word = re.sub(r"[^a-z0-9]+", "_", stem.casefold()).strip("_")
    word = re.sub(r"^data_clinical_(patient|sample)$", r"\1s", word) or "file"
    key, number = word, 2
    while key in taken:
        key, number = f"{word}_{number}", number + 1
    return key
