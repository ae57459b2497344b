"""Public cohorts of the catalogue: what they are, and a button that fetches, checks, imports and publishes one."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path

import streamlit as st

from tilexplorer import catalog
from tilexplorer.ui import jobs
from tilexplorer.ui.data.permission import may_change_or_say
from tilexplorer.ui.page_parts import plain

CHOSEN = "catalogue cohort"
MIRROR = "catalogue mirror"


def section(folder: Path, there: Set[str]) -> None:
    """Choose a cohort of the catalogue that is not `there` yet, read its card, add it."""
    st.markdown(
        "Patients' data are not part of this program. The catalogue knows where public cohorts lie, with a checksum "
        "for every file, and how their columns are read."
    )
    absent = [name for name in catalog.names() if name not in there]
    if not absent:
        st.caption("Every cohort of the catalogue is published.")
        return
    name = st.selectbox(
        "Public cohort", absent, key=CHOSEN, format_func=lambda one: f"{one}: {catalog.card(one).title}"
    )
    _card(name)
    if not may_change_or_say():
        return
    mirror = st.text_input(
        "Mirror (optional)", key=MIRROR, placeholder="a folder or a base address, where there is no internet"
    )
    st.button(
        f"Add {name}", key="add public", on_click=_add, args=(folder, name, mirror), disabled=jobs.busy(),
        icon=":material/download:",
    )  # fmt: skip


def _card(name: str) -> None:
    card = catalog.card(name)
    size = sum(file.bytes for file in catalog.entry(name).files.values())
    doi = f" doi:{card.doi}." if card.doi else ""
    st.caption(f"{plain(card.citation)}{doi} Licence: {plain(card.licence.rstrip('.'))}. {size / 1e6:.1f} MB.")
    for note in card.notes:
        st.caption(f"– {plain(note)}")


def _add(folder: Path, name: str, mirror: str) -> None:
    arguments = ["catalog", "add", name, *(["--mirror", mirror] if mirror else [])]
    jobs.start(f"Adding {name}", arguments, folder)
