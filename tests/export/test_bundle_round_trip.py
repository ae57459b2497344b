"""An export that is imported again gives the same generation, whatever the cohort and the format."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

import pytest

from tests.command import analyse, run
from tests.export.whole import bundled, everything, manifest, member, republished, same
from tests.importers.real import real
from tests.miniature import miniature, published_store
from tilexplorer import catalog
from tilexplorer.bundles import KINDS
from tilexplorer.export import of_cohorts
from tilexplorer.importers.bundle import import_bundle, read_bundle
from tilexplorer.schema import BY_NAME, TABLES
from tilexplorer.store import Store, published


@pytest.mark.cohorts
@pytest.mark.parametrize("kind", KINDS)
def test_every_real_cohort_gives_its_generation_again(real_store: Path, tmp_path: Path, kind: str) -> None:
    store = Store.open(real_store)
    path = bundled(everything(store), tmp_path, kind)
    assert {card["cohort"] for card in manifest(path)["cohorts"]} == set(catalog.names())
    assert republished(path, tmp_path / "again") == store.generation


@pytest.mark.cohorts
@pytest.mark.parametrize("name", [name for name in catalog.names() if name != "tcga"])
def test_one_real_cohort_comes_back_as_its_importer_gave_it(real_store: Path, tmp_path: Path, name: str) -> None:
    path = bundled(of_cohorts(Store.open(real_store), [name]), tmp_path, "csv")
    same(import_bundle(path), real(name))


@pytest.mark.parametrize("kind", KINDS)
def test_the_simulated_cohorts_give_their_generation_again(simulated_store: Path, tmp_path: Path, kind: str) -> None:
    store = Store.open(simulated_store)
    path = bundled(everything(store), tmp_path, kind)
    assert manifest(path)["simulated"] is True
    assert republished(path, tmp_path / "again") == store.generation


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_generation_gives_the_same_bytes(tmp_path: Path, kind: str) -> None:
    alpha, beta = miniature("alpha"), miniature("beta")
    one = published_store(tmp_path / "a", alpha, beta)
    other = published_store(tmp_path / "b", beta, alpha)
    assert one.generation == other.generation
    (tmp_path / "x").mkdir()
    (tmp_path / "y").mkdir()
    first, second = bundled(everything(one), tmp_path / "x", kind), bundled(everything(other), tmp_path / "y", kind)
    assert first.read_bytes() == second.read_bytes()


def test_the_manifest_names_every_member_by_its_checksum(tmp_path: Path) -> None:
    path = bundled(everything(published_store(tmp_path / "s")), tmp_path)
    told = manifest(path)["members"]
    assert len(told) == len(TABLES) + 3 + 2  # tables; three wide files; dictionary and README
    for name, facts in told.items():
        content = member(path, name)
        assert facts == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def test_the_dictionary_has_every_column(tmp_path: Path) -> None:
    path = bundled(everything(published_store(tmp_path / "s")), tmp_path)
    rows = list(csv.DictReader(io.StringIO(member(path, "dictionary.csv").decode())))
    assert [(row["table"], row["column"]) for row in rows] == [(t.name, n) for t in TABLES for n in t.names]
    age = next(row for row in rows if row["column"] == "age")
    assert age["meaning"] == "age at the start of the course [years]"
    assert age["type"] == "DOUBLE"


def test_text_that_a_spreadsheet_would_run_is_text_and_comes_back(tmp_path: Path) -> None:
    made = miniature(patients=8)
    arms = ["=1+1", "+1", "-1", "@x", "\tx", "'quoted", "", 'a "b",\r\nc']
    made["course"]["arm"] = arms
    made["value"].loc[made["value"]["measure"] == "cd8_density_centre", "number"] = -3.5
    path = bundled(everything(published_store(tmp_path / "s", made)), tmp_path, "csv")
    rows = list(csv.DictReader(io.StringIO(member(path, "tables/course.csv").decode(), newline="")))
    assert [row["arm"] for row in rows] == ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "''quoted", "'", 'a "b",\r\nc']
    numbers = [row["number"] for row in csv.DictReader(io.StringIO(member(path, "tables/value.csv").decode()))]
    assert set(numbers) == {"-3.5", ""}
    again = import_bundle(path)
    assert again["course"]["arm"].tolist() == arms
    assert republished(path, tmp_path / "again") == published(tmp_path / "s")


def test_no_cell_of_any_csv_in_a_bundle_begins_like_a_formula(tmp_path: Path) -> None:
    made = miniature(patients=4)
    for table in TABLES:
        for column in table.columns:
            vocabulary = (table.name, column.name) in (("study", "setting"), ("cohort", "default_measure"))
            if column.type == "VARCHAR" and not (column.required or vocabulary) and len(made[table.name]):
                made[table.name][column.name] = "=HYPERLINK(1)"
    path = bundled(everything(published_store(tmp_path / "s", made)), tmp_path, "csv")
    seen = 0
    for name in manifest(path)["members"]:
        if name.endswith(".csv"):
            for row in csv.reader(io.StringIO(member(path, name).decode(), newline="")):
                seen += sum("HYPERLINK" in cell for cell in row)
                assert not [cell for cell in row if cell[:1] in "=+@\t\r" and cell], name
    assert seen > 20
    assert any("wide/" in name for name in manifest(path)["members"])


def test_an_empty_table_and_a_missing_value_keep_their_types(tmp_path: Path) -> None:
    store = published_store(tmp_path / "s", miniature(measured=3))
    for kind in KINDS:
        tables = read_bundle(bundled(everything(store), tmp_path, kind)).tables
        assert tables["overlap"].empty
        for table in TABLES:
            assert {n: str(d) for n, d in tables[table.name].dtypes.items()} == {
                n: str(d) for n, d in BY_NAME[table.name].empty().dtypes.items()
            }


def test_the_command_line_exports_and_imports(tmp_path: Path) -> None:
    store = published_store(tmp_path / "s", miniature("alpha"), miniature("beta", patients=40))
    file = tmp_path / "all.zip"
    ran = run("export", "--all", "--format", "csv", "--output", file, "--store", tmp_path / "s")
    assert ran.code == 0, ran.err
    assert f"alpha, beta: 100 patients of generation {store.generation}" in ran.out
    again = run("import", file, "--store", tmp_path / "again")
    assert again.code == 0, again.err
    assert f"generation {store.generation}" in again.out
    one = tmp_path / "one.zip"
    assert run("export", "--cohort", "beta", "--output", one, "--store", tmp_path / "s").code == 0
    assert run("validate", one).out.startswith("beta: 40 patients")
    assert run("import", one, "--store", tmp_path / "s").out.endswith(f"generation {store.generation}\n")
    assert analyse(tmp_path / "s", "overview")["n"] == 100
