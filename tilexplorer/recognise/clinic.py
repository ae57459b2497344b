"""Clinical columns with one row a patient: sex, age, performance status, line, earlier immunotherapy, MSI."""

from __future__ import annotations

import re
from typing import Final

from tilexplorer.recognise import names, words
from tilexplorer.recognise.guess import Details, Guess
from tilexplorer.recognise.profile import Profile

_OLDEST: Final = 110
_FEW: Final = 12
# A column of sex may hold some words that say neither; somebody has to say what they mean.
_MOST_KNOWN: Final = 0.6


def sex(column: Profile) -> Guess | None:
    """Words for female and male; numbers only by the name, and then a person has to say which is which."""
    named = names.says("roles", "sex", column.folded)
    pairs, share = words.translated(column.values[:_FEW], words.sex)
    if column.values and len(column.values) <= _FEW and share == 1:
        both = len({made for _, made in pairs}) == 2
        sure = 0.97 if named else 0.75 if both else 0.3
        return Guess("sex", sure, "its values are words for female and male", Details(map=pairs))
    if named and share >= _MOST_KNOWN and len(column.values) <= _FEW:
        known = {value for value, _ in pairs}
        odd = next(value for value in column.values if value not in known)
        why = f"its values are words for female and male; '{odd}' is none"
        return Guess("sex", 0.6, why, Details(map=pairs))
    if named and column.values and column.numeric and len(column.values) <= 2:
        return Guess("sex", 0.6, "is named like sex, but which number is female cannot be known")
    return None


def age(column: Profile) -> Guess | None:
    """Years from 0 to 110, by name."""
    if not names.says("roles", "age", column.folded) or not column.numeric:
        return None
    if not column.within(0, _OLDEST):
        return Guess("age", 0.2, f"is named like age, but goes up to {column.known.max():g}")
    sure = 0.95 if 18 <= column.median <= 90 else 0.5
    return Guess("age", sure, f"is named like age, median {column.median:.0f}", Details(decimal=column.decimal))


def ecog(column: Profile) -> Guess | None:
    """Whole numbers from 0 to 5, by name."""
    if names.says("roles", "ecog", column.folded) and column.whole and column.within(0, 5):
        return Guess("ecog", 0.95, "is named like performance status and holds whole numbers from 0 to 5")
    return None


def line(column: Profile) -> Guess | None:
    """Lines of treatment; a number of earlier lines becomes the line by adding one."""
    if not column.whole or not column.within(0, 20):
        return None
    if names.says("roles", "prior_lines", column.folded):
        pairs = tuple((value, str(int(float(value)) + 1)) for value in sorted(column.values, key=float))
        return Guess("line", 0.7, "counts earlier treatments: the line is one more", Details(map=pairs))
    if names.says("roles", "line", column.folded) and column.within(1, 20):
        return Guess("line", 0.9, "is named like the line of treatment and starts at 1")
    return None


def prior_io(column: Profile) -> Guess | None:
    """A flag for immunotherapy before this course, by name."""
    if not names.says("roles", "prior_io", column.folded) or not 1 <= len(column.values) <= 6:
        return None
    pairs, share = words.translated(column.values, _earlier)
    if share == 1:
        return Guess("prior_io", 0.75, "is named like earlier immunotherapy and holds yes or no", Details(map=pairs))
    return None


def _earlier(value: str) -> str | None:
    if re.search(r"naive|naïve|untreated|none", value, re.IGNORECASE):
        return "false"
    return "true" if re.search(r"experienced|pretreated|prog|refractory", value, re.IGNORECASE) else words.flag(value)


def msi(column: Profile) -> Guess | None:
    """Microsatellite status by its words."""
    pairs, share = words.translated(column.values[:_FEW], words.msi)
    if column.values and share == 1 and len(column.values) <= _FEW:
        named = names.says("roles", "msi", column.folded)
        return Guess("msi", 0.95 if named else 0.6, "its values are words for MSS and MSI-H", Details(map=pairs))
    return None
