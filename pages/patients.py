"""Patients: a table of the selection, one patient's profile, patients like a described one, times as lanes."""

from __future__ import annotations

import html

import streamlit as st

from tilexplorer.analysis.like import asked
from tilexplorer.analysis.patients import Patients, shown_table
from tilexplorer.analysis.patients_sentence import like_sentence, patients_sentence
from tilexplorer.presentation import patients as view
from tilexplorer.resolve import resolve
from tilexplorer.ui import cached_views, controls_patients, page_parts

here = page_parts.frame()
found: Patients = cached_views.result("patients", *here.key)
context = found.context
stamp = page_parts.stamp(context, "patients of the selection")
look = here.look(stamp)

page_parts.heading("Patients", patients_sentence(found), context)
if context.empty:
    page_parts.nothing_left(context)
    st.stop()
page_parts.cautions(context.warnings)

extra = controls_patients.columns(found)
rows = shown_table(found, extra)
st.dataframe(
    rows, hide_index=True, lazy=False, height=420, key=controls_patients.TABLE, selection_mode="single-row",
    on_select=lambda: controls_patients.picked(found), alt="Patients of the selection, a row each",
    placeholder="–",
)  # fmt: skip
st.download_button(
    "Table as CSV", page_parts.as_csv(rows, stamp), "til-explorer-patients.csv", "text/csv", type="tertiary",
    icon=":material/download:", on_click="ignore",
)  # fmt: skip
counted = cached_views.flow(*here.key).remaining
if counted != context.n:
    st.caption(f"The table needs no group or level: the sidebar counts the {counted} patients who have one.")

page_parts.section("One patient")
controls_patients.patient()
person = found.profile
if person.why_not:
    st.info(person.why_not, icon=":material/person_search:")
elif person.patient:
    st.html(f'<p class="til-caution">{html.escape(f"{person.title}, patient {person.patient}")}</p>')
    if not person.selected:
        page_parts.cautions(["this patient is not in the table: the filters of the sidebar leave them out"])
    page_parts.table(view.timeline(person), "timeline", stamp, alt="Samples and outcomes in order of time")
    if person.clock:
        st.caption(person.clock)
    page_parts.show(view.placement_figure(found, look), "placement")
    if len(kinds := view.categories(person)):
        page_parts.table(kinds, "categories", stamp, alt="Measured categories of the patient")
    page_parts.table(view.facts(person), "facts", stamp, alt="What is recorded of the patient")
else:
    st.caption("Tick a row of the table, or write a cohort and an identifier.")

page_parts.section("Patients like this one")
st.caption(
    "Choose tumour type, therapy and line in the sidebar; enter age and a value of the measure here. "
    "What happened to such patients is told as it was observed; treatments are never ranked."
)
resolved = resolve(here.store, context.selection)
controls_patients.described(f"{resolved.measure_label}, in the unit of the cohort")
if asked(resolved):
    sentence = like_sentence(found)
    st.html(f'<p class="til-sentence">{html.escape(sentence.text)}</p>')
    if sentence.caution:
        st.html(f'<p class="til-caution">{html.escape(sentence.caution)}</p>')
    if not found.like.why_not:
        page_parts.table(view.like_table(found), "like", stamp, alt="What was observed in such patients")
    page_parts.cautions(found.like.doubts)

page_parts.section("Times")
page_parts.show(view.swimmer_figure(found, look), "swimmer")
page_parts.how_it_was_made("patients", context, view.method(found))
