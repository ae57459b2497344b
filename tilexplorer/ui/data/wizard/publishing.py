"""Last step: the mapping as a file, and the button that publishes."""

from __future__ import annotations

import shutil
from collections.abc import Set
from dataclasses import replace
from pathlib import Path

import streamlit as st

from tilexplorer.importers.mapping import Accept, Mapped
from tilexplorer.importers.mapping_toml import write_mapping
from tilexplorer.ui import jobs, visitors_files
from tilexplorer.ui.data.wizard import drafts, files
from tilexplorer.ui.page_parts import plain
from tilexplorer.validation.report import Report

LOOKED = "looked at the preview"
BY = "who publishes"
MAPPING = "mapping.toml"


def step(folder: Path, there: Set[str], mapped: Mapped, report: Report | None) -> None:
    """Publish what was previewed, with the accepted warnings written into the mapping."""
    final = _final(mapped, report) if report is not None else mapped
    mapping_file(write_mapping(final))
    _open_questions()
    if final.cohort.id in there:
        st.warning(f"A cohort {final.cohort.id} is published already: it will be replaced.", icon=":material/sync:")
    by = st.text_input("Who publishes (for the log)", key=BY, placeholder="name or initials")
    sure = st.checkbox("I have looked at what will be counted, and it is right", key=LOOKED)
    blocked = report is None or not sure or jobs.busy()
    st.button(
        f"Publish {final.cohort.id}", type="primary", disabled=blocked, on_click=_publish, args=(folder, final, by),
        icon=":material/publish:",
    )  # fmt: skip
    if report is None:
        st.caption("Publishing waits for the findings above to be mended or accepted.")
    elif jobs.busy():
        st.caption("Publishing waits for the work that is shown at the top of this page.")


def _open_questions() -> None:
    """What was proposed and nobody has confirmed or said: it is published as proposed."""
    questions = drafts.there().questions()
    if questions:
        with st.expander(f"{len(questions)} things were proposed or left unsaid; they are published as they stand"):
            for question in questions:
                st.caption(f"– {plain(question.text)}")


def mapping_file(text: str | None = None) -> None:
    """The mapping as it stands, to keep, to edit, and to use on the command line."""
    st.download_button(
        "Mapping as TOML", (text or drafts.there().text()).encode(), f"{drafts.there().cohort.id}.toml",
        "application/toml", type="tertiary", icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def _final(mapped: Mapped, report: Report) -> Mapped:
    """The mapping with a line for each rule whose warnings were accepted."""
    known = {item.rule for item in mapped.accept}
    rules = dict.fromkeys(finding.rule for finding in report.warnings if finding.accepted)
    more = tuple(Accept(rule, "looked at and accepted at import") for rule in rules if rule not in known)
    return replace(mapped, accept=(*mapped.accept, *more))


def _publish(store: Path, mapped: Mapped, by: str) -> None:
    """Hand files and mapping to a job, which keeps them until it has ended."""
    folder = visitors_files.new_folder()
    given = [Path(shutil.copy2(path, folder)) for path in sorted(files.folder().iterdir())]
    (folder / MAPPING).write_text(write_mapping(mapped), encoding="utf-8")
    who = ["--by", by] if by.strip() else []
    arguments = ["import", *map(str, given), "--mapping", str(folder / MAPPING), *who]
    jobs.start(f"Publishing {mapped.cohort.id}", arguments, store, folder)
    drafts.put(None)
    st.session_state.pop(LOOKED, None)
