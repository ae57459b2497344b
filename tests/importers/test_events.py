"""Steps on events in days, on made-up timelines whose answer is plain to see."""

from __future__ import annotations

import pandas as pd
import pytest

from tilexplorer.errors import InvalidData, InvalidMapping
from tilexplorer.importers import parse_mapping
from tilexplorer.importers.event_steps import Bands, Best, Difference, GatherRegimen, Lowest
from tilexplorer.importers.tables import Data, apply, from_file

REGIMEN = GatherRegimen("regimen", "p", "agent", "start", "stop", "first", "last")


def data(text: str) -> Data:
    """A table of rows of cells, the first row the names; rows are numbered from 2 as in a file."""
    header, *rows = [line.split() for line in text.strip().splitlines()]
    cells = [["" if cell == "-" else cell for cell in row] for row in rows]
    return from_file(pd.DataFrame(cells, columns=header, index=range(2, len(rows) + 2)), "made.txt", ("NA",))


def done(step: object, table: Data) -> pd.DataFrame:
    return apply(step, table, lambda name: pytest.fail(f"asked for {name}")).frame


@pytest.mark.parametrize(
    ("rows", "regimen", "first", "last"),
    [
        ("nivolumab 0 90", "nivolumab", 0, 90),
        # Begun on one day, whatever the order of the rows.
        ("ipilimumab 0 60 / nivolumab 0 90", "nivolumab + ipilimumab", 0, 90),
        # Sharing more than a day; sharing only the day of the change is another line.
        ("nivolumab 0 90 / bevacizumab 89 200", "nivolumab + bevacizumab", 0, 90),
        ("nivolumab 0 90 / bevacizumab 90 200", "nivolumab", 0, 90),
        ("carboplatin -50 0 / nivolumab 0 90", "nivolumab", 0, 90),
        ("carboplatin -50 1 / nivolumab 0 90", "nivolumab + carboplatin", 0, 90),
        # Only the first immunotherapy, and what was given with it.
        ("pembrolizumab 400 500 / nivolumab 10 90 / carboplatin 400 500", "nivolumab", 10, 90),
        # Without a last day an agent lasts a day: begun together counts, later doses do not.
        ("nivolumab 5 - / ipilimumab 5 - / bevacizumab 6 9", "nivolumab + ipilimumab", 5, 5),
        ("carboplatin -50 - / nivolumab 5 -", "nivolumab", 5, 5),
        # Repeated doses, brand names, capitals.
        ("OPDIVO 0 20 / Nivo 10 40 / Yervoy 0 30", "nivolumab + ipilimumab", 0, 30),
    ],
)
def test_what_is_given_together(rows: str, regimen: str, first: int, last: int) -> None:
    text = "p agent start stop\n" + "\n".join(f"P1 {row}" for row in rows.split(" / "))
    found = done(REGIMEN, data(text))
    assert found[["p", "regimen", "first", "last"]].to_numpy().tolist() == [["P1", regimen, str(first), str(last)]]


def test_one_row_for_each_patient_with_immunotherapy() -> None:
    table = data(
        """p agent start stop
        P2 carboplatin 0 9
        P1 nivolumab 3 9
        P3 carboplatin 0 9
        P2 atezolizumab 0 9
        P1 ipilimumab 3 9
        P4 - 0 9"""
    )
    found = done(REGIMEN, table)
    assert found["regimen"].to_list() == ["nivolumab + ipilimumab", "atezolizumab + carboplatin"]
    # The number of the row of the first immunotherapy stays, for messages.
    assert found["#row"].to_list() == [3, 5]


def test_nobody_had_immunotherapy() -> None:
    found = done(REGIMEN, data("p agent start stop\nP1 carboplatin 0 9"))
    assert len(found) == 0
    assert {"regimen", "first", "last"} <= set(found.columns)


def test_agents_that_the_map_translates_or_leaves_out() -> None:
    step = GatherRegimen("regimen", "p", "agent", "start", "stop", map={"X1": "nivolumab", "DRUG": ""})
    found = done(step, data("p agent start stop\nP1 X1 0 9\nP1 DRUG 0 9"))
    assert found["regimen"].to_list() == ["nivolumab"]
    with pytest.raises(InvalidData, match=r"made.txt, row 3, column 'agent': 'DRUG' names no therapy.*map = "):
        done(REGIMEN, data("p agent start stop\nP1 nivolumab 0 9\nP1 DRUG 0 9"))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("P1 nivolumab - 9", "an empty cell gives no first day"),
        ("P1 nivolumab x 9", "'x' is no number"),
        ("P1 nivolumab 0 1.5", "'1.5' is not a whole number"),
    ],
)
def test_days_that_are_none(row: str, message: str) -> None:
    with pytest.raises(InvalidData, match=f"made.txt, row 2.*{message}"):
        done(REGIMEN, data(f"p agent start stop\n{row}"))


def test_difference_and_bands() -> None:
    table = data("biopsy first\n-20 10\n10 10\n11 10\n- 10\n40 -")
    days = done(Difference("day", start="first", end="biopsy"), table)
    assert days["day"].fillna("").to_list() == ["-30", "0", "1", "", ""]
    bands = Bands("when", "day", (-14, 0), ("early", "baseline", "on_treatment"))
    assert done(bands, Data(days, table.labels))["when"].fillna("").to_list() == [
        *("early", "baseline", "on_treatment", "", "")
    ]


def test_best_and_lowest() -> None:
    table = data("p word day\nP1 SD 9\nP1 PR 100\nP2 PD -3\nP1 PR 20\nP2 - -10\n- CR 1")
    best = done(Best("p", "word", ("CR", "PR", "SD", "PD")), table)
    assert best[["p", "word", "day"]].to_numpy().tolist() == [["P1", "PR", "100"], ["P2", "PD", "-3"]]
    # Numbers, not text: 9 comes before 20 and 100, -10 before -3.
    assert done(Lowest("p", "day"), table)["day"].to_list() == ["9", "-10"]
    with pytest.raises(InvalidData, match=r"row 2, column 'word': 'SD' has no place in the order"):
        done(Best("p", "word", ("CR", "PR", "PD")), table)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ('{do = "bands", column = "a", source = "b", cuts = [0], words = ["x"]}', "words = .* has one more than cuts"),
        ('{do = "bands", column = "a", source = "b", cuts = [1, 0], words = ["x", "y", "z"]}', "which rise"),
        (
            '{do = "regimen", column = "a", patient = "b", agent = "c", start = "d", stop = "e", map = {X = "nivo-"}}',
            "no therapy is called 'nivo-'",
        ),
    ],
)
def test_a_mistake_in_a_step(step: str, message: str) -> None:
    text = f"""
[cohort]
id = "made"
title = "Made"
[files.a]
name = "a.csv"
format = "csv"
[tables.t]
file = "a"
steps = [{step}]
[patients]
table = "t"
id = {{column = "p"}}
tumour = {{value = "MEL"}}
regimen = {{components = ["nivolumab"]}}
"""
    with pytest.raises(InvalidMapping, match=f"tables, t, steps no. 1.*{message}"):
        parse_mapping(text, "made.toml")
