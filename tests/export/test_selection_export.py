"""A selection leaves with exactly the patients that a page counts, and does not take its cohort's place elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import analyse, one_message, run
from tests.export.whole import bundled, manifest, member
from tests.miniature import miniature, published_store
from tilexplorer.errors import InvalidQuery, UnknownCohort
from tilexplorer.export import of_cohorts, of_selection
from tilexplorer.importers.bundle import import_bundle, read_bundle
from tilexplorer.publish import publish
from tilexplorer.selection import Selection, parse_query
from tilexplorer.store import Store

QUERIES = (
    "cohort=imvigor210&sex=female&ecog=0",
    "cohort=braun2020&therapy=anti-PD-1 only&age_min=50&age_max=70",
    "cohort=imvigor210&cohort=iatlas-imvigor210",
    "tumour=MEL",
)


@pytest.mark.cohorts
@pytest.mark.parametrize("query", QUERIES)
def test_the_patients_are_those_that_the_page_counts(real_store: Path, query: str) -> None:
    store = Store.open(real_store)
    extract = of_selection(store, parse_query(query).selection)
    page = analyse(real_store, "patients", query)
    assert extract.n == page["n"] > 0
    listed = {(row["cohort"], row["patient"]) for row in page["patients"]}
    course = extract.tables["course"]
    assert listed == set(zip(course["cohort"], course["patient"], strict=True))


@pytest.mark.cohorts
def test_a_selection_holds_nothing_of_anybody_else(real_store: Path) -> None:
    store = Store.open(real_store)
    extract = of_selection(store, parse_query("cohort=braun2020&sex=female").selection)
    chosen = set(extract.tables["patient"]["patient"])
    assert extract.tables["patient"]["sex"].unique().tolist() == ["female"]
    for table in ("course", "outcome", "sample", "value"):
        assert set(extract.tables[table]["patient"]) <= chosen
    left = extract.tables["exclusion"].query("reason == 'not in the exported selection'")
    assert left["n"].tolist() == [1006 - len(chosen)]


def test_the_export_of_a_selection_says_what_it_is(tmp_path: Path) -> None:
    store = published_store(tmp_path / "s")
    extract = of_selection(store, Selection(sex=("female",)))
    path = bundled(extract, tmp_path, "csv")
    told = manifest(path)
    assert told["partial"] is True
    assert told["cohorts"][0]["n"] == 30
    assert told["cohorts"][0]["of"] == 60
    assert parse_query(told["query"]).selection.sex == ("female",)
    words = member(path, "README.txt").decode()
    assert "THIS IS A SELECTION" in words
    assert "30 of 60" in words


def test_a_selection_is_imported_beside_its_cohort_and_counted_once(tmp_path: Path) -> None:
    store = published_store(tmp_path / "s")
    path = bundled(of_selection(store, Selection(sex=("female",))), tmp_path)
    assert read_bundle(path).manifest.partial
    tables = import_bundle(path)
    assert tables.cohorts == ("alpha-selection",)
    assert tables["cohort"]["title"].tolist() == ["Alpha (selection)"]
    assert "sex=female" in tables["cohort"]["note"].iloc[0]
    publish(tmp_path / "s", [tables])
    found = analyse(tmp_path / "s", "overview")
    assert found["n"] == 60
    assert [(e["reason"], e["n"]) for e in found["excluded"]] == [("same patients as Alpha", 30)]
    assert analyse(tmp_path / "s", "survival", "cohort=alpha-selection&by=sex&endpoint=os")["n"] == 30


def test_a_selection_that_keeps_everybody_is_the_cohort(tmp_path: Path) -> None:
    store = published_store(tmp_path / "s")
    path = bundled(of_selection(store, Selection(cohort=("alpha",))), tmp_path)
    assert manifest(path)["partial"] is False
    assert publish(tmp_path / "again", [import_bundle(path)]) == store.generation


def test_simulated_patients_do_not_leave_with_real_ones(tmp_path: Path) -> None:
    store = published_store(tmp_path / "s", miniature("alpha"), miniature("made", simulated=True))
    extract = of_selection(store, Selection(cohort=("alpha", "made")))
    assert extract.tables.cohorts == ("alpha",)
    path = bundled(extract, tmp_path)
    assert manifest(path)["left_out"] == [
        {"cohort": "made", "reason": "simulated patients are never pooled with real ones"}
    ]
    assert "Left out: made" in member(path, "README.txt").decode()


def test_a_filter_that_is_not_understood_exports_nothing(tmp_path: Path) -> None:
    store = published_store(tmp_path / "s")
    with pytest.raises(InvalidQuery, match="'UVM'"):
        of_selection(store, Selection(tumour=("UVM",)))
    with pytest.raises(InvalidQuery, match="no patient: 'age outside the range'"):
        of_selection(store, Selection(age_min=100.0))
    with pytest.raises(UnknownCohort, match="did you mean 'alpha'"):
        of_cohorts(store, ["alfa"])
    file = tmp_path / "x.zip"
    message = one_message(run("export", "--query", "sexe=female", "--output", file, "--store", tmp_path / "s"))
    assert "'sexe'" in message
    message = one_message(run("export", "--all", "--output", tmp_path / "no" / "x.zip", "--store", tmp_path / "s"))
    assert "cannot be written" in message
    assert not file.exists()


def test_a_patient_with_two_courses_leaves_with_the_chosen_one(tmp_path: Path) -> None:
    made = miniature()
    second = made["course"].iloc[[0]].assign(course=2, line=3)
    made.frames["course"].loc[len(made["course"])] = second.iloc[0]
    store = published_store(tmp_path / "s", made)
    extract = of_selection(store, Selection(line=("3 or more",)))
    assert extract.n == 1
    assert extract.tables["course"]["course"].tolist() == [2]
    assert extract.tables["outcome"].empty  # its outcome belongs to the first course
    path = bundled(extract, tmp_path)
    assert "not for alpha: a patient has several courses" in member(path, "README.txt").decode()
    whole = bundled(of_cohorts(store, ["alpha"]), tmp_path)
    assert publish(tmp_path / "again", [import_bundle(whole)]) == store.generation
