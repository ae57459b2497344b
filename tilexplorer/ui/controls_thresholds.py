"""The controls of the thresholds page: which outcome, a second measure, the name of the chosen cut."""

from __future__ import annotations

import streamlit as st

from tilexplorer import vocabulary
from tilexplorer.selection import OUTCOMES
from tilexplorer.store import Store
from tilexplorer.ui.selection_state import bind, key


def outcome() -> None:
    """Survival or response."""
    st.segmented_control("Outcome", OUTCOMES, format_func=str.capitalize, key=bind("outcome"), required=True)


def second_measure(store: Store, cohorts: tuple[str, ...]) -> None:
    """A second measured number of the chosen cohorts, or none."""
    frame = store.table("measure")
    held = set(frame.loc[frame["cohort"].isin(cohorts) & (frame["kind"] == "number"), "measure"])
    options = ("", *(m for m in vocabulary.measures() if m in held), *sorted(held.difference(vocabulary.measures())))
    if st.session_state.get(bind("other")) not in options:
        st.session_state[key("other")] = ""
    st.selectbox("Second measure of the same patients", options, format_func=_words, key=bind("other"))


def cut_name() -> None:
    """The name of the chosen cut; its version is made from measure and cut."""
    st.text_input("Name of this cut", key=bind("cut_name"), max_chars=60, placeholder="unnamed")


def _words(measure: str) -> str:
    known = vocabulary.measures().get(measure)
    return known.label if known else measure or "none"
