"""Overview: who the selection is by infiltration level, who was left out, and which cohorts are at hand."""

from __future__ import annotations

import streamlit as st

from tilexplorer.analysis.overview import Overview
from tilexplorer.analysis.sentences import overview_sentence
from tilexplorer.presentation import overview as view
from tilexplorer.ui import cached_views, page_parts

here = page_parts.frame()
found: Overview = cached_views.result("overview", *here.key)
context = found.context
stamp = page_parts.stamp(context, "overview")

page_parts.heading("Overview", overview_sentence(found), context)
page_parts.cautions(context.warnings)
if context.empty:
    page_parts.nothing_left(context, "survival")
else:
    page_parts.section("Who was looked at")
    page_parts.show(view.flow_figure(found, here.look(stamp)), "flow")
    if found.measured:
        st.markdown("**Patients with and without the measure.** Who has no biopsy is seldom chance.")
        page_parts.table(
            view.measured(found), "measured", stamp, alt="Response and survival with and without the measure"
        )
    page_parts.section("Patients by infiltration level")
    page_parts.table(
        view.table_one(found), "table-1", stamp, alt="Characteristics of the patients by infiltration level"
    )

page_parts.section("What to know of the chosen cohorts")
page_parts.about_cohorts(context)

page_parts.section("Cohorts in this store")
page_parts.table(view.cohorts(found), "cohorts", stamp, alt="Cohorts with patients, events, follow-up and citation")
if found.gaps:
    st.markdown(
        "No real cohort of this store has both infiltration and immunotherapy for: "
        + ", ".join(found.gaps).lower()
        + "."
    )
page_parts.how_it_was_made("overview", context, ["Counts of patients, each once. Percentages are of the column."])
