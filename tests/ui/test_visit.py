"""A visit keeps its data while others publish, is told of newer ones, and takes them when asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.miniature import miniature, published_store
from tests.ui.visit import checked, visit, words
from tilexplorer.store import generation_path, published, release


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with one made-up cohort."""
    published_store(tmp_path, miniature("alpha"))
    monkeypatch.setenv("TILEXPLORER_STORE", str(tmp_path))
    return tmp_path


def test_a_visit_keeps_its_numbers_and_is_offered_the_newer_ones(folder: Path) -> None:
    app = visit("overview")
    before, old = words(app), published(folder)
    published_store(folder, miniature("beta"))
    checked(app.run())
    assert words(app) == before
    assert any(old in note.value and published(folder) in note.value for note in app.info)
    app.button[[button.label for button in app.button].index("Show the newer data")].click()
    checked(app.run())
    assert "2 cohorts" in words(app)
    assert not any("Other data were published" in note.value for note in app.info)


def test_a_visit_whose_data_are_gone_moves_on_by_itself(folder: Path) -> None:
    app = visit("overview")
    path = generation_path(folder, published(folder))
    published_store(folder, miniature("beta"))
    release(path)
    path.unlink()
    checked(app.run())
    assert "2 cohorts" in words(app)
    assert not any("Other data were published" in note.value for note in app.info)
