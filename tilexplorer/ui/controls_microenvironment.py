"""The one control beside the distributions: which measure is drawn."""

from __future__ import annotations

import streamlit as st

from tilexplorer.analysis.microenvironment import Microenvironment
from tilexplorer.ui.selection_state import bind


def measure(found: Microenvironment) -> None:
    """The measure that is drawn in every cohort; by default those in which the groups are furthest apart."""
    labels = {row.measure: row.label for row in found.rows}
    if st.session_state.get(bind("other")) not in labels:
        st.session_state[bind("other")] = ""
    st.selectbox(
        "Measure drawn",
        ("", *labels),
        format_func=lambda name: labels.get(name, "those furthest apart"),
        key=bind("other"),
    )
