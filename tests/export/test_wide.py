"""The editable files of a bundle, imported by the mapping that lies beside them: the same patients and values."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pandas as pd
import pytest

from tests.command import run
from tests.export.whole import bundled, everything, member, ordered
from tests.importers.real import real
from tests.miniature import miniature, published_store
from tilexplorer import catalog, importers
from tilexplorer.export import Extract, of_cohorts, of_selection
from tilexplorer.export.wide import obstacle, wide_files
from tilexplorer.importers.regimens import JOINT
from tilexplorer.schema import Canonical
from tilexplorer.selection import Selection
from tilexplorer.store import Store

# What the mapping language does not hold, so that it cannot come back: addresses of the source files, the source's
# unit of time, the counts of rows that the source left out, and "" where nothing is recorded.
LOST = {"cohort": ["source"], "endpoint": ["source_unit"]}
KEPT = ("patient", "course", "outcome", "sample", "value", "overlap")
CARDS = ("cohort", "study", "endpoint", "measure")


def again(extract: Extract, cohort: str, folder: Path) -> Canonical:
    """The cohort's wide files, imported by their own mapping."""
    for name, content in wide_files(extract, cohort).items():
        (folder / name).write_bytes(content)
    mapped = importers.read_mapping(folder / "mapping.toml")
    return importers.import_files(mapped, {key: folder / file.name for key, file in mapped.files.items()})


def of(tables: Canonical, name: str, cohort: str) -> pd.DataFrame:
    """The cohort's rows of a table, in an order of their own."""
    frame = tables[name]
    return ordered(frame[frame["cohort"] == cohort].reset_index(drop=True))


def card(tables: Canonical, name: str, cohort: str) -> pd.DataFrame:
    """The cohort's cards, with nothing where a text is empty."""
    frame = of(tables, name, cohort).drop(columns=LOST.get(name, []))
    return frame.replace("", pd.NA)


def agree(extract: Extract, cohort: str, folder: Path) -> None:
    """The wide files give the cohort again."""
    made = again(extract, cohort, folder)
    for name in KEPT:
        pd.testing.assert_frame_equal(of(made, name, cohort), of(extract.tables, name, cohort), obj=name)
    for name in CARDS:
        pd.testing.assert_frame_equal(card(made, name, cohort), card(extract.tables, name, cohort), obj=name)
    mine = made["regimen"]["regimen"]
    for name in ("regimen", "component"):
        whole = extract.tables[name]
        expected = whole[whole["regimen"].isin(mine)].reset_index(drop=True)
        pd.testing.assert_frame_equal(ordered(made[name]), ordered(expected), obj=name)


@pytest.mark.cohorts
@pytest.mark.parametrize("name", catalog.names())
def test_a_real_cohort_comes_back_by_its_mapping(real_store: Path, tmp_path: Path, name: str) -> None:
    agree(of_cohorts(Store.open(real_store), [name]), name, tmp_path)


def test_the_simulated_cohorts_come_back_as_simulated(simulated_store: Path, tmp_path: Path) -> None:
    store = Store.open(simulated_store)
    extract = everything(store)
    for cohort in extract.tables.cohorts:
        made = again(extract, cohort, tmp_path)
        assert made["cohort"]["simulated"].tolist() == [True]
        for name in ("patient", "outcome", "sample", "value"):
            pd.testing.assert_frame_equal(of(made, name, cohort), of(extract.tables, name, cohort), obj=name)
        # A regimen made by a mapping has its components in the vocabulary's order, the recipe has its own.
        one, other = of(made, "course", cohort), of(extract.tables, "course", cohort)
        assert set(map(parts, one["regimen"])) == set(map(parts, other["regimen"]))
        one, other = one.drop(columns="regimen"), other.drop(columns="regimen")
        pd.testing.assert_frame_equal(ordered(one), ordered(other))


def parts(regimen: str) -> frozenset[str]:
    """The components of a regimen."""
    return frozenset(regimen.split(JOINT))


