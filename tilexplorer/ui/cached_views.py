"""Cached calls of the analysis layer. Keys are small: the store's folder, the generation and the query string.

Results are frozen and shared between visitors without copying, so they are cached as resources.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from tilexplorer.analysis.context import selection_flow
from tilexplorer.analysis.views import VIEWS
from tilexplorer.contents import contents
from tilexplorer.facets import Facets
from tilexplorer.facets import facets as read_facets
from tilexplorer.queries import Flow
from tilexplorer.selection import Selection, parse_query
from tilexplorer.store import Store, generation_path

MOST_ENTRIES = 512


@st.cache_resource(max_entries=4, show_spinner=False)
def store(folder: str, generation: str) -> Store:
    """A generation, whose small tables are read once."""
    _looked_at().add((folder, generation))
    return Store.at(Path(folder), generation)


@st.cache_resource(show_spinner=False)
def _looked_at() -> set[tuple[str, str]]:
    """Folder and id of every generation of which anything may be kept here."""
    return set()


def drop_forgotten() -> None:
    """Keep nothing of a generation whose file is gone: a cohort that was forgotten must not live on in memory."""
    seen = _looked_at()
    # A copy: other visitors' runs add to it meanwhile.
    gone = {(where, one) for where, one in seen.copy() if not generation_path(Path(where), one).exists()}
    if gone:
        for kept in (store, facets, flow, result, held):
            kept.clear()
        seen -= gone


def _selection(query: str) -> Selection:
    return parse_query(query).selection


@st.cache_resource(max_entries=8, show_spinner=False)
def facets(folder: str, generation: str) -> Facets:
    """What the sidebar may offer."""
    return read_facets(store(folder, generation))


@st.cache_resource(max_entries=8, show_spinner=False)
def held(folder: str, generation: str) -> pd.DataFrame:
    """What a generation holds, a row for each cohort."""
    return contents(store(folder, generation))


@st.cache_resource(max_entries=MOST_ENTRIES, show_spinner=False)
def flow(folder: str, generation: str, query: str) -> Flow:
    """How many patients a selection leaves, and who was left out."""
    return selection_flow(store(folder, generation), _selection(query))


@st.cache_resource(max_entries=MOST_ENTRIES, show_spinner="Counting patients")
def result(view: str, folder: str, generation: str, query: str) -> Any:
    """What a view's analysis returned; `view` is its name in `analysis.views`."""
    return VIEWS[view].compute(store(folder, generation), _selection(query))
