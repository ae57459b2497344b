"""Ids that cBioPortal takes: letters, digits, '.', '_' and '-', at most 63 characters, unique within the study."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from tilexplorer.errors import InvalidExport
from tilexplorer.export.cbioportal.cells import means_missing

LONGEST: Final = 63
# A hyphen in front would make a formula of the id in a spreadsheet.
_FORBIDDEN: Final = re.compile(r"[^A-Za-z0-9._-]|^-")


def cleaned(ids: Sequence[str], what: str) -> list[str]:
    """Ids with '_' in place of every character that is not allowed, and of a hyphen in front.

    Raises
    ------
    InvalidExport
        Two ids that become one, an id that is too long, or one that cBioPortal reads as a missing value.
    """
    made = [_FORBIDDEN.sub("_", name) for name in ids]
    first: dict[str, str] = {}
    for name, new in zip(ids, made, strict=True):
        if new in first:
            raise InvalidExport(
                f"the {what}s '{first[new]}' and '{name}' would both be '{new}' in cBioPortal, which takes letters, "
                "digits, '.', '_' and '-' only; give them other ids in the mapping of the cohort"
            )
        first[new] = name
        if not new or len(new) > LONGEST:
            raise InvalidExport(f"the {what} '{name}' has {len(new)} characters, cBioPortal takes 1 to {LONGEST}")
        if means_missing(new):
            raise InvalidExport(f"the {what} '{name}' is a missing value to cBioPortal; give it another id")
    return made


def sample_ids(patients: Sequence[str], samples: Sequence[str]) -> list[str]:
    """Ids of samples that are unique in the study: the source's own, else with the patient's id in front.

    Parameters
    ----------
    patients
        Cleaned id of each sample's patient.
    samples
        The source's id of each sample, unique within its patient.
    """
    plain = [_FORBIDDEN.sub("_", name) for name in samples]
    if len(set(plain)) == len(plain):
        return cleaned(samples, "sample id")
    return cleaned([f"{p}-{s}" for p, s in zip(patients, samples, strict=True)], "sample id")
