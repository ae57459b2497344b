"""Where nothing is published: what can be done here, and the simulated cohorts to try the pages with."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from tilexplorer.ui import jobs
from tilexplorer.ui.data.permission import may_change


def section(folder: Path) -> None:
    """The ways to a first cohort, and a button for the one that needs no file."""
    if not may_change():
        return
    st.markdown(
        "Give a file of your own below, add a public cohort, or start with simulated patients: five cohorts made by a "
        "recipe whose truth is known."
    )
    st.button(
        "Publish the simulated cohorts", key="add simulated", on_click=_simulate, args=(folder,), disabled=jobs.busy(),
        icon=":material/science:",
    )  # fmt: skip


def _simulate(folder: Path) -> None:
    jobs.start("Publishing the simulated cohorts", ["simulate"], folder)
