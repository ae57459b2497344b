"""What the forest is of: which effect, on which outcome. Endpoint, measure and levels are in the sidebar."""

from __future__ import annotations

import streamlit as st

from tilexplorer.analysis.context import Context
from tilexplorer.selection import EFFECTS, OUTCOMES
from tilexplorer.ui import controls_rate
from tilexplorer.ui.selection_state import bind

_EFFECT = {"continuous": "infiltration as a number", "levels": "between levels", "therapy": "therapy"}


def draw(context: Context) -> None:
    """Effect and outcome, and the rate where response is looked at."""
    effect, outcome, rate = st.columns([3, 2, 2])
    effect.segmented_control("Effect of", EFFECTS, format_func=_EFFECT.__getitem__, key=bind("effect"), required=True)
    outcome.segmented_control("Outcome", OUTCOMES, key=bind("outcome"), required=True)
    if st.session_state[bind("outcome")] == "response":
        controls_rate.rate(rate, context)
