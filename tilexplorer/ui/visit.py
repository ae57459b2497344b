"""Which generation a visit looks at: the one published when it began, until the visitor takes a newer one.

Numbers must not change under a reader's eyes because somebody else published. A visit moves on by itself only where its
generation is gone: it was forgotten, or too many newer ones came.
"""

from __future__ import annotations

import time
from typing import Final

import streamlit as st

from tilexplorer.errors import StoreDamaged
from tilexplorer.store import Store, generation_path, published, store_folder
from tilexplorer.ui import cached_views

SEEN: Final = "generation of this visit"
TRIES: Final = 4


def store() -> Store:
    """The store of this visit.

    Raises
    ------
    StoreMissing, StoreDamaged
        As for the published store.
    """
    for _ in range(TRIES - 1):
        try:
            return _opened()
        except StoreDamaged:  # forgotten between the look at the pointer and the opening of the file: look again
            time.sleep(0.2)
    return _opened()


def _opened() -> Store:
    cached_views.drop_forgotten()
    folder = store_folder()
    newest = published(folder)
    seen = st.session_state.get(SEEN)
    if seen is None or seen[0] != str(folder) or not generation_path(folder, seen[1]).exists():
        st.session_state[SEEN] = seen = (str(folder), newest)
    return cached_views.store(*seen)


def lasts(looked_at: Store) -> bool:
    """Whether the generation of a visit is still there."""
    return generation_path(looked_at.folder, looked_at.generation).exists()


def move_on() -> None:
    """From the next run on, look at what is published now."""
    st.session_state.pop(SEEN, None)


def notice(looked_at: Store) -> None:
    """Say that a newer generation is published, and offer it."""
    newest = looked_at.newer()
    if newest is None:
        return
    said, offer = st.columns([5, 1], vertical_alignment="center")
    said.info(
        f"Other data were published while you were here (generation {newest}). "
        f"This page still shows generation {looked_at.generation}.",
        icon=":material/update:",
    )
    offer.button("Show the newer data", on_click=move_on, width="stretch")