def test_texts_that_need_care_come_back(tmp_path: Path) -> None:
    made = miniature(patients=7)
    made["course"]["arm"] = ["=1+1", "-", "'x", 'a "b", c', "NA", "two\nlines", "ÄÖ 肺 \u202e"]
    made["patient"]["sex"] = pd.Series([pd.NA] * 7, dtype="string")
    made["cohort"]["title"] = 'Quoted "title" \\ with\ttab\x7f'
    made["cohort"]["note"] = "first\nsecond 🧬"
    made["measure"]["note"] = "'''"
    made["measure"]["comparable"] = pd.array([True, False], dtype="boolean")
    made["value"].loc[made["value"].index[made["value"]["measure"] == "cd8_density_centre"][:2], "limit"] = [">", "<"]
    store = published_store(tmp_path / "s", made)
    agree(of_cohorts(store, ["alpha"]), "alpha", tmp_path)
    steps = tomllib.loads((tmp_path / "mapping.toml").read_text())["tables"]["patients_read"]["steps"]
    assert [step["column"] for step in steps] == ["arm"]


def test_an_edited_file_is_imported_from_the_command_line(tmp_path: Path) -> None:
    store = published_store(tmp_path / "s")
    path = bundled(everything(store), tmp_path)
    for name in ("mapping.toml", "patients.csv", "samples.csv"):
        content = member(path, f"wide/alpha/{name}").decode()
        (tmp_path / name).write_text(content.replace("Alpha", "Mended").replace(",10,1\r", ",11,1\r"), newline="")
    files = [tmp_path / "patients.csv", tmp_path / "samples.csv"]
    ran = run("import", *files, "--mapping", tmp_path / "mapping.toml", "--store", tmp_path / "s")
    assert ran.code == 0, ran.err
    found = Store.open(tmp_path / "s")
    assert found.table("cohort")["title"].tolist() == ["Mended"]
    changed = found.frame("SELECT min(os_days) AS d, count(*) AS n FROM analysis")
    assert changed.iloc[0].tolist() == [11, 60]


def test_the_mapping_of_a_selection_names_its_cohort_as_preferred(tmp_path: Path) -> None:
    store = published_store(tmp_path / "s")
    made = again(of_selection(store, Selection(sex=("female",))), "alpha", tmp_path)
    assert made.cohorts == ("alpha-selection",)
    assert made["overlap"].to_numpy().tolist() == [["alpha-selection", "", "alpha"]]
    assert len(made["course"]) == 30


def test_a_cohort_that_the_language_cannot_say(tmp_path: Path) -> None:
    made = miniature(patients=6)
    made["measure"].loc[0, "measure"] = "own_score"
    made["value"]["measure"] = made["value"]["measure"].replace("cd8_density_centre", "own_score")
    made["cohort"]["default_measure"] = "own_score"
    extract = of_cohorts(published_store(tmp_path / "s", made), ["alpha"])
    assert obstacle(extract, "alpha") == "the vocabulary does not hold its measure own_score"
    path = bundled(extract, tmp_path)
    assert "not for alpha: the vocabulary does not hold" in member(path, "README.txt").decode()


def test_a_card_with_a_word_that_the_language_does_not_have(tmp_path: Path) -> None:
    made = miniature(patients=6)
    made["study"]["setting"] = "perioperative"
    path = bundled(of_cohorts(published_store(tmp_path / "s", made), ["alpha"]), tmp_path)
    assert "'perioperative' is no setting" in member(path, "README.txt").decode()


@pytest.mark.cohorts
def test_the_number_of_real_patients(tmp_path: Path, real_store: Path) -> None:
    extract = of_cohorts(Store.open(real_store), ["imvigor210"])
    made = again(extract, "imvigor210", tmp_path)
    assert len(made["patient"]) == len(real("imvigor210")["patient"]) == 347
    assert int(made["outcome"]["event"].sum()) == 231  # SOURCE: 232 deaths less the woman who is there twice
