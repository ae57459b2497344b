"""Feather files, of the first and the second version."""

from __future__ import annotations

import warnings
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import feather

from tilexplorer.importers.arrow import from_arrow, readable
from tilexplorer.importers.feather_v1 import MAGIC, check_first_version
from tilexplorer.importers.limits import check_cells, check_size
from tilexplorer.importers.text import ReadOptions


def read_feather(path: Path, options: ReadOptions) -> pd.DataFrame:  # noqa: ARG001 - every reader takes options
    """A Feather file as a frame of text; whole numbers are written without '.0'."""
    check_size(path)
    raw = path.read_bytes()
    if raw.startswith(MAGIC):
        check_first_version(raw, path.name)
    with readable(path, "Feather"):
        with warnings.catch_warnings():
            # The public files are of the first version, which pyarrow still reads but announces to drop.
            warnings.filterwarnings("ignore", "Feather V1", DeprecationWarning)
            table = feather.read_table(pa.BufferReader(raw))
        check_cells(table.num_rows * table.num_columns, path.name)
        return from_arrow(table, path.name)
