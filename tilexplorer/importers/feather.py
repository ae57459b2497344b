"""Feather files, of the first and the second version."""

from __future__ import annotations

import warnings
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import feather

from tilexplorer.errors import UnreadableFile
from tilexplorer.importers.arrow import from_arrow
from tilexplorer.importers.text import ReadOptions


def read_feather(path: Path, options: ReadOptions) -> pd.DataFrame:  # noqa: ARG001 - every reader takes options
    """A Feather file as a frame of text; whole numbers are written without '.0'."""
    try:
        with warnings.catch_warnings():
            # The public files are of the first version, which pyarrow still reads but announces to drop.
            warnings.filterwarnings("ignore", "Feather V1", DeprecationWarning)
            table = feather.read_table(path)
    except (pa.ArrowException, OSError, ValueError) as fault:
        raise UnreadableFile(f"{path.name}: is not a readable Feather file ({fault})") from fault
    return from_arrow(table)
