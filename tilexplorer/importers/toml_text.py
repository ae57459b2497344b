"""Values as TOML text: strings, numbers, flags, lists and inline tables, as the catalogue writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_BARE = re.compile(r"[A-Za-z0-9_-]+")
# TOML 1.0: quotation mark, backslash and control characters other than tab have to be escaped.
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def key(name: str) -> str:
    """A key: bare where TOML allows it, else quoted."""
    return name if _BARE.fullmatch(name) else text(name)


def text(value: str) -> str:
    """A string; literal, in single quotes, where backslashes would be doubled, as in regular expressions."""
    if "\\" in value and "'" not in value and value.isprintable():
        return f"'{value}'"
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return f"\\u{ord(character):04X}" if ord(character) < 0x20 or ord(character) == 0x7F else character


def inline(value: object) -> str:
    """Any value on one line.

    Raises
    ------
    TypeError
        A value that TOML has no notation for, such as None.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return text(value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key(name)} = {inline(item)}" for name, item in value.items()) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(inline, value)) + "]"
    raise TypeError(f"{value!r} has no notation in TOML")
