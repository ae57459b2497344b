"""A forgotten cohort is gone from every kept generation and from the disk; everything else stays as it was."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.command import one_message, run
from tests.miniature import miniature
from tilexplorer import catalog
from tilexplorer.errors import StoreDamaged, StoreMissing, UnknownCohort, UnwritableFile
from tilexplorer.publish import forget, generations, publish, roll_back
from tilexplorer.publishing import changes, forgetting, log, shelf
from tilexplorer.store import Store, generation_path, published

SECRET = "beta-001"  # a patient of the cohort that is forgotten


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[str, str, str]]:
    """A store that is built once, and its generations: alpha; alpha and beta; alpha, beta and gamma."""
    folder = tmp_path_factory.mktemp("built")
    made = [
        publish(folder, [part]) for part in (miniature("alpha"), miniature("beta"), miniature("gamma", patients=40))
    ]
    return folder, (made[0], made[1], made[2])


@pytest.fixture
def made(built: tuple[Path, tuple[str, str, str]], tmp_path: Path) -> tuple[str, str, str]:
    """The ids of three generations in `tmp_path`."""
    shutil.copytree(built[0], tmp_path, dirs_exist_ok=True)
    return built[1]


def cohorts(folder: Path, generation: str) -> set[str]:
    """The cohorts of a generation."""
    return set(Store.at(folder, generation).table("cohort")["cohort"])


def bytes_on_disk(folder: Path) -> bytes:
    """Everything that lies in a store's folder."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_gone_from_every_generation_and_from_the_disk(tmp_path: Path, made: tuple[str, str, str]) -> None:
    first, second, third = made
    assert SECRET.encode() in bytes_on_disk(tmp_path)
    forget(tmp_path, "beta")
    left = {info.id for info in generations(tmp_path)}
    assert not left & {second, third}
    assert first in left  # it never held it
    assert all("beta" not in cohorts(tmp_path, name) for name in left)
    assert SECRET.encode() not in bytes_on_disk(tmp_path)
    assert not list(tmp_path.glob("building-*"))
    # What is left of the second generation is the first; what is left of the third is a generation of its own.
    assert len(left) == 2
    assert cohorts(tmp_path, published(tmp_path)) == {"alpha", "gamma"}
    assert published(tmp_path) == publish(tmp_path / "other", [miniature("alpha"), miniature("gamma", patients=40)])


