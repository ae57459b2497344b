"""What will change is said before it is done, and is what then happens."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.command import run
from tests.importers.made import MAPPING, ROWS
from tests.miniature import miniature
from tilexplorer.errors import StoreDamaged
from tilexplorer.importers import parse_mapping, read_batches
from tilexplorer.importers.streaming import Streamed
from tilexplorer.publish import KEPT_GENERATIONS, generations, publish, roll_back
from tilexplorer.publishing import changes
from tilexplorer.publishing.changes import UNCOUNTED, CohortChange
from tilexplorer.store import published


def test_publishing_names_who_comes_goes_and_is_replaced(tmp_path: Path) -> None:
    first = publish(tmp_path, [miniature("alpha"), miniature("beta"), miniature("delta")])
    told = changes.of_publishing(tmp_path, [miniature("alpha"), miniature("gamma", patients=40)], ["beta"])
    assert told.cohorts == (
        CohortChange("alpha", 60, 60),
        CohortChange("beta", 60, None),
        CohortChange("gamma", None, 40),
    )
    assert (told.before, told.after, told.deleted) == (first, "", ())
    assert told.sentences()[:3] == [
        "alpha: 60 patients come, in place of 60",
        "beta: 60 patients leave",
        "gamma: 40 patients come",
    ]
    assert published(tmp_path) == first


def test_publishing_names_the_generation_that_is_not_kept(tmp_path: Path) -> None:
    made = [publish(tmp_path, [miniature("alpha", patients=n)]) for n in range(40, 40 + KEPT_GENERATIONS)]
    more = miniature("beta")
    assert changes.of_publishing(tmp_path, [more]).deleted == (made[0],)
    publish(tmp_path, [more])
    assert {info.id for info in generations(tmp_path)} == {*made[1:], published(tmp_path)}


def test_a_file_that_is_read_while_it_is_published_is_not_counted_before(tmp_path: Path) -> None:
    mapped = parse_mapping(MAPPING, "made.toml")
    path = tmp_path / "clinical.csv"
    path.write_text(ROWS, encoding="utf-8")
    part = Streamed(mapped, partial(read_batches, mapped.files["clinical"], path))
    told = changes.of_publishing(tmp_path / "s", [part])
    assert told.cohorts == (CohortChange("made", None, UNCOUNTED),)
    assert told.sentences()[0] == "made: the patients of its file come"


def test_rolling_back_names_what_comes_back(tmp_path: Path) -> None:
    first = publish(tmp_path, [miniature("alpha")])
    second = publish(tmp_path, [miniature("alpha", patients=40), miniature("beta")])
    told = changes.of_rolling_back(tmp_path, first)
    assert told.cohorts == (CohortChange("alpha", 40, 60), CohortChange("beta", 60, None))
    assert told.sentences()[-1] == f"published is generation {second}, then {first}"
    roll_back(tmp_path, first)
    assert changes.of_rolling_back(tmp_path, first).cohorts == ()
    assert changes.of_rolling_back(tmp_path, first).sentences()[-1].endswith("as before")
    with pytest.raises(StoreDamaged, match="its file is gone"):
        changes.of_rolling_back(tmp_path, "0123456789abcdef")


def test_the_rollback_command_says_what_changes(tmp_path: Path) -> None:
    first = publish(tmp_path, [miniature("alpha")])
    publish(tmp_path, [miniature("beta")])
    ran = run("rollback", first, "--store", tmp_path)
    assert ran.code == 0, ran.err
    assert "beta: 60 patients leave" in ran.out
    assert published(tmp_path) == first
