"""Controls of the patients page: which patient, which further columns, and the described patient."""

from __future__ import annotations

import streamlit as st

from tilexplorer.analysis.patients import Patients
from tilexplorer.ui.selection_state import bind, key

COLUMNS = "patients columns"
TABLE = "patients table"


def columns(found: Patients) -> list[str]:
    """The other measures to show as columns."""
    if not found.extra:
        return []
    held = [name for name in st.session_state.get(COLUMNS, []) if name in found.extra]
    st.session_state[COLUMNS] = held
    return st.multiselect(
        "More columns", found.extra, format_func=found.words.__getitem__, key=COLUMNS, placeholder="other measures"
    )


def patient() -> None:
    """The patient whose profile is shown, by cohort and identifier."""
    st.text_input(
        "Patient", key=bind("patient"), placeholder="cohort/identifier, or tick a row of the table",
        help="For example imvigor210/10001. The table's own search finds identifiers.",
    )  # fmt: skip


def picked(found: Patients) -> None:
    """A ticked row of the table becomes the patient of the profile."""
    rows = st.session_state.get(TABLE, {}).get("selection", {}).get("rows", [])
    if rows and rows[0] < len(found.table):
        row = found.table.iloc[rows[0]]
        st.session_state[key("patient")] = f"{row['cohort']}/{row['patient']}"


def described(unit: str) -> None:
    """Age and value of the described patient; tumour, therapy and line are the sidebar's filters."""
    age, value = st.columns(2)
    age.number_input("Age [years]", 0.0, 120.0, value=None, step=1.0, key=bind("like_age"), placeholder="any")
    value.number_input(unit, 0.0, value=None, key=bind("like_value"), placeholder="any value")
