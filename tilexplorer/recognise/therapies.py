"""Columns that name treatments, read by the vocabulary of therapies and its aliases."""

from __future__ import annotations

import re
from typing import Final

from tilexplorer import vocabulary
from tilexplorer.recognise import names
from tilexplorer.recognise.guess import Details, Guess
from tilexplorer.recognise.profile import Profile

_MOST: Final = 60
_NOTES: Final = re.compile(
    r"\([^)]*\)|\[[^\]]*\]|\b\d+([.,]\d+)? ?(mg|g|µg|ug)?(/kg|/m2)?\b|\bq\d+ ?w\w*\b"
    r"|\bmono( ?therapy)?\b",
    re.IGNORECASE,
)
_JOINTS: Final = re.compile(r"\s*(?:\+|/|,|;|:|&|\||\band\b|\bwith\b|\bplus\b)\s*", re.IGNORECASE)


def components(cell: str) -> tuple[str, ...]:
    """The components that a cell names, by their names in the vocabulary; nothing where a part is unknown."""
    whole = _known(cell) or _known(_NOTES.sub(" ", cell))
    if whole:
        return (whole,)
    parts = [_known(part) for part in _JOINTS.split(_NOTES.sub(" ", cell)) if part.strip()]
    return tuple(dict.fromkeys(map(str, parts))) if parts and all(parts) else ()


def _known(name: str) -> str | None:
    found = vocabulary.therapies().get(vocabulary.fold(name))
    return found.name if found else None


def regimen(column: Profile) -> Guess | None:
    """Regimens: nearly every value names drugs of the vocabulary; names of drugs are better than names of targets."""
    if column.numeric or not 1 <= len(column.values) <= _MOST:
        return None
    found = tuple((value, components(value)) for value in column.values)
    known = tuple((value, parts) for value, parts in found if parts)
    share = sum(column.counts[value] for value, _ in known) / column.n
    if share < 0.5:
        return None
    sure = (0.95 if names.says("roles", "regimen", column.folded) else 0.85) if share == 1 else 0.6 * share
    why = "its values name drugs of the vocabulary"
    if any("unspecified" in part for _, parts in known for part in parts):
        sure, why = sure * 0.7, "its values name targets, not drugs"
    elif any(_known(value) is None and "+" in value and len(value) < 12 for value, _ in known):
        sure -= 0.05  # abbreviations: a column with the full names is the better one
    if share < 1:
        unknown = next(value for value, parts in found if not parts)
        why = f"{why}; '{unknown}' is not in it"
    return Guess("regimen", sure, why, Details(regimens=known))
