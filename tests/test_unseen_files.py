"""Files of the kinds that hospitals send, each imported by a mapping and compared with the people it was made from."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from tests.command import analyse, run
from tilexplorer.store import Store

N = 60
MISSING = ("x", "unk", "unknown", "unkown", "na", "X", "Unk", "UNKNOWN", " Unkown ", "NA", "")
TOKENS = 'missing = ["x", "unk", "unknown", "unkown", "na"]'

COHORT = """
[cohort]
id = "unseen"
title = "Unseen"
default_measure = "til_percent"
"""


def people() -> pd.DataFrame:
    """Patients 0040 to 0099: outcome, best response with MR, stromal TILs before and on treatment, some missing."""
    draw = np.random.default_rng(40)
    made = pd.DataFrame({"id": [f"{n:04d}" for n in range(40, 40 + N)]})
    made["months"] = draw.integers(10, 480, N) / 10
    made["dead"] = draw.random(N) < 0.6
    made["response"] = draw.choice(["CR", "PR", "MR", "SD", "PD", "NE"], N, p=[0.1, 0.2, 0.1, 0.2, 0.3, 0.1])
    for name in ("pre", "on"):
        made[name] = np.where(draw.random(N) < 0.2, np.nan, draw.integers(0, 900, N) / 10)
    made["blood"] = np.where(draw.random(N) < 0.2, np.nan, draw.integers(50, 600, N) / 1000)
    return made


PEOPLE = people()


def everyone() -> Iterable[Any]:
    """The patients one by one."""
    return PEOPLE.itertuples()


def tokens() -> Iterator[str]:
    """Words for missing, in turn."""
    return itertools.cycle(MISSING)


def shown(values: pd.Series, spelt: Iterator[str], digits: int = 1) -> list[str]:
    """Numbers as text, missing ones as one of the words."""
    return [next(spelt) if np.isnan(value) else f"{value:.{digits}f}" for value in values]


def median_days(days: pd.Series, dead: pd.Series) -> float | None:
    """The Kaplan-Meier median by its definition."""
    alive = 1.0
    for day in sorted(days.unique()):
        alive *= 1 - ((days == day) & dead).sum() / (days >= day).sum()
        if alive <= 0.5:
            return float(day)
    return None


def workbook(folder: Path) -> tuple[Path, str]:
    """Two lines of title, two header rows with merged cells; ids are numbers shown as 0040, flags and numbers typed."""
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Data")
    upper = ["Patient", None, "Outcome", None, None, "TIL %", None]
    for row in (["Trial of a drug"], [], upper, ["ID", "Visit", "Best response", "Months", "Dead", "pre", "on"]):
        sheet.append(row)
    for merged in ("A3:B3", "C3:E3", "F3:G3"):
        sheet.merge_cells(merged)
    spelt = tokens()
    for one in everyone():
        measured = [next(spelt) if np.isnan(value) else value for value in (one.pre, one.on)]
        sheet.append([int(one.id), None, one.response, one.months, bool(one.dead), *measured])
        sheet.cell(sheet.max_row, 1).number_format = "0000"
    book.save(folder / "trial.xlsx")
    mapping = f"""
[files.data]
name = "trial.xlsx"
format = "excel"
sheet = "Data"
header = [3, 4]
{TOKENS}

[patients]
table = "data"
id = {{column = "Patient ID"}}
tumour = {{value = "MEL"}}
regimen = {{components = ["nivolumab"]}}
response = {{column = "Outcome Best response", map = {{MR = "SD"}}, unmapped = "keep"}}

[[endpoints]]
id = "os"
time = "Outcome Months"
unit = "months"
status = "Outcome Dead"
event = ["TRUE"]
censored = ["FALSE"]

[measures.til_percent]
assay = "H&E"
"""
    for timepoint, column in (("baseline", "pre"), ("on_treatment", "on")):
        mapping += f"""
