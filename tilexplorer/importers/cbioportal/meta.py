"""Meta files: which data files a study has, and what each is.

A line is 'key: value', divided at the first colon; the value is trimmed, the key is not. What a file is, its content
says: study, cancer types, clinical attributes, timeline, generic assay, expression, or something that is not read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from tilexplorer.errors import UnreadableFile
from tilexplorer.importers.cbioportal.findings import Finding
from tilexplorer.importers.delimited import decoded, lines_of
from tilexplorer.importers.strict import nearest

STUDY: Final = "study"
PATIENTS: Final = "patient attributes"
SAMPLES: Final = "sample attributes"
TIMELINE: Final = "timeline"
ASSAY: Final = "generic assay"
EXPRESSION: Final = "expression"
OTHER: Final = "not read"

ENCODING: Final = "utf-8-sig"

_MIXED: Final = "MIXED_ATTRIBUTES"

# The validator's own pattern: metadata.csv and metastases.txt are no meta files.
_NAMED: Final = re.compile(r"(\b|_)meta(\b|[_0-9])", re.IGNORECASE)

_ALWAYS: Final = ("cancer_study_identifier",)
_DATA: Final = (*_ALWAYS, "genetic_alteration_type", "datatype", "data_filename")
_PROFILE: Final = ("stable_id", "profile_name", "profile_description", "show_profile_in_analysis_tab")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of meta file: the keys that it needs and those that it may have."""

    role: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


_STUDY: Final = Kind(
    STUDY,
    (*_ALWAYS, "type_of_cancer", "name", "description"),
    (
        *("short_name", "citation", "pmid", "groups", "add_global_case_list", "tags_file", "reference_genome"),
        "global_case_list",
    ),
)

# By genetic_alteration_type and datatype; an empty datatype is any.
_KINDS: Final[Mapping[tuple[str, str], Kind]] = MappingProxyType(
    {
        ("CLINICAL", "PATIENT_ATTRIBUTES"): Kind(PATIENTS, _DATA),
        ("CLINICAL", "SAMPLE_ATTRIBUTES"): Kind(SAMPLES, _DATA),
        ("CLINICAL", "TIMELINE"): Kind(TIMELINE, _DATA),
        ("GENERIC_ASSAY", ""): Kind(
            ASSAY,
            (*_DATA, "stable_id", "generic_assay_type", "profile_name", "profile_description"),
            (
                *("generic_entity_meta_properties", "show_profile_in_analysis_tab", "pivot_threshold_value"),
                *("value_sort_order", "patient_level"),
            ),
        ),
        ("MRNA_EXPRESSION", ""): Kind(
            EXPRESSION, (*_DATA, *_PROFILE), ("gene_panel", "source_stable_id", "zscores_group", "description")
        ),
    }
)


@dataclass(frozen=True)
class Meta:
    """A meta file: its name, its role, and its values by key."""

    name: str
    role: str
    values: Mapping[str, str]

    @property
    def study(self) -> str:
        """The study that it belongs to; empty where the kind does not say."""
        return self.values.get("cancer_study_identifier", "")

    @property
    def data(self) -> str:
        """Name of the data file; empty where there is none."""
        return self.values.get("data_filename", "")

    @property
    def properties(self) -> tuple[str, ...]:
        """The columns of a generic assay that describe its entities."""
        listed = self.values.get("generic_entity_meta_properties", "")
        return tuple(filter(None, (word.strip() for word in listed.split(","))))


def is_meta(path: Path) -> bool:
    """Whether a file's name has the word 'meta'; what is hidden, and an editor's copy, is none."""
    return bool(_NAMED.search(path.name)) and not path.name.startswith(".") and not path.name.endswith("~")


def read_pairs(path: Path) -> Mapping[str, str]:
    """The keys and values of a file of 'key: value' lines.

    Raises
    ------
    UnreadableFile
        A Git-LFS pointer, a byte that is not UTF-8, a line without a colon, a key that is there twice.
    """
    values: dict[str, str] = {}
    for row, line in enumerate(lines_of(decoded(path, ENCODING)), 1):
        if not line.strip():
            continue
        key, colon, value = line.partition(":")
        if not colon:
            raise UnreadableFile(f"{path.name}, row {row}: '{line}' has no colon; write 'key: value'")
        if key in values:
            raise UnreadableFile(f"{path.name}, row {row}: the key '{key}' is there twice; keep one")
        values[key] = value.strip()
    return MappingProxyType(values)


def read_meta(path: Path) -> Meta:
    """A meta file, its kind recognised by its content.

    Raises
    ------
    UnreadableFile
        As `read_pairs`; also where a key is missing that the kind needs.
    """
    values = read_pairs(path)
    kind = _kind(path, values)
    missing = [key for key in kind.required if not values.get(key)]
    if missing:
        raise UnreadableFile(f"{path.name}: the key '{missing[0]}' is missing, which a meta file of {kind.role} needs")
    return Meta(path.name, kind.role, values)


def _kind(path: Path, values: Mapping[str, str]) -> Kind:
    alteration, datatype = values.get("genetic_alteration_type", ""), values.get("datatype", "")
    if not alteration and "type_of_cancer" in values:
        return _STUDY
    if not alteration and "resource_type" in values:  # addresses of images and reports
        return Kind(OTHER, ())
    if not alteration:
        known = nearest("genetic_alteration_type", values)
        raise UnreadableFile(
            f"{path.name}: says by no key what it is; a study has type_of_cancer, a data file "
            f"genetic_alteration_type and datatype ({known})"
        )
    if alteration == "CLINICAL" and ("CLINICAL", datatype) not in _KINDS:
        if datatype == _MIXED:
            raise UnreadableFile(
                f"{path.name}: the datatype {_MIXED} is one that cBioPortal has given up; divide the file "
                "into one of patients (PATIENT_ATTRIBUTES) and one of samples (SAMPLE_ATTRIBUTES)"
            )
        known = ", ".join(word for kind, word in _KINDS if kind == "CLINICAL")
        raise UnreadableFile(f"{path.name}: the datatype '{datatype}' of clinical data is not known; it is {known}")
    return _KINDS.get((alteration, datatype)) or _KINDS.get((alteration, "")) or Kind(OTHER, ())


def findings(meta: Meta) -> Iterator[Finding]:
    """Keys that the kind does not have, and a PubMed id without a citation."""
    kinds = [kind for kind in (_STUDY, *_KINDS.values()) if kind.role == meta.role]
    known = [key for kind in kinds for key in (*kind.required, *kind.optional)]
    for key in meta.values if known else ():
        if key not in known:
            yield Finding(meta.name, f"no key is called '{key}'; {nearest(key, known)}")
    if meta.values.get("pmid") and not meta.values.get("citation"):
        yield Finding(meta.name, "has a pmid but no citation")
