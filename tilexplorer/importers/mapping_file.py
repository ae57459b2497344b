"""Mappings from TOML files: parsed strictly, and checked against themselves and the vocabulary."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tilexplorer import vocabulary
from tilexplorer.errors import InvalidMapping
from tilexplorer.importers.mapping import Mapped
from tilexplorer.importers.steps import Join
from tilexplorer.importers.strict import nearest, parse

# The longest mapping of the catalogue has 10,000.
MAX_BYTES: Final = 4 << 20


def read_mapping(path: Path) -> Mapped:
    """The mapping in a TOML file.

    Raises
    ------
    InvalidMapping
        No such file, not TOML, an unknown or missing key, or a name that is declared nowhere.
    """
    if path.exists() and not path.is_file():  # a pipe or a device may have no end
        raise InvalidMapping(f"{path}: is no file; save the mapping in one")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidMapping(f"{path.name}: has more than {MAX_BYTES:,} bytes, so it is no mapping")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise InvalidMapping(f"{path}: cannot be read as a mapping ({fault})") from fault
    return parse_mapping(text, path.name)


def parse_mapping(text: str, label: str) -> Mapped:
    """The mapping in a TOML text; `label` names it in messages."""
    try:
        table = tomllib.loads(text)
    # A number of thousands of digits is a ValueError of its own, tables within tables without end a RecursionError.
    except (ValueError, RecursionError) as fault:
        raise InvalidMapping(f"{label}: is not valid TOML ({fault})") from fault
    mapped = parse(Mapped, table, label)
    _check_formats(mapped, label)
    _check_tables(mapped, label)
    _check_measures(mapped, label)
    return mapped


def _check_formats(mapped: Mapped, label: str) -> None:
    from tilexplorer.importers import READERS

    for name, file in mapped.files.items():
        _known(f"{label}: files, {name}, format", [file.format], READERS)


def _check_tables(mapped: Mapped, label: str) -> None:
    """Every table and file that is used is declared."""
    names = [*mapped.tables, *mapped.files]
    _known(f"{label}: patients, table", [mapped.patients.table], names)
    for number, block in enumerate(mapped.samples, 1):
        _known(f"{label}: samples no. {number}, table", [block.table], names)
    for name, table in mapped.tables.items():
        _known(f"{label}: tables, {name}, file", [table.file], mapped.files)
        joined = [step.table for step in table.steps if isinstance(step, Join)]
        _known(f"{label}: tables, {name}, steps, join", joined, names)


def _check_measures(mapped: Mapped, label: str) -> None:
    """Every measure is in the vocabulary, and every one that is read has its assay declared."""
    _known(f"{label}: measures", mapped.measures, vocabulary.measures())
    for number, block in enumerate(mapped.samples, 1):
        _known(f"{label}: samples no. {number}, values", block.measured, mapped.measures)
    if mapped.cohort.default_measure:
        _known(f"{label}: cohort, default_measure", [mapped.cohort.default_measure], mapped.measures)


def _known(where: str, words: Iterable[str], known: Iterable[str]) -> None:
    names = list(known)
    for word in words:
        if word not in names:
            raise InvalidMapping(f"{where}: '{word}' is declared nowhere; {nearest(word, names)}")
