"""The one control that says which response rate, wherever response is looked at."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from tilexplorer.analysis.context import Context
from tilexplorer.ui import cached_views, page_parts
from tilexplorer.ui.selection_state import bind
from tilexplorer.vocabulary import RESPONSE_RATES


def rate(place: DeltaGenerator, context: Context) -> None:
    """Which rate; the source's own benefit only where a chosen cohort has that flag."""
    folder, generation, _ = page_parts.frame().key
    rates = cached_views.facets(folder, generation).rates_of(context.cohorts)
    place.selectbox("Rate", rates, format_func=RESPONSE_RATES.__getitem__, key=bind("response"))
