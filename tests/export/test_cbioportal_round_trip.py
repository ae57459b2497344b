"""A cohort leaves as a cBioPortal study and comes back by the reader of such studies: the same patients and values."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pandas as pd
import pytest

from tests.command import analyse, run
from tests.export.whole import everything, ordered
from tests.miniature import miniature, published_store
from tilexplorer import catalog, importers
from tilexplorer.export import Extract, of_cohorts, write_studies
from tilexplorer.export.cbioportal.study import study_id
from tilexplorer.importers.local import match_files
from tilexplorer.schema import TABLES, Canonical
from tilexplorer.store import Store

# What a study has no place for: where the files came from, the source's unit of time, what the source left out.
LOST: dict[str, list[str]] = {"cohort": ["source"], "endpoint": ["source_unit"]}


def again(cohort: str, archive: Path, folder: Path) -> Canonical:
    """The cohort, read from its study by the mapping that lies beside it."""
    name = f"{study_id(cohort, partial=False)}.toml"
    with zipfile.ZipFile(archive) as opened:
        (folder / name).write_bytes(opened.read(name))
    mapped = importers.read_mapping(folder / name)
    with match_files(mapped, [archive]) as files:
        return importers.import_files(mapped, files)


def same_but_for_what_is_lost(made: Canonical, extract: Extract, cohort: str) -> None:
    for table in TABLES:
        expected, found = extract.tables[table.name], made[table.name]
        if "cohort" in expected:
            expected = expected[expected["cohort"] == cohort]
        else:
            expected = expected[expected["regimen"].isin(found["regimen"])]
        if table.name != "exclusion":
            lost = LOST.get(table.name, [])
            pd.testing.assert_frame_equal(
                plain(found.drop(columns=lost)), plain(expected.drop(columns=lost)), obj=f"{cohort}, {table.name}"
            )


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows in an order of their own; an empty text says no more than a missing one, nor does a missing `no`."""
    made = frame.replace("", pd.NA)
    return ordered(made.assign(comparable=made["comparable"].fillna(False)) if "comparable" in made else made)


@pytest.mark.cohorts
def test_every_real_cohort_comes_back(real_store: Path, tmp_path: Path) -> None:
    names = [name for name in catalog.names() if name != "tcga"]  # large; test_cbioportal_study reads it row by row
    extract = of_cohorts(Store.open(real_store), names)
    archive = tmp_path / "studies.zip"
    write_studies(extract, archive)
    for cohort in names:
        same_but_for_what_is_lost(again(cohort, archive, tmp_path), extract, cohort)


def test_an_exported_study_is_imported_from_its_archive(tmp_path: Path) -> None:
    store = published_store(tmp_path / "s", miniature("alpha", regimens=("nivolumab + ipilimumab",)))
    archive = tmp_path / "study.zip"
    write_studies(everything(store), archive)
    same_but_for_what_is_lost(again("alpha", archive, tmp_path), everything(store), "alpha")
    ran = run("import", archive, "--mapping", tmp_path / "alpha.toml", "--store", tmp_path / "again")
    assert ran.code == 0, ran.err
    for query in ("by=level", "by=sex"):
        one, other = (analyse(tmp_path / name, "survival", query) for name in ("s", "again"))
        assert one["n"] == other["n"] == 60
        assert [(g["n"], g["events"], g["median_days"]) for g in one["groups"]] == [
            (g["n"], g["events"], g["median_days"]) for g in other["groups"]
        ]


def test_ids_texts_and_patients_that_the_format_changes_come_back(tmp_path: Path) -> None:
    """Ids that cBioPortal does not take, texts that a spreadsheet would run, a patient without samples."""
    made = miniature("alpha", patients=12)
    frames = dict(made.frames)
    names = {f: f"-{f}/x" for f in made["course"]["patient"]}
    for table, rows in frames.items():
        if {"patient", "cohort"} <= set(rows.columns) and table != "overlap":
            frames[table] = rows.assign(patient=rows["patient"].map(names).astype("string"))
    frames["course"] = frames["course"].assign(arm=pd.Series(["=1+1", "'=1", "plain"] * 4, dtype="string"))
    gone = frames["sample"]["patient"].iloc[0]
    for table in ("sample", "value"):
        frames[table] = frames[table][frames[table]["patient"] != gone].reset_index(drop=True)
    store = published_store(tmp_path / "s", Canonical.of(frames))
    extract = everything(store)
    archive = tmp_path / "study.zip"
    write_studies(extract, archive)
    same_but_for_what_is_lost(again("alpha", archive, tmp_path), extract, "alpha")


def test_a_selection_comes_back_beside_its_cohort(tmp_path: Path) -> None:
    published_store(tmp_path / "s", miniature("alpha"))
    archive, back = tmp_path / "study.zip", tmp_path / "again"
    assert run("export", "--query", "cohort=alpha&sex=female", "--format", "cbioportal", "--output", archive,
               "--store", tmp_path / "s").code == 0  # fmt: skip
    with zipfile.ZipFile(archive) as opened:
        assert "import THIS.zip --mapping alpha_selection.toml" in opened.read("README.txt").decode()
        opened.extract("alpha_selection.toml", tmp_path)
    ran = run("import", archive, "--mapping", tmp_path / "alpha_selection.toml", "--store", back)
    assert ran.code == 0, ran.err
    assert list(Store.open(back).table("cohort")["cohort"]) == ["alpha-selection"]
    assert list(Store.open(back).table("overlap")["preferred"]) == ["alpha"]


def test_a_study_that_the_language_cannot_say_has_no_mapping(tmp_path: Path) -> None:
    made = miniature("alpha", patients=6)
    made["measure"].loc[0, "measure"] = "own_score"
    made["value"]["measure"] = made["value"]["measure"].replace("cd8_density_centre", "own_score")
    made["cohort"]["default_measure"] = "own_score"
    archive = tmp_path / "study.zip"
    write_studies(everything(published_store(tmp_path / "s", made)), archive)
    with zipfile.ZipFile(archive) as opened:
        assert "alpha.toml" not in opened.namelist()
        assert (
            "alpha has none: the vocabulary does not hold its measure own_score" in opened.read("README.txt").decode()
        )


def test_the_description_of_a_study_is_made_of_sentences(tmp_path: Path) -> None:
    made = miniature("alpha", patients=6)
    for said in ("every patient", "Every patient."):
        made["cohort"]["population"] = said
        archive = tmp_path / "study.zip"
        write_studies(everything(published_store(tmp_path / said, made)), archive)
        with zipfile.ZipFile(archive) as opened:
            told = opened.read("alpha/meta_study.txt").decode()
        assert f"{said.rstrip('.')}. Exported by TIL Explorer" in told
