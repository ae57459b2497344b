"""Columns about samples: timepoint, tissue, site, origin, age, day."""

from __future__ import annotations

import re
from typing import Final

from tilexplorer.recognise import names, words
from tilexplorer.recognise.guess import Details, Guess
from tilexplorer.recognise.profile import Profile

_MOST: Final = 15
_ORGANS: Final = re.compile(
    r"\b(skin|lung|liver|lymph|node|ln|brain|bone|kidney|bladder|ureter|mucosa|soft tissue|adrenal|pleura|bronchus"
    r"|colon|breast|ovary|peritoneum|stomach|pancreas|subcutaneous|sq|spleen|chest|abdomen|muscle|head|neck|visceral)\b",
    re.IGNORECASE,
)
_ORIGIN: Final = ((r"primary( tumou?r)?|prim", "primary"), (r"met|metasta\w*( tumou?r)?", "metastasis"))
_AGES: Final = (
    (r"fresh.*", "fresh"),
    (r"(less than |under |lt |up to )?1 (year|yr)|less than 1 year|under 1 year|0 1 years?", "under 1 year"),
    (r"1 (to )?2 years?", "1 to 2 years"),
    (r"(more than|over|gt) 2 years?", "over 2 years"),
    (r"archival|archived", "unknown"),
)


def _table(patterns: tuple[tuple[str, str], ...], value: str) -> str | None:
    word = words.plain(value)
    return next((made for pattern, made in patterns if re.fullmatch(pattern, word)), None)


def timepoint(column: Profile) -> Guess | None:
    """When samples were taken: every value is a word for before, on or after treatment."""
    if column.numeric or not 1 <= len(column.values) <= _MOST:
        return None
    pairs, share = words.translated(column.values, moment)
    if share < 1:
        return None
    named = names.says("roles", "timepoint", column.folded)
    sure = (0.88 if len(column.values) > 1 else 0.8) if named else 0.6
    if "post_treatment" in dict(pairs).values():
        sure = min(sure, 0.7)
    return Guess("timepoint", sure, "its values are words for before, on or after treatment", Details(map=pairs))


def moment(value: str) -> str | None:
    """The timepoint that a word means."""
    folded = names.fold(value)
    found = names.patterns("timepoints")
    return next((key for key, pattern in found.items() if pattern.fullmatch(folded)), None)


def tissue(column: Profile) -> Guess | None:
    """Tumour or blood."""
    if column.numeric or not 1 <= len(column.values) <= _MOST:
        return None
    pairs, share = words.translated(column.values, kind_of_tissue)
    if share < 1:
        return None
    named = names.says("roles", "tissue", column.folded)
    return Guess("tissue", 0.85 if named else 0.5, "its values are words for tumour and blood", Details(map=pairs))


def kind_of_tissue(value: str) -> str | None:
    """Tumour or blood, as a word says."""
    folded = names.fold(value)
    return next((key for key, pattern in names.patterns("tissues").items() if pattern.fullmatch(folded)), None)


def site(column: Profile) -> Guess | None:
    """Where the biopsy was taken from: names of organs."""
    if column.numeric or not names.says("roles", "site", column.folded) or not 1 <= len(column.values) <= 60:
        return None
    share = sum(bool(_ORGANS.search(value)) for value in column.values) / len(column.values)
    if share < 0.5:
        return None
    sure = 0.8 if re.search(r"biops|sample|metast|tissue source", column.folded) else 0.6
    return Guess("site", sure, "its values are names of organs")


def origin(column: Profile) -> Guess | None:
    """Primary tumour or metastasis."""
    pairs, share = words.translated(column.values[:_MOST], lambda value: _table(_ORIGIN, value))
    if column.values and share == 1:
        return Guess("origin", 0.85, "its values are primary and metastasis", Details(map=pairs))
    return None


def sample_age(column: Profile) -> Guess | None:
    """How old the tissue was, in classes."""
    pairs, share = words.translated(column.values[:_MOST], lambda value: _table(_AGES, value))
    if column.values and share == 1 and names.says("roles", "sample_age", column.folded):
        return Guess("sample_age", 0.85, "its values are classes of the age of a sample", Details(map=pairs))
    return None


def days(column: Profile) -> Guess | None:
    """Day of the sample from the start of treatment; which sign means before has to be confirmed."""
    if column.numeric and column.whole and names.says("roles", "sample_days", column.folded):
        return Guess("days", 0.6, "is named like the day of a sample; negative has to mean before treatment")
    return None


def unit(column: Profile) -> Guess | None:
    """A column that says in which unit the times of the file are."""
    if names.says("roles", "unit", column.folded) and len(column.values) == 1:
        said = names.first("units", names.fold(column.values[0]))
        return Guess("unit", 0.9, f"says that times are in {said}", Details(unit=said)) if said else None
    return None
