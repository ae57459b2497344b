"""Matrices: generic assays (cell fractions, signatures) and expression, entities below each other, samples beside.

They are turned round on reading: a row for each sample, as everything else has it. Limit values such as '>8.00' are
kept as they are; a rule with limits = true takes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from tilexplorer.errors import UnreadableFile
from tilexplorer.importers.cbioportal.clinical import SAMPLE
from tilexplorer.importers.cbioportal.missing import is_missing
from tilexplorer.importers.delimited import opened, text_lines
from tilexplorer.importers.limits import check_cells
from tilexplorer.importers.strict import nearest
from tilexplorer.importers.text import ROW, ReadOptions, unique_names

# The columns that name an entity, the first of them that has a name; in lower case.
NAMES: Final = ("entity_stable_id", "hugo_symbol", "composite.element.ref", "entrez_gene_id")
# What the public studies write beside the entities; others are declared with properties = [...].
PROPERTIES: Final = ("name", "description", "url", "cytoband", "gene_symbol", "phosphosite", "confidence")

_NUMBER_BEGINS: Final = frozenset("0123456789-<>")


def read_matrix(path: Path, options: ReadOptions) -> pd.DataFrame:
    """A matrix as a frame of text: SAMPLE_ID, then a column for each entity; samples are numbered from 1.

    Parameters
    ----------
    path
        The file, tab-separated.
    options
        `entities`: take only these, all where it is empty. `properties`: columns that describe an entity.

    Raises
    ------
    UnreadableFile
        No column that names the entities, no sample, a sample that is there twice, a row of another length, an entity
        without a name, a wanted entity that is not there, or more cells than are read at once.
    """
    with opened(path, options.encoding) as text:
        return _read(path, map(_unended, text_lines(text, path.name)), options)


def sample_names(path: Path, options: ReadOptions) -> tuple[str, ...]:
    """The samples of a matrix, from its first row alone; the errors are those of `read_matrix`."""
    with opened(path, options.encoding) as text:
        header = _header(map(_unended, text_lines(text, path.name)))
    _naming(path, header)
    return tuple(header[n] for n in _sample_columns(header, options))


def _unended(line: str) -> str:
    return line.removesuffix("\n").removesuffix("\r")


def _read(path: Path, lines: Iterator[str], options: ReadOptions) -> pd.DataFrame:
    """The matrix from its lines. Only what is wanted is kept: of a file of any size a few genes can be taken."""
    header = _header(lines)
    naming = _naming(path, header)
    samples = _sample_columns(header, options)
    _check_samples(path, [header[n] for n in samples])
    wanted = set(options.entities)
    known: list[str] = []
    names: list[str] = []
    values: list[list[str]] = []
    for row, line in enumerate(lines, 2):
        cells = line.split("\t")
        known.append(_name(path, row, cells, header, naming))
        if not wanted or known[-1] in wanted:
            names.append(known[-1])
            values.append([_value(cells[n]) for n in samples])
        check_cells(len(known) + len(values) * len(samples), path.name)
    _check_entities(path, options.entities, known)
    return _turned([header[n] for n in samples], names, values)


def _header(lines: Iterator[str]) -> list[str]:
    return [cell.strip() for cell in next(lines, "").split("\t")]


def _sample_columns(header: Sequence[str], options: ReadOptions) -> list[int]:
    """The places of the columns that neither name nor describe an entity."""
    described = {word.casefold() for word in (*PROPERTIES, *NAMES, *options.properties)}
    return [n for n, name in enumerate(header) if name.casefold() not in described]


def _name(path: Path, row: int, cells: Sequence[str], header: Sequence[str], naming: Sequence[int]) -> str:
    """The name of a row's entity; the row is as long as the header."""
    if len(cells) != len(header):
        raise UnreadableFile(f"{path.name}, row {row}: has {len(cells)} cells, the header has {len(header)}")
    name = next((cells[n].strip() for n in naming if not is_missing(cells[n])), "")
    if not name:
        raise UnreadableFile(f"{path.name}, row {row}, column '{header[naming[0]]}': the entity has no name")
    return name


def _naming(path: Path, header: Sequence[str]) -> list[int]:
    folded = [name.casefold() for name in header]
    found = [folded.index(name) for name in NAMES if name in folded]
    if not found:
        raise UnreadableFile(f"{path.name}, row 1: no column names the entities; one of {', '.join(NAMES)} is needed")
    return found


def _check_samples(path: Path, samples: Sequence[str]) -> None:
    if not samples:
        raise UnreadableFile(f"{path.name}, row 1: has no column of a sample")
    repeated = [name for made, name in zip(unique_names(samples), samples, strict=True) if made != name]
    if repeated:
        raise UnreadableFile(f"{path.name}, row 1: the sample '{repeated[0]}' is there twice; keep one")


def _check_entities(path: Path, wanted: Sequence[str], known: Sequence[str]) -> None:
    there = set(known)
    absent = [name for name in wanted if name not in there]
    if absent:
        raise UnreadableFile(f"{path.name}: has no entity '{absent[0]}'; {nearest(absent[0], known)}")


def _turned(samples: Sequence[str], names: Sequence[str], values: Sequence[Sequence[str]]) -> pd.DataFrame:
    """The matrix turned round; an entity that is there twice gets a number, as a column name does."""
    columns = {SAMPLE: list(samples), **dict(zip(unique_names(names), values, strict=True))}
    index = pd.RangeIndex(1, len(samples) + 1, name=ROW)
    return pd.DataFrame(columns, index=index, dtype="string")


def _value(cell: str) -> str:
    """A cell, empty where nothing is known. Most cells are numbers, which one look at their first character tells."""
    if cell[:1] in _NUMBER_BEGINS:
        return cell
    return "" if cell.strip() == "NaN" or is_missing(cell) else cell
