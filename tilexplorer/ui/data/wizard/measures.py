"""Fifth step: what was measured in which columns, by which assay, on which tissue and when."""

from __future__ import annotations

from typing import Final

import streamlit as st

from tilexplorer import vocabulary
from tilexplorer.recognise.draft import Draft
from tilexplorer.recognise.edit import set_measure, set_timepoint
from tilexplorer.recognise.guess import Recognised
from tilexplorer.recognise.source import Source
from tilexplorer.ui.data.wizard import drafts
from tilexplorer.ui.page_parts import _plain

TIMEPOINTS: Final = {
    "baseline": "before treatment",
    "on_treatment": "on treatment",
    "post_treatment": "after treatment",
    "unknown": "not known",
}
FACTORS: Final = {1.0: "as written", 0.01: "percent, stored as a share", 100.0: "a share, stored as percent"}
MOST_ROWS: Final = 40


def step() -> None:
    """A row for each measured column, and the timepoint of those whose column does not say it."""
    draft = drafts.there()
    held = [(source, one) for source in draft.sources for one in source.of("measure")]
    if not held and not any(source.matrix for source in draft.sources):
        return
    st.subheader("Measures", anchor=False)
    _timepoint(draft)
    for source, one in held[:MOST_ROWS]:
        _row(draft, source, one)


def _timepoint(draft: Draft) -> None:
    if any(source.only("timepoint") for source in draft.sources):
        return
    st.selectbox(
        "Samples of which no column says when they were taken were taken", ["", *TIMEPOINTS],
        key=drafts.show("timepoint of all", draft.timepoint), on_change=_set_timepoint,
        format_func=lambda one: TIMEPOINTS.get(one, "not said: before treatment is taken"),
    )  # fmt: skip


def _row(draft: Draft, source: Source, one: Recognised) -> None:
    key, known = f"{source.key} {one.column}", vocabulary.measures()
    st.markdown(f"**{_plain(one.column)}**: {', '.join(_plain(value) for value in one.samples[:4])}")
    what, how, unit, tissue = st.columns([4, 4, 3, 2])
    what.selectbox(
        f"{one.column} is", list(known), key=drafts.show(f"measure {key}", one.details.measure or None), index=None,
        format_func=lambda name: f"{known[name].label}{f' [{known[name].unit}]' if known[name].unit else ''}",
        on_change=_set, args=(source.key, one.column, "measure"), placeholder="choose a measure",
    )  # fmt: skip
    card = draft.measures.get(one.details.measure)
    how.text_input(
        "Assay", key=drafts.show(f"assay {key}", card.assay if card else ""), placeholder="immunohistochemistry, ...",
        on_change=_set, args=(source.key, one.column, "assay"),
    )  # fmt: skip
    factors = list(FACTORS) if one.details.factor in FACTORS else [*FACTORS, one.details.factor]
    unit.selectbox(
        "Numbers are", factors, key=drafts.show(f"factor {key}", one.details.factor),
        format_func=lambda factor: FACTORS.get(factor, f"multiplied by {factor:g}"),
        on_change=_set, args=(source.key, one.column, "factor"),
    )  # fmt: skip
    tissue.selectbox(
        "In", list(vocabulary.TISSUES), key=drafts.show(f"tissue {key}", one.details.tissue or "tumour"),
        on_change=_set, args=(source.key, one.column, "tissue"),
    )  # fmt: skip


def _set(file: str, column: str, what: str) -> None:
    value = st.session_state[f"{what} {file} {column}"]
    measure = st.session_state[f"measure {file} {column}"]
    if measure is not None:
        given = {} if what == "measure" else {what: value}
        drafts.change(lambda draft: set_measure(draft, column, measure, file=file, **given))


def _set_timepoint() -> None:
    if chosen := st.session_state["timepoint of all"]:
        drafts.change(lambda draft: set_timepoint(draft, chosen))