[[samples]]
table = "data"
patient = {{column = "Patient ID"}}
sample = {{column = "Patient ID", prefix = "{column}-"}}
timepoint = {{value = "{timepoint}"}}
[samples.values]
til_percent = {{column = "TIL % {column}"}}
"""
    return folder / "trial.xlsx", mapping


def old_mac(folder: Path) -> tuple[Path, str]:
    """Latin-1, lines that end with CR alone, semicolons, decimal commas, a quoted line end, trailing empty columns."""
    lines = ["Patienten-Nr;Kommentar;Größe;Ansprechen;Überleben (Monate);Verstorben;TIL vorher;TIL während;;;"]
    before, during = shown(PEOPLE["pre"], tokens()), shown(PEOPLE["on"], tokens())
    for one, pre, on in zip(everyone(), before, during, strict=True):
        numbers = f"{one.months:.1f}".replace(".", ","), pre.replace(".", ","), on.replace(".", ",")
        dead = "ja" if one.dead else "nein"
        lines.append(f'{one.id};"für ""x"";\rzwei";170;{one.response};{numbers[0]};{dead};{numbers[1]};{numbers[2]};;;')
    (folder / "alt.csv").write_bytes("\r".join(lines).encode("latin-1"))
    mapping = f"""
[files.alt]
name = "alt.csv"
format = "csv"
encoding = "latin-1"
delimiter = ";"
{TOKENS}

[patients]
table = "alt"
id = {{column = "Patienten-Nr"}}
tumour = {{value = "MEL"}}
regimen = {{components = ["nivolumab"]}}
response = {{column = "Ansprechen", map = {{MR = "SD"}}, unmapped = "keep"}}

[[endpoints]]
id = "os"
time = "Überleben (Monate)"
unit = "months"
decimal = ","
status = "Verstorben"
event = ["ja"]
censored = ["nein"]

[measures.til_percent]
assay = "H&E"
"""
    for timepoint, column in (("baseline", "vorher"), ("on_treatment", "während")):
        mapping += f"""
[[samples]]
table = "alt"
patient = {{column = "Patienten-Nr"}}
sample = {{column = "Patienten-Nr", prefix = "{column}-"}}
timepoint = {{value = "{timepoint}"}}
[samples.values]
til_percent = {{column = "TIL {column}", decimal = ","}}
"""
    return folder / "alt.csv", mapping


LONG_PATIENTS = f"""
[files.long]
name = "long.txt"
format = "tsv"
encoding = "utf-16"
{TOKENS}

[tables.rows]
file = "long"
steps = [{{do = "combine", column = "sample", sources = ["id", "visit", "material"], separator = "/"}}]

[patients]
table = "rows"
id = {{column = "id"}}
tumour = {{value = "MEL"}}
regimen = {{components = ["nivolumab"]}}
duplicates = "one row per sample"
response = {{column = "bor", map = {{MR = "SD"}}, unmapped = "keep"}}

[[endpoints]]
id = "os"
time = "weeks"
unit = "weeks"
status = "vital"
event = ["DECEASED"]
censored = ["LIVING"]
"""


def long(folder: Path) -> tuple[Path, str]:
    """A row for each sample and timepoint: percent in tissue, shares in blood; the patient is said in every row."""
    rows = []
    for visit, material, column in (("C1", "biopsy", "pre"), ("C3", "biopsy", "on"), ("C1", "PBMC", "blood")):
        cells = shown(PEOPLE[column], tokens(), 3 if material == "PBMC" else 1)
        for one, cell in zip(everyone(), cells, strict=True):
            weeks, vital = f"{one.months * 30.4375 / 7:.6f}", "DECEASED" if one.dead else "LIVING"
            rows.append([one.id, visit, material, one.response, weeks, vital, cell])
    columns = ["id", "visit", "material", "bor", "weeks", "vital", "value"]
    table = pd.DataFrame(rows, columns=columns).sort_values(["id", "visit"], kind="stable")
    (folder / "long.txt").write_bytes(table.to_csv(index=False, sep="\t").encode("utf-16"))
    mapping = """
[measures.til_percent]
assay = "H&E"
[measures.t_cell_fraction]
assay = "H&E"
[measures.t_cell_fraction_blood]
assay = "flow cytometry"

