"""A generation is immutable, named by its contents, and published in one step."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest

from tests.miniature import miniature, published_store
from tests.shared import ROOT
from tilexplorer.errors import StoreBusy, StoreDamaged, StoreMissing, UnwritableFile
from tilexplorer.publish import forget, generations, publish, roll_back
from tilexplorer.publishing import builder, shelf
from tilexplorer.publishing.lock import exclusive
from tilexplorer.schema import Canonical
from tilexplorer.store import Store, published


def test_same_contents_same_id_whatever_the_order(tmp_path: Path) -> None:
    alpha, beta = miniature("alpha"), miniature("beta")
    at_once = publish(tmp_path / "a", [alpha, beta])
    publish(tmp_path / "b", [beta])
    assert publish(tmp_path / "b", [alpha]) == at_once


def test_one_changed_value_changes_the_id(tmp_path: Path) -> None:
    changed = miniature("alpha")
    days = changed["outcome"]["days"]
    changed["outcome"]["days"] = days.where(days != 40, 41)
    assert publish(tmp_path / "a", [miniature("alpha")]) != publish(tmp_path / "b", [changed])


def test_replacing_and_removing_a_cohort(tmp_path: Path) -> None:
    first = publish(tmp_path, [miniature("alpha")])
    publish(tmp_path, [miniature("beta", regimens=("nivolumab + ipilimumab",))])
    assert set(Store.open(tmp_path).table("cohort")["cohort"]) == {"alpha", "beta"}
    publish(tmp_path, [miniature("alpha", patients=40)])
    counts = Store.open(tmp_path).frame("SELECT cohort, count(*) AS n FROM analysis GROUP BY ALL ORDER BY ALL")
    assert counts["n"].tolist() == [40, 60]
    publish(tmp_path, [miniature("alpha")])
    assert publish(tmp_path, remove=["beta"]) == first


def test_an_open_store_keeps_its_generation(tmp_path: Path) -> None:
    old = published_store(tmp_path, miniature("alpha"))
    publish(tmp_path, [miniature("beta")])
    assert old.frame("SELECT DISTINCT cohort::VARCHAR AS c FROM analysis")["c"].tolist() == ["alpha"]
    assert Store.open(tmp_path).generation != old.generation


def test_roll_back(tmp_path: Path) -> None:
    first = publish(tmp_path, [miniature("alpha")])
    second = publish(tmp_path, [miniature("beta")])
    roll_back(tmp_path, first)
    assert published(tmp_path) == first
    assert [info.published for info in generations(tmp_path) if info.id == first] == [True]
    assert {info.id for info in generations(tmp_path)} == {first, second}
    with pytest.raises(StoreDamaged, match="its file is gone"):
        roll_back(tmp_path, "0123456789abcdef")
    assert published(tmp_path) == first


def test_a_failed_build_leaves_the_published_generation(tmp_path: Path) -> None:
    good = publish(tmp_path, [miniature("alpha")])
    whole = miniature("beta")
    broken = Canonical({**whole.frames, "study": whole["study"].iloc[[0, 0]]})  # the same study twice
    with pytest.raises(duckdb.ConstraintException):
        publish(tmp_path, [broken])
    assert published(tmp_path) == good
    assert not list(tmp_path.glob("building-*"))


def test_a_killed_build_leaves_the_published_generation(tmp_path: Path) -> None:
    good = publish(tmp_path, [miniature("alpha")])
    script = (
        "from pathlib import Path; import sys, time\n"
        "from tests.miniature import miniature\n"
        "from tilexplorer import analysis_table, publish\n"
        "original = analysis_table.build\n"
        "def slow(connection, report):\n"
        "    print('building', flush=True); time.sleep(60)\n"
        "analysis_table.build = slow\n"
        "publish.publish(Path(sys.argv[1]), [miniature('beta')])\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, env={**os.environ}
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == b"building"
    with pytest.raises(StoreBusy):
        publish(tmp_path, [miniature("gamma")])
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    time.sleep(0.05)
    assert published(tmp_path) == good
    assert publish(tmp_path, [miniature("alpha")]) == good  # the lock of the dead process holds nobody up
    assert not list(tmp_path.glob("building-*"))


def test_nothing_published_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match="no cohort has been published"):
        Store.open(tmp_path)
    with exclusive(tmp_path):
        pass


def test_the_published_store_is_locked(tmp_path: Path) -> None:
    store = published_store(tmp_path)
    for statement in (
        "CREATE TABLE x (a INTEGER)",
        "SELECT * FROM read_text('/etc/hostname')",
        "SET enable_external_access = true",
        f"COPY cohort TO '{tmp_path / 'leak.csv'}'",
        "DELETE FROM cohort",
    ):
        with pytest.raises(duckdb.Error):
            store.frame(statement)
    assert not (tmp_path / "leak.csv").exists()


def test_damaged_pointer_and_file(tmp_path: Path) -> None:
    generation = publish(tmp_path, [miniature("alpha")])
    (tmp_path / "current.json").write_text("{", encoding="utf-8")
    with pytest.raises(StoreDamaged, match="rollback"):
        Store.open(tmp_path)
    roll_back(tmp_path, generation)
    damaged = tmp_path / "store-feedfeedfeedfeed.duckdb"
    damaged.write_bytes(b"not a database")
    with pytest.raises(StoreDamaged, match="cannot be opened"):
        Store.at(tmp_path, "feedfeedfeedfeed")


def test_an_unreadable_pointer_does_not_cost_what_is_kept(tmp_path: Path) -> None:
    publish(tmp_path, [miniature("alpha"), miniature("beta")])
    (tmp_path / "current.json").write_text("{", encoding="utf-8")
    forget(tmp_path, "beta")
    with pytest.raises(StoreDamaged, match="rollback"):
        publish(tmp_path, [miniature("gamma")])  # it would publish gamma alone
    (left,) = generations(tmp_path)
    roll_back(tmp_path, left.id)
    assert set(Store.open(tmp_path).table("cohort")["cohort"]) == {"alpha"}


def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    folder.write_text("x", encoding="utf-8")
    with pytest.raises(StoreDamaged, match=r"is .*store the folder of a store"):
        Store.open(folder)
    with pytest.raises(UnwritableFile, match="cannot be changed"):
        publish(folder, [miniature("alpha")])
    assert generations(folder) == []


@pytest.mark.parametrize("kind", [OSError, duckdb.IOException, duckdb.FatalException])
def test_a_full_disk_is_said_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    generation = publish(tmp_path, [miniature("alpha")])

    def full(*_: object) -> None:
        raise kind("No space left on device")

    monkeypatch.setattr(builder, "fingerprint", full)
    with pytest.raises(UnwritableFile, match=r"No space left.*what is published is as it was"):
        publish(tmp_path, [miniature("beta")])
    assert published(tmp_path) == generation
    assert not list(tmp_path.glob("building-*"))


def test_a_generation_that_vanishes_while_it_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = publish(tmp_path, [miniature("alpha")])
    second = publish(tmp_path, [miniature("beta")])
    look = shelf._facts

    def late(path: Path) -> os.stat_result | None:
        if first in path.name:
            path.unlink()
        return look(path)

    monkeypatch.setattr(shelf, "_facts", late)
    assert [info.id for info in generations(tmp_path)] == [second]


def test_whoever_reads_a_file_that_is_deleted_reads_on(tmp_path: Path) -> None:
    generation = publish(tmp_path, [miniature("alpha")])
    store = Store.at(tmp_path, generation)
    started, ran = threading.Event(), []

    def long_query() -> None:
        with store.cursor() as cursor:
            started.set()
            ran.append(cursor.execute("SELECT count(*) FROM range(40000000) WHERE range % 7 = 3").fetchall())

    with store.cursor() as waiting:
        reader = threading.Thread(target=long_query)
        reader.start()
        assert started.wait(10)
        forget(tmp_path, "alpha")
        assert waiting.execute("SELECT count(*) FROM patient").fetchall() == [(60,)]
        reader.join()
    assert len(ran) == 1
    with pytest.raises(StoreDamaged, match="is gone"):
        store.frame("SELECT 1")
