"""The controls of the model page: outcome, how infiltration enters, the terms, and the marker of the quadrants."""

from __future__ import annotations

import streamlit as st

from tilexplorer.analysis.model import Model
from tilexplorer.analysis.model_terms import NONE, TERMS
from tilexplorer.analysis.quadrants import MARKERS
from tilexplorer.selection import BY, OUTCOMES
from tilexplorer.ui.selection_state import bind, key

_EFFECTS = {"continuous": "as a number", "levels": "by level"}


def model(found: Model) -> None:
    """Outcome, form of infiltration, and the terms of the model."""
    outcome, effect, terms = st.columns((1, 1, 3))
    outcome.segmented_control("Outcome", OUTCOMES, format_func=str.capitalize, key=bind("outcome"), required=True)
    if st.session_state.get(bind("effect")) not in _EFFECTS:
        st.session_state[key("effect")] = "continuous"
    effect.segmented_control(
        "Infiltration", tuple(_EFFECTS), format_func=_EFFECTS.__getitem__, key=bind("effect"), required=True
    )
    options = (NONE, *TERMS)
    known = [term for term in st.session_state.get(bind("terms")) or [] if term in options]
    if known != list(st.session_state[key("terms")] or []):
        st.session_state[key("terms")] = known
    automatic = ", ".join(term.words for term in found.terms if term.chosen)
    terms.multiselect(
        "Terms", options, format_func=lambda term: TERMS.get(term, "no other term"), key=bind("terms"),
        placeholder=f"automatic: {automatic or 'none'}",
    )  # fmt: skip


def marker() -> None:
    """Which marker the quadrants are made with."""
    options = ("", *MARKERS)
    if st.session_state.get(bind("other")) not in options:
        st.session_state[key("other")] = ""
    st.segmented_control("Infiltration by", options, format_func=lambda m: BY.get(m, "automatic"), key=bind("other"))
