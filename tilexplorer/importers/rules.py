"""How a source column becomes a canonical column: constants, maps, numbers with limits, flags."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.errors import InvalidMapping
from tilexplorer.importers.mapping import Rule
from tilexplorer.importers.strict import nearest
from tilexplorer.importers.tables import Data

_LIMIT: Final = re.compile(r"^([<>])=?\s*")
_FLAGS: Final = {"true": True, "false": False}


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
    if rule.required and made.isna().any():
        raise data.fault(rule.sources[0], made.isna(), f"gives no {field}, which every row needs", "fill the cell")
    if allowed:
        _check_words(data, rule, made, field, allowed)
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
        raise data.fault(
            _source(data, rule, raw.isin(unknown)),
            raw.isin(unknown),
            f"has no place in the map of {field}",
            f'add it, e.g. "{unknown[0]}" = "..." (it maps {", ".join(rule.map) or "patterns only"})',
        )
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


def _source(data: Data, rule: Rule, bad: pd.Series) -> str:
    """The column that holds the first bad cell, where a rule has several."""
    position = int(bad.to_numpy(dtype=bool, na_value=False).nonzero()[0][0])
    held = [name for name in rule.sources if not pd.isna(data.column(name).iloc[position])]
    return held[0] if held else rule.sources[0]


def _check_words(data: Data, rule: Rule, made: pd.Series, field: str, allowed: Sequence[str]) -> None:
    wrong = made.notna() & ~made.isin(list(allowed))
    if wrong.any():
        word = made[wrong].iloc[0]
        mend = f"'{word}' is no {field}: {nearest(str(word), allowed)} (map = {{...}} translates)"
        raise data.fault(_source(data, rule, wrong), wrong, f"cannot be used as {field}", mend)


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
        raise data.fault(_source(data, rule, bad), bad, problem, mend)
    return (parsed * rule.factor).astype("Float64"), limit.astype("string")


def _parsed(text: pd.Series) -> pd.Series:
    cells = np.asarray(text.fillna(""), dtype=object)
    return pd.Series(pd.to_numeric(cells, errors="coerce"), index=text.index, dtype="float64")


def whole(data: Data, rule: Rule, field: str) -> pd.Series:
    """The field's whole numbers; InvalidData where one has a fraction."""
    values, _ = numbers(data, rule, field)
    bad = values.notna() & (values % 1 != 0)
    if bad.any():
        raise data.fault(_source(data, rule, bad), bad, f"is not a whole number, but {field} needs one", "round it")
    return values.astype("Int64")


def flags(data: Data, rule: Rule, field: str) -> pd.Series:
    """The field's flags: the text, after the map, is true or false."""
    words = texts(data, rule, field).str.casefold()
    wrong = words.notna() & ~words.isin(list(_FLAGS))
    if wrong.any():
        mend = 'say what it means: map = {"..." = true, "..." = false}'
        raise data.fault(_source(data, rule, wrong), wrong, f"is neither true nor false, as {field} needs", mend)
    return words.map(_FLAGS).astype("boolean")
