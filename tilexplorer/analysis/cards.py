"""The small tables that describe cohorts, with "" where a source gives no text."""

from __future__ import annotations

import pandas as pd

from tilexplorer.schema import BY_NAME
from tilexplorer.store import Store


def card(store: Store, table: str) -> pd.DataFrame:
    """A small canonical table; text that is missing is "", numbers and flags stay as they are."""
    texts = {column.name: "" for column in BY_NAME[table].columns if column.type == "VARCHAR"}
    return store.table(table).fillna(texts)
