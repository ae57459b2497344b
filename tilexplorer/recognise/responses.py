"""Response: categories, the source's own flags, durable benefit, and shrinkage. A flag is never taken for response."""

from __future__ import annotations

import re
from typing import Final

from tilexplorer import vocabulary
from tilexplorer.recognise import names, words
from tilexplorer.recognise.guess import Details, Guess
from tilexplorer.recognise.profile import Profile

_MOST: Final = 15
_BENEFIT: Final = dict(zip(("true", "false"), vocabulary.BENEFIT, strict=True))
_BARE: Final = frozenset({"CR", "PR", "SD", "PD"})


def response(column: Profile) -> Guess | None:
    """Categories of best response by their words; a column that splits more of them is the better one."""
    if column.numeric or not 1 <= len(column.values) <= _MOST:
        return None
    pairs, share = words.translated(column.values, words.response)
    made = {category for _, category in pairs}
    if share < 0.7 or not made & (_BARE | {"CRPR", "SDPD"}):
        return None
    named = names.says("roles", "response", column.folded)
    sure = (0.95 if named else 0.6) if share == 1 else 0.6
    sure -= 0.15 * (len(made & _BARE) < 3) + 0.06 * _immune_related(column) + 0.04 * ("best" not in column.folded)
    why = f"its values are response categories ({', '.join(sorted(made))})"
    if doubtful := [value for value, _ in pairs if words.plain(value) in words.DOUBTFUL]:
        sure, why = min(sure, 0.7), f"{why}; what '{doubtful[0]}' counts as is a convention"
    if share < 1:
        unknown = next(value for value in column.values if words.response(value) is None)
        why = f"{why}; '{unknown}' is no category that is known"
    return Guess("response", sure, why, Details(map=pairs))


def _immune_related(column: Profile) -> bool:
    """Whether the categories are those of immune-related criteria, as in irSD."""
    return column.folded.startswith(("ir ", "i ", "my ")) or any(value.startswith("ir") for value in column.values)


def benefit(column: Profile) -> Guess | None:
    """The source's own responder flag: kept under its own name, since sources count stable disease as response."""
    if not names.says("roles", "benefit", column.folded) or not 1 <= len(column.values) <= 4:
        return None
    pairs, share = words.translated(column.values, words.benefit)
    if share < 1:
        return None
    meant = tuple((value, _BENEFIT[made]) for value, made in pairs)
    return Guess("benefit", 0.7, "says responder or not in the source's own terms: kept as benefit", Details(map=meant))


def durable(column: Profile) -> Guess | None:
    """Durable benefit by the study's own definition."""
    if not names.says("roles", "durable", column.folded) or not 1 <= len(column.values) <= 6:
        return None
    pairs, share = words.translated(column.values, words.durable)
    if share < 1 or {made for _, made in pairs} <= {""}:
        return None
    explicit = re.search(r"durable|dcb|cbr", column.folded) is not None
    return Guess("durable", 0.85 if explicit else 0.65, "says durable benefit or not", Details(map=pairs))


def shrinkage(column: Profile) -> Guess | None:
    """Best change of the target lesions in percent: numbers from -100 upwards."""
    if not names.says("roles", "shrinkage", column.folded) or len(column.values) < 3:
        return None
    if not column.numeric:
        return Guess("shrinkage", 0.35, "is named like tumour shrinkage, but some cells are no numbers")
    if column.known.min() < -100.5 or column.known.max() <= 1.5:
        return Guess("shrinkage", 0.35, "is named like tumour shrinkage, but is not in percent from -100 upwards")
    sign = "negative is shrinkage" if column.known.min() < 0 else "it holds no negative number: is growth positive?"
    return Guess("shrinkage", 0.8 if column.known.min() < 0 else 0.5, f"change in percent; {sign}")
