"""Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pandas as pd
from pyarrow import parquet

from tilexplorer.errors import UnreadableFile
from tilexplorer.importers.arrow import from_arrow, is_text, readable
from tilexplorer.importers.limits import BATCH_CELLS, MAX_UNPACKED, check_cells, check_characters, check_size
from tilexplorer.importers.text import MAX_COLUMNS, Batch, ReadOptions

# A row group may be the whole file: its columns are read piece by piece [bytes].
BUFFER: Final = 1 << 20


def read_parquet(path: Path, options: ReadOptions) -> pd.DataFrame:  # noqa: ARG001 - every reader takes options
    """A Parquet file as a frame of text; whole numbers are written without '.0'."""
    check_size(path)
    with _opened(path) as file:
        check_cells(file.metadata.num_rows * file.metadata.num_columns, path.name)
        check_characters(sum(_sizes(file)), path.name)
        return from_arrow(file.read(), path.name)


def parquet_batches(path: Path, options: ReadOptions, size: int) -> Iterator[Batch]:  # noqa: ARG001
    """The same in batches of at most `size` rows, one at least; done and total are rows."""
    with _opened(path) as file:
        total, done = file.metadata.num_rows, 0
        for rows in file.iter_batches(max(1, min(size, BATCH_CELLS // max(1, file.metadata.num_columns)))):
            frame = from_arrow(rows, path.name, done + 1)
            done += len(frame)
            yield Batch(frame, done, total)
        if not total:
            yield Batch(from_arrow(file.read(), path.name), 0, 0)


@contextmanager
def _opened(path: Path) -> Iterator[parquet.ParquetFile]:
    with readable(path, "Parquet"):
        with parquet.ParquetFile(path) as file:
            texts = _checked(file, path.name)
        # A text that is stored once and stands in a million rows is kept once, not written out a million times.
        with parquet.ParquetFile(path, buffer_size=BUFFER, read_dictionary=texts) as file:
            yield file


def _sizes(file: parquet.ParquetFile) -> list[int]:
    """Bytes of each row group when unpacked."""
    return [file.metadata.row_group(group).total_byte_size for group in range(file.metadata.num_row_groups)]


def _checked(file: parquet.ParquetFile, label: str) -> list[str]:
    """The names of the columns of text; UnreadableFile where there are too many columns, or too large ones."""
    if file.metadata.num_columns > MAX_COLUMNS:
        raise UnreadableFile(f"{label}: has {file.metadata.num_columns:,} columns, more than {MAX_COLUMNS:,}")
    largest = max(_sizes(file), default=0)
    if largest > MAX_UNPACKED:
        raise UnreadableFile(
            f"{label}: has a row group of {largest:,} bytes, more than the {MAX_UNPACKED:,} that are read at once; "
            "write it with smaller row groups"
        )
    return [field.name for field in file.schema_arrow if is_text(field.type)]
