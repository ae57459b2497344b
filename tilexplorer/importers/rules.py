"""How a source column becomes a canonical column: constants, maps, numbers with limits, flags."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.errors import InvalidMapping
from tilexplorer.importers import pseudonyms
from tilexplorer.importers.mapping import Rule
from tilexplorer.importers.strict import SHOWN, nearest
from tilexplorer.importers.tables import Data, marked

_LIMIT: Final = re.compile(r"^([<>])=?\s*")
# The store keeps whole numbers in 32 bits.
_LARGEST: Final = 2**31 - 1
_SINGLE_WORDS: Final = 20
# The words of a flag after the map, and what they mean.
FLAGS: Final = {"true": True, "false": False}


def texts(data: Data, rule: Rule, field: str, allowed: Sequence[str] = ()) -> pd.Series:
    """The field's text for every row.

    Parameters
    ----------
    data
        The table.
    rule
        The mapping's rule for the field.
    field
        Name of the canonical field, for messages.
    allowed
        The words that the field may hold; empty means any.

    Raises
    ------
    InvalidData
        A column is missing, a value has no place in the map, a word is not allowed, a required cell is empty.
    """
    if rule.value is not None:
        return pd.Series(rule.value, index=data.frame.index, dtype="string")
    raw = recorded(data, rule)
    made = _mapped(data, rule, raw, field) if rule.map or rule.patterns or rule.codes else raw
    made = made.fillna(rule.empty) if rule.empty else made
    if rule.pseudonym:
        made = pseudonyms.applied(data.reading.pseudonyms, made)
    if rule.required:
        unfilled = f"gives no {field}, which every row needs"
        mend = "fill the cell, or the column with a fill step where cells are merged"
        data.refuse("cell.empty", rule.sources[0], made.isna(), unfilled, mend)
    if allowed:
        made = _known_words(data, rule, made, field, allowed)
    return (rule.prefix + made).astype("string") if rule.prefix else made


def recorded(data: Data, rule: Rule) -> pd.Series:
    """The first recorded cell among the rule's columns, its own missing tokens left out."""
    tokens = {token.casefold() for token in rule.missing}
    columns = [data.column(name) for name in rule.sources]
    if tokens:
        columns = [c.mask(c.str.casefold().isin(tokens).fillna(False).astype(bool)) for c in columns]
    first = columns[0]
    for other in columns[1:]:
        first = first.fillna(other)
    return first


def _mapped(data: Data, rule: Rule, raw: pd.Series, field: str) -> pd.Series:
    translate = _translator(rule)
    table = {value: translate(value) for value in raw.dropna().unique()}
    unknown = [value for value, made in table.items() if made is None]
    if unknown and rule.unmapped == "error":
        mend = f'add it, e.g. "{unknown[0]}" = "..." (it maps {", ".join(rule.map) or "patterns only"})'
        refuse(data, rule, raw.isin(unknown), "cell.unmapped", f"has no place in the map of {field}", mend)
    if rule.unmapped == "keep":
        table = {value: value if made is None else made for value, made in table.items()}
    # An empty word in the map says: not recorded.
    return raw.map({value: made or None for value, made in table.items()}).astype("string")


def _translator(rule: Rule) -> Callable[[str], str | None]:
    fold: Callable[[str], str] = str.casefold if rule.fold_case else str
    listed = vocabulary.tcga_codes() if rule.codes == "tcga" else {}
    exact = {fold(key): value for key, value in {**listed, **rule.map}.items()}
    flags = re.IGNORECASE if rule.fold_case else 0
    patterns = [(re.compile(p.match, flags), p.value) for p in rule.patterns]

    def translate(value: str) -> str | None:
        if fold(value) in exact:
            return exact[fold(value)]
        return next((made for pattern, made in patterns if pattern.fullmatch(value)), None)

    return translate


