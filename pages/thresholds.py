"""Thresholds: the measure as a number, every rule side by side, every cut, the same patients by a second measure."""

from __future__ import annotations

import streamlit as st

from tilexplorer.analysis.missing import Missing
from tilexplorer.analysis.power import beside_chance
from tilexplorer.analysis.thresholds import Thresholds
from tilexplorer.analysis.thresholds_sentence import thresholds_sentence
from tilexplorer.presentation import thresholds as view
from tilexplorer.ui import cached_views, controls_thresholds, missing_parts, page_parts

here = page_parts.frame()
found: Thresholds = cached_views.result("thresholds", *here.key)
context = found.context
cut = found.cut.words if found.cut else ""
stamp = page_parts.stamp(context, found.outcome_words, found.scale.rule, cut)
look = here.look(stamp)

page_parts.heading("Thresholds", thresholds_sentence(found), context)
page_parts.power(beside_chance(found.continuous.test, found.power))
if found.needs is not None or not found.n:
    controls_thresholds.outcome()
    if found.needs is not None:
        missing_parts.show([found.needs])
    else:
        page_parts.nothing_left(context)
    st.stop()

curve = view.curve_figure(found, look)
if curve is not None:
    page_parts.show(curve, "thresholds-curve")
st.caption(view.curve_reason(found))
controls_thresholds.outcome()
page_parts.cautions(context.warnings)

page_parts.section("Every rule side by side")
page_parts.show(view.rules_figure(found, look), "thresholds-rules")
page_parts.table(view.rules_table(found), "thresholds", stamp, alt="Group sizes and effect under every rule")
if found.cut is not None:
    controls_thresholds.cut_name()
    st.caption(f"Chosen cut: {found.cut.words}. Name and version stand in the link, in every figure and every table.")
else:
    st.caption("To try a cut of your own, choose Levels: my own cut in the sidebar; it can then be named.")

page_parts.section("The effect at every cut")
sweep = view.sweep_figure(found, look)
if sweep is not None:
    page_parts.show(sweep, "thresholds-sweep")
with st.expander("Every cut as a table"):
    page_parts.table(view.sweep_table(found), "thresholds-sweep", stamp, alt="Effect of high against low at every cut")
if found.exploratory is not None:
    page_parts.section("A cut chosen by the outcome (exploratory)")
    for line in view.exploratory_lines(found):
        st.markdown(f"- {line}")
if found.roc is not None:
    page_parts.section("Discrimination of response")
    drawn = view.roc_drawn(found, look.narrow())
    if drawn is not None:
        with st.columns(1 if here.narrow else 2)[0]:
            page_parts.show(drawn, "thresholds-roc")
    st.caption(" ".join(word for word in (view.roc_words(found) + ".", view.youden_words(found)) if word))

page_parts.section("The same patients under two measures")
controls_thresholds.second_measure(here.store, context.cohorts)
if isinstance(found.compared, Missing):
    missing_parts.show([found.compared])
elif found.compared is not None:
    for line in view.compared_lines(found.compared):
        st.markdown(f"- {line}")
    agreement = view.agreement_figure(found.compared, look, simulated=context.simulated)
    if agreement is not None:
        page_parts.show(agreement, "thresholds-agreement")
    page_parts.table(view.compared_table(found.compared), "two-measures", stamp, alt="Patients by the levels of both")
page_parts.how_it_was_made("thresholds", context, view.method(found))
