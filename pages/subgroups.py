"""Subgroups: a forest of the effect in every subgroup, and whether infiltration is prognostic or predictive."""

from __future__ import annotations

import streamlit as st

from tilexplorer.analysis.power import beside_chance, power_line
from tilexplorer.analysis.subgroups import Subgroups
from tilexplorer.analysis.subgroups_sentence import subgroups_sentence
from tilexplorer.presentation import subgroups as view
from tilexplorer.statistics.results import Test
from tilexplorer.ui import cached_views, controls_subgroups, missing_parts, page_parts

here = page_parts.frame()
found: Subgroups = cached_views.result("subgroups", *here.key)
context = found.context
stamp = page_parts.stamp(context, found.outcome_words, f"{found.question.scale}, {found.question.contrast}")
look = here.look(stamp)

page_parts.heading("Subgroups", subgroups_sentence(found), context)
controls_subgroups.draw(context)
if context.empty:
    missing_parts.show(found.missing)
    page_parts.nothing_left(context)
    st.stop()
page_parts.power(beside_chance(Test(p_value=found.overall.ratio.p_value), found.power))
page_parts.show(view.forest_figure(found, look), "subgroups")
page_parts.cautions(context.warnings)

page_parts.section("Prognostic or predictive?")
st.markdown(found.predictive.sentence)
if found.predictive.missing is not None:
    missing_parts.show([found.predictive.missing])
for i, study in enumerate(found.predictive.studies):
    st.markdown(
        f"**{study.title}**: {study.therapy} ({study.sizes[1]}) v {study.comparator} ({study.sizes[0]}), "
        f"{'randomised' if study.randomised else 'not randomised'}"
    )
    first = study.asked[0]
    if first.model.along is not None:
        panel = here.look(page_parts.stamp(view.panel_stamp(found, first), f"interaction in {study.title}"))
        page_parts.show(view.along_figure(found, study, first, panel), f"along-{i + 1}")
    page_parts.power(power_line([asked.power for asked in study.asked]))
    page_parts.table(
        view.interactions(study, found.question), f"interaction-{i + 1}", stamp,
        alt="Interaction of therapy and infiltration, one row for each way of asking",
    )  # fmt: skip
    page_parts.table(
        view.within(study, found.question), f"within-{i + 1}", stamp,
        alt="Therapy within each level and infiltration within each arm, from the same model",
    )  # fmt: skip

page_parts.section("Numbers")
page_parts.table(view.table(found), "subgroups", stamp, alt="Effect in each subgroup with the interaction p")
left_out = view.not_compared(found)
if len(left_out):
    st.markdown("**Not compared**")
    page_parts.table(left_out, "not-compared", stamp, alt="Patients and subgroups that are not compared, by variable")
page_parts.how_it_was_made("subgroups", context, view.method(found))
