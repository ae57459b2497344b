"""Source files into canonical tables: readers know formats, mappings know cohorts, and neither knows the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pandas as pd

from tilexplorer.importers.build import build
from tilexplorer.importers.cbioportal.clinical import read_cbioportal
from tilexplorer.importers.cbioportal.matrix import read_matrix
from tilexplorer.importers.delimited import (
    csv_batches,
    delimited_batches,
    read_csv,
    read_delimited,
    read_tsv,
    tsv_batches,
)
from tilexplorer.importers.excel import read_excel
from tilexplorer.importers.feather import read_feather
from tilexplorer.importers.mapping import File, Mapped
from tilexplorer.importers.mapping_file import parse_mapping, read_mapping, renamed
from tilexplorer.importers.parquet import parquet_batches, read_parquet
from tilexplorer.importers.r_data import read_rda, read_rds
from tilexplorer.importers.streaming import LARGE, Read, is_row_wise
from tilexplorer.importers.text import Batch, ReadOptions
from tilexplorer.schema import Canonical

__all__ = [
    "BATCHED",
    "READERS",
    "build",
    "import_files",
    "parse_mapping",
    "read_batches",
    "read_file",
    "read_files",
    "read_mapping",
    "renamed",
    "streamable",
]

Reader = Callable[[Path, ReadOptions], pd.DataFrame]

# A new source format is a file beside this one and a line here.
READERS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        "csv": read_csv,
        "tsv": read_tsv,
        "delimited": read_delimited,
        "excel": read_excel,
        "feather": read_feather,
        "parquet": read_parquet,
        "rda": read_rda,
        "rds": read_rds,
        "cbioportal": read_cbioportal,
        "cbioportal-matrix": read_matrix,
    }
)

BatchReader = Callable[[Path, ReadOptions, int], Iterator[Batch]]

# The formats that can be read a part at a time; files of the others are read whole.
BATCHED: Final[Mapping[str, BatchReader]] = MappingProxyType(
    {"csv": csv_batches, "tsv": tsv_batches, "delimited": delimited_batches, "parquet": parquet_batches}
)


def read_file(file: File, path: Path) -> pd.DataFrame:
    """A source file as a frame of text, read as its declaration says."""
    return READERS[file.format](path, _options(file))


def read_batches(file: File, path: Path, size: int) -> Iterator[Batch]:
    """The same in batches of at most `size` rows; the format is one of `BATCHED`."""
    return BATCHED[file.format](path, _options(file), size)


def _options(file: File) -> ReadOptions:
    return ReadOptions(
        encoding=file.encoding,
        delimiter=file.delimiter,
        quote=file.quote,
        comment=file.comment,
        header=file.header,
        sheet=file.sheet,
        object=file.object,
        entities=file.entities,
        properties=file.properties,
        part=file.part,
    )


def read_files(mapped: Mapped, paths: Mapping[str, Path]) -> dict[str, pd.DataFrame]:
    """The frames of text of a mapping's files, from their paths by their names in the mapping."""
    return {name: read_file(file, paths[name]) for name, file in mapped.files.items()}


def import_files(mapped: Mapped, paths: Mapping[str, Path]) -> Canonical:
    """The canonical tables of a mapping's cohort, from the paths of its files by their names in the mapping."""
    return build(mapped, read_files(mapped, paths))


def streamable(mapped: Mapped, paths: Mapping[str, Path], large: int = LARGE) -> Read | None:
    """How a mapping's one file of `large` bytes or more is read in batches; None where it has to be read whole."""
    name, file = next(iter(mapped.files.items()))
    if is_row_wise(mapped) and file.format in BATCHED and paths[name].stat().st_size >= large:
        return partial(read_batches, file, paths[name])
    return None
