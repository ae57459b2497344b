"""Across cohorts: the same question in every cohort, what they say together, and where they disagree."""

from __future__ import annotations

import streamlit as st

from tilexplorer.analysis.power import beside_chance
from tilexplorer.analysis.synthesis import Across
from tilexplorer.analysis.synthesis_sentence import synthesis_sentence
from tilexplorer.presentation import synthesis as view
from tilexplorer.statistics.results import Test
from tilexplorer.ui import cached_views, controls_synthesis, missing_parts, page_parts

here = page_parts.frame()
found: Across = cached_views.result("synthesis", *here.key)
context = found.context
stamp = page_parts.stamp(context, found.outcome_words, f"{found.ratio_words} {found.effect_words}, 95% limits")
look = here.look(stamp)

page_parts.heading("Across cohorts", synthesis_sentence(found), context)
page_parts.power(beside_chance(Test(p_value=found.whole.pooled.p_value), found.power))
if context.empty:
    controls_synthesis.synthesis(found)
    missing_parts.show(found.lacking)
    page_parts.nothing_left(context)
    st.stop()
page_parts.show(view.cohorts_figure(found, look), "synthesis")
controls_synthesis.synthesis(found)
page_parts.cautions(context.warnings)

page_parts.section("Numbers")
page_parts.table(view.cohorts_table(found), "synthesis", stamp, alt="The effect in each cohort, with its weight")
if found.whole.k > 1:
    page_parts.table(view.together_table(found), "synthesis-together", stamp, alt="What the cohorts say together")
if found.without:
    page_parts.section("Without each cohort")
    page_parts.table(
        view.without_table(found), "synthesis-without", stamp, alt="The effect together without each cohort in turn"
    )
if found.left_out:
    page_parts.section("Cohorts left out")
    page_parts.table(view.left_out_table(found), "synthesis-left-out", stamp, alt="Cohorts left out, with the reason")

for part in found.subgroups:
    if sum(len(group.rows) for group in part.pools) > 1:  # a line alone is the cohort's own
        page_parts.section(f"By {part.words}")
        page_parts.show(view.subgroup_figure(found, part, look), f"synthesis-{part.field}")
        alt = f"The effect in each cohort by {part.words}"
        page_parts.table(view.subgroup_table(found, part), f"synthesis-{part.field}", stamp, alt=alt)
page_parts.how_it_was_made("synthesis", context, view.method(found))
