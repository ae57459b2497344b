"""TOML tables into frozen dataclasses, strictly: a key that no field has is an error that names the nearest one."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType
from typing import Any, Final, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from tilexplorer.errors import InvalidMapping

T = TypeVar("T")

# How many known words a message lists at most.
SHOWN: Final = 40

_SCALARS: Mapping[type, str] = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def nearest(word: str, words: object) -> str:
    """'did you mean ...?' for a misspelt word, or the list of what there is."""
    known = [str(w) for w in words]  # type: ignore[attr-defined]
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    if not known:
        return "there is none yet"
    more = ", ..." if len(known) > SHOWN else ""
    return f"known are {', '.join(known[:SHOWN])}{more}"


def parse(kind: type[T], value: Mapping[str, object], where: str) -> T:
    """A dataclass from a TOML table.

    Parameters
    ----------
    kind
        The dataclass. Fields without a default are required.
    value
        The table.
    where
        The place of the table, for messages: file and path of keys.

    Raises
    ------
    InvalidMapping
        An unknown key, a missing key, a value of another type, or what the dataclass itself refuses.
    """
    if choices := getattr(kind, "KINDS", None):
        return _chosen(choices, value, where)  # type: ignore[no-any-return]
    known = _fields(cast("Any", kind))
    for key in value:
        if key not in known:
            raise InvalidMapping(f"{where}: no key is called '{key}'; {nearest(key, known)}")
    required = [n for n, (f, _) in known.items() if f.default is MISSING and f.default_factory is MISSING]
    missing = [name for name in required if name not in value]
    if missing:
        raise InvalidMapping(f"{where}: the key '{missing[0]}' is missing")
    arguments = {known[key][0].name: _convert(known[key][1], item, f"{where}, {key}") for key, item in value.items()}
    try:
        return kind(**arguments)
    except ValueError as fault:
        raise InvalidMapping(f"{where}: {fault}") from fault


def _chosen(choices: Mapping[str, type], value: Mapping[str, object], where: str) -> Any:
    """One of several dataclasses, chosen by the key 'do'."""
    name = value.get("do")
    if name not in choices:
        raise InvalidMapping(f"{where}: do = '{name}' is no step; {nearest(str(name), choices)}")
    return parse(choices[str(name)], {k: v for k, v in value.items() if k != "do"}, f"{where} ({name})")


@cache
def _fields(kind: Any) -> Mapping[str, tuple[Field[Any], Any]]:
    assert is_dataclass(kind)
    hints = get_type_hints(kind)
    return MappingProxyType({f.metadata.get("key", f.name): (f, hints[f.name]) for f in fields(kind)})


def _convert(kind: Any, value: Any, where: str) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _union(get_args(kind), value, where)
    if origin is tuple:
        return _sequence(get_args(kind)[0], value, where)
    if origin is not None and issubclass(origin, Mapping):
        return _table(get_args(kind)[1], value, where)
    if is_dataclass(kind) or hasattr(kind, "KINDS"):
        return parse(kind, _require(value, dict, "a table", where), where)
    return _scalar(kind, value, where)


def _union(kinds: tuple[Any, ...], value: Any, where: str) -> Any:
    """The first member that takes the value; used for `X | None` and for text or a list of texts."""
    real = [kind for kind in kinds if kind is not type(None)]
    if isinstance(value, list) and (listed := [k for k in real if get_origin(k) is tuple]):
        return _convert(listed[0], value, where)
    return _convert(next(k for k in real if get_origin(k) is not tuple), value, where)


def _sequence(kind: Any, value: Any, where: str) -> tuple[Any, ...]:
    items = _require(value, list, "a list", where)
    return tuple(_convert(kind, item, f"{where} no. {n}") for n, item in enumerate(items, 1))


def _table(kind: Any, value: Any, where: str) -> Mapping[str, Any]:
    items = _require(value, dict, "a table", where)
    return MappingProxyType({key: _convert(kind, item, f"{where}, {key}") for key, item in items.items()})


def _scalar(kind: type, value: Any, where: str) -> Any:
    if kind is str and isinstance(value, bool):
        return "true" if value else "false"
    if kind is str and isinstance(value, int | float):
        return str(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise InvalidMapping(f"{where}: has to be {_SCALARS[kind]}, not {value!r}")
    return value


def _require(value: Any, kind: type, name: str, where: str) -> Any:
    if not isinstance(value, kind):
        raise InvalidMapping(f"{where}: has to be {name}, not {value!r}")
    return value
