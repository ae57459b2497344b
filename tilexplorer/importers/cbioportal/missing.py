"""The words that mean missing in cBioPortal's files.

cBioPortal does not agree with itself. Its validator knows the words in brackets, NA and the empty cell, in any case;
its importer takes the same words without brackets too, and so drops a treatment that is 'Completed' or a result that
is 'Pending'. Here both lists count, except for the bare words that can be a value: an unmapped value is an error that
a person sees, a dropped one is not. 'N/A', 'NaN', '.' and 'Unknown' are text, as both say.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

# Of validator and importer.
BRACKETED: Final = (
    "[not applicable]",
    "[not available]",
    "[pending]",
    "[discrepancy]",
    "[completed]",
    "[null]",
    "[missing]",
    "[na]",
)
# Of the importer alone, without 'completed', 'pending' and 'discrepancy'.
BARE: Final = ("na", "not applicable", "not available", "null", "missing")

TOKENS: Final = frozenset({"", *BRACKETED, *BARE})


def is_missing(cell: str) -> bool:
    """Whether a cell says that nothing is known."""
    # The importer reads '[Not_Available]' and '[Not Available]' alike.
    return cell.strip().replace("_", " ").casefold() in TOKENS


def blanked(column: pd.Series) -> pd.Series:
    """A column of text with empty cells where nothing is known."""
    tokens = [word for word in column.unique() if is_missing(word)]
    return column.mask(column.isin(tokens), "")
