"""Clinical data files: attributes with their four header lines, one row a patient or a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from tilexplorer.errors import InvalidExport
from tilexplorer.export.cbioportal import cells
from tilexplorer.export.cbioportal.cells import LONGEST_DESCRIPTION, LONGEST_NAME, one_line, shortened

# Attributes that cBioPortal computes itself and refuses from a file.
BANNED: Final = frozenset({"MUTATION_COUNT", "FRACTION_GENOME_ALTERED"})


@dataclass(frozen=True, slots=True)
class Attribute:
    """A column of a clinical file: id, name shown, description, STRING, NUMBER or BOOLEAN, and its cells."""

    id: str
    name: str
    description: str
    datatype: str
    cells: Sequence[str]

    @property
    def recorded(self) -> bool:
        """Whether any row has a value."""
        return any(self.cells)


def text(name: str, label: str, description: str, values: pd.Series) -> Attribute:
    """A column of text."""
    return Attribute(name, label, description, "STRING", cells.texts(values, label))


def number(name: str, label: str, description: str, values: pd.Series) -> Attribute:
    """A column of numbers."""
    return Attribute(name, label, description, "NUMBER", cells.numbers(values))


def flag(name: str, label: str, description: str, values: pd.Series) -> Attribute:
    """A column of flags."""
    return Attribute(name, label, description, "BOOLEAN", cells.flags(values))


def clinical_text(attributes: Sequence[Attribute], keys: int) -> str:
    """The file; attributes behind the first `keys` columns that nobody has are left out."""
    kept = [a for place, a in enumerate(attributes) if place < keys or a.recorded]
    _check_names(kept)
    header = [
        [shortened(a.name, LONGEST_NAME) for a in kept],
        [shortened(a.description, LONGEST_DESCRIPTION) or one_line(a.name) for a in kept],
        [a.datatype for a in kept],
        ["1"] * len(kept),
    ]
    lines = ["#" + "\t".join(row) for row in header]
    lines.append("\t".join(a.id for a in kept))
    lines += ["\t".join(row) for row in zip(*(a.cells for a in kept), strict=True)]
    return "\n".join(lines) + "\n"


def _check_names(attributes: Sequence[Attribute]) -> None:
    seen: set[str] = set()
    for attribute in attributes:
        if attribute.id in seen:
            raise InvalidExport(f"the study would have the attribute {attribute.id} twice; export a bundle instead")
        seen.add(attribute.id)
