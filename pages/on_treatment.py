"""On treatment: the same patients before and on treatment, by therapy and by response; cold that turned hot."""

from __future__ import annotations

import streamlit as st

from tilexplorer.analysis.on_treatment import OnTreatment
from tilexplorer.analysis.on_treatment_sentence import on_treatment_sentence
from tilexplorer.analysis.power import beside_chance
from tilexplorer.presentation import landmark as landmark_view
from tilexplorer.presentation import on_treatment as view
from tilexplorer.selection import BY
from tilexplorer.ui import cached_views, missing_parts, page_parts

MOST_PANELS = 3

here = page_parts.frame()
found: OnTreatment = cached_views.result("on_treatment", *here.key)
context = found.context
stamp = page_parts.stamp(context, "paired samples before and on treatment")
look = here.look(stamp)

page_parts.heading("On treatment", on_treatment_sentence(found), context)
for panel in found.panels:
    page_parts.power(beside_chance(panel.total.test, [panel.total.power]))
if context.empty:
    missing_parts.show(found.lacking)
    page_parts.nothing_left(context)
    st.stop()

domain = view.domain(found)
for panel in found.panels[:MOST_PANELS]:
    prefix = f"{panel.title}: " if len(found.panels) > 1 else ""
    shown = view.drawn(panel.groups)[: view.MOST_GROUPS]
    if not shown:
        page_parts.cautions([f"{panel.title}: fewer than five pairs in every group; none is drawn"])
        continue
    columns = st.columns(2 if len(shown) > 1 and not here.narrow else 1)
    for i, change in enumerate(shown):
        with columns[i % len(columns)]:
            title = f"{prefix}{change.group.label}"
            each = look if len(shown) == 1 else look.narrow()
            page_parts.show(view.pair_figure(found, panel, change, each, domain, title), f"pairs-{panel.cohort}-{i}")
if len(found.panels) > MOST_PANELS:
    page_parts.cautions([f"figures of the first {MOST_PANELS} cohorts; the tables hold all {len(found.panels)}"])
page_parts.cautions(context.warnings)

page_parts.section("Numbers")
page_parts.table(
    view.summary(found), "on-treatment", stamp, alt=f"Change on treatment by {BY[found.field]}: pairs, median, ratio, p"
)
page_parts.table(view.tests(found), "on-treatment-tests", stamp, alt="Tests of the change between groups")

page_parts.section("Cold that turned hot")
for panel in found.panels[:MOST_PANELS]:
    drawn = view.turned_figure(found, panel, look)
    if drawn is not None:
        page_parts.show(drawn, f"turned-{panel.cohort}")

page_parts.section("By best response")
for panel in found.panels[:MOST_PANELS]:
    shown = view.drawn(panel.responses)
    columns = st.columns(2 if len(shown) > 1 and not here.narrow else 1)
    for i, change in enumerate(shown):
        with columns[i % len(columns)]:
            title = f"{panel.title}: {change.group.label}" if len(found.panels) > 1 else ""
            drawn = view.pair_figure(found, panel, change, look.narrow(), [], title)
            page_parts.show(drawn, f"response-{panel.cohort}-{i}")
page_parts.table(view.responses(found), "change-by-response", stamp, alt="Change on treatment by best response")

landmark = landmark_view.table(found)
if len(landmark):
    page_parts.section("Survival after a landmark, by change")
    for panel in found.panels[:MOST_PANELS]:
        curves = landmark_view.figure(found, panel, look.narrow())
        if curves is not None:
            with st.columns(1 if here.narrow else 2)[0]:
                page_parts.show(curves, f"landmark-{panel.cohort}")
    page_parts.table(landmark, "landmark", stamp, alt="Survival from the landmark with and without a rise")
if len(lesions := view.lesions(found)):
    page_parts.section("Treated and untreated lesions")
    page_parts.table(lesions, "lesions", stamp, alt="Change in locally treated and in other lesions")
if len(others := view.others(found)):
    page_parts.section("Other measures of the same patients")
    page_parts.table(others, "other-measures", stamp, alt="Change of every other measure, with q values")
page_parts.how_it_was_made("on_treatment", context, view.method(found))
