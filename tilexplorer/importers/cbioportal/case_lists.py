"""Case lists: named sets of samples. The list of what was sequenced says who has no mutation and who has no data."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tilexplorer.errors import UnreadableFile
from tilexplorer.importers.cbioportal.findings import Finding
from tilexplorer.importers.cbioportal.meta import read_pairs

FOLDER: Final = "case_lists"

REQUIRED: Final = ("cancer_study_identifier", "stable_id", "case_list_name", "case_list_description", "case_list_ids")

CATEGORIES: Final = (
    *("all_cases_in_study", "all_cases_with_mutation_data", "all_cases_with_cna_data", "all_cases_with_log2_cna_data"),
    *("all_cases_with_methylation_data", "all_cases_with_mrna_array_data", "all_cases_with_mrna_rnaseq_data"),
    *("all_cases_with_rppa_data", "all_cases_with_microrna_data", "all_cases_with_mutation_and_cna_data"),
    *("all_cases_with_mutation_and_cna_and_mrna_data", "all_cases_with_gsva_data", "all_cases_with_sv_data", "other"),
)


@dataclass(frozen=True)
class CaseList:
    """A named set of samples, each once. `suffix` is its id without the study's: 'all', 'sequenced', 'cna' ..."""

    file: str
    suffix: str
    name: str
    description: str
    category: str
    samples: tuple[str, ...]


def read_case_list(path: Path, study: str, known: Collection[str]) -> tuple[CaseList, list[Finding]]:
    """A case list of a study, and what is odd about it.

    Parameters
    ----------
    path
        The file.
    study
        Identifier of the study.
    known
        Ids of the study's samples.

    Raises
    ------
    UnreadableFile
        A missing key, another study's identifier, an id with a blank, a sample that the study does not have.
    """
    values = read_pairs(path)
    place = f"{FOLDER}/{path.name}"
    missing = [key for key in REQUIRED if not values.get(key)]
    if missing:
        raise UnreadableFile(f"{place}: the key '{missing[0]}' is missing, which a case list needs")
    if values["cancer_study_identifier"] != study:
        raise UnreadableFile(f"{place}: belongs to the study '{values['cancer_study_identifier']}', not to '{study}'")
    if not values["stable_id"].startswith(f"{study}_"):
        raise UnreadableFile(f"{place}: the stable_id '{values['stable_id']}' does not begin with '{study}_'")
    listed = [word.strip() for word in values["case_list_ids"].split("\t") if word.strip()]
    _check(place, listed, known)
    category = values.get("case_list_category", "")
    found = [Finding(place, f"the sample '{name}' is listed twice") for name in _repeated(listed)]
    if category and category not in CATEGORIES:
        found.append(Finding(place, f"the category '{category}' is not one of cBioPortal's"))
    made = CaseList(
        place,
        values["stable_id"].removeprefix(f"{study}_"),
        values["case_list_name"],
        values["case_list_description"],
        category,
        tuple(dict.fromkeys(listed)),
    )
    return made, found


def _check(place: str, listed: list[str], known: Collection[str]) -> None:
    there = set(known)
    for name in listed:
        if " " in name:
            raise UnreadableFile(f"{place}: the id '{name}' holds a blank; separate the ids with tabs")
        if name not in there:
            raise UnreadableFile(f"{place}: the study has no sample '{name}'; correct the id, or remove it")


def _repeated(listed: list[str]) -> list[str]:
    seen: set[str] = set()
    return [name for name in listed if name in seen or seen.add(name)]  # type: ignore[func-returns-value]


def is_case_list(path: Path) -> bool:
    """Whether a file of the folder is a case list, and not an editor's copy."""
    return path.is_file() and not path.name.startswith(".") and not path.name.endswith("~")


def paths(folder: Path) -> Iterator[Path]:
    """The case lists of a study's folder, in order."""
    below = folder / FOLDER
    return filter(is_case_list, sorted(below.iterdir())) if below.is_dir() else iter(())
