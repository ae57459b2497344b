"""Arrow tables, of Feather and Parquet files, as frames of text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tilexplorer.errors import TilExplorerError, UnreadableFile
from tilexplorer.importers.limits import check_characters
from tilexplorer.importers.text import from_typed, unique_names


def from_arrow(table: pa.Table | pa.RecordBatch, label: str, first: int = 1) -> pd.DataFrame:
    """An Arrow table as a frame of text, its rows numbered from `first`; whole numbers are written without '.0'.

    `label` names the file in the message that it holds too much text.
    """
    # Offsets and codes that lead nowhere would otherwise be followed.
    table.validate(full=True)
    check_characters(sum(map(_characters, table.columns)), label)
    names = unique_names(table.schema.names)
    return from_typed(dict(zip(names, map(_series, table.columns), strict=True)), first)


@contextmanager
def readable(path: Path, kind: str) -> Iterator[None]:
    """Whatever goes wrong within is an UnreadableFile: Arrow meets damaged bytes with errors of many kinds."""
    try:
        yield
    except TilExplorerError:
        raise
    except Exception as fault:
        raise UnreadableFile(
            f"{path.name}: is not a readable {kind} file ({type(fault).__name__}: {fault}); fetch or save it again"
        ) from fault


def is_text(kind: pa.DataType) -> bool:
    """Whether a type is one of Arrow's texts."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _characters(column: pa.Array | pa.ChunkedArray) -> int:
    """Bytes of text in a column, each cell counted: a dictionary keeps a text once for a million cells."""
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    lengths = (
        pc.binary_length(chunk.dictionary).take(chunk.indices) if pa.types.is_dictionary(chunk.type)
        else pc.binary_length(chunk)
        for chunk in chunks
        if is_text(chunk.type.value_type if pa.types.is_dictionary(chunk.type) else chunk.type)
    )  # fmt: skip
    return sum(pc.sum(pc.cast(length, pa.int64())).as_py() or 0 for length in lengths)


def _series(column: pa.Array | pa.ChunkedArray) -> pd.Series:
    # Whole numbers beside empty cells would pass through floats, which lose the digits of a long id.
    series: pd.Series = column.to_pandas(integer_object_nulls=True)
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    return series.astype("string") if is_text(kind) else series
