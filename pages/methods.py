"""Methods and sources: what the program computes, by which rules, and where the patients come from."""

from __future__ import annotations

import streamlit as st

from tilexplorer.analysis.methods import Methods
from tilexplorer.analysis.methods_json import methods_sentence
from tilexplorer.presentation import methods as view
from tilexplorer.ui import cached_views, page_parts

here = page_parts.frame()
found: Methods = cached_views.result("methods", *here.key)
context = found.context
stamp = page_parts.stamp(context, "methods and sources")

page_parts.heading("Methods and sources", methods_sentence(found), context)

page_parts.section("What this cannot tell")
st.markdown("\n".join(f"- {line}" for line in found.limits))

page_parts.section("Cohorts")
if context.sources:
    page_parts.about_cohorts(context)
else:
    page_parts.nothing_left(context)

page_parts.section("Statistics")
st.caption("From the program's own documentation. Where R has the same statistic, the tests compare the two.")
page_parts.table(view.functions(found), "statistics", stamp, alt="Every function of the statistics")
families = {method.name: method for method in found.statistics}
chosen = families[st.selectbox("Read the whole text of", tuple(families), format_func=view.words_of(found))]
st.text(view.text(chosen.summary, chosen.details))
for function in chosen.functions:
    st.markdown(f"`{function.name}`")
    st.text(view.text(function.summary, function.details))

for title, rows in found.tables.items():
    if len(rows):
        page_parts.section(title)
        page_parts.table(rows, title.lower().replace(" ", "-"), stamp, alt=title)
page_parts.how_it_was_made("methods", context, ["Nothing on this page is written for it: docstrings, values, tables."])
