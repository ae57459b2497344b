"""Names of columns: split into words, and compared with data/vocabulary/column_names.toml."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from typing import Any, Final

from tilexplorer.vocabulary import FOLDER

_ENDPOINTS: Final = "os|pfs|dfs|efs|rfs|dss|pfi|dfi|ttp|dor"
_SPELLED: Final = (
    ("%", " percent "),
    ("+", " plus "),
    ("α", " alpha "),
    ("β", " beta "),
    ("γ", " gamma "),
    ("²", "2"),
)
# 'OSWK' and 'censos' are two words written as one.
_GLUED: Final = (
    re.compile(rf"\b({_ENDPOINTS})(wks?|weeks?|mos?|months?|days?|years?|yrs?|time|event|status|stat|cens\w*|cnsr)\b"),
    re.compile(rf"\b(cens|cnsr|event|time|ir)({_ENDPOINTS})\b"),
)


@cache
def fold(name: str) -> str:
    """A column's name as lower-case words with one blank between them: 'OS_Months' is 'os months'."""
    for sign, word in _SPELLED:
        name = name.replace(sign, word)
    name = re.sub(r"([a-z])([A-Z])|(\d)([A-Z][a-z]{2,})", r"\1\3 \2\4", name)
    name = re.sub(r"([A-Z]+)([A-Z][a-z]{2,})", r"\1 \2", name)
    words = " ".join(re.findall(r"[^\W_]+", name)).lower()
    for glued in _GLUED:
        words = glued.sub(r"\1 \2", words)
    return words


@cache
def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads((FOLDER / "column_names.toml").read_text(encoding="utf-8"))


@cache
def patterns(section: str) -> dict[str, re.Pattern[str]]:
    """The patterns of a section by key, each as one expression."""
    found = {}
    for key, value in _table()[section].items():
        listed = [value] if isinstance(value, str) else value
        found[key] = re.compile("|".join(f"(?:{one})" for one in listed))
    return found


def says(section: str, key: str, folded: str) -> bool:
    """Whether a folded name matches what the section has under the key."""
    return patterns(section)[key].search(folded) is not None


def first(section: str, folded: str) -> str:
    """The first key of a section that a folded name matches, or nothing."""
    return next((key for key, pattern in patterns(section).items() if pattern.search(folded)), "")


def role_rank(role: str, folded: str) -> int:
    """How special a name is for a role: 0 for the first pattern of the role, 1 for the second ...; -1 for none."""
    listed = _table()["roles"][role]
    return next((n for n, one in enumerate(listed) if re.search(one, folded)), -1)
