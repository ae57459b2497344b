"""The controls of the view across cohorts: which outcome, and what of infiltration."""

from __future__ import annotations

import streamlit as st

from tilexplorer.analysis.synthesis import Across
from tilexplorer.selection import OUTCOMES, POPULATIONS
from tilexplorer.ui import controls_rate
from tilexplorer.ui.selection_state import bind

EFFECTS = ("continuous", "levels")
_EFFECT = {"continuous": "as a number", "levels": "hottest v coldest level"}
_POPULATION = {"all": "all patients", "evaluable": "evaluable only"}


def synthesis(found: Across) -> None:
    """Outcome, effect, and for response which rate and which denominator."""
    response = found.context.selection.outcome == "response"
    places = [*st.columns(2), *(st.columns(2) if response else ())]
    places[0].segmented_control("Outcome", OUTCOMES, key=bind("outcome"), required=True)
    if st.session_state[bind("effect")] not in EFFECTS:
        st.session_state[bind("effect")] = EFFECTS[0]
    places[1].segmented_control(
        "Infiltration", EFFECTS, format_func=_EFFECT.__getitem__, key=bind("effect"), required=True
    )
    if response:
        controls_rate.rate(places[2], found.context)
        places[3].segmented_control(
            "Denominator", POPULATIONS, format_func=_POPULATION.__getitem__, key=bind("population"), required=True
        )
