"""Response: rates by group with limits, the categories behind them, level by tumour type, and tumour shrinkage."""

from __future__ import annotations

import streamlit as st

from tilexplorer.analysis.power import beside_chance
from tilexplorer.analysis.response import Response
from tilexplorer.analysis.sentences import response_sentence
from tilexplorer.presentation import response as view
from tilexplorer.ui import cached_views, controls, missing_parts, page_parts

MOST_PANELS = 12

here = page_parts.frame()
found: Response = cached_views.result("response", *here.key)
context = found.context
population = "evaluable patients" if context.selection.population == "evaluable" else "all patients"
stamp = page_parts.stamp(context, found.rate_words, population, f"{context.selection.rate_interval} 95% limits")
look = here.look(stamp)

page_parts.heading("Response", response_sentence(found), context)
if context.empty:
    controls.response(found)
    missing_parts.show(found.lacking)
    page_parts.nothing_left(context)
    st.stop()
if len(found.panels) == 1:
    page_parts.power(beside_chance(found.panels[0].association, found.panels[0].power))

shown = view.panels_shown(found, MOST_PANELS)
columns = st.columns(2 if len(shown) > 1 and not here.narrow else 1)
for i, panel in enumerate(shown):
    with columns[i % len(columns)]:
        drawn = view.rate_figure(found, panel, look if len(shown) == 1 else look.narrow())
        page_parts.show(drawn, f"response-{i + 1}")

page_parts.cautions(context.warnings)
controls.response(found)

page_parts.section("Numbers")
page_parts.table(view.summary(found), "response", stamp, alt="Response rate, difference and odds ratio by group")
page_parts.table(view.tests(found), "response-tests", stamp, alt="Tests of response between the groups")

page_parts.section("Best response")
for i, panel in enumerate(shown[:4]):
    if view.has_categories(panel):
        page_parts.show(view.breakdown_figure(found, panel, look), f"breakdown-{i + 1}")
page_parts.table(view.categories_table(found), "categories", stamp, alt="Patients by what was recorded and group")

if found.heat_map:
    page_parts.section("By level and tumour type")
    page_parts.show(view.heat_map(found, look), "heat-map")
changes = view.waterfall_figure(found, look)
if changes is not None:
    page_parts.section("Change of the target lesions")
    page_parts.show(changes, "waterfall")
page_parts.how_it_was_made("response", context, view.method(found))