[[samples]]
table = "rows"
patient = {column = "id"}
sample = {column = "sample"}
timepoint = {column = "visit", map = {C1 = "baseline", C3 = "on_treatment"}}
tissue = {column = "material", map = {biopsy = "tumour", PBMC = "blood"}}
[samples.values]
til_percent = {column = "value", where = {column = "material", values = ["biopsy"]}}
t_cell_fraction = {column = "value", where = {column = "material", values = ["biopsy"]}, factor = 0.01}
t_cell_fraction_blood = {column = "value", where = {column = "material", values = ["PBMC"]}}
"""
    return folder / "long.txt", LONG_PATIENTS + mapping


Builder = Callable[[Path], tuple[Path, str]]


@pytest.mark.parametrize("build", [workbook, old_mac, long])
def test_an_unseen_file_gives_what_it_was_made_from(tmp_path: Path, build: Builder) -> None:
    data, mapping = build(tmp_path)
    store = imported(tmp_path, data, mapping)
    days = np.floor(PEOPLE["months"] * 30.4375 + 0.5)

    survival = analyse(store, "survival", "cohort=unseen&by=cohort")
    (group,) = survival["groups"]
    assert (survival["n"], group["events"]) == (N, PEOPLE["dead"].sum())
    assert group["median_days"] == median_days(days, PEOPLE["dead"])

    response = analyse(store, "response", "cohort=unseen&by=cohort")
    (group,) = response["groups"]
    assert group["responders"] == PEOPLE["response"].isin(["CR", "PR"]).sum()
    assert (group["n"], group["evaluable"]) == (N, (PEOPLE["response"] != "NE").sum())

    assert analyse(store, "overview", "cohort=unseen")["n"] == PEOPLE["pre"].notna().sum()
    paired = analyse(store, "on_treatment", "cohort=unseen&measure=til_percent")
    assert paired["n"] == (PEOPLE["pre"].notna() & PEOPLE["on"].notna()).sum()
    expected = {("baseline", one.id): one.pre for one in everyone() if one.pre == one.pre}
    expected |= {("on_treatment", one.id): one.on for one in everyone() if one.on == one.on}
    assert stored(store, "til_percent") == pytest.approx(expected)


def test_tissue_in_percent_and_blood_in_shares(tmp_path: Path) -> None:
    store = imported(tmp_path, *long(tmp_path))
    blood = {("baseline", one.id): one.blood for one in everyone() if one.blood == one.blood}
    assert stored(store, "t_cell_fraction_blood") == pytest.approx(blood)
    tissue = {("on_treatment", one.id): one.on / 100 for one in everyone() if one.on == one.on}
    found = stored(store, "t_cell_fraction")
    assert {key: value for key, value in found.items() if key[0] == "on_treatment"} == pytest.approx(tissue)
    samples = Store.open(store).frame("SELECT tissue::VARCHAR AS tissue, count(*) AS n FROM sample GROUP BY ALL")
    assert dict(zip(samples["tissue"], samples["n"], strict=True)) == {"tumour": 2 * N, "blood": N}


@pytest.mark.parametrize(("meaning", "responses"), [("SD", ("CR", "PR")), ("PR", ("CR", "PR", "MR"))])
def test_a_minor_response_counts_as_the_mapping_says(tmp_path: Path, meaning: str, responses: tuple[str, ...]) -> None:
    data, mapping = old_mac(tmp_path)
    store = imported(tmp_path, data, mapping.replace('MR = "SD"', f'MR = "{meaning}"'))
    (group,) = analyse(store, "response", "cohort=unseen&by=cohort")["groups"]
    assert group["responders"] == PEOPLE["response"].isin(responses).sum()


def test_a_minor_response_that_nobody_explained_is_an_error(tmp_path: Path) -> None:
    data, mapping = old_mac(tmp_path)
    (tmp_path / "m.toml").write_text(COHORT + mapping.replace('map = {MR = "SD"}', 'map = {CR = "CR"}'), "utf-8")
    ran = run("import", data, "--mapping", tmp_path / "m.toml", "--store", tmp_path / "store")
    assert ran.code == 1
    assert "'MR' is no response" in ran.err
    assert not list((tmp_path / "store").glob("store-*"))


def imported(folder: Path, data: Path, mapping: str) -> Path:
    """The store after the file was validated without a finding, and imported."""
    toml, store = folder / "m.toml", folder / "store"
    toml.write_text(COHORT + mapping, encoding="utf-8")
    ran = run("validate", data, "--mapping", toml, "--store", store)
    assert (ran.code, ran.err) == (0, "")
    assert run("import", data, "--mapping", toml, "--store", store).code == 0
    return store


def stored(store: Path, measure: str) -> dict[tuple[str, str], float]:
    """The values of a measure by timepoint and patient."""
    sql = """
    SELECT s.timepoint::VARCHAR AS timepoint, patient, v.number
    FROM value v JOIN sample s USING (cohort, patient, sample) WHERE v.measure = $measure
    """
    rows = Store.open(store).frame(sql, {"measure": measure})
    keys = zip(rows["timepoint"], rows["patient"], strict=True)
    return dict(zip(keys, rows["number"], strict=True))
