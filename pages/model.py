"""Adjusted model: infiltration on top of what a clinic knows, and infiltration by PD-L1, TMB or MSI."""

from __future__ import annotations

import streamlit as st

from tilexplorer.analysis.missing import Missing
from tilexplorer.analysis.model import Model
from tilexplorer.analysis.model_sentence import model_sentence
from tilexplorer.analysis.power import beside_chance
from tilexplorer.presentation import model as view
from tilexplorer.presentation import response as response_view
from tilexplorer.presentation import survival as survival_view
from tilexplorer.ui import cached_views, controls_model, missing_parts, page_parts

here = page_parts.frame()
found: Model = cached_views.result("model", *here.key)
context = found.context
stamp = page_parts.stamp(context, found.outcome_words, f"model of {', '.join(found.chosen) or 'infiltration alone'}")
look = here.look(stamp)

page_parts.heading("Adjusted model", model_sentence(found), context)
if found.added is not None:
    page_parts.power(beside_chance(found.added, found.power))
if not found.eligible:
    controls_model.model(found)
    page_parts.nothing_left(context)
    st.stop()

if found.full is not None:
    page_parts.show(view.model_figure(found, look), "model")
page_parts.cautions([*view.cautions(found), *context.warnings])
controls_model.model(found)

if found.full is not None:
    page_parts.section("What infiltration adds")
    for line in view.added_lines(found):
        st.markdown(f"- {line}")
    page_parts.section("Numbers")
    page_parts.table(view.model_table(found), "model", stamp, alt="Adjusted ratio of every term of the model")
st.markdown("**Terms and who lacks them**")
page_parts.table(view.terms_table(found), "model-terms", stamp, alt="Terms of the model with recorded and missing")

page_parts.section("Infiltration by PD-L1, TMB or MSI")
controls_model.marker()
if isinstance(found.quadrants, Missing):
    missing_parts.show([found.quadrants])
elif found.quadrants is not None:
    four = found.quadrants
    inner = four.survival or four.response
    assert inner is not None
    mark = page_parts.stamp(inner.context, found.outcome_words, four.rule)
    look = here.look(mark)
    if four.survival is not None:
        page_parts.show(survival_view.figure(four.survival, four.survival.panels[0], look), "quadrants")
        page_parts.table(survival_view.summary(four.survival), "quadrants", mark, alt="Survival of the four groups")
        page_parts.table(survival_view.tests(four.survival), "quadrants-tests", mark, alt="Tests of the four groups")
    if four.response is not None:
        page_parts.show(response_view.rate_figure(four.response, four.response.panels[0], look), "quadrants")
        page_parts.table(response_view.summary(four.response), "quadrants", mark, alt="Response of the four groups")
    st.caption(f"{four.rule[:1].upper()}{four.rule[1:]}. {view.interaction_line(four)}")
page_parts.how_it_was_made("model", context, view.method(found))
