"""What is published: a row per cohort."""

from __future__ import annotations

import html

import pandas as pd
import streamlit as st

from tilexplorer import formatting
from tilexplorer.ui import page_parts

NAMES = {
    "cohort": "Cohort",
    "title": "Title",
    "data": "Data",
    "patients": "Patients",
    "samples": "Samples",
    "measures": "Measures",
    "endpoints": "Endpoints",
}


def sentence(rows: pd.DataFrame) -> str:
    """How much is there, in one sentence."""
    cohorts = f"{len(rows)} cohort{'s' if len(rows) != 1 else ''}"
    simulated = int(rows["simulated"].sum())
    kinds = "" if not simulated else ", all simulated" if simulated == len(rows) else f", {simulated} of them simulated"
    people = int(rows["patients"].sum() - rows["copies"].sum())
    copies = int(rows["copies"].sum())
    twice = f" {formatting.count(copies)} of them are in several cohorts and counted once." if copies else ""
    return f"{formatting.count(people)} patients in {cohorts} are published{kinds}.{twice}"


def section(rows: pd.DataFrame, generation: str) -> None:
    """The sentence and the table of what is there; `rows` as `contents` gives them."""
    st.html(f'<p class="til-sentence">{html.escape(sentence(rows))}</p>')
    shown = rows.assign(data=rows["simulated"].map({True: "simulated", False: "real"}))
    stamp = f"what is published · data {generation}"
    page_parts.table(
        shown[list(NAMES)].rename(columns=NAMES), "published", stamp, alt="The published cohorts, a row each"
    )
