"""Therapy combinations: which were given, to how many, what came of each by level, and against single components."""

from __future__ import annotations

import streamlit as st

from tilexplorer.analysis.therapies import Therapies
from tilexplorer.analysis.therapies_sentence import therapies_sentence
from tilexplorer.presentation import therapies as view
from tilexplorer.ui import cached_views, controls_therapies, page_parts

here = page_parts.frame()
found: Therapies = cached_views.result("therapies", *here.key)
context = found.context
stamp = page_parts.stamp(context, found.rate_words, found.endpoint_words, "not randomised unless said")
look = here.look(stamp)

page_parts.heading("Therapy combinations", therapies_sentence(found), context)
if context.empty:
    page_parts.nothing_left(context)
    st.stop()
page_parts.show(view.components_figure(found, look), "therapies")
controls_therapies.therapies(context)
page_parts.cautions(context.warnings)

page_parts.section("Numbers")
page_parts.table(view.combinations_table(found), "therapies", stamp, alt="Patients, response and survival by therapy")

page_parts.section("By infiltration level")
by_level = view.levels_figure(found, look)
if by_level is None:
    st.info("No patient of this selection has both a level and a response.", icon=":material/search:")
else:
    page_parts.show(by_level, "therapies-levels")
levels = view.levels_table(found)
if len(levels):
    page_parts.table(levels, "therapies-levels", stamp, alt="Response and survival by therapy and infiltration level")

page_parts.section("Combinations beside their components")
if found.versus:
    st.caption("Not randomised unless a line says so: a difference need not be due to the treatment.")
    page_parts.table(
        view.versus_table(found),
        "therapies-components",
        stamp,
        alt="Each combination against its components given alone",
    )
else:
    st.caption("No combination of this selection has a component that was also given alone.")
page_parts.how_it_was_made("therapies", context, view.method(found))
