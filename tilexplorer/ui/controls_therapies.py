"""The controls of the view of therapy combinations: which rate, which denominator."""

from __future__ import annotations

import streamlit as st

from tilexplorer.selection import POPULATIONS
from tilexplorer.ui.selection_state import bind
from tilexplorer.vocabulary import RESPONSE_RATES

_POPULATION = {"all": "all patients", "evaluable": "evaluable only"}


def therapies() -> None:
    """Which rate, which denominator."""
    rate, population = st.columns(2)
    rate.selectbox("Rate", tuple(RESPONSE_RATES), format_func=RESPONSE_RATES.__getitem__, key=bind("response"))
    population.segmented_control(
        "Denominator", POPULATIONS, format_func=_POPULATION.__getitem__, key=bind("population"), required=True
    )
