"""Whatever texts and numbers the tables hold, an export and an import give them back."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tilexplorer import spreadsheet
from tilexplorer.bundles import KINDS
from tilexplorer.export.cbioportal.patients import months
from tilexplorer.export.tables import WRITERS
from tilexplorer.importers.bundle_tables import READERS
from tilexplorer.importers.mapping import DAYS
from tilexplorer.importers.outcomes import whole_days
from tilexplorer.schema import BY_NAME, PANDAS_TYPES, TABLES, Column, Table

# Texts as people and spreadsheets break them: quotes, separators, line ends, formulas, marks of the notation itself.
AWKWARD = st.sampled_from(["", "'", "''", "=1", "+", "-5", "@", "\t", "\r", "\n", "\r\n", '"', '""', ",", "NA",
                           ";", "nan", "null", " ", "\ufeff", "\x00", "\x1f", "＝1", "True", "1e5", "🧬"])  # fmt: skip
TEXT = st.lists(AWKWARD | st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=4).map("".join)
CELLS = {
    "VARCHAR": TEXT,
    "INTEGER": st.integers(-(2**31), 2**31 - 1),
    "DOUBLE": st.floats(allow_nan=False, allow_infinity=False),
    "BOOLEAN": st.booleans(),
}


def column(one: Column, rows: int) -> st.SearchStrategy[pd.Series]:
    """A column of so many cells, some of them missing."""
    cells = st.lists(st.none() | CELLS[one.type], min_size=rows, max_size=rows)
    return cells.map(lambda values: pd.Series(values, dtype=PANDAS_TYPES[one.type]))


@st.composite
def frames(draw: st.DrawFn, table: Table) -> pd.DataFrame:
    """A frame of the table with a few rows of anything."""
    rows = draw(st.integers(0, 5))
    return pd.DataFrame({one.name: draw(column(one, rows)) for one in table.columns})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["course", "value"])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_table_comes_back_exactly(kind: str, name: str, data: st.DataObject) -> None:
    table = BY_NAME[name]
    frame = data.draw(frames(table))
    raw = WRITERS[kind](table, frame)
    back = READERS[kind](table, raw, "x", len(frame))
    pd.testing.assert_frame_equal(back, frame, check_exact=True)
    # 0.0 and -0.0 are equal and are not the same number.
    assert [repr(v) for v in back.to_numpy(dtype=object).ravel()] == [
        repr(v) for v in frame.to_numpy(dtype=object).ravel()
    ]
    assert WRITERS[kind](table, back) == raw


@settings(max_examples=300, deadline=None)
@given(TEXT)
def test_a_text_as_a_cell_is_no_formula_and_comes_back(text: str) -> None:
    cell = spreadsheet.written(text)
    assert spreadsheet.read(cell) == text
    assert cell
    assert not spreadsheet.runs(cell)
    assert cell == text or cell == "'" + text


def test_every_day_comes_back_from_its_months() -> None:
    days = pd.Series(range(100 * 366), dtype="Int64")
    text = [months(day) for day in days]
    assert max(map(len, text)) <= len("1202.4966")
    pd.testing.assert_series_equal(whole_days(pd.Series(map(float, text)), DAYS["months"]), days)


def test_the_empty_tables_have_their_header() -> None:
    for table in TABLES:
        raw = WRITERS["csv"](table, table.empty()).decode()
        assert raw == ",".join(table.names) + "\r\n"
        assert list(pd.read_csv(io.StringIO(raw)).columns) == list(table.names)
