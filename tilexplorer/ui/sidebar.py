"""The sidebar that all pages share: who is looked at, by which measure and rule, for which outcome, in which groups.

Options are those of the chosen cohorts. A value that the cohorts do not have is taken out of its widget before the
widget is drawn, and said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st

from tilexplorer import formatting, vocabulary
from tilexplorer.facets import Facets
from tilexplorer.infiltration import QUANTILE_RULES, RECORDED
from tilexplorer.queries import Flow
from tilexplorer.resolve import Resolved
from tilexplorer.selection import BY, FILTERS, Selection
from tilexplorer.ui.selection_state import AGES, CUT, bind, collect, current, key, seed

TREATMENT: Final = ("tumour", "therapy", "regimen", "study", "setting", "line", "prior_io")
PATIENT: Final = ("sex", "ecog", "msi", "pdl1", "tmb")
BIOPSY: Final = ("sample_age", "site")
HELP: Final = {
    "therapy": "A class keeps every regimen that contains it; a combination keeps exactly that one.",
    "sample_age": "How old the biopsy was when treatment started. Fresh: taken within the weeks before.",
    "tmb": "Median split within cohort, study and tumour type.",
    "pdl1": "Scores are never pooled: each class names its score.",
}
RULES: Final = ("", RECORDED, *QUANTILE_RULES, CUT)
RULE_LABELS: Final = {
    "": "automatic",
    RECORDED: "as recorded",
    "median": "median split",
    "tertile": "tertiles",
    "quartile": "quartiles",
    CUT: "my own cut",
}


def prune(selection: Selection, facets: Facets, cohorts: Sequence[str]) -> tuple[Selection, list[str]]:
    """The selection without values that the chosen cohorts do not have, and what was taken out."""
    changes: dict[str, object] = {}
    dropped = []
    for field in FILTERS:
        there = facets.of(field, cohorts)
        gone = [value for value in getattr(selection, field) if value not in there]
        if gone:
            changes[field] = tuple(value for value in getattr(selection, field) if value in there)
            dropped.append(f"{FILTERS[field]} {', '.join(gone)} does not occur in the chosen cohorts and was removed")
    if selection.measure and selection.measure not in facets.measures_of(cohorts):
        changes["measure"] = ""
        dropped.append(
            f"{measure_label(selection.measure)} is not measured in the chosen cohorts: their default instead"
        )
    if selection.endpoint not in facets.endpoints_of(cohorts) and cohorts:
        changes["endpoint"] = (facets.endpoints_of(cohorts) or ("os",))[0]
        dropped.append(f"{selection.endpoint} is not recorded in the chosen cohorts")
    if selection.response not in facets.rates_of(cohorts):
        changes["response"] = Selection().response
        words = (vocabulary.RESPONSE_RATES[key] for key in (selection.response, Selection().response))
        dropped.append("{} is not recorded in the chosen cohorts: the {} instead".format(*words))
    return (selection.only(**changes) if changes else selection), dropped


def draw(resolved: Resolved, facets: Facets) -> Selection:
    """Draw the sidebar and return the selection as it now stands."""
    cohorts = resolved.cohorts
    _many("cohort", "Cohorts", facets_cohorts(resolved), resolved.title, placeholder="all real cohorts")
    _measure(resolved, facets)
    _outcome(facets, cohorts)
    _groups()
    with st.expander("Tumour and treatment"):
        for field in TREATMENT:
            _filter(field, resolved, facets)
    with st.expander("Patients and biopsy"):
        st.slider("Age [years]", *AGES, key=bind("age"))
        for field in (*PATIENT, *BIOPSY):
            _filter(field, resolved, facets)
    return collect(current())


def facets_cohorts(resolved: Resolved) -> tuple[str, ...]:
    """Every cohort of the store, real ones first."""
    frame = resolved.store.table("cohort").sort_values(
        ["simulated", "immunotherapy", "title"], ascending=[True, False, True]
    )
    return tuple(frame["cohort"])


def _many(
    field: str, label: str, options: Sequence[str], words: Callable[[str], str] = str, placeholder: str = "all"
) -> None:
    st.multiselect(label, options, format_func=words, key=bind(field), placeholder=placeholder, help=HELP.get(field))


def _filter(field: str, resolved: Resolved, facets: Facets) -> None:
    options = facets.of(field, resolved.cohorts)
    if not options:
        st.caption(f"{_capital(FILTERS[field])}: not recorded in the chosen cohorts")
        return
    _many(field, _capital(FILTERS[field]), options, lambda value: option_label(resolved, field, value))


def option_label(resolved: Resolved, field: str, value: str) -> str:
    """A filter's value in words."""
    if field == "tumour" and value in vocabulary.tumours():
        return f"{vocabulary.tumours()[value].name} ({value})"
    if field == "study":
        frame = resolved.store.table("study")
        found = frame.loc[frame["study"] == value, "title"]
        return str(found.iloc[0]) if len(found) else value
    return value


def measure_label(measure: str) -> str:
    """A measure or a family in words."""
    if measure in vocabulary.families():
        return f"{measure.upper()} family: each cohort's first measure"
    known = vocabulary.measures().get(measure)
    return known.label if known else measure


def _measure(resolved: Resolved, facets: Facets) -> None:
    st.selectbox(
        "Measure", facets.measures_of(resolved.cohorts), index=None, format_func=measure_label, key=bind("measure"),
        placeholder=f"automatic: {resolved.measure_label}",
        help="What infiltration is. Automatic takes the measure that the chosen cohorts declare.",
    )  # fmt: skip
    st.selectbox(
        "Levels", RULES, format_func=lambda rule: RULE_LABELS[rule], key=bind("rule"),
        help="Cuts are made within cohort, study and tumour type on all measured patients; no filter moves them.",
    )  # fmt: skip
    if st.session_state[key("rule")] == CUT:
        low, high = st.columns(2)
        low.number_input(
            "Cut", value=None, key=bind("cut1"), placeholder="value", help="A value equal to the cut is low."
        )
        high.number_input("Second cut", value=None, key=bind("cut2"), placeholder="none")


def _outcome(facets: Facets, cohorts: Sequence[str]) -> None:
    st.selectbox(
        "Endpoint",
        facets.endpoints_of(cohorts) or ("os",),
        format_func=lambda e: _capital(vocabulary.ENDPOINTS.get(e, e)),
        key=bind("endpoint"),
    )


def _groups() -> None:
    first = st.selectbox("Compare by", tuple(BY), format_func=BY.__getitem__, key=bind("by1"))
    others = tuple(field for field in BY if field != first)
    if st.session_state[bind("by2")] == first:
        st.session_state[bind("by2")] = ""
    st.selectbox(
        "and by", ("", *others), format_func=lambda field: BY[field] if field else "nothing else", key=bind("by2"),
        help="A second field gives one small figure for each of its values.",
    )  # fmt: skip


def remaining(flow: Flow) -> None:
    """How many patients are left, and what left the others out."""
    st.markdown(f"**{formatting.count(flow.remaining)}** of {formatting.count(flow.chosen)} patients")
    if not flow.remaining:
        st.error(f"No patient remains: {flow.emptied_by or 'no cohort chosen'}. Widen this filter.")
    for reason, n in flow.excluded:
        st.caption(f"{formatting.count(n)} left out: {reason}")


def reset() -> None:
    """Back to the selection of an address without a query."""
    seed(Selection())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
