"""Survival: Kaplan-Meier curves of the selection's groups, their tests, medians, hazard ratios and restricted means."""

from __future__ import annotations

import streamlit as st

from tilexplorer.analysis.power import beside_chance
from tilexplorer.analysis.sentences import survival_sentence
from tilexplorer.analysis.survival import Survival
from tilexplorer.presentation import survival as view
from tilexplorer.ui import cached_views, controls, page_parts

MOST_PANELS = 12

here = page_parts.frame()
found: Survival = cached_views.result("survival", *here.key)
context = found.context
stamp = page_parts.stamp(context, found.endpoint_words, f"Kaplan-Meier, {context.selection.interval} 95% limits")

page_parts.heading("Survival", survival_sentence(found), context)
if context.empty:
    page_parts.nothing_left(context)
    st.stop()
if len(found.panels) == 1:
    page_parts.power(beside_chance(found.panels[0].logrank, found.panels[0].power))
look = here.look(stamp)
if len(found.panels) == 1:
    page_parts.show(view.figure(found, found.panels[0], look), "survival")
else:
    columns = st.columns(1 if here.narrow else 2)
    for i, panel in enumerate(found.panels[:MOST_PANELS]):
        with columns[i % len(columns)]:
            drawn = view.figure(found, panel, look.narrow(), rows="at_risk", longest=view.longest(found))
            page_parts.show(drawn, f"survival-{i + 1}")
    if len(found.panels) > MOST_PANELS:
        st.caption(f"{len(found.panels) - MOST_PANELS} more panels are in the table below.")

page_parts.cautions([*context.warnings, *(w for panel in found.panels for w in panel.warnings)])
controls.survival(found)

page_parts.section("Numbers")
page_parts.table(
    view.summary(found), "survival", stamp, alt="Median survival, restricted mean and hazard ratio by group"
)
left, right = st.columns(2) if len(found.panels) == 1 else (st.container(), st.container())
with left:
    st.markdown("**Survival at 6, 12 and 24 months**")
    page_parts.table(view.milestones(found), "milestones", stamp, alt="Survival at 6, 12 and 24 months by group")
with right:
    st.markdown("**Tests**")
    page_parts.table(view.tests(found), "survival-tests", stamp, alt="Log-rank tests over all groups, trend and pairs")
page_parts.how_it_was_made("survival", context, view.method(found))
