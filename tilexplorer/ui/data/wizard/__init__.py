"""The wizard: from a file to a published cohort, each step shown and each guess said."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path

import streamlit as st

from tilexplorer.ui.data.permission import may_change_or_say
from tilexplorer.ui.data.wizard import (
    checking,
    columns,
    drafts,
    endpoints,
    files,
    matrices,
    measures,
    patients,
    preview,
    publishing,
)


def section(folder: Path, there: Set[str]) -> None:
    """Every step, one below the other; a step that lacks what is above it is not drawn.

    `folder` is the store that is published into, `there` the ids of its cohorts.
    """
    if not may_change_or_say():
        return
    files.step()
    if drafts.get() is None:
        return
    columns.step()
    matrices.step()
    patients.step()
    endpoints.step()
    measures.step()
    mapped = drafts.mapped()
    if mapped is None:
        publishing.mapping_file()
        return
    st.subheader("What will be counted", anchor=False)
    preview.step(mapped)
    st.subheader("What was checked", anchor=False)
    accepted = checking.step(mapped)
    st.subheader("Publish", anchor=False)
    publishing.step(folder, there, mapped, accepted)
