"""Data: what is published, public cohorts to add, cohorts of your own, what to take away, and how to undo."""

from __future__ import annotations

import html

import streamlit as st

from tilexplorer.ui import page_parts
from tilexplorer.ui.data import history, public, published, running, take_away, wizard

here = page_parts.frame()
rows = published.held(str(here.store.folder), here.store.generation)

page_parts.title_line("Data", simulated=bool(rows["simulated"].any()))
st.html(f'<p class="til-sentence">{html.escape(published.sentence(rows))}</p>')
running.section()
published.section(here.store)

page_parts.section("Your own cohort")
take_away.template()
wizard.section(here.store)

page_parts.section("Public cohorts")
public.section(here.store, set(rows["cohort"]))

page_parts.section("Take away")
take_away.section(here.store, here.query)

page_parts.section("Undo")
history.section(here.store)
