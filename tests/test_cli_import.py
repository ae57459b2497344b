"""Files and mappings with faults: one message that says where and how to mend it, and the store stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import analyse, one_message, run
from tests.miniature import miniature, published_store
from tilexplorer.analysis.views import VIEWS
from tilexplorer.store import published

MAPPING = """
[cohort]
id = "made"
title = "Made up"
default_measure = "til_percent"

[files.clinical]
name = "clinical.csv"
format = "csv"
missing = ["NA"]

[[studies]]
id = "made-study"
title = "Made-up study"
setting = "advanced"

[patients]
table = "clinical"
id = {column = "id"}
tumour = {value = "MEL"}
regimen = {components = ["nivolumab"]}
response = {column = "bor"}

[[endpoints]]
id = "os"
time = "months"
unit = "months"
status = "dead"
event = ["1"]
censored = ["0"]
t0 = "first dose"
means = "death"

[measures.til_percent]
assay = "H&E"

[[samples]]
table = "clinical"
patient = {column = "id"}
sample = {column = "id"}
timepoint = {value = "baseline"}
[samples.values]
til_percent = {column = "tils"}
"""
HEADER = "id,bor,months,dead,tils\n"
BODY = [f"p{i:02d},{'PR' if i % 4 == 0 else 'PD'},{i + 1},{i % 2},{i}" for i in range(30)]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with one published generation."""
    folder = tmp_path / "store"
    published_store(folder, miniature("alpha"))
    return folder


def write(folder: Path, body: list[str], mapping: str = MAPPING, header: str = HEADER) -> tuple[Path, Path]:
    """A made-up file and its mapping."""
    data, toml = folder / "clinical.csv", folder / "made.toml"
    data.write_text(header + "\n".join(body) + "\n", encoding="utf-8")
    toml.write_text(mapping, encoding="utf-8")
    return data, toml


def test_import_publishes_a_cohort_of_ones_own(tmp_path: Path, store: Path) -> None:
    data, toml = write(tmp_path, BODY)
    ran = run("import", data, "--mapping", toml, "--store", store)
    assert ran.code == 0, ran.err
    assert "made: 30 patients" in ran.out
    found = analyse(store, "survival", "cohort=made&by=level&rule=median")
    # Values 0 to 29: the median split gives fifteen and fifteen; odd patients die.
    assert [(g["label"], g["n"], g["events"]) for g in found["groups"]] == [("low", 15, 7), ("high", 15, 8)]
    assert analyse(store, "survival", "cohort=alpha&by=cohort")["n"] == 60


def test_validate_says_what_would_be_stored_and_stores_nothing(tmp_path: Path, store: Path) -> None:
    before = published(store)
    data, toml = write(tmp_path, BODY)
    ran = run("validate", data, "--mapping", toml, "--store", store)
    assert ran.code == 0, ran.err
    assert "made: 30 patients" in ran.out
    assert "nothing was stored" in ran.out
    assert published(store) == before
    write(tmp_path, [*BODY, "p31,PR,x,1,3"])
    assert "'x'" in one_message(run("validate", data, "--mapping", toml, "--store", store))


BAD_ROWS = {
    "missing column": (None, None, "id,bor,months,death,tils\n", ("clinical.csv", "'dead'", "'death'")),
    "unparsable number": (3, "p03,PD,4x,1,3", HEADER, ("clinical.csv, row 5", "'months'", "'4x'", "no number")),
    "contradictory event flag": (4, "p04,PR,5,2,4", HEADER, ("clinical.csv, row 6", "'dead'", "'2'", "declare")),
    "duplicate patient": (6, "p05,PD,7,0,6", HEADER, ("clinical.csv, row 7", "'p05'", "row 8", "duplicates =")),
    "negative time": (7, "p07,PD,-8,1,7", HEADER, ("clinical.csv, row 9", "'months'", "'-8'", "negative time")),
    "unknown category": (8, "p08,MR,9,0,8", HEADER, ("clinical.csv, row 10", "'bor'", "'MR'", "map =")),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_ROWS)
