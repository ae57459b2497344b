"""Parquet files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from tilexplorer.errors import UnreadableFile
from tilexplorer.importers.text import ReadOptions, from_typed


def read_parquet(path: Path, options: ReadOptions) -> pd.DataFrame:  # noqa: ARG001 - every reader takes options
    """A Parquet file as a frame of text; whole numbers are written without '.0'."""
    try:
        table = parquet.ParquetFile(path).read()
    except (pa.ArrowException, OSError, ValueError) as fault:
        raise UnreadableFile(f"{path.name}: is not a readable Parquet file ({fault})") from fault
    return from_typed(
        {name: column.to_pandas() for name, column in zip(table.column_names, table.columns, strict=True)}
    )
