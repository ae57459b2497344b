"""Columns of tumour types: OncoTree codes, TCGA codes, names and aliases of data/vocabulary/tumours.csv."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from tilexplorer import vocabulary
from tilexplorer.recognise import names
from tilexplorer.recognise.guess import Details, Guess
from tilexplorer.recognise.profile import Profile
from tilexplorer.recognise.words import plain

_MOST: Final = 60


@cache
def spoken() -> Mapping[str, str]:
    """OncoTree code by every name and alias, plain; American spellings as well."""
    found: dict[str, str] = {}
    with (vocabulary.FOLDER / "tumours.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            # What stands in brackets is a note of the table, not a part of the alias.
            aliases = [re.sub(r"\(.*?\)", "", alias) for alias in row["aliases"].split(";")]
            for name in filter(None, map(plain, [row["name"], *aliases])):
                found.setdefault(name, row["oncotree"])
                american = name.replace("tumour", "tumor").replace("oeso", "eso").replace("leukae", "leuke")
                found.setdefault(american, row["oncotree"])
    return MappingProxyType(found)


def code(value: str) -> str | None:
    """The OncoTree code of a code, a name or an alias; nothing for an unknown one."""
    if value.upper() in vocabulary.tumours():
        return value.upper()
    return spoken().get(plain(value))


def tumour(column: Profile) -> Guess | None:
    """Tumour types: every value is a code or a known name. TCGA codes are other codes than OncoTree's."""
    if column.numeric or not 1 <= len(column.values) <= _MOST:
        return None
    named = names.says("roles", "tumour", column.folded)
    tcga = vocabulary.tcga_codes()
    if all(value in tcga for value in column.values) and any(
        value not in vocabulary.tumours() for value in column.values
    ):
        return Guess(
            "tumour", 0.9 if len(column.values) > 3 or named else 0.7, "holds TCGA codes", Details(codes="tcga")
        )
    pairs = tuple((value, made) for value in column.values if (made := code(value)) is not None)
    share = sum(column.counts[value] for value, _ in pairs) / column.n
    if share < 0.5 or (not named and share < 1):
        # A column that can only be the tumour type is proposed even where its words are not known.
        plainly = re.search(r"\b(cancer|tumou?r) ?type\b|\bentity\b", column.folded)
        why = "is named like the tumour type, but its words are not in the vocabulary"
        return Guess("tumour", 0.42, why, Details(map=pairs)) if plainly else None
    exact = all(value == made for value, made in pairs)
    sure = (0.92 if exact and "code" in column.folded else 0.88) if named else 0.6
    if share < 1:
        unknown = next(value for value in column.values if code(value) is None)
        why = f"most of its values are tumour types; '{unknown}' is not in the vocabulary"
        return Guess("tumour", 0.5 * share, why, Details(map=pairs))
    why = "holds OncoTree codes" if exact else "its values are names of tumour types"
    return Guess("tumour", sure, why, Details() if exact else Details(map=pairs))