def test_a_bad_file_is_one_message_and_leaves_the_store(tmp_path: Path, store: Path, case: str) -> None:
    before = published(store)
    position, line, header, words = BAD_ROWS[case]
    body = list(BODY)
    if position is not None and line is not None:
        body[position] = line
    data, toml = write(tmp_path, body, header=header)
    message = one_message(run("import", data, "--mapping", toml, "--store", store))
    for word in words:
        assert word in message
    assert published(store) == before
    assert analyse(store, "overview")["n"] == 60
    assert not list(store.glob("building-*"))


def test_contradictory_rows_of_one_patient_are_named(tmp_path: Path, store: Path) -> None:
    before = published(store)
    mapping = MAPPING.replace("[patients]\n", '[patients]\nduplicates = "identical outcome, keep first"\n')
    data, toml = write(tmp_path, [*BODY, "p05,PD,6,0,5"], mapping)  # BODY says that p05 died
    message = one_message(run("import", data, "--mapping", toml, "--store", store))
    assert "p05" in message
    assert "contradict" in message
    assert published(store) == before


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("title = ", "titel = ", ("made.toml", "'titel'", "did you mean 'title'")),
        ('unit = "months"', 'unit = "moons"', ("made.toml", "'moons'", "did you mean 'months'")),
        ('"nivolumab"', '"nivolumap"', ("made.toml", "'nivolumap'", "did you mean 'nivolumab'")),
        ("[cohort]", "[cohort", ("made.toml", "TOML")),
    ],
)
def test_a_misspelt_mapping_is_one_message(
    tmp_path: Path, store: Path, old: str, new: str, words: tuple[str, ...]
) -> None:
    before = published(store)
    data, toml = write(tmp_path, BODY, MAPPING.replace(old, new, 1))
    message = one_message(run("import", data, "--mapping", toml, "--store", store))
    for word in words:
        assert word in message
    assert published(store) == before


def test_a_file_that_is_not_there_is_one_message(tmp_path: Path, store: Path) -> None:
    _, toml = write(tmp_path, BODY)
    message = one_message(run("import", tmp_path / "nowhere.csv", "--mapping", toml, "--store", store))
    assert "nowhere.csv" in message
    message = one_message(run("import", tmp_path / "clinical.csv", "--mapping", tmp_path / "no.toml", "--store", store))
    assert "no.toml" in message


def test_one_mapping_for_several_sites(store: Path, tmp_path: Path) -> None:
    data, toml = write(tmp_path, BODY)
    for name in ("north", "south"):
        assert run("import", data, "--mapping", toml, "--name", name, "--store", store).code == 0
    assert analyse(store, "overview", "cohort=north&cohort=south")["n"] == 60
    before = published(store)
    assert "lower-case letters" in one_message(
        run("import", data, "--mapping", toml, "--name", "../North", "--store", store)
    )
    assert "goes with --mapping" in one_message(run("import", data, "--name", "north", "--store", store))
    assert published(store) == before


OUTCOMES = MAPPING[: MAPPING.index("[measures")].replace('default_measure = "til_percent"\n', "")


def test_a_cohort_without_any_measure_has_every_view(tmp_path: Path) -> None:
    store = tmp_path / "only"
    data, toml = write(tmp_path, BODY, OUTCOMES)
    assert run("import", data, "--mapping", toml, "--store", store).code == 0
    found = {view: analyse(store, view, "cohort=made") for view in VIEWS}
    assert found["overview"]["excluded"] == [{"reason": "CD8 family not measured in this cohort", "n": 30}]
    assert analyse(store, "survival", "cohort=made&by=cohort")["n"] == 30


def test_a_cohort_of_blood_alone_is_shown_by_what_it_measured(tmp_path: Path, store: Path) -> None:
    samples = MAPPING[MAPPING.index("[measures") :].replace("til_percent", "t_cell_fraction_blood")
    samples = samples.replace('column = "tils"', 'column = "tils", factor = 0.01').replace(
        "timepoint =", 'tissue = {value = "blood"}\ntimepoint ='
    )
    data, toml = write(tmp_path, BODY, OUTCOMES + samples)
    assert run("import", data, "--mapping", toml, "--store", store).code == 0
    found = analyse(store, "overview", "cohort=made")
    assert (found["n"], found["measure"]) == (30, "T-cell fraction, blood")
