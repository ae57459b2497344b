"""Seventh step: the validation report. Errors block, warnings are accepted one by one or all."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from tilexplorer.importers.mapping import Mapped
from tilexplorer.importers.pseudonyms import Pseudonyms
from tilexplorer.recognise.edit import set_pseudonymous
from tilexplorer.ui.data.wizard import drafts
from tilexplorer.ui.page_parts import plain
from tilexplorer.validation import identifiers
from tilexplorer.validation.check import check
from tilexplorer.validation.finding import FIELDS
from tilexplorer.validation.report import Report

CHECKED = "checked"
ALL = "accept all"
MOST_LISTED = 50


def step(mapped: Mapped, key: Pseudonyms | None) -> Report | None:
    """The report; given back where nothing blocks, with what was accepted."""
    report = _report(mapped, key)
    st.markdown(f"**{plain(report.summary[:1].upper() + report.summary[1:])}.**")
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
        _offer_pseudonyms(report)
        return None
    return _accepted(report)


def _report(mapped: Mapped, key: Pseudonyms | None) -> Report:
    """The report of this mapping, made once for each change."""
    kept = st.session_state.get(CHECKED)
    if kept is None or kept[0] != mapped:
        kept = (mapped, check(mapped, drafts.there().frames, key).report)
        st.session_state[CHECKED] = kept
    found: Report = kept[1]
    return found


def _offer_pseudonyms(report: Report) -> None:
    """A way on where ids look like persons, which only whoever gave the file can judge."""
    if any(finding.rule.startswith(identifiers.PREFIX) for finding in report.errors):
        st.button("Replace the ids by pseudonyms on import", on_click=_replace_ids, icon=":material/visibility_off:")


def _replace_ids() -> None:
    drafts.change(lambda draft: set_pseudonymous(draft, True), "")


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
        if st.checkbox(f"Accept: {plain(finding.sentence)}", key=f"accept {finding.key}")
    ]
    taken = report.accepted(keys)
    return None if taken.open_warnings else taken
