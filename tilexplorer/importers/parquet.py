"""Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from tilexplorer.errors import UnreadableFile
from tilexplorer.importers.arrow import from_arrow
from tilexplorer.importers.text import Batch, ReadOptions

# A row group may be the whole file: its columns are read piece by piece [bytes].
BUFFER: Final = 1 << 20


def read_parquet(path: Path, options: ReadOptions) -> pd.DataFrame:  # noqa: ARG001 - every reader takes options
    """A Parquet file as a frame of text; whole numbers are written without '.0'."""
    with _opened(path) as file:
        return from_arrow(file.read())


def parquet_batches(path: Path, options: ReadOptions, size: int) -> Iterator[Batch]:  # noqa: ARG001
    """The same in batches of at most `size` rows, one at least; done and total are rows."""
    with _opened(path) as file:
        total, done = file.metadata.num_rows, 0
        for rows in file.iter_batches(size):
            frame = from_arrow(rows, done + 1)
            done += len(frame)
            yield Batch(frame, done, total)
        if not total:
            yield Batch(from_arrow(file.read()), 0, 0)


@contextmanager
def _opened(path: Path) -> Iterator[parquet.ParquetFile]:
    try:
        with parquet.ParquetFile(path, buffer_size=BUFFER) as file:
            yield file
    except (pa.ArrowException, OSError, ValueError) as fault:
        raise UnreadableFile(f"{path.name}: is not a readable Parquet file ({fault})") from fault
