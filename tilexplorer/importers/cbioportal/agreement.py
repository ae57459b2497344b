"""Whether the files of a study fit together: who is in which, and which attribute belongs where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tilexplorer.errors import UnreadableFile
from tilexplorer.importers.cbioportal import meta
from tilexplorer.importers.cbioportal.clinical import PATIENT, SAMPLE
from tilexplorer.importers.cbioportal.findings import Finding
from tilexplorer.importers.cbioportal.matrix import sample_names
from tilexplorer.importers.cbioportal.parts import MATRIX_ROLES, StudyFile
from tilexplorer.importers.text import ReadOptions


def samples(files: Sequence[StudyFile]) -> frozenset[str]:
    """Ids of the study's samples."""
    return _ids(files, meta.SAMPLES, SAMPLE)


def _ids(files: Sequence[StudyFile], role: str, column: str) -> frozenset[str]:
    frames = [file.clinical.frame for file in files if file.role == role and file.clinical]
    return frozenset(str(name) for frame in frames for name in frame[column])


def findings(files: Sequence[StudyFile], *, has_meta: bool) -> Iterator[Finding]:
    """What does not fit together.

    Raises
    ------
    UnreadableFile
        An attribute that both clinical files have; a study with a meta file but without samples.
    """
    _check_attributes(files)
    if not any(file.role == meta.SAMPLES for file in files):
        if has_meta:
            raise UnreadableFile("the study has no file of sample attributes, which cBioPortal's format needs; add it")
        yield Finding("study", "has no file of samples")
    patients, sampled = _ids(files, meta.PATIENTS, PATIENT), _ids(files, meta.SAMPLES, PATIENT)
    if patients and sampled:
        yield from _unmatched("patients", "have no sample", patients - sampled)
        yield from _unmatched("samples", "belong to patients who are not in the patient file", sampled - patients)
    for file in files:
        if file.role == meta.TIMELINE and file.clinical and (patients | sampled):
            strangers = frozenset(map(str, file.clinical.frame[PATIENT])) - patients - sampled
            yield from _unmatched(file.path.name, "patients are not in the clinical files", strangers)
    for file in files:
        if file.role in MATRIX_ROLES:
            yield from _strange_samples(file, samples(files))
    found = [survival.prefix for file in files for survival in file.endpoints]
    if "OS" not in found:
        yield Finding("study", f"has no OS_STATUS with OS_MONTHS; its endpoints are {', '.join(found) or 'none'}")


def _strange_samples(file: StudyFile, known: frozenset[str]) -> Iterator[Finding]:
    """Columns of a matrix that are no samples of the study, or why it cannot be read."""
    try:
        named = sample_names(file.path, ReadOptions(properties=file.declared.properties))
    except UnreadableFile as fault:
        place, _, problem = str(fault).partition(": ")
        yield Finding(place, problem)
        return
    words = "columns are neither samples of the study nor declared in generic_entity_meta_properties"
    yield from _unmatched(file.path.name, words, frozenset(named) - known)


def _unmatched(place: str, words: str, ids: frozenset[str]) -> Iterator[Finding]:
    if ids:
        yield Finding(place, f"{len(ids)} {words}, e.g. '{min(ids)}'")


def _check_attributes(files: Sequence[StudyFile]) -> None:
    """An attribute is of the patient or of the sample."""
    clinical = [file for file in files if file.role in (meta.PATIENTS, meta.SAMPLES)]
    if len(clinical) < 2:
        return
    one, other = ({a.name for a in file.attributes} - {PATIENT} for file in clinical)
    if shared := sorted(one & other):
        names = " and ".join(file.path.name for file in clinical)
        raise UnreadableFile(f"{names}: both have the column '{shared[0]}'; remove it from one")
