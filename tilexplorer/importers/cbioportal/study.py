"""A whole study: a folder or an archive of meta files and what they name, read, checked and described.

What is wrong is an error, what is odd a finding. A folder of clinical files without any meta file is a study too, by
the columns of its files: the public copies of many studies are no more than that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from tilexplorer.importers import archive
from tilexplorer.importers.cbioportal import agreement, case_lists, parts
from tilexplorer.importers.cbioportal.case_lists import CaseList
from tilexplorer.importers.cbioportal.findings import Finding
from tilexplorer.importers.cbioportal.parts import StudyFile
from tilexplorer.importers.cbioportal.survival import Survival
from tilexplorer.importers.mapping import File


@dataclass(frozen=True)
class Study:
    """A study as its files describe it.

    Attributes
    ----------
    root
        The folder of its files.
    id
        The cancer_study_identifier; without a meta file the folder's or archive's name.
    meta
        What meta_study says: name, description, citation, pmid ...; empty without one.
    files
        Its data files that can be read, each with role, attributes and endpoints.
    case_lists
        By their suffix: 'all', 'sequenced' ...
    findings
        What is odd, in the order of the files.
    """

    root: Path
    id: str
    meta: Mapping[str, str]
    files: tuple[StudyFile, ...]
    case_lists: Mapping[str, CaseList]
    findings: tuple[Finding, ...]

    def of(self, role: str) -> tuple[StudyFile, ...]:
        """The files of a role (see `meta`)."""
        return tuple(file for file in self.files if file.role == role)

    @property
    def endpoints(self) -> tuple[tuple[StudyFile, Survival], ...]:
        """Every endpoint with the file that has its columns."""
        return tuple((file, survival) for file in self.files for survival in file.endpoints)

    @property
    def declared(self) -> Mapping[str, File]:
        """The `[files]` of a mapping of this study, by the keys of its files."""
        return MappingProxyType({file.key: file.declared for file in self.files})

    @property
    def paths(self) -> Mapping[str, Path]:
        """Where each file lies, by the same keys: what `import_files` takes."""
        return MappingProxyType({file.key: file.path for file in self.files})


@contextmanager
def opened_study(path: Path, limits: archive.Limits = archive.LIMITS) -> Iterator[Study]:
    """The study in a folder or an archive (.zip, .tar, .tar.gz); what was unpacked is removed afterwards.

    Raises
    ------
    UnreadableFile
        As `read_study`, or an archive that cannot be unpacked safely.
    """
    with archive.opened(path, limits) as folder:
        yield read_study(folder, path.name if path.is_dir() else archive.stem(path))


def read_study(folder: Path, called: str = "") -> Study:
    """The study in a folder, or in the only one of its subfolders that holds one.

    Parameters
    ----------
    folder
        Where to look.
    called
        What to call a study without a meta file that lies in the folder itself; empty means by the folder's name.

    Raises
    ------
    UnreadableFile
        No study, several, or a file in it that breaks a rule of the format: which file, row and column, and how to
        mend it.
    """
    root = parts.root(folder)
    fallback = called if root == folder and called else root.name
    metas, study, id_, found = parts.metas(root, fallback)
    files, more = parts.files(root, metas)
    found += [*more, *agreement.findings(files, has_meta=study is not None)]
    lists, odd = _case_lists(root, id_, files)
    said = study.values if study else MappingProxyType({})
    if study and "all" not in lists and said.get("add_global_case_list", "").lower() != "true":
        odd.append(Finding(study.name, "has neither a case list '_all' nor add_global_case_list: true"))
    return Study(root, id_, said, files, MappingProxyType(lists), (*found, *odd))


def _case_lists(root: Path, study: str, files: tuple[StudyFile, ...]) -> tuple[dict[str, CaseList], list[Finding]]:
    known = agreement.samples(files)
    lists: dict[str, CaseList] = {}
    found: list[Finding] = []
    for path in case_lists.paths(root):
        made, odd = case_lists.read_case_list(path, study, known)
        lists[made.suffix] = made
        found += odd
    return lists, found
