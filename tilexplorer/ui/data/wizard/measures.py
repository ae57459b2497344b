"""Fifth step: what was measured in which columns, by which assay, in which unit, on which tissue and when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import streamlit as st

from tilexplorer import vocabulary
from tilexplorer.recognise.draft import Draft
from tilexplorer.recognise.edit import set_measure, set_timepoint
from tilexplorer.recognise.guess import Recognised
from tilexplorer.recognise.source import Source
from tilexplorer.ui.data.wizard import drafts, meanings
from tilexplorer.ui.page_parts import plain

TIMEPOINTS: Final = {
    "baseline": "before treatment",
    "on_treatment": "on treatment",
    "post_treatment": "after treatment",
    "unknown": "not known",
}
FACTORS: Final = {1.0: "as written", 0.01: "percent, stored as a share", 100.0: "a share, stored as percent"}
OF_SAMPLES: Final = ("timepoint", "tissue", "origin", "sample_age")
MOST_ROWS: Final = 40
STEP: Final = "measures"


def step() -> None:
    """A row for each measured column, the timepoint of those whose column does not say it, and the words of samples."""
    draft = drafts.there()
    held = [(source, one) for source in draft.sources for one in source.of("measure")]
    scored = any(source.matrix for source in draft.sources)
    if not held and not scored:
        return
    st.subheader("Measures", anchor=False)
    drafts.refused(STEP)
    _timepoint(draft)
    _words(source for source in draft.sources if scored or source.of("measure"))
    for source, one in held[:MOST_ROWS]:
        _row(draft, source, one)
    if len(held) > MOST_ROWS:
        st.caption(f"{len(held) - MOST_ROWS} further measures are read as proposed; the mapping file lists them.")


def _timepoint(draft: Draft) -> None:
    if any(source.only("timepoint") for source in draft.sources):
        return
    st.selectbox(
        "When samples were taken of which no column says it", ["", *TIMEPOINTS],
        key=drafts.show("timepoint of all", draft.timepoint), on_change=_set_timepoint,
        format_func=lambda one: TIMEPOINTS.get(one, "not said: before treatment is taken"),
    )  # fmt: skip


def _words(sources: Iterable[Source]) -> None:
    """What the words of the columns about samples mean."""
    for source in sources:
        for role in OF_SAMPLES:
            for one in source.of(role):
                meanings.of_column(source, one, STEP)


def _row(draft: Draft, source: Source, one: Recognised) -> None:
    key, known = f"{source.key} {one.column}", vocabulary.measures()
    entry = known.get(one.details.measure)
    st.markdown(f"**{plain(one.column)}**: {', '.join(plain(value) for value in one.samples[:4])}")
    what, how, unit = st.columns([4, 3, 3])
    what.selectbox(
        f"{one.column} is", list(known), key=drafts.show(f"measure {key}", one.details.measure or None), index=None,
        format_func=lambda name: f"{known[name].label}{f' [{known[name].unit}]' if known[name].unit else ''}",
        on_change=_set, args=(source.key, one.column, "measure"), placeholder="choose a measure",
    )  # fmt: skip
    if entry is None:
        st.caption("It is not read until then.")
        return
    card = draft.measures.get(entry.id)
    what.caption(f"Compartment: {entry.compartment}")
    _text(how, "assay", key, "Assay", card.assay if card else "", (source.key, one.column))
    if entry.kind == "number":
        _text(unit, "unit", key, "Unit", (card.unit if card else "") or entry.unit, (source.key, one.column))
    _sample(source, one, entry.kind == "number")
    meanings.of_column(source, one, STEP)


def _text(place: Any, what: str, key: str, label: str, shown: str, column: tuple[str, str]) -> None:
    place.text_input(
        label, key=drafts.show(f"{what} {key}", shown), on_change=_set, args=(*column, what),
        placeholder="immunohistochemistry, ..." if what == "assay" else "",
    )  # fmt: skip


def _sample(source: Source, one: Recognised, numeric: bool) -> None:
    """When and in what it was measured, where no column says it, and how its numbers are written."""
    key, (when, tissue, numbers) = f"{source.key} {one.column}", st.columns([4, 3, 3])
    if column := source.only("timepoint"):
        when.caption(f"When: as column {plain(column.column)} says")
    else:
        when.selectbox(
            "Taken", ["", *TIMEPOINTS], key=drafts.show(f"timepoint {key}", one.details.timepoint),
            format_func=lambda word: TIMEPOINTS.get(word, "as said above"), on_change=_set,
            args=(source.key, one.column, "timepoint"),
        )  # fmt: skip
    if column := source.only("tissue"):
        tissue.caption(f"In: as column {plain(column.column)} says")
    else:
        tissue.selectbox(
            "In", list(vocabulary.TISSUES), key=drafts.show(f"tissue {key}", one.details.tissue or "tumour"),
            on_change=_set, args=(source.key, one.column, "tissue"),
        )  # fmt: skip
    if numeric:
        factors = list(FACTORS) if one.details.factor in FACTORS else [*FACTORS, one.details.factor]
        numbers.selectbox(
            "Numbers are", factors, key=drafts.show(f"factor {key}", one.details.factor),
            format_func=lambda factor: FACTORS.get(factor, f"multiplied by {factor:g}"),
            on_change=_set, args=(source.key, one.column, "factor"),
        )  # fmt: skip


def _set(file: str, column: str, what: str) -> None:
    value = st.session_state[f"{what} {file} {column}"]
    measure = st.session_state[f"measure {file} {column}"]
    if measure is not None:
        given = {} if what == "measure" else {what: value}
        drafts.change(lambda draft: set_measure(draft, column, measure, file=file, **given), STEP)


def _set_timepoint() -> None:
    if chosen := st.session_state["timepoint of all"]:
        drafts.change(lambda draft: set_timepoint(draft, chosen), STEP)
