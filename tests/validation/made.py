"""A made-up cohort of fourteen patients in which nothing is wrong, and what is found when one cell is changed."""

from __future__ import annotations

from typing import Final

import pandas as pd

from tilexplorer.importers import parse_mapping
from tilexplorer.importers.pseudonyms import Pseudonyms
from tilexplorer.importers.text import ROW
from tilexplorer.validation.check import Checked, check

MAPPING: Final = """
[cohort]
id = "made"
title = "Made up"

[files.clinical]
name = "clinical.csv"
format = "csv"

[patients]
table = "clinical"
id = {column = "id"}
tumour = {value = "MEL"}
regimen = {components = ["nivolumab"]}
sex = {column = "sex", map = {f = "female", m = "male"}}
age = {column = "age"}
response = {column = "bor"}
shrinkage = {column = "change"}

[[endpoints]]
id = "os"
time = "os months"
unit = "months"
status = "dead"
event = ["1"]
censored = ["0"]

[[endpoints]]
id = "pfs"
time = "pfs months"
unit = "months"
status = "progressed"
event = ["1"]
censored = ["0"]

[measures.cd8_density_centre]
assay = "made up"
[measures.til_percent]
assay = "made up"
[measures.t_cell_fraction]
assay = "made up"
[measures.pdl1_tps]
assay = "made up"

[[samples]]
table = "clinical"
patient = {column = "id"}
sample = {column = "block"}
timepoint = {value = "baseline"}
[samples.values]
cd8_density_centre = {column = "cd8"}
til_percent = {column = "tils"}
t_cell_fraction = {column = "share"}
pdl1_tps = {column = "pdl1"}
"""

PATIENTS: Final = 14
HEADER: Final = 1  # row of the header, so that patient 0 stands in row 2


def clean() -> pd.DataFrame:
    """The file as a reader gives it: text, rows counted as a person does."""
    n = range(PATIENTS)
    dead = [i % 2 for i in n]
    columns = {
        "id": [f"{i + 1:04d}" for i in n],
        "sex": ["f" if i % 3 else "m" for i in n],
        "age": [str(40 + 3 * i) for i in n],
        "bor": ["PR" if i % 4 == 0 else "PD" for i in n],
        "change": [str(-40 + i) if i % 4 == 0 else str(20 + i) for i in n],
        "os months": [f"{6 + 2.5 * i:g}" for i in n],
        "dead": [str(d) for d in dead],
        # The dead progressed a month before; the living are censored or progressed in between.
        "pfs months": [f"{5 + 2.5 * i:g}" if d else f"{3 + 2 * i:g}" for i, d in zip(n, dead, strict=True)],
        "progressed": ["1" if d or i % 4 == 2 else "0" for i, d in zip(n, dead, strict=True)],
        "block": [f"B{i:02d}" for i in n],
        "cd8": [str(50 + 37 * i) for i in n],
        "tils": [str(5 * (i % 9) + 2) for i in n],
        "share": [f"{0.02 + 0.05 * i:.2f}" for i in n],
        "pdl1": [("<1%", "1-49%", ">=50%")[i % 3] for i in n],
    }
    return pd.DataFrame(columns, dtype="string", index=pd.RangeIndex(2, PATIENTS + 2, name=ROW))


def changed(**cells: dict[int, str]) -> pd.DataFrame:
    """The file with cells changed, by column and row; '_' in a keyword stands for a blank."""
    frame = clean()
    for column, rows in cells.items():
        name = column.replace("_", " ")
        for row, value in rows.items():
            frame.loc[row, name] = value
    return frame


def checked(frame: pd.DataFrame, mapping: str = MAPPING, pseudonyms: Pseudonyms | None = None) -> Checked:
    """The report on a frame."""
    return check(parse_mapping(mapping, "made.toml"), {"clinical": frame}, pseudonyms)


def places(found: Checked) -> list[tuple[str, str, int | None, str, str]]:
    """Severity, rule, row, column and value of every finding."""
    return [(f.severity, f.rule, f.row, f.column, f.value) for f in found.report.findings]
