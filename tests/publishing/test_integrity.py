"""Rows that do not hold together are not published: nobody would be missing from a view without a word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.miniature import miniature
from tilexplorer.errors import InvalidData
from tilexplorer.publish import publish
from tilexplorer.publishing.integrity import OWNED, UNIQUE
from tilexplorer.schema import Canonical
from tilexplorer.store import published

Change = Callable[[pd.DataFrame], pd.DataFrame]


def changed(table: str, change: Change) -> Canonical:
    """The miniature with one table changed."""
    whole = miniature("beta")
    return Canonical({**whole.frames, table: change(whole[table]).reset_index(drop=True)})


def refused(folder: Path, part: Canonical) -> str:
    """The message; the published generation stays."""
    good = publish(folder, [miniature("alpha")])
    with pytest.raises(InvalidData) as fault:
        publish(folder, [part])
    assert published(folder) == good
    return str(fault.value)


@pytest.mark.parametrize("table", [table for table in UNIQUE if table != "exclusion"])
def test_a_row_that_is_there_twice(tmp_path: Path, table: str) -> None:
    told = refused(tmp_path, changed(table, lambda rows: pd.concat([rows, rows.iloc[[3]]])))
    assert f"the table {table} has 2 rows for cohort 'beta', patient 'beta-003'" in told


@pytest.mark.parametrize(
    ("table", "column", "owner"),
    [(table, by[-1], owner) for table, owner, by in OWNED if (table, by[-1]) != ("outcome", "course")],
)
def test_a_row_that_belongs_to_nothing(tmp_path: Path, table: str, column: str, owner: str) -> None:
    def orphaned(rows: pd.DataFrame) -> pd.DataFrame:
        return rows.assign(**{column: rows[column].mask(rows.index == 3, "nobody")})

    told = refused(tmp_path, changed(table, orphaned))
    assert f"the table {table} has a row for" in told
    assert f"{column} 'nobody', which the table {owner} does not have" in told
