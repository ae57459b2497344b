"""Values as TOML text. The standard library reads TOML and does not write it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def key(name: str) -> str:
    """A key, quoted where it has to be."""
    return name if _BARE.fullmatch(name) else text(name)


def text(value: str) -> str:
    """A text as a basic string on one line. JSON escapes what TOML wants escaped, except the delete character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def written(value: object) -> str:
    """A text, number, flag, list or inline table."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return text(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key(name)} = {written(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(written, value)) + "]"
    return repr(value)


def section(header: str, values: Mapping[str, object]) -> str:
    """A section with its keys; keys whose value is None or an empty text are left out."""
    lines = [f"{key(name)} = {written(value)}" for name, value in values.items() if value is not None and value != ""]
    return "\n".join([header, *lines]) + "\n"
