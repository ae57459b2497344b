"""The bundle: a zip file of canonical tables that says itself what it holds. What its writer and its reader share.

`manifest.json` names the versions, the generation, the selection, the cohorts and the checksum of every other member;
`tables/<table>.parquet` or `.csv` are the canonical tables with exactly the columns of the dictionary.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import pyarrow as pa

from tilexplorer.schema import Table

FORMAT: Final = "tilexplorer bundle"
FORMAT_VERSION: Final = 1
MANIFEST: Final = "manifest.json"
README: Final = "README.txt"
DICTIONARY: Final = "dictionary.csv"
KINDS: Final = ("parquet", "csv")

# A selection is stored beside the cohort that it was taken from, never in its place.
SELECTION: Final = "-selection"

ARROW_TYPES: Final[Mapping[str, Any]] = MappingProxyType(
    {"VARCHAR": pa.string(), "INTEGER": pa.int32(), "DOUBLE": pa.float64(), "BOOLEAN": pa.bool_()}
)


def table_path(table: Table, kind: str) -> str:
    """Where a table lies in the bundle."""
    return f"tables/{table.name}.{kind}"


def arrow_schema(table: Table) -> Any:
    """Columns and types of a table in Parquet, each with its meaning."""
    return pa.schema([pa.field(c.name, ARROW_TYPES[c.type], metadata={"meaning": c.meaning}) for c in table.columns])
