"""A mapping as TOML text in the catalogue's layout: what `parse_mapping` reads back as the same mapping.

Defaults are left out, as a person leaves them out. Comments stand above the section that they belong to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, Final

from tilexplorer.importers.mapping import Mapped
from tilexplorer.importers.steps import Step
from tilexplorer.importers.toml_text import inline, key

# A longer line becomes a section of its own, or a list with one entry a line.
WIDTH: Final = 150

# The catalogue's order of the sections.
ORDER: Final = (
    *("cohort", "files", "tables", "studies", "patients", "endpoints", "absent", "accept"),
    *("measures", "samples", "same_patients"),
)

Comments = Mapping[str, Sequence[str]]

_STEPS: Final = {kind: name for name, kind in Step.KINDS.items()}


def write_mapping(mapped: Mapped, comments: Comments | None = None, absent: Sequence[str] = ()) -> str:
    """The mapping as TOML text.

    Parameters
    ----------
    mapped
        The mapping.
    comments
        Lines by the section that they stand above: '' for the top, 'cohort', 'files.clinical', 'patients',
        'endpoints.os', 'measures.tmb', 'samples.1' (counted from 1).
    absent
        Required keys that are still open, such as 'patients.tumour': written as a comment, so that the text cannot
        be imported before somebody has filled them in.
    """
    said = comments or {}
    sections = [_comment(said.get("", ()))] if said.get("") else []
    sections += list(_sections(mapped, said, frozenset(absent)))
    return "\n\n".join(filter(None, sections)) + "\n"


def _sections(mapped: Mapped, said: Comments, absent: frozenset[str]) -> Iterator[str]:
    """The sections in the order of the catalogue's files; a part of the language that is not in it comes last."""
    parts = [f.metadata.get("key", f.name) for f in _told(mapped)]
    for name in sorted(parts, key=lambda part: ORDER.index(part) if part in ORDER else len(ORDER)):
        value = getattr(mapped, name)
        if isinstance(value, Mapping):
            gap = "\n" if name == "measures" else "\n\n"
            yield gap.join(
                _section(f"{name}.{key(own)}", f"{name}.{own}", _plain(part), said, absent)
                for own, part in value.items()
            )
        elif isinstance(value, tuple):
            yield _listed(name, _plain(value), said, absent)
        else:
            yield _section(name, name, _plain(value), said, absent)


def _listed(name: str, rows: Sequence[Mapping[str, Any]], said: Comments, absent: frozenset[str]) -> str:
    """A list of tables: [[name]] for each; endpoints are known by id, the others by number."""
    places = [f"{name}.{row['id'] if name == 'endpoints' else number}" for number, row in enumerate(rows, 1)]
    written = [_section(name, place, row, said, absent, "[[", "]]") for place, row in zip(places, rows, strict=True)]
    return "\n\n".join(written)


def _section(
    head: str, place: str, table: Mapping[str, Any], said: Comments, absent: frozenset[str],
    opening: str = "[", closing: str = "]",
) -> str:  # fmt: skip
    """A header with its keys; tables that are too long for a line, and measured values, become sections below it."""
    lines, below = [f"{opening}{head}{closing}"], []
    for name, value in table.items():
        if f"{place}.{name}" in absent:
            lines.append(f"# {key(name)} = ...  # open: has to be filled in")
        elif isinstance(value, Mapping) and (name == "values" or len(inline(value)) > WIDTH):
            below.append(_section(f"{head}.{key(name)}", f"{place}.{name}", value, {}, absent))
        else:
            lines.append(f"{key(name)} = {_value(value)}")
    return "\n".join(filter(None, [_comment(said.get(place, ())), *lines, *below]))


def _value(value: Any) -> str:
    """A value; a long list has one entry a line."""
    written = inline(value)
    if len(written) <= WIDTH or not isinstance(value, list):
        return written
    return "[\n" + "".join(f"  {inline(item)},\n" for item in value) + "]"


def _comment(lines: Sequence[str]) -> str:
    # TOML allows no control character in a comment.
    parts = ("".join(filter(str.isprintable, part)) for line in lines for part in line.splitlines())
    return "\n".join(f"# {part}" for part in parts)


def _plain(value: Any) -> Any:
    """A dataclass as the table that a mapping file would hold, without what is default anyway."""
    if is_dataclass(value):
        made = {f.metadata.get("key", f.name): _plain(getattr(value, f.name)) for f in _told(value)}
        return {"do": _STEPS[type(value)], **made} if type(value) in _STEPS else made
    if isinstance(value, Mapping):
        return {name: _flag(_plain(item)) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _told(value: Any) -> list[Field[Any]]:
    """The fields that have to be written: required ones, and those that differ from their default."""
    return [f for f in fields(value) if _default(f) is MISSING or getattr(value, f.name) != _default(f)]


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _flag(value: Any) -> Any:
    """Flags in a map are kept as words and written as TOML's own: {Y = true, N = false}."""
    return value == "true" if value in ("true", "false") else value
