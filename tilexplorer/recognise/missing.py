"""Words that stand for a missing value: found in the file, proposed for its mapping."""

from __future__ import annotations

from typing import Final

import pandas as pd

# These are never a value.
ALWAYS: Final = frozenset(
    [
        *("na", "n/a", "n.a.", "nan", "<na>", "#n/a", "null", "unk", "unknown", "unkown", "unknow", "missing"),
        *("not available", "not applicable", "not recorded", "not known", "not reported", "no data"),
        *("[not available]", "[not applicable]", "[not evaluated]", "[not recorded]", "[unknown]", "[pending]"),
        *("[discrepancy]", "[null]", "[completed]", "(missing)"),
    ]
)
# These may be a value: they are missing among numbers, and among the words of a known list.
SOMETIMES: Final = frozenset({".", "-", "--", "x", "?", "none", "nd", "n.d.", "nk", "uk", "*"})

_NUMERIC_SHARE: Final = 0.8
_LONGEST: Final = max(map(len, ALWAYS | SOMETIMES))


def tokens(frame: pd.DataFrame) -> tuple[str, ...]:
    """The tokens that mean missing in this frame of text, as they are first written, without repeats in other cases.

    A dash or an x is taken only from a column whose other values are nearly all numbers.
    """
    found: dict[str, str] = {}
    for name in frame.columns:
        values = frame[name].dropna().drop_duplicates().astype(str).str.strip()
        short = [value for value in values if len(value) <= _LONGEST]
        for value in short:
            folded = value.casefold()
            if folded in ALWAYS or (folded in SOMETIMES and _numeric_otherwise(values)):
                found.setdefault(folded, value)
    return tuple(found.values())


def cleaned(column: pd.Series, missing: tuple[str, ...]) -> pd.Series:
    """A column of text with blanks trimmed, and NA where it is empty or holds a token."""
    text = column.astype("string").str.strip()
    gone = {"", *(token.casefold() for token in missing)}
    return text.mask(text.str.casefold().isin(gone).fillna(True).astype(bool))


def _numeric_otherwise(values: pd.Series) -> bool:
    rest = values[~values.str.casefold().isin(ALWAYS | SOMETIMES | {""})]
    numbers = pd.to_numeric(rest.str.replace(",", ".", regex=False), errors="coerce")
    return len(rest) > 1 and float(numbers.notna().mean()) >= _NUMERIC_SHARE
