"""Files by path: single files, folders and archives, matched by name and by the folder before the name."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path

import pytest

from tests.importers.made import MAPPING, ROWS
from tilexplorer.errors import UnreachableFile, UnreadableFile
from tilexplorer.importers import parse_mapping
from tilexplorer.importers.local import match_files
from tilexplorer.importers.mapping import Mapped

TWO = MAPPING + '\n[files.more]\nname = "more.csv"\nformat = "csv"\n'


def mapped(text: str = TWO, name: str = "clinical.csv") -> Mapped:
    return parse_mapping(text.replace('"clinical.csv"', f'"{name}"'), "made.toml")


def filled(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(ROWS)
    return folder


def test_a_folder_is_searched_with_its_subfolders(tmp_path: Path) -> None:
    filled(tmp_path, "a/clinical.csv", "b/c/more.csv", ".hidden/more.csv", "__MACOSX/clinical.csv", "a/._clinical.csv")
    found = match_files(mapped(), [tmp_path])
    assert found == {"clinical": tmp_path / "a/clinical.csv", "more": tmp_path / "b/c/more.csv"}


def test_files_and_folders_together(tmp_path: Path) -> None:
    filled(tmp_path, "clinical.csv", "deep/more.csv")
    assert len(match_files(mapped(), [tmp_path / "clinical.csv", tmp_path / "deep"])) == 2


def test_a_name_that_is_there_twice_needs_its_folder(tmp_path: Path) -> None:
    filled(tmp_path, "one/clinical.csv", "two/clinical.csv", "more.csv")
    with pytest.raises(UnreachableFile, match=r"which is there 2 times \(.*one.*two.*\): give the folder"):
        match_files(mapped(), [tmp_path])
    assert match_files(mapped(name="two/clinical.csv"), [tmp_path])["clinical"] == tmp_path / "two/clinical.csv"
    with pytest.raises(UnreachableFile, match=r"needs the file three/clinical\.csv"):
        match_files(mapped(name="three/clinical.csv"), [tmp_path])


def test_the_folder_that_is_given_counts_too(tmp_path: Path) -> None:
    filled(tmp_path / "study", "clinical.csv", "more.csv")
    found = match_files(mapped(name="study/clinical.csv"), [tmp_path / "study"])
    assert found["clinical"] == tmp_path / "study" / "clinical.csv"
    by_path = [tmp_path / "study/clinical.csv", tmp_path / "study/more.csv"]
    assert match_files(mapped(name="study/clinical.csv"), by_path) == found


@pytest.mark.parametrize("kind", ["zip", "tar", "gztar"])
def test_an_archive_is_unpacked_and_removed(tmp_path: Path, kind: str) -> None:
    filled(tmp_path / "content", "clinical.csv", "sub/more.csv")
    packed = Path(shutil.make_archive(str(tmp_path / "study"), kind, tmp_path / "content"))
    with match_files(mapped(name="study/clinical.csv"), [packed]) as found:
        paths = dict(found)
        assert paths["clinical"].read_text() == ROWS
    assert not any(path.exists() for path in paths.values())
    kept = match_files(mapped(), [packed])
    path = kept["more"]
    assert path.exists()
    del kept
    gc.collect()
    assert not path.exists()


def test_nothing_is_left_of_an_archive_that_does_not_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(filled(tmp_path / "temporary", "keep.txt")))
    filled(tmp_path / "content", "one/clinical.csv", "two/clinical.csv", "more.csv")
    packed = Path(shutil.make_archive(str(tmp_path / "study"), "zip", tmp_path / "content"))
    with pytest.raises(UnreachableFile, match=r"2 times \(study/one/clinical.csv, study/two/clinical.csv\)"):
        match_files(mapped(), [packed])
    packed.write_bytes(b"PK")
    with pytest.raises(UnreadableFile, match=r"study\.zip: is not a readable archive"):
        match_files(mapped(), [packed])
    assert [path.name for path in (tmp_path / "temporary").iterdir()] == ["keep.txt"]


def test_a_single_file_needs_no_matching_name_but_a_folder_does(tmp_path: Path) -> None:
    filled(tmp_path / "study", "other.csv")
    one = mapped(MAPPING)
    assert match_files(one, [tmp_path / "study" / "other.csv"])["clinical"].name == "other.csv"
    with pytest.raises(UnreachableFile, match=r"needs the file clinical.csv; given are other.csv"):
        match_files(one, [tmp_path / "study"])


def test_a_disk_is_no_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tilexplorer.importers.local.MOST_FILES", 3)
    filled(tmp_path, *(f"{n}/a.csv" for n in range(5)))
    with pytest.raises(UnreachableFile, match="holds more than 3 files; give the folder of the study"):
        match_files(mapped(), [tmp_path])
