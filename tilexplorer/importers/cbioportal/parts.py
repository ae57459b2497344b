"""The files of a study: where they lie, which meta file names which, and how a mapping reads each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tilexplorer.errors import UnreadableFile
from tilexplorer.importers.cbioportal import cell_checks, meta, survival, timeline
from tilexplorer.importers.cbioportal.clinical import SAMPLE, Attribute, Clinical, read_clinical
from tilexplorer.importers.cbioportal.findings import Finding
from tilexplorer.importers.cbioportal.meta import Meta
from tilexplorer.importers.cbioportal.survival import Survival
from tilexplorer.importers.local import files_below
from tilexplorer.importers.mapping import File

MATRIX_ROLES: Final = (meta.ASSAY, meta.EXPRESSION)


@dataclass(frozen=True)
class StudyFile:
    """A data file of a study.

    Attributes
    ----------
    key
        What a mapping may call it: 'patients', 'samples', or its file name without ending.
    role
        What it is (see `meta`).
    path
        Where it lies.
    declared
        How a mapping declares it: name, format, properties. `importers.read_file(declared, path)` gives its frame.
    meta
        The meta file that names it; None where there is none.
    clinical
        Its rows and attributes; None for a matrix, which is read only when it is asked for.
    """

    key: str
    role: str
    path: Path
    declared: File
    meta: Meta | None
    clinical: Clinical | None = None

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """Its columns with display name, description, datatype and priority; none for a matrix."""
        return self.clinical.attributes if self.clinical else ()

    @property
    def endpoints(self) -> tuple[Survival, ...]:
        """The endpoints whose two columns it has."""
        return survival.endpoints(self.clinical) if self.clinical else ()


def root(folder: Path) -> Path:
    """The folder of the study: this one, or the only one below it that holds a study.

    Raises
    ------
    UnreadableFile
        None or several.
    """
    below = files_below(folder)
    holding = sorted({path.parent for path in below if meta.is_meta(path) or path.name.startswith("data_clinical")})
    if folder in holding:
        return folder
    if not holding:
        raise UnreadableFile(f"{folder.name}: holds no study of cBioPortal: no meta file and no data_clinical file")
    if len(holding) > 1:
        names = ", ".join(path.relative_to(folder).as_posix() for path in holding)
        raise UnreadableFile(f"{folder.name}: holds several studies ({names}); give one of them")
    return holding[0]


def metas(root: Path, fallback: str) -> tuple[list[Meta], Meta | None, str, list[Finding]]:
    """The meta files of data, the study's own, its identifier, and what is odd about them.

    Raises
    ------
    UnreadableFile
        A meta file that cannot be read, two of the study, identifiers that do not agree.
    """
    found = [meta.read_meta(path) for path in sorted(root.iterdir()) if meta.is_meta(path) and path.is_file()]
    studies = [one for one in found if one.role == meta.STUDY]
    if len(studies) > 1:
        raise UnreadableFile(f"{studies[0].name} and {studies[1].name}: both describe the study; keep one")
    named = [one for one in (*studies, *found) if one.study]
    for one in named:
        if one.study != named[0].study:
            raise UnreadableFile(
                f"{one.name}: belongs to the study '{one.study}', but {named[0].name} to '{named[0].study}'; "
                "one folder holds one study"
            )
    odd = [finding for one in found for finding in meta.findings(one)]
    if not studies:
        odd.append(Finding(root.name, "has no meta file of the study: no name, description or citation"))
    others = [one for one in found if one.role != meta.STUDY]
    return others, studies[0] if studies else None, named[0].study if named else fallback, odd


def files(root: Path, metas: Sequence[Meta]) -> tuple[tuple[StudyFile, ...], list[Finding]]:
    """The data files that can be read, and what is odd about them.

    Raises
    ------
    UnreadableFile
        A file that is not there, that two meta files name, or that is not what its meta file says.
    """
    made: list[StudyFile] = []
    odd: list[Finding] = []
    named: dict[str, str] = {}
    for one in filter(lambda m: m.data, metas):
        if one.data in named:
            raise UnreadableFile(f"{one.name}: names the data file {one.data}, as {named[one.data]} does; keep one")
        named[one.data] = one.name
        if one.role == meta.OTHER:
            continue
        made.append(_file(_data(root, one), one.role, one))
    for path in _unnamed(root, named):
        if metas:
            odd.append(Finding(path.name, "is named by no meta file and is not read"))
        else:
            made.append(_by_columns(path))
    return tuple(_keyed(made)), [*odd, *(finding for file in made for finding in _odd(file))]


def _data(root: Path, one: Meta) -> Path:
    """The data file that a meta file names, in the study's folder and nowhere else."""
    path = root / one.data
    if not path.resolve().is_relative_to(root.resolve()):
        raise UnreadableFile(f"{one.name}: names the data file '{one.data}', which lies outside of the study's folder")
    if not path.is_file():
        raise UnreadableFile(f"{one.name}: names the data file {one.data}, which is not there; add it, or correct it")
    return path


