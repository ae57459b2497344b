"""Arrow tables, of Feather and Parquet files, as frames of text."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pyarrow as pa

from tilexplorer.importers.text import from_typed


def from_arrow(table: pa.Table | pa.RecordBatch, first: int = 1) -> pd.DataFrame:
    """An Arrow table as a frame of text, its rows numbered from `first`; whole numbers are written without '.0'."""
    return from_typed(_columns(table), first)


def _columns(table: pa.Table | pa.RecordBatch) -> Mapping[str, pd.Series]:
    return dict(zip(table.schema.names, map(_series, table.columns), strict=True))


def _series(column: pa.Array | pa.ChunkedArray) -> pd.Series:
    # Whole numbers beside empty cells would pass through floats, which lose the digits of a long id.
    series: pd.Series = column.to_pandas(integer_object_nulls=True)
    is_text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    return series.astype("string") if is_text else series
