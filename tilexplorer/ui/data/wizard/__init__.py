"""The wizard: from a file to a published cohort, each step shown and each guess said."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path

import streamlit as st

from tilexplorer.errors import TilExplorerError
from tilexplorer.importers import pseudonyms
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
from tilexplorer.ui.page_parts import plain


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
    try:
        key = pseudonyms.for_reading(folder) if mapped.pseudonymous else None
    except TilExplorerError as fault:  # the key beside the store was damaged
        st.error(plain(str(fault)), icon=":material/key_off:")
        publishing.mapping_file()
        return
    st.subheader("What will be counted", anchor=False)
    preview.step(mapped, key)
    st.subheader("What was checked", anchor=False)
    accepted = checking.step(mapped, key)
    st.subheader("Publish", anchor=False)
    publishing.step(folder, there, mapped, accepted)
