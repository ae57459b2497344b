"""The few controls that stand beside a figure; the rest is in the sidebar. Each is a field of the selection."""

from __future__ import annotations

import streamlit as st

from tilexplorer.analysis.response import Response
from tilexplorer.analysis.survival import Survival
from tilexplorer.selection import INTERVALS, NUMBERS, POPULATIONS, RATE_INTERVALS
from tilexplorer.timescale import DAYS_PER_MONTH
from tilexplorer.ui import controls_rate
from tilexplorer.ui.selection_state import bind

_POPULATION = {"all": "all patients", "evaluable": "evaluable only"}
_RATE_INTERVAL = {"clopper-pearson": "Clopper-Pearson", "wilson": "Wilson"}


def survival(found: Survival) -> None:
    """Reference group, interval type and horizon of the restricted mean."""
    reference, interval, horizon = st.columns(3)
    with reference:
        _reference([group.group.label for panel in found.panels for group in panel.groups], found.panels[0].reference)
    interval.segmented_control("Interval", INTERVALS, key=bind("interval"), required=True)
    horizon.number_input(
        "Restricted mean to [months]", *NUMBERS["tau"], value=None, step=6.0, key=bind("tau"),
        placeholder=f"automatic: {found.tau / DAYS_PER_MONTH:.0f}",
    )  # fmt: skip


def response(found: Response) -> None:
    """Which rate, which denominator, which interval, against which group."""
    rate, population, interval, reference = st.columns(4)
    controls_rate.rate(rate, found.context)
    population.segmented_control(
        "Denominator", POPULATIONS, format_func=_POPULATION.__getitem__, key=bind("population"), required=True
    )
    interval.segmented_control(
        "Interval", RATE_INTERVALS, format_func=_RATE_INTERVAL.__getitem__, key=bind("rate_interval"), required=True
    )
    if found.panels:
        with reference:
            _reference([g.group.label for panel in found.panels for g in panel.groups], found.panels[0].reference)


def _reference(labels: list[str], shown: str) -> None:
    options = list(dict.fromkeys(labels))
    if st.session_state.get(bind("reference")) not in options:
        st.session_state[bind("reference")] = None
    st.selectbox("Compare with", options, index=None, placeholder=f"automatic: {shown}", key=bind("reference"))
