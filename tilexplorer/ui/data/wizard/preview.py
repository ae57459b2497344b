"""Sixth step: what will be counted, made by the same functions as the pages."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from tilexplorer import formatting, vocabulary
from tilexplorer.errors import TilExplorerError
from tilexplorer.importers.mapping import Mapped
from tilexplorer.importers.pseudonyms import Pseudonyms
from tilexplorer.presentation import cells
from tilexplorer.recognise.overlap import overlaps
from tilexplorer.recognise.preview import MeasureCount, Preview, preview
from tilexplorer.ui import visit
from tilexplorer.ui.data.wizard import drafts
from tilexplorer.ui.page_parts import plain

COUNTED = "counted"
OVERLAPS = "published already"


def step(mapped: Mapped, key: Pseudonyms | None) -> None:
    """Patients, endpoints, response and measures as tables, and what is hard to believe."""
    found = _counted(mapped, key)
    if found.error:
        st.error(plain(found.error), icon=":material/error:")
        return
    for line in (*found.warnings, *_published_already(found)):
        st.warning(plain(line), icon=":material/warning:")
    st.html(f'<p class="til-sentence">{_sentence(found)}</p>')
    for title, rows in _tables(found).items():
        if len(rows):
            st.dataframe(rows, hide_index=True, alt=title, key=f"preview {title}", width="stretch")
    for what, reason, n in found.excluded:
        st.caption(f"– {formatting.count(n)} {what}{'s' if n != 1 else ''} left out: {plain(reason)}")


def _published_already(found: Preview) -> tuple[str, ...]:
    """Published cohorts with the same patients; looked for once for each preview and generation."""
    try:
        store = visit.store()
    except TilExplorerError:  # nothing is published yet
        return ()
    kept = st.session_state.get(OVERLAPS)
    if kept is None or kept[0] is not found or kept[1] != store.generation:
        lines = () if found.outcomes.empty else tuple(one.sentence for one in overlaps(found.outcomes, store))
        st.session_state[OVERLAPS] = kept = (found, store.generation, lines)
    lines_of: tuple[str, ...] = kept[2]
    return lines_of


def _counted(mapped: Mapped, key: Pseudonyms | None) -> Preview:
    """The preview of this mapping, made once for each change."""
    kept = st.session_state.get(COUNTED)
    if kept is None or kept[0] != mapped:
        kept = (mapped, preview(mapped, drafts.there().frames, key))
        st.session_state[COUNTED] = kept
    found: Preview = kept[1]
    return found


def _sentence(found: Preview) -> str:
    text = f"{formatting.count(found.patients)} patients"
    if found.endpoints:
        parts = [f"{one.events} events of {one.endpoint.upper()}" for one in found.endpoints]
        text += f", {' and '.join(parts)}"
    if found.response_rate is not None and found.response_rate.shown:
        rate = found.response_rate
        text += f"; response {formatting.percent_interval(rate.value, rate.lower, rate.upper)}"
    return f"{text}."


def _tables(found: Preview) -> dict[str, pd.DataFrame]:
    endpoints = [
        {
            "Endpoint": f"{one.endpoint.upper()}, {vocabulary.ENDPOINTS[one.endpoint]}",
            "Patients": one.n,
            "Events": one.events,
            "Median [months]": cells.median(one.median),
        }
        for one in found.endpoints
    ]
    counted = {
        "Best response": found.responses,
        "Tumour type": [(_tumour(code), n) for code, n in found.tumours],
        "Study": found.studies if len(found.studies) > 1 else (),
    }
    words = {name: pd.DataFrame(rows, columns=[name, "Patients"]) for name, rows in counted.items()}
    regimens = [
        {"Regimen": name, "Therapy classes": found.classes.get(name, ""), "Patients": n} for name, n in found.regimens
    ]
    measures = [_measure(one) for one in found.measures]
    return {
        "Endpoints": pd.DataFrame(endpoints),
        **words,
        "Regimens": pd.DataFrame(regimens),
        "Measures": pd.DataFrame(measures),
    }


def _tumour(code: str) -> str:
    known = vocabulary.tumours().get(code)
    return f"{known.name} ({code})" if known else code


def _measure(one: MeasureCount) -> dict[str, object]:
    numbers = [one.median, one.lowest, one.highest]
    shown = [formatting.measured(n) if n is not None else "" for n in numbers]
    return {
        "Measure": vocabulary.measures()[one.measure].label,
        "When": one.timepoint.replace("_", " "),
        "In": one.tissue,
        "Samples": one.n,
        "Unit": one.unit,
        "Median": shown[0],
        "Range": f"{shown[1]} to {shown[2]}" if shown[1] else ", ".join(f"{name} {n}" for name, n in one.levels),
    }
