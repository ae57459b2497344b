"""Cached calls of the analysis layer. Keys are small: the store's folder, the generation and the query string.

Results are frozen and shared between visitors without copying, so they are cached as resources.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from tilexplorer.analysis.context import selection_flow
from tilexplorer.analysis.views import VIEWS
from tilexplorer.facets import Facets
from tilexplorer.facets import facets as read_facets
from tilexplorer.queries import Flow
from tilexplorer.selection import Selection, parse_query
from tilexplorer.store import Store

MOST_ENTRIES = 512


@st.cache_resource(max_entries=4, show_spinner=False)
def store(folder: str, generation: str) -> Store:
    """A generation, whose small tables are read once."""
    return Store.at(Path(folder), generation)


def _selection(query: str) -> Selection:
    return parse_query(query).selection


@st.cache_resource(max_entries=8, show_spinner=False)
def facets(folder: str, generation: str) -> Facets:
    """What the sidebar may offer."""
    return read_facets(store(folder, generation))


@st.cache_resource(max_entries=MOST_ENTRIES, show_spinner=False)
def flow(folder: str, generation: str, query: str) -> Flow:
    """How many patients a selection leaves, and who was left out."""
    return selection_flow(store(folder, generation), _selection(query))


@st.cache_resource(max_entries=MOST_ENTRIES, show_spinner="Counting patients")
def result(view: str, folder: str, generation: str, query: str) -> Any:
    """What a view's analysis returned; `view` is its name in `analysis.views`."""
    return VIEWS[view].compute(store(folder, generation), _selection(query))
