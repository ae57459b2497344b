"""A cohort as two files that a person can read and edit, one row a patient and one row a sample, and their mapping.

The mapping is written in the language of docs/mapping.md, so that an edited file is imported like any other. What the
language does not hold is lost on that way: addresses of the source files, units of time in the source, counts of what
the source left out, the difference between an empty text and a missing one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from tilexplorer import spreadsheet, vocabulary
from tilexplorer.bundles import SELECTION
from tilexplorer.errors import InvalidMapping
from tilexplorer.export.extract import Extract
from tilexplorer.export.tables import cells, csv_bytes
from tilexplorer.export.wide_mapping import wide_mapping
from tilexplorer.schema import BY_NAME

COURSE: Final = ("study", "tumour", "regimen", "arm", "line", "prior_io", "age", "ecog", "msi", "response", "benefit",
                 "durable", "shrinkage")  # fmt: skip
SAMPLE: Final = BY_NAME["sample"].names[1:]

Columns = Mapping[str, Sequence[str]]


def obstacle(extract: Extract, cohort: str) -> str:
    """Why a cohort cannot be written as wide files and a mapping; empty where it can."""
    course = _of(extract, "course", cohort)
    if course["patient"].duplicated().any() or (course["course"] != 1).any():
        return "a patient has several courses of treatment"
    measures = _of(extract, "measure", cohort)["measure"]
    unknown = sorted(set(measures) - set(vocabulary.measures()))
    if unknown:
        return f"the vocabulary does not hold its measure {unknown[0]}"
    try:
        _mapping(extract, cohort, {"patients": [], "samples": []})
    except InvalidMapping as fault:  # a card with a word that the language does not have
        return str(fault)
    return ""


def wide_files(extract: Extract, cohort: str) -> dict[str, bytes]:
    """`patients.csv`, `samples.csv` and the `mapping.toml` that imports them."""
    people, taken = patients(extract, cohort), samples(extract, cohort)
    text = _mapping(extract, cohort, {"patients": _marked(people), "samples": _marked(taken)})
    return {"mapping.toml": text.encode(), "patients.csv": _file(people), "samples.csv": _file(taken)}


def _mapping(extract: Extract, cohort: str, marked: Mapping[str, Sequence[str]]) -> str:
    cards = {name: _of(extract, name, cohort) for name in ("cohort", "study", "endpoint", "measure", "overlap")}
    endpoints = _endpoints(extract, cohort)
    if extract.partial(cohort):
        return wide_mapping(cards, cohort + SELECTION, endpoints, marked, preferred=cohort)
    return wide_mapping(cards, cohort, endpoints, marked)


def _endpoints(extract: Extract, cohort: str) -> list[str]:
    """Endpoints that have a card, then those that have only times."""
    both = pd.concat([_of(extract, table, cohort)["endpoint"] for table in ("endpoint", "outcome")])
    return [str(name) for name in both.unique()]


def patients(extract: Extract, cohort: str) -> Columns:
    """Columns of cells, a row for each patient: the course's fields, `<endpoint>_days`, `<endpoint>_event` (1, 0)."""
    course = _of(extract, "course", cohort)
    sex = _of(extract, "patient", cohort).set_index("patient")["sex"]
    types = {c.name: c.type for c in BY_NAME["course"].columns}
    made: dict[str, Sequence[str]] = {"patient": cells(course["patient"], "VARCHAR")}
    made["sex"] = cells(sex.reindex(course["patient"]), "VARCHAR")
    made |= {name: cells(course[name], types[name]) for name in COURSE}
    outcome = _of(extract, "outcome", cohort)
    for endpoint in _endpoints(extract, cohort):
        rows = outcome[outcome["endpoint"] == endpoint].set_index("patient").reindex(course["patient"])
        made[f"{endpoint}_days"] = cells(rows["days"], "INTEGER")
        made[f"{endpoint}_event"] = cells(rows["event"].astype("Int64"), "INTEGER")
    return made


def samples(extract: Extract, cohort: str) -> Columns:
    """Columns of cells, a row for each sample: its fields and a column for each measure, limits as `>8`."""
    sample = _of(extract, "sample", cohort)
    types = {c.name: c.type for c in BY_NAME["sample"].columns}
    made: dict[str, Sequence[str]] = {name: cells(sample[name], types[name]) for name in SAMPLE}
    value = _of(extract, "value", cohort)
    key = pd.MultiIndex.from_frame(sample[["patient", "sample"]])
    for row in _of(extract, "measure", cohort).itertuples():
        mine = value[value["measure"] == row.measure]
        found = pd.Series(_values(mine, str(row.kind)), index=pd.MultiIndex.from_frame(mine[["patient", "sample"]]))
        made[str(row.measure)] = found.reindex(key, fill_value="").tolist()
    return made


def _values(rows: pd.DataFrame, kind: str) -> list[str]:
    if kind == "category":
        return cells(rows["category"], "VARCHAR")
    limits = cells(rows["limit"], "VARCHAR")
    return [limit + number for limit, number in zip(limits, cells(rows["number"], "DOUBLE"), strict=True)]


def _of(extract: Extract, table: str, cohort: str) -> pd.DataFrame:
    frame = extract.tables[table]
    return frame[frame["cohort"] == cohort].reset_index(drop=True)


def _marked(columns: Columns) -> list[str]:
    """Columns in which a text has an apostrophe in front, which the mapping has to take away."""
    return [name for name, cells in columns.items() if any(cell.startswith(spreadsheet.MARK) for cell in cells)]


def _file(columns: Columns) -> bytes:
    return csv_bytes(list(columns), zip(*columns.values(), strict=True))
