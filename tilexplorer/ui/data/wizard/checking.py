"""Seventh step: the validation report. Errors block, warnings are accepted one by one or all."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from tilexplorer.importers.mapping import Mapped
from tilexplorer.ui.data.wizard import drafts
from tilexplorer.ui.page_parts import _plain
from tilexplorer.validation.check import check
from tilexplorer.validation.finding import FIELDS
from tilexplorer.validation.report import Report

CHECKED = "checked"
ACCEPTED = "accepted findings"
ALL = "accept all"
MOST_LISTED = 50


def step(mapped: Mapped) -> Report | None:
    """The report; given back where nothing blocks, with what was accepted."""
    report = _report(mapped)
    st.markdown(f"**{_plain(report.summary[:1].upper() + report.summary[1:])}.**")
    if not report.findings:
        return report
    st.dataframe(
        _shown(report.frame()), hide_index=True, alt="What is wrong, where, and how to mend it", key="findings"
    )
    st.download_button(
        "Report as CSV", report.as_csv().encode(), "til-explorer-report.csv", "text/csv", type="tertiary",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    if report.errors:
        st.error(
            "Errors block: mend the file and drop it again, or correct what is said about its columns above.",
            icon=":material/block:",
        )
        return None
    return _accepted(report)


def _report(mapped: Mapped) -> Report:
    """The report of this mapping, made once for each change."""
    kept = st.session_state.get(CHECKED)
    if kept is None or kept[0] != mapped:
        kept = (mapped, check(mapped, drafts.there().frames).report)
        st.session_state[CHECKED] = kept
    found: Report = kept[1]
    return found


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[list(FIELDS)].rename(columns=str.capitalize)


def _accepted(report: Report) -> Report | None:
    """Tick boxes for the warnings; None while one of them is open."""
    if not report.open_warnings:
        return report
    if len(report.open_warnings) > 1:
        if st.checkbox(f"Accept all {len(report.open_warnings)} warnings", key=ALL):
            return report.accepted()
        st.caption("Or one by one:")
    keys = [
        finding.key
        for finding in report.open_warnings[:MOST_LISTED]
        if st.checkbox(f"Accept: {_plain(finding.sentence)}", key=f"accept {finding.key}")
    ]
    taken = report.accepted(keys)
    return None if taken.open_warnings else taken