def test_the_files_are_closed_in_this_process(tmp_path: Path, made: tuple[str, str, str]) -> None:
    _, second, third = made
    for name in (second, third):
        Store.at(tmp_path, name).frame("SELECT 1")
    forget(tmp_path, "beta")
    opened = [link.readlink() for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    assert not [path for path in opened if "(deleted)" in str(path) and tmp_path.name in str(path)]


def test_another_process_that_deleted_a_file_is_noticed(tmp_path: Path, made: tuple[str, str, str]) -> None:
    first, second, _ = made
    Store.at(tmp_path, first).frame("SELECT 1")
    generation_path(tmp_path, first).unlink()
    Store.at(tmp_path, second).frame("SELECT 1")  # any query of this process
    opened = [link.readlink() for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    assert not [path for path in opened if first in str(path) and tmp_path.name in str(path)]


def test_an_older_published_generation_stays_published(tmp_path: Path, made: tuple[str, str, str]) -> None:
    first, _, _ = made
    roll_back(tmp_path, first)
    forget(tmp_path, "beta")
    assert published(tmp_path) == first


@pytest.mark.usefixtures("made")
def test_the_order_of_the_generations_stays(tmp_path: Path) -> None:
    before = [info.made for info in generations(tmp_path)]
    forget(tmp_path, "gamma")
    assert [info.made for info in generations(tmp_path)] == [before[0], before[2]]


def test_the_only_cohort_leaves_an_empty_store(tmp_path: Path) -> None:
    publish(tmp_path, [miniature("beta")])
    forget(tmp_path, "beta", by="Ada")
    with pytest.raises(StoreMissing):
        Store.open(tmp_path)
    assert SECRET.encode() not in bytes_on_disk(tmp_path)
    assert [(entry.action, entry.by, entry.generation) for entry in log.entries(tmp_path)][1] == ("forget", "Ada", "")
    publish(tmp_path, [miniature("alpha")])
    assert cohorts(tmp_path, published(tmp_path)) == {"alpha"}


@pytest.mark.usefixtures("made")
def test_a_generation_that_cannot_be_read_is_deleted(tmp_path: Path) -> None:
    damaged = generation_path(tmp_path, "feedfeedfeedfeed")
    damaged.write_bytes(b"not a database, and perhaps beta's")
    told = changes.of_forgetting(tmp_path, "beta")
    assert told.unreadable == ("feedfeedfeedfeed",)
    assert any("nobody can read" in line for line in told.sentences())
    forget(tmp_path, "beta")
    assert not damaged.exists()


@pytest.mark.usefixtures("made")
def test_nothing_to_forget_is_said(tmp_path: Path) -> None:
    before = {info.id for info in generations(tmp_path)}
    with pytest.raises(UnknownCohort, match=r"'delta'.*alpha, beta, gamma"):
        forget(tmp_path, "delta")
    assert {info.id for info in generations(tmp_path)} == before
    assert not (tmp_path / "forgetting.json").exists()


def test_downloads_are_deleted_and_files_of_users_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "DOWNLOADS", tmp_path / "downloads")
    file = next(iter(catalog.entry("braun2020").files.values()))
    kept = tmp_path / "downloads" / file.folder / file.name
    mine = tmp_path / "mine" / file.name
    other = kept.with_name("other.tsv")
    part = kept.with_name(f".{file.name}.abc.part")
    for path in (kept, mine, other, part):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("rows", encoding="utf-8")
    folder = tmp_path / "store"
    publish(folder, [miniature("braun2020"), miniature("alpha")])
    assert changes.of_forgetting(folder, "braun2020").downloads == (part.name, kept.name)
    forget(folder, "braun2020")
    assert [path.exists() for path in (kept, part, mine, other)] == [False, False, True, True]


@pytest.mark.parametrize("when", ["put", "point", "delete"])
@pytest.mark.usefixtures("made")
def test_forgetting_that_was_cut_off_is_carried_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str) -> None:

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(shelf, when, dies)
        with pytest.raises(KeyboardInterrupt):
            forget(tmp_path, "beta", by="Ada")
    assert cohorts(tmp_path, published(tmp_path))  # whatever is published can be read
    publish(tmp_path, [miniature("delta")], by="Bob")
    assert SECRET.encode() not in bytes_on_disk(tmp_path)
    assert cohorts(tmp_path, published(tmp_path)) == {"alpha", "gamma", "delta"}
    told = [(entry.action, entry.by) for entry in log.entries(tmp_path)][3:]
    assert told == [("forget", "Ada"), ("publish", "Bob")]


# the command ----------------------------------------------------------------------------------------------------------


def test_the_command_shows_first_and_needs_a_yes(tmp_path: Path, made: tuple[str, str, str]) -> None:
    first, second, third = made
    ran = run("forget", "beta", "--store", tmp_path)
    assert "--yes" in one_message(ran)
    for words in ("beta: 60 patients leave", f"generation {second} is written anew", f"generation {third} is written"):
        assert words in ran.out
    assert first not in ran.out
    assert {info.id for info in generations(tmp_path)} == {first, second, third}
    ran = run("forget", "beta", "--yes", "--by", "Ada", "--store", tmp_path)
    assert ran.code == 0, ran.err
    assert "beta: 60 patients leave" in ran.out
    assert "forgotten" in ran.err
    assert "beta" not in cohorts(tmp_path, published(tmp_path))
    assert "Ada  forgot beta" in run("log", "--store", tmp_path).out


@pytest.mark.usefixtures("made")
def test_the_command_says_what_is_not_there(tmp_path: Path) -> None:
    assert "'delta'" in one_message(run("forget", "delta", "--yes", "--store", tmp_path))


def test_a_note_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    publish(tmp_path, [miniature("alpha")])
    (tmp_path / forgetting.NOTE).write_text('{"coh', encoding="utf-8")
    with pytest.raises(StoreDamaged, match=r"forgetting.json.*delete it, and forget the cohort again"):
        publish(tmp_path, [miniature("beta")])


def test_a_note_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path, [miniature("alpha")])

    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shelf, "_flush", full)
    with pytest.raises(UnwritableFile, match="No space left"):
        forget(tmp_path, "alpha")
    monkeypatch.undo()
    assert not (tmp_path / forgetting.NOTE).exists()
    publish(tmp_path, [miniature("beta")])
    assert not list(tmp_path.glob("building-*"))


def test_a_file_that_vanishes_is_not_one_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = publish(tmp_path, [miniature("alpha")])
    publish(tmp_path, [miniature("beta")])
    count = forgetting._patients

    def late(folder: Path, generation: str) -> dict[str, int] | None:
        generation_path(folder, first).unlink(missing_ok=True)
        return count(folder, generation)

    monkeypatch.setattr(forgetting, "_patients", late)
    assert changes.of_forgetting(tmp_path, "beta").unreadable == ()