def refuse(data: Data, rule: Rule, bad: pd.Series, name: str, problem: str, mend: str) -> None:
    """Answer the bad cells of a rule, each under the column that holds it where the rule has several.

    Raises
    ------
    InvalidMapping
        The rule is a constant: nobody can mend a cell.
    """
    if rule.value is not None:
        raise InvalidMapping(f"{data.labels['']}: value = '{rule.value}' {problem}; {mend}")
    left = pd.Series(marked(bad), index=data.frame.index)
    for column in rule.sources[:-1]:
        held = left & data.column(column).notna()
        data.refuse(name, column, held, problem, mend)
        left &= ~held
    data.refuse(name, rule.sources[-1], left, problem, mend)


def _known_words(data: Data, rule: Rule, made: pd.Series, field: str, allowed: Sequence[str]) -> pd.Series:
    """The words that the field may hold; the others are answered and missing."""
    wrong = pd.Series(marked(made.notna() & ~made.isin(list(allowed))), index=made.index)
    words = list(made[wrong].unique())
    # Words beyond the first few share a message: a wrong column has as many words as rows.
    for word in words[:_SINGLE_WORDS]:
        mend = f"'{word}' is no {field}: {nearest(str(word), allowed)} (map = {{...}} translates)"
        refuse(data, rule, made == word, "cell.word", f"cannot be used as {field}", mend)
    if len(words) > _SINGLE_WORDS:
        mend = f"{field} is one of {', '.join(allowed[:SHOWN])} (map = {{...}} translates)"
        refuse(data, rule, made.isin(words[_SINGLE_WORDS:]), "cell.word", f"cannot be used as {field}", mend)
    return made.mask(wrong)


def numbers(data: Data, rule: Rule, field: str) -> tuple[pd.Series, pd.Series]:
    """The field's numbers, multiplied by the rule's factor, and the sign of limit values ('>' or '<').

    Raises
    ------
    InvalidData
        A cell that is no number, not finite, or a limit value where the rule does not allow limits.
    """
    text = texts(data, rule, field)
    limit = pd.Series(pd.NA, index=text.index, dtype="string")
    if rule.limits:
        limit = text.str.extract(_LIMIT.pattern, expand=False)
        text = text.str.replace(_LIMIT, "", regex=True)
    if rule.decimal != ".":
        text = text.str.replace(rule.decimal, ".", regex=False)
    parsed = _parsed(text)
    bad = text.notna() & ~np.isfinite(parsed)
    if bad.any():
        hint = "is a limit value; allow it with limits = true" if _LIMIT.match(str(text[bad].iloc[0])) else ""
        problem = f"is no number, but {field} needs one"
        mend = hint or "correct the cell, declare it as missing, or mend it with a repair step"
        if rule.value is not None:
            raise InvalidMapping(f"{data.labels['']}: {field} = '{rule.value}' is no number, but {field} needs one")
        refuse(data, rule, bad, "cell.number", problem, mend)
        parsed, limit = parsed.mask(bad), limit.mask(bad)
    return (parsed * rule.factor).astype("Float64"), limit.astype("string")


def _parsed(text: pd.Series) -> pd.Series:
    cells = np.asarray(text.fillna(""), dtype=object)
    return pd.Series(pd.to_numeric(cells, errors="coerce"), index=text.index, dtype="float64")


def whole(data: Data, rule: Rule, field: str) -> pd.Series:
    """The field's whole numbers; InvalidData where one has a fraction."""
    values, _ = numbers(data, rule, field)
    bad = (values.notna() & ((values % 1 != 0) | (values.abs() > _LARGEST))).fillna(False).astype(bool)
    if bad.any():
        refuse(data, rule, bad, "cell.whole", f"is not a whole number, but {field} needs one", "round it")
    return values.mask(bad).astype("Int64")


def flags(data: Data, rule: Rule, field: str) -> pd.Series:
    """The field's flags: the text, after the map, is true or false."""
    words = texts(data, rule, field).str.casefold()
    wrong = words.notna() & ~words.isin(list(FLAGS))
    if wrong.any():
        mend = 'say what it means: map = {"..." = true, "..." = false}'
        refuse(data, rule, wrong, "cell.flag", f"is neither true nor false, as {field} needs", mend)
    return words.map(FLAGS).astype("boolean")
