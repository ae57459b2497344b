"""Fourth step: for each endpoint its unit, the value that means event, and where its clock starts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import streamlit as st

from tilexplorer import vocabulary
from tilexplorer.importers.mapping import DAYS
from tilexplorer.recognise.draft import Draft
from tilexplorer.recognise.edit import set_endpoint, set_event, set_t0, set_unit
from tilexplorer.recognise.guess import Recognised
from tilexplorer.recognise.propose import when_described
from tilexplorer.recognise.source import Source
from tilexplorer.ui.data.wizard import drafts
from tilexplorer.ui.page_parts import plain

STEP: Final = "endpoints"
T0: Final = "first dose, randomisation, diagnosis ..."


def step() -> None:
    """A block for each endpoint that has a column."""
    draft = drafts.there()
    found = {name: pair for name in vocabulary.ENDPOINTS if (pair := _pair(draft, name)) != (None, None)}
    open_ = [*_of(draft, "time", ""), *_of(draft, "status", "")]
    if not found and not open_:
        return
    st.subheader("Endpoints", anchor=False)
    drafts.refused(STEP)
    for source, one in open_:
        _belongs(source, one, None)
    for name, (time, status) in found.items():
        st.markdown(f"**{name.upper()}**, {vocabulary.ENDPOINTS[name]}")
        columns = st.columns(3)
        with columns[0]:
            _time(name, time)
        with columns[1]:
            _status(name, status)
        with columns[2]:
            t0 = draft.t0.get(name) or _described(time)
            st.text_input(
                f"The clock of {name.upper()} starts at", key=drafts.show(f"t0 {name}", t0),
                placeholder=T0, on_change=_set_t0, args=(name,),
            )  # fmt: skip


Found = tuple[Source, Recognised] | None


def _of(draft: Draft, role: str, endpoint: str) -> Iterator[tuple[Source, Recognised]]:
    for source in draft.sources:
        for one in source.of(role):
            if one.details.endpoint == endpoint:
                yield source, one


def _pair(draft: Draft, name: str) -> tuple[Found, Found]:
    return next(_of(draft, "time", name), None), next(_of(draft, "status", name), None)


def _described(found: Found) -> str:
    """What the file itself says of the times, which often is where their clock starts."""
    return when_described(*found) if found else ""


def _time(name: str, found: Found) -> None:
    if found is None:
        st.caption(f"no column has the times of {name.upper()}: it is not read")
        return
    source, one = found
    st.selectbox(
        f"{one.column} is in", list(DAYS), key=drafts.show(f"unit {name}", one.details.unit or None),
        on_change=_set_unit, args=(name,), index=None if not one.details.unit else 0,
    )  # fmt: skip
    _belongs(source, one, name)
    st.caption(plain(one.why))


def _status(name: str, found: Found) -> None:
    if found is None:
        st.caption(f"no column says who had an event of {name.upper()}: it is not read")
        return
    source, one = found
    values = list(source.profile(one.column).values)
    event = [value for value in one.details.event if value in values]  # a token of the file may hide one
    st.multiselect(
        f"These values of {one.column} mean the event", values, key=drafts.show(f"event {name}", event),
        on_change=_set_event, args=(name,),
    )  # fmt: skip
    _belongs(source, one, name)
    rest = ", ".join(map(plain, one.details.censored)) or "nobody"
    st.caption(f"Censored: {rest}. {plain(one.why[:1].upper() + one.why[1:])}")


def _belongs(source: Source, one: Recognised, name: str | None) -> None:
    key = f"endpoint of {source.key} {one.column}"
    st.selectbox(
        f"{one.column} belongs to", list(vocabulary.ENDPOINTS), key=drafts.show(key, name), format_func=str.upper,
        on_change=_set_endpoint, args=(source.key, one.column, key), index=None,
        placeholder="choose an endpoint: it is not read until then",
    )  # fmt: skip


def _set_unit(name: str) -> None:
    drafts.change(lambda draft: set_unit(draft, name, st.session_state[f"unit {name}"]), STEP)


def _set_event(name: str) -> None:
    drafts.change(lambda draft: set_event(draft, name, st.session_state[f"event {name}"]), STEP)


def _set_t0(name: str) -> None:
    drafts.change(lambda draft: set_t0(draft, name, st.session_state[f"t0 {name}"]), STEP)


def _set_endpoint(file: str, column: str, key: str) -> None:
    if (chosen := st.session_state[key]) is not None:
        drafts.change(lambda draft: set_endpoint(draft, column, chosen, file), STEP)
