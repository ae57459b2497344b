"""Microenvironment: what goes with a hot or a cold tumour, core against margin, and which measures rise together."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from tilexplorer.analysis.microenvironment import Microenvironment
from tilexplorer.analysis.microenvironment_sentence import microenvironment_sentence
from tilexplorer.presentation import microenvironment as view
from tilexplorer.selection import BY
from tilexplorer.ui import cached_views, controls_microenvironment, missing_parts, page_parts

here = page_parts.frame()
found: Microenvironment = cached_views.result("microenvironment", *here.key)
context = found.context
stamp = page_parts.stamp(context, f"measures by {BY[found.field]}", "rank tests")
look = here.look(stamp)
# Correlations and response are of everybody whom the filters leave, with a group or without.
everybody = page_parts.stamp(replace(context, n=found.people, measure=""), "rank tests, n of each measure beside it")
wide_look = here.look(everybody)

page_parts.heading("Microenvironment", microenvironment_sentence(found), context)
if context.empty:
    page_parts.nothing_left(context)
    missing_parts.show(found.lacking[:1])
    st.stop()

drawn = view.figure_rows(found)
columns = st.columns(2 if len(drawn) > 1 and not here.narrow else 1)
for i, row in enumerate(drawn):
    with columns[i % len(columns)]:
        each = look if len(drawn) == 1 else look.narrow()
        page_parts.show(view.distribution_figure(found, row, each, view.domain(found)), f"measure-{row.cohort}-{i}")
controls_microenvironment.measure(found)
page_parts.cautions(context.warnings)

page_parts.section("Numbers")
page_parts.table(
    view.summary(found, found.rows), "microenvironment", stamp, alt=f"Every measure by {BY[found.field]}, with q values"
)
if found.categories:
    page_parts.table(
        view.categories(found), "categories", stamp, alt=f"Recorded categories by {BY[found.field]}, in patients"
    )

if found.regions:
    page_parts.section("Core against margin")
    columns = st.columns(2 if len(found.regions) > 1 and not here.narrow else 1)
    for i, one in enumerate(found.regions[: view.MOST_MAPS]):
        with columns[i % len(columns)]:
            each = look if len(found.regions) == 1 else look.narrow()
            page_parts.show(view.region_figure(found, one, each), f"regions-{one.cohort}")
    page_parts.table(view.region_table(found), "regions", stamp, alt="Region by the cuts and recorded phenotype")
    page_parts.table(view.percentile_table(found), "percentile", stamp, alt="Tumours by two-region CD8 percentile")
    page_parts.cautions(view.region_notes(found))

if found.correlations:
    page_parts.section("Which measures rise together")
    for together in found.correlations[: view.MOST_MAPS]:
        page_parts.show(view.correlation_figure(found, together, wide_look), f"correlations-{together.cohort}")
    if len(found.correlations) > view.MOST_MAPS:
        page_parts.cautions([f"{len(found.correlations) - view.MOST_MAPS} more cohorts: choose them in the sidebar"])

if found.by_response:
    page_parts.section("By response")
    shown = view.response_figure_rows(found)
    columns = st.columns(2 if len(shown) > 1 and not here.narrow else 1)
    for i, row in enumerate(shown):
        with columns[i % len(columns)]:
            page_parts.show(view.distribution_figure(found, row, wide_look.narrow(), ["PD", "PR"]), f"by-response-{i}")
    page_parts.table(
        view.summary(found, found.by_response), "measures-by-response", everybody, alt="Every measure by response"
    )

if found.composition.labels:
    page_parts.section("Hot and cold by tumour type")
    page_parts.show(view.composition_figure(found, look), "composition")
if len(lesions := view.lesions(found)):
    page_parts.section("Lesions of one patient")
    page_parts.table(lesions, "lesions", stamp, alt="Rank correlation of two lesions of one patient")
if found.lacking:
    with st.expander(f"Not measured in this selection ({len(found.lacking)})"):
        missing_parts.show(found.lacking)
page_parts.how_it_was_made("microenvironment", context, view.method(found))
