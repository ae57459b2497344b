"""The controls of the view across cohorts: which outcome, and what of infiltration."""

from __future__ import annotations

import streamlit as st

from tilexplorer.analysis.synthesis import Across
from tilexplorer.selection import OUTCOMES, POPULATIONS
from tilexplorer.ui.selection_state import bind
from tilexplorer.vocabulary import RESPONSE_RATES

EFFECTS = ("continuous", "levels")
_EFFECT = {"continuous": "as a number", "levels": "hottest v coldest level"}
_POPULATION = {"all": "all patients", "evaluable": "evaluable only"}


def synthesis(found: Across) -> None:
    """Outcome, effect, and for response which rate and which denominator."""
    response = found.context.selection.outcome == "response"
    places = st.columns(4 if response else 2)
    places[0].segmented_control("Outcome", OUTCOMES, key=bind("outcome"), required=True)
    if st.session_state[bind("effect")] not in EFFECTS:
        st.session_state[bind("effect")] = EFFECTS[0]
    places[1].segmented_control(
        "Infiltration", EFFECTS, format_func=_EFFECT.__getitem__, key=bind("effect"), required=True
    )
    if response:
        places[2].selectbox("Rate", tuple(RESPONSE_RATES), format_func=RESPONSE_RATES.__getitem__, key=bind("response"))
        places[3].segmented_control(
            "Denominator", POPULATIONS, format_func=_POPULATION.__getitem__, key=bind("population"), required=True
        )
