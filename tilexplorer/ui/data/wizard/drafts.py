"""The draft of this visit: kept in the session, changed by the widgets, shown by them as it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from tilexplorer.errors import TilExplorerError
from tilexplorer.importers.mapping import Mapped
from tilexplorer.recognise.draft import Draft

DRAFT: Final = "draft of a mapping"
LAST: Final = "draft that was handed over"
REFUSED: Final = "draft refused"
# Keys of tick boxes that say something of what is shown: after a change they have to be ticked anew.
OF_A_LOOK: Final = ("looked at the preview", "accept all")


def get() -> Draft | None:
    """The draft, or None before a file was given."""
    found: Draft | None = st.session_state.get(DRAFT)
    return found


def there() -> Draft:
    """The draft, where a step is drawn only with one."""
    found = get()
    assert found is not None
    return found


def put(draft: Draft | None) -> None:
    """Keep a draft. None hands it over to a job, which may fail: then it can be taken up again."""
    if draft is None:
        st.session_state[LAST] = get()
    st.session_state[DRAFT] = draft
    st.session_state.pop(REFUSED, None)
    for key in OF_A_LOOK:
        if key in st.session_state:
            st.session_state[key] = False


def last() -> Draft | None:
    """The draft that was handed over last, as long as its files are there."""
    found: Draft | None = st.session_state.get(LAST)
    return found


def take_up_again() -> None:
    """Go on with the draft that was handed over."""
    put(last())


def forget() -> None:
    """Give the draft up."""
    for key in (DRAFT, LAST, REFUSED):
        st.session_state.pop(key, None)


def change(edit: Callable[[Draft], Draft], step: str) -> None:
    """Apply a change; one that is refused leaves the draft as it was, and its step says why."""
    try:
        put(edit(there()))
    except TilExplorerError as fault:
        st.session_state[REFUSED] = (step, str(fault))


def refused(step: str) -> None:
    """Say why the last change was not taken, in the step where it was tried."""
    where, reason = st.session_state.get(REFUSED, ("", ""))
    if where == step:
        st.warning(reason, icon=":material/error:")


def show(key: str, value: Any) -> str:
    """The key of a widget that is to show what the draft says, whatever it showed before."""
    st.session_state[key] = value
    return key


def mapped() -> Mapped | None:
    """The mapping, or None while something is missing, which is said."""
    draft = there()
    if missing := draft.missing():
        lines = "\n".join(f"- {text}" for text in missing)
        st.warning(f"Before anything can be counted:\n{lines}", icon=":material/edit_note:")
        return None
    try:
        return draft.mapped()
    except TilExplorerError as fault:
        st.error(str(fault), icon=":material/error:")
        return None
