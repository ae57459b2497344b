"""Jobs of this server: how far they have come, and what became of them."""

from __future__ import annotations

import streamlit as st

from tilexplorer.ui import jobs, visit
from tilexplorer.ui.page_parts import plain

EVERY_SECONDS = 1.0
MOST_LINES = 100


def section() -> None:
    """Every job that runs or has just ended; looks again each second while one runs."""
    if jobs.busy():
        _watched()
    else:
        _shown()


@st.fragment(run_every=EVERY_SECONDS)
def _watched() -> None:
    _shown()
    if not jobs.busy():
        st.rerun()


def _shown() -> None:
    for job in jobs.listed():
        if job.running:
            st.progress(min(1.0, job.share), f"{job.words}: {job.stage}")
        elif job.code == 0:
            said, offer = st.columns([5, 1], vertical_alignment="center")
            said.success(f"{plain(job.words)}: done. {plain(job.outcome)}", icon=":material/check:")
            offer.button("Show the new data", key=f"show {id(job)}", on_click=_show, args=(job,), width="stretch")
            _further(job)
        else:
            said, offer = st.columns([5, 1], vertical_alignment="center")
            lines = "\n".join(f"- {plain(line)}" for line in job.lines[:MOST_LINES])
            said.error(f"{plain(job.words)}: nothing was changed.\n{lines}", icon=":material/error:")
            offer.button("Dismiss", key=f"dismiss {id(job)}", on_click=jobs.dismiss, args=(job,), width="stretch")


def _further(job: jobs.Job) -> None:
    """What was said before the end: warnings that were accepted."""
    if before := job.lines[: -jobs.OUTCOME_LINES]:
        with st.expander(f"{len(before)} further line{'s' if len(before) > 1 else ''} of it"):
            st.markdown("\n".join(f"- {plain(line)}" for line in before[:MOST_LINES]))


def _show(job: jobs.Job) -> None:
    visit.move_on()
    jobs.dismiss(job)
