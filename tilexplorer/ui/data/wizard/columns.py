"""Second step: what each column is taken for, how sure that is and why, beside samples of its values."""

from __future__ import annotations

from typing import Final

import streamlit as st

from tilexplorer.recognise.edit import keep_role, set_missing, set_role
from tilexplorer.recognise.guess import ROLES, Recognised
from tilexplorer.recognise.source import Source
from tilexplorer.ui.data.wizard import drafts
from tilexplorer.ui.page_parts import plain

MOST_ROWS: Final = 40
LEFT: Final = ("ignored", "identifying", "date")
NAMED: Final = 6
SHOWN_SAMPLES: Final = 4
STEP: Final = "columns"


def step() -> None:
    """A row for each column that is read; the others can be brought in."""
    st.subheader("Columns", anchor=False)
    drafts.refused(STEP)
    for source in drafts.there().sources:
        if source.matrix is None:
            _source(source)


def _source(source: Source) -> None:
    if len(drafts.there().sources) > 1:
        st.markdown(f"**{plain(source.file.name)}**")
    st.multiselect(
        "These mean that a value is missing", list(source.file.missing), accept_new_options=True,
        key=drafts.show(f"missing {source.key}", list(source.file.missing)), on_change=_missing, args=(source.key,),
    )  # fmt: skip
    read = [one for one in source.columns if one.role not in LEFT]
    for one in read[:MOST_ROWS]:
        _row(source, one)
    if len(read) > MOST_ROWS:
        st.caption(f"{len(read) - MOST_ROWS} further columns are read as proposed; the mapping file lists them.")
    _others(source)


def _row(source: Source, one: Recognised) -> None:
    key = f"role {source.key} {one.column}"
    words, role, why = st.columns([4, 3, 4], vertical_alignment="center")
    words.markdown(f"**{plain(one.column)}**  \n{_samples(one)}")
    role.selectbox(
        f"What {one.column} is", list(ROLES), key=drafts.show(key, one.role), format_func=ROLES.__getitem__,
        label_visibility="collapsed", on_change=_role, args=(source.key, one.column, key),
    )  # fmt: skip
    why.caption(f"{_sure(one)}{plain(one.why)}")
    if not one.sure and one.role not in LEFT:
        why.button(
            "That is right", key=f"keep {source.key} {one.column}", type="tertiary", icon=":material/check:",
            on_click=_keep, args=(source.key, one.column), help=f"Confirm that {one.column} is {ROLES[one.role]}",
        )  # fmt: skip


def _samples(one: Recognised) -> str:
    return ", ".join(plain(value) for value in one.samples[:SHOWN_SAMPLES]) or "no values are shown"


def _sure(one: Recognised) -> str:
    """How sure a role is; of a column that is not read there is only the reason to say."""
    if one.confirmed:
        return ":material/check: "
    if one.role in LEFT:
        return ""
    mark = ":material/check_circle:" if one.sure else ":material/help:"
    return f"{mark} {one.confidence:.0%} sure: "


def _others(source: Source) -> None:
    left = [one for one in source.columns if one.role in LEFT]
    if not left:
        return
    private = [one.column for one in left if one.role == "identifying"]
    if private:
        way_on = (
            "better remove it from the file." if source.of("patient") else "where it is the only id, choose "
            "'patient id' for it below: then the ids are replaced by pseudonyms on import."
        )  # fmt: skip
        st.warning(
            f"{', '.join(map(plain, private))}: this looks as if it says who a patient is. It is never read; {way_on}",
            icon=":material/visibility_off:",
        )
    names = ", ".join(plain(one.column or "one without a name") for one in left[:NAMED])
    more = f" and {len(left) - NAMED} more" if len(left) > NAMED else ""
    with st.expander(f"Not read: {names}{more}"):
        for one in left[:MOST_ROWS]:
            _row(source, one)
        if len(left) > MOST_ROWS:
            rest = {one.column: one for one in left[MOST_ROWS:]}
            key = f"further column of {source.key}"
            chosen = st.selectbox("Show a further column", list(rest), index=None, key=key)
            if chosen is not None:
                _row(source, rest[chosen])


def _role(file: str, column: str, key: str) -> None:
    drafts.change(lambda draft: set_role(draft, column, st.session_state[key], file), STEP)


def _keep(file: str, column: str) -> None:
    drafts.change(lambda draft: keep_role(draft, column, file), STEP)


def _missing(file: str) -> None:
    drafts.change(lambda draft: set_missing(draft, tuple(st.session_state[f"missing {file}"]), file), STEP)
