"""The controls of the view of therapy combinations: which rate, which denominator."""

from __future__ import annotations

import streamlit as st

from tilexplorer.analysis.context import Context
from tilexplorer.selection import POPULATIONS
from tilexplorer.ui import controls_rate
from tilexplorer.ui.selection_state import bind

_POPULATION = {"all": "all patients", "evaluable": "evaluable only"}


def therapies(context: Context) -> None:
    """Which rate, which denominator."""
    rate, population = st.columns(2)
    controls_rate.rate(rate, context)
    population.segmented_control(
        "Denominator", POPULATIONS, format_func=_POPULATION.__getitem__, key=bind("population"), required=True
    )
