"""Undo: an earlier generation published again, a cohort forgotten, and the log of who did what."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from tilexplorer.errors import TilExplorerError
from tilexplorer.publish import generations, roll_back
from tilexplorer.publishing import changes, log
from tilexplorer.ui import jobs, visit
from tilexplorer.ui.data.permission import may_change
from tilexplorer.ui.page_parts import plain

GENERATION = "generation to go back to"
FORGOTTEN = "cohort to forget"
SURE = "name of the cohort to forget"
REFUSED = "undo refused"


def section(folder: Path) -> None:
    """Go back, forget, and read the log."""
    if reason := st.session_state.pop(REFUSED, ""):
        st.error(reason, icon=":material/error:")
    if may_change():
        back, away = st.columns(2)
        with back:
            _going_back(folder)
        with away:
            _forgetting(folder)
    with st.expander("Log: who published what, when, from which files"):
        _log(folder)


def _going_back(folder: Path) -> None:
    earlier = [info for info in generations(folder) if not info.published]
    st.markdown("**Go back** to an earlier generation. Nothing is lost: the present one stays on the list.")
    if not earlier:
        st.caption("There is no earlier generation.")
        return
    words = {info.id: f"{info.made:%Y-%m-%d %H:%M} UTC, {info.id}" for info in earlier}
    chosen = st.selectbox("Generation", list(words), key=GENERATION, format_func=words.__getitem__)
    _preview(lambda: changes.of_rolling_back(folder, chosen))
    st.button("Go back to it", on_click=_go_back, args=(folder, chosen), disabled=jobs.busy(), icon=":material/undo:")


def _go_back(folder: Path, generation: str) -> None:
    try:
        roll_back(folder, generation)
    except TilExplorerError as fault:
        st.session_state[REFUSED] = str(fault)
    visit.move_on()


def _forgetting(folder: Path) -> None:
    st.markdown("**Forget** a cohort: it leaves every kept generation and the disk. This cannot be undone.")
    names = changes.forgettable(folder)
    if not names:
        st.caption("No kept generation holds a cohort.")
        return
    chosen = st.selectbox("Cohort", names, key=FORGOTTEN)
    _preview(lambda: changes.of_forgetting(folder, chosen))
    typed = st.text_input("Its name, to be sure", key=SURE, placeholder=chosen)
    st.button(
        "Forget it", on_click=_forget, args=(folder, chosen), disabled=typed.strip() != chosen or jobs.busy(),
        icon=":material/delete_forever:",
    )  # fmt: skip


def _forget(folder: Path, cohort: str) -> None:
    st.session_state[SURE] = ""
    jobs.start(f"Forgetting {cohort}", ["forget", cohort, "--yes"], folder)


def _preview(changes_of: object) -> None:
    """What will change, one line each."""
    assert callable(changes_of)
    try:
        lines = changes_of().sentences()
    except TilExplorerError as fault:
        lines = [str(fault)]
    for line in lines:
        st.caption(f"– {plain(line)}")


def _log(folder: Path) -> None:
    rows = [
        {
            "When [UTC]": entry.time.removesuffix("+00:00").replace("T", " "),
            "Who": entry.by,
            "What": entry.action,
            "Cohorts": ", ".join([*(one.cohort for one in entry.added), *entry.removed]),
            "Patients": sum(one.patients or 0 for one in entry.added) or None,
            "Generation": entry.generation,
            "Files (sha256)": "; ".join(f"{f.name} {f.sha256[:12]}" for one in entry.added for f in one.files),
        }
        for entry in reversed(log.entries(folder))
    ]
    if rows:
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt="Every change of the store, the newest first", key="log")
    else:
        st.caption("Nothing was ever published.")
