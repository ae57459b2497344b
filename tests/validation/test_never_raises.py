"""Whatever stands in the cells, the check answers with a report."""

from __future__ import annotations

import io
import json

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.validation.made import PATIENTS, checked, clean

COLUMNS = list(clean().columns)
ODD = st.sampled_from(
    ["", " ", "NA", "-1", "1e308", "-1e308", "inf", "nan", "0x10", "1_000", "²", "2-Oct", "=1+1", "a@b.org", "\x00",
     "'", "Maria Schmidt", "99999999999999999999", "1.5.2020", "1", "0", "CR", "PR", ">8", "0002", "B02", "true"]
)  # fmt: skip
CELL = st.tuples(st.integers(2, PATIENTS + 1), st.sampled_from(COLUMNS), ODD | st.text(max_size=12))


@settings(max_examples=25, deadline=None)
@given(st.lists(CELL, min_size=1, max_size=20))
def test_random_cells_give_a_report(cells: list[tuple[int, str, str]]) -> None:
    frame = clean()
    for row, column, value in cells:
        frame.loc[row, column] = value
    found = checked(frame)
    report = found.report
    assert (found.canonical is None) == bool(report.errors)
    assert all(f.row is None or 2 <= f.row <= PATIENTS + 1 for f in report.findings)
    assert all(f.column in COLUMNS or f.row is None for f in report.findings)
    again = pd.read_csv(io.StringIO(report.as_csv()), dtype=str)
    assert len(again) == len(report.findings) == len(report.frame())
    assert json.loads(report.as_json(found.counts))["errors"] == len(report.errors)


@settings(max_examples=5, deadline=None)
@given(st.permutations(COLUMNS))
def test_mixed_up_columns_give_a_report(order: list[str]) -> None:
    frame = clean().set_axis(order, axis=1)
    assert checked(frame).report is not None
