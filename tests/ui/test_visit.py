"""A visit keeps its data while others publish, is told of newer ones, and takes them when asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.miniature import miniature, published_store
from tests.ui.visit import checked, visit, words
from tilexplorer.errors import StoreDamaged
from tilexplorer.facets import Facets, facets
from tilexplorer.publish import forget
from tilexplorer.store import Store, generation_path, published, release
from tilexplorer.ui import cached_views


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


def test_data_that_are_forgotten_while_a_page_is_drawn_are_not_missed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published_store(folder, miniature("beta"))
    held = published(folder)

    def forgotten_in_between(store: Store) -> Facets:
        if store.generation == held and generation_path(folder, held).exists():
            forget(folder, "alpha")
        return facets(store)

    monkeypatch.setattr(cached_views, "read_facets", forgotten_in_between)
    app = visit("overview")
    assert published(folder) != held
    assert "1 cohort" in words(app)
    assert not app.error


def test_a_damaged_store_is_said_and_not_tried_for_ever(folder: Path) -> None:
    path = generation_path(folder, published(folder))
    release(path)
    path.write_bytes(b"no database")
    app = visit("overview")
    assert "cannot be opened" in app.error[0].value
    assert app.get("page_link")


def test_nothing_of_what_was_forgotten_is_kept_in_memory(folder: Path) -> None:
    published_store(folder, miniature("beta"))
    where, before = str(folder), published(folder)
    kept = cached_views.result("overview", where, before, "")
    assert cached_views.result("overview", where, before, "") is kept
    forget(folder, "alpha")
    cached_views.drop_forgotten()
    with pytest.raises(StoreDamaged):
        cached_views.result("overview", where, before, "")
