"""Columns that say who or what a row is about: patients, samples, lesions, studies, arms; and whom it must not name."""

from __future__ import annotations

import re
from typing import Final

from tilexplorer.recognise import names, words
from tilexplorer.recognise.guess import Guess
from tilexplorer.recognise.profile import Profile

_TRIAL: Final = re.compile(r"(cm|checkmate|keynote|kn|imvigor|impower|nct|eudract|javelin|oak|poplar)[ ._-]?\d+", re.I)
_MANY_ARMS: Final = 12


def identifying(column: Profile) -> Guess | None:
    """Names, birth dates and addresses of people, by the column's name or by addresses among its values."""
    if column.emails:
        return Guess("identifying", 0.99, "holds e-mail addresses")
    kind = names.first("identifying", column.folded)
    if kind == "names" and column.values and all(any(map(str.isdigit, value)) for value in column.values):
        return None  # nobody is called so: the names of study patients, as iAtlas has them
    return Guess("identifying", 0.95, f"by its name it says who a patient is ({kind})") if kind else None


def patient(column: Profile) -> Guess | None:
    """Ids of patients: one of the usual names, and no measured numbers."""
    rank = names.role_rank("patient", column.folded)
    if rank < 0 or not column.n or (column.numeric and not column.whole):
        return None
    base = (0.95, 0.95, 0.75)[rank]
    if column.n > 1 and len(column.values) < column.n / 20:
        return Guess("patient", base / 3, f"is named like a patient id, but {column.n} rows share few values")
    return Guess("patient", base, "is named like a patient id, and its values tell rows apart")


def sample(column: Profile) -> Guess | None:
    """Ids of samples: one of the usual names, or the row names of an R table."""
    rank = names.role_rank("sample", column.folded)
    if rank < 0 or not column.n or (column.numeric and not column.whole):
        return None
    base = (0.85, 0.95, 0.5, 0.65, 0.5)[rank]
    if not column.unique:
        base /= 2
    elif any(re.match(r"(SAM|sample|S)\w*\d", value) for value in column.shown):
        base = max(base, 0.8)
    return Guess("sample", base, "is named like a sample id")


def lesion(column: Profile) -> Guess | None:
    """Ids of lesions."""
    if names.says("roles", "lesion", column.folded) and column.n:
        return Guess("lesion", 0.8, "is named like the id of a lesion")
    return None


def study(column: Profile) -> Guess | None:
    """Trials or series within the file."""
    if column.numeric or not column.values or len(column.values) > _MANY_ARMS:
        return None
    if all(_TRIAL.match(value) for value in column.values):
        return Guess("study", 0.75, "its values look like names of trials")
    if names.says("roles", "study", column.folded) and "site" not in column.folded and len(column.values) < column.n:
        return Guess("study", 0.55, "is named like a study")
    return None


def arm(column: Profile) -> Guess | None:
    """Arms or groups: a few words, none of them rare."""
    if not names.says("roles", "arm", column.folded) or not 1 < len(column.values) <= _MANY_ARMS:
        return None
    if column.numeric and not column.whole:
        return None
    if words.translated(column.values, _outcome)[1] >= 0.5:
        return None
    exact = re.search(r"\barm\b", column.folded) is not None
    return Guess("arm", 0.7 if exact else 0.45, f"is named like an arm and has {len(column.values)} values")


def _outcome(value: str) -> str | None:
    """Words of an outcome: groups by response are no arms."""
    return words.response(value) or words.benefit(value)


def date(column: Profile) -> Guess | None:
    """Dates; they are not read by themselves, but a 'days between' step can use them."""
    if column.dates or (re.search(r"\bdate\b", column.folded) and column.n):
        return Guess("date", 0.85, "holds dates; a 'days between' step makes times of two of them")
    return None