def _unnamed(root: Path, named: dict[str, str]) -> Iterator[Path]:
    for path in sorted(root.iterdir()):
        if path.name.startswith(("data_clinical", "data_timeline")) and path.is_file() and path.name not in named:
            yield path


def _file(path: Path, role: str, one: Meta | None) -> StudyFile:
    if role in MATRIX_ROLES:
        assert one is not None  # without a meta file only clinical files are taken
        declared = File(path.name, "cbioportal-matrix", properties=one.properties)
        return StudyFile(path.stem, role, path, declared, one)
    clinical = read_clinical(path)
    _check_role(path, role, clinical)
    return StudyFile(path.stem, role, path, File(path.name, "cbioportal"), one, clinical)


def _check_role(path: Path, role: str, clinical: Clinical) -> None:
    names = clinical.frame.columns
    if clinical.is_timeline != (role == meta.TIMELINE):
        word = "has no" if role == meta.TIMELINE else "has"
        raise UnreadableFile(f"{path.name}: {word} {timeline.START} and {timeline.EVENT}, but is declared as {role}")
    if role == meta.PATIENTS and SAMPLE in names:
        raise UnreadableFile(
            f"{path.name}: holds patients and may not have the column {SAMPLE}; is it the sample file?"
        )
    if role == meta.SAMPLES and SAMPLE not in names:
        raise UnreadableFile(f"{path.name}: holds samples and needs the column {SAMPLE}; is it the patient file?")


def _by_columns(path: Path) -> StudyFile:
    clinical = read_clinical(path)
    role = meta.SAMPLES if SAMPLE in clinical.frame.columns else meta.PATIENTS
    role = meta.TIMELINE if clinical.is_timeline else role
    return StudyFile(path.stem, role, path, File(path.name, "cbioportal"), None, clinical)


def _keyed(made: Sequence[StudyFile]) -> Iterator[StudyFile]:
    """The files with their keys: the one file of patients and the one of samples have short ones."""
    for role, key in ((meta.PATIENTS, "patients"), (meta.SAMPLES, "samples")):
        several = [file.path.name for file in made if file.role == role]
        if len(several) > 1:
            raise UnreadableFile(f"{several[0]} and {several[1]}: both hold {role}; a study has one such file")
        for file in made:
            if file.role == role:
                yield StudyFile(key, role, file.path, file.declared, file.meta, file.clinical)
    yield from (file for file in made if file.role not in (meta.PATIENTS, meta.SAMPLES))


def _odd(file: StudyFile) -> Iterator[Finding]:
    """What is odd about one file."""
    name = file.path.name
    if file.clinical is None:
        return
    yield from file.clinical.findings
    yield from cell_checks.findings(file.clinical, name)
    if file.role != meta.TIMELINE:
        yield from cell_checks.levels(file.clinical, name, of_patients=file.role == meta.PATIENTS)
        yield from survival.findings(file.clinical, name)
