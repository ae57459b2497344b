"""Mappings from TOML files: parsed strictly, and checked against themselves and the vocabulary."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from tilexplorer import vocabulary
from tilexplorer.errors import InvalidMapping
from tilexplorer.importers import constants
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
        # Editors on Windows put a mark at the beginning, which TOML does not know.
        text = path.read_text(encoding="utf-8-sig")
    except OSError as fault:
        raise InvalidMapping(f"{path}: cannot be read as a mapping ({fault})") from fault
    except UnicodeDecodeError as fault:
        raise InvalidMapping(f"{path.name}: is not text in UTF-8 ({fault}); save it as UTF-8") from fault
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
    _check_ids(mapped, label)
    _check_constants(mapped, label)
    return mapped


def renamed(mapped: Mapped, name: str) -> Mapped:
    """The mapping for a cohort of another id: the same files once more, or several sites with one mapping."""
    try:
        return replace(mapped, cohort=replace(mapped.cohort, id=name))
    except ValueError as fault:
        raise InvalidMapping(f"--name: {fault}") from fault


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


def _check_ids(mapped: Mapped, label: str) -> None:
    """No study and no endpoint is there twice."""
    for what, listed in (("studies", mapped.studies), ("endpoints", mapped.endpoints)):
        ids = [item.id for item in listed]
        for number, name in enumerate(ids, 1):
            if name in ids[: number - 1]:
                raise InvalidMapping(f"{label}: {what} no. {number}: '{name}' is there twice; leave one of them out")


def _check_constants(mapped: Mapped, label: str) -> None:
    """Every constant is a word that its field may hold; what a column holds is looked at when it is read."""
    for place, rule, words in constants.worded(mapped):
        if rule.value is not None and rule.value not in words:
            field = place.rpartition(", ")[2]
            raise InvalidMapping(f"{label}: {place}: '{rule.value}' is no {field}; {nearest(rule.value, words)}")


def _known(where: str, words: Iterable[str], known: Iterable[str]) -> None:
    names = list(known)
    for word in words:
        if word not in names:
            raise InvalidMapping(f"{where}: '{word}' is declared nowhere; {nearest(word, names)}")
