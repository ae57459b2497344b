"""What was given, as tables: files as they are, archives and folders by the tables in them, studies by their rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tilexplorer.errors import UnreadableFile
from tilexplorer.importers.archive import is_archive, stem, unpack
from tilexplorer.importers.cbioportal import meta
from tilexplorer.importers.cbioportal.study import Study, read_study
from tilexplorer.importers.local import files_below
from tilexplorer.importers.mapping import Cohort, File
from tilexplorer.recognise import study_card
from tilexplorer.recognise.format import experiments
from tilexplorer.recognise.source import Source, look, read_as

# Of a study, what a mapping can be drafted from; a timeline or a matrix needs steps that a person has to choose.
READ: Final = (meta.PATIENTS, meta.SAMPLES)

# What a folder may hold beside its tables.
TABLES: Final = (".csv", ".tsv", ".txt", ".xlsx", ".parquet", ".feather", ".rda", ".rdata", ".rds")


@dataclass(frozen=True, slots=True)
class Gathered:
    """The tables of what was given, and of the studies among it the first one's card and what is to be noticed."""

    sources: tuple[Source, ...]
    card: Cohort | None = None
    noticed: tuple[str, ...] = ()


def gathered(paths: Sequence[Path], unpacked: Path) -> Gathered:
    """Every table among files, folders and archives, read and recognised, with what a study says of itself.

    Parameters
    ----------
    paths
        What was given.
    unpacked
        An empty folder for the members of archives; whoever gave it removes it.

    Raises
    ------
    UnreadableFile
        A file that is no table, an archive that cannot be unpacked safely, a study that breaks a rule of its format.
    """
    found: list[Source] = []
    studies: list[Study] = []
    for number, path in enumerate(paths):
        for make in _tables(path, unpacked / str(number)):
            found.append(make([source.key for source in found]))
            if make.study is not None and make.study not in studies:
                studies.append(make.study)
    card = study_card.card(studies[0]) if studies else None
    noticed = (line for study in studies for line in study_card.noticed(study, READ))
    return Gathered(tuple(found), card, tuple(noticed))


def study_name(paths: Sequence[Path]) -> str:
    """The name of the one folder or archive that was given: what it holds is called 'data_clinical_patient.txt'."""
    if len(paths) != 1:
        return ""
    return paths[0].name if paths[0].is_dir() else stem(paths[0]) if is_archive(paths[0]) else ""


class _One:
    """A table that is read when the names of those before it are known."""

    def __init__(self, path: Path, study: Study | None = None, number: int = 0, part: File | None = None) -> None:
        self._path, self.study, self._number, self._part = path, study, number, part

    def __call__(self, taken: Sequence[str]) -> Source:
        if self._part is not None:
            why = (f"{self._part.part} of the SummarizedExperiment {self._part.object}".rstrip(),)
            return read_as(self._path, self._part, why, taken=taken, word=self._part.part)
        if self.study is None:
            return look(self._path, taken)
        file = self.study.files[self._number]
        why = (f"the {file.role} of the cBioPortal study {self.study.id}",)
        return read_as(file.path, file.declared, why, taken=taken)


def _tables(path: Path, unpacked: Path) -> Iterator[_One]:
    folder = path
    if is_archive(path) and path.is_file():
        folder = unpacked / stem(path)
        folder.mkdir(parents=True)
        unpack(path, folder)
    if not folder.is_dir():
        yield from _of_file(path)
        return
    below = files_below(folder)
    if any(_of_study(file) for file in below):
        study = read_study(folder, stem(path) if is_archive(path) else path.name)
        yield from (_One(file.path, study, i) for i, file in enumerate(study.files) if file.role in READ)
        return
    tables = [file for file in below if file.suffix.casefold() in TABLES]
    if not tables:
        raise UnreadableFile(f"{path.name}: holds no table; known are {', '.join(TABLES)}")
    for table in tables:
        yield from _of_file(table)


def _of_file(path: Path) -> Iterator[_One]:
    """The table of a file; of R's experiments the samples and each matrix."""
    parts = experiments(path)
    yield from (_One(path, part=part) for part in parts) if parts else [_One(path)]


def _of_study(file: Path) -> bool:
    """Whether a file's name is one that cBioPortal gives."""
    name = file.name.casefold()
    return name.startswith(("meta_", "data_clinical"))
