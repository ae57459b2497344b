"""Words that stand for a missing value: found in the file, proposed for its mapping."""

from __future__ import annotations

from typing import Final

import numpy as np
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
        distinct = [str(value).strip() for value in pd.unique(frame[name].to_numpy(dtype=object)) if not pd.isna(value)]
        for value in distinct:
            folded = value.casefold() if len(value) <= _LONGEST else ""
            if folded in ALWAYS or (folded in SOMETIMES and _numeric_otherwise(distinct)):
                found.setdefault(folded, value)
    return tuple(found.values())


def cleaned(column: pd.Series, missing: tuple[str, ...]) -> pd.Series:
    """A column of text with blanks trimmed, and None where it is empty or holds a token."""
    gone = {"", *(token.casefold() for token in missing)}
    codes, distinct = pd.factorize(column.to_numpy(dtype=object))
    # Each distinct text is looked at once; what pandas calls missing has the code -1, which is the last place.
    kept = [None if (text := str(value).strip()).casefold() in gone else text for value in distinct]
    return pd.Series(np.array([*kept, None], dtype=object)[codes], index=column.index, dtype=object)


def number(text: str) -> float:
    """A cell as a number, NaN where it is none; 'nan' and '1_000' are none."""
    try:
        value = float(text) if text[-1:].isdigit() or text.endswith(".") else float("nan")
    except ValueError:
        return float("nan")
    return float("nan") if "_" in text else value


def _numeric_otherwise(values: list[str]) -> bool:
    rest = [value for value in values if value.casefold() not in ALWAYS | SOMETIMES | {""}]
    numbers = [number(value.replace(",", ".")) for value in rest]
    return len(rest) > 1 and sum(value == value for value in numbers) >= _NUMERIC_SHARE * len(rest)
