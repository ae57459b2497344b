"""Studies that hold immunotherapy beside a concurrent arm without it: where alone treatments may be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from tilexplorer.resolve import Resolved

IMMUNOTHERAPY = "immunotherapy"
COMPARATOR = "comparator"
MOST_NAMED = 2  # regimens of an arm that are named; more are called by what they have in common


def concurrent_studies(resolved: Resolved) -> tuple[str, ...]:
    """The selected studies with concurrent arms."""
    table = resolved.store.table("study")
    held = table[table["cohort"].isin(resolved.cohorts) & table["concurrent_arms"].fillna(False).astype(bool)]
    chosen = resolved.selection.study
    return tuple(str(study) for study in held["study"] if not chosen or study in chosen)


def within_studies(resolved: Resolved, studies: Sequence[str]) -> Resolved:
    """The selection within these studies, with every arm; none leaves nobody."""
    lifted = resolved.selection.only(study=tuple(studies), therapy=(), regimen=())
    return replace(resolved, selection=lifted, cohorts=resolved.cohorts if studies else ())


def has_concurrent(resolved: Resolved, studies: pd.Series) -> bool:
    """Whether all of these patients are of one study with concurrent arms."""
    there = set(studies.dropna().astype(str))
    return len(there) == 1 and there <= set(concurrent_studies(resolved))


def randomised(resolved: Resolved, study: str) -> bool:
    """Whether the arms of a study were assigned at random."""
    table = resolved.store.table("study")
    return bool(table.loc[table["study"] == study, "randomised"].fillna(False).astype(bool).any())


def arm_labels(resolved: Resolved, regimens: pd.Series) -> tuple[pd.Series, tuple[str, ...]]:
    """The arm of each patient, and the two arms' names, comparator first; () where only one arm is there."""
    table = resolved.store.table("regimen").set_index("regimen")["immunotherapy"].astype(bool)
    text = regimens.astype(object).map(str)
    active = text.map(table.to_dict()).fillna(True).astype(bool)
    names = tuple(
        _name(list(dict.fromkeys(text[active == side])), word)
        for side, word in ((False, COMPARATOR), (True, IMMUNOTHERAPY))
    )
    labels = active.map({False: names[0], True: names[1]}).astype(object)
    present = tuple(name for name in names if (labels == name).any())
    return labels, present


def _name(regimens: Sequence[str], word: str) -> str:
    return " or ".join(sorted(regimens)) if 0 < len(regimens) <= MOST_NAMED else word
