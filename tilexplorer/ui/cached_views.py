"""Cached calls of the analysis layer. Keys are small: the store's folder, the generation and the query string.

Results are frozen and shared between visitors without copying, so they are cached as resources.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from tilexplorer.analysis.context import selection_flow
from tilexplorer.analysis.overview import Overview
from tilexplorer.analysis.overview import overview as compute_overview
from tilexplorer.analysis.response import Response
from tilexplorer.analysis.response import response as compute_response
from tilexplorer.analysis.survival import Survival
from tilexplorer.analysis.survival import survival as compute_survival
from tilexplorer.facets import Facets
from tilexplorer.facets import facets as read_facets
from tilexplorer.queries import Flow
from tilexplorer.selection import Selection, parse_query
from tilexplorer.store import Store

MOST_ENTRIES = 512


def _store(folder: str, generation: str) -> Store:
    return Store.at(Path(folder), generation)


def _selection(query: str) -> Selection:
    return parse_query(query).selection


@st.cache_resource(max_entries=8, show_spinner=False)
def facets(folder: str, generation: str) -> Facets:
    """What the sidebar may offer."""
    return read_facets(_store(folder, generation))


@st.cache_resource(max_entries=MOST_ENTRIES, show_spinner=False)
def flow(folder: str, generation: str, query: str) -> Flow:
    """How many patients a selection leaves, and who was left out."""
    return selection_flow(_store(folder, generation), _selection(query))


@st.cache_resource(max_entries=MOST_ENTRIES, show_spinner="Counting patients")
def overview(folder: str, generation: str, query: str) -> Overview:
    """The overview."""
    return compute_overview(_store(folder, generation), _selection(query))


@st.cache_resource(max_entries=MOST_ENTRIES, show_spinner="Estimating survival")
def survival(folder: str, generation: str, query: str) -> Survival:
    """The survival view."""
    return compute_survival(_store(folder, generation), _selection(query))


@st.cache_resource(max_entries=MOST_ENTRIES, show_spinner="Counting responses")
def response(folder: str, generation: str, query: str) -> Response:
    """The response view."""
    return compute_response(_store(folder, generation), _selection(query))
