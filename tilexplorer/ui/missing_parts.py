"""What a page says where the selection does not have what the view needs: which cohorts do, and the link to them."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from tilexplorer.analysis.missing import Missing
from tilexplorer.ui.page_parts import plain


def show(lacking: Iterable[Missing]) -> None:
    """A quiet note for each, with the link that shows it."""
    for one in lacking:
        link = f" [Show {plain(one.titles[0])}](?{one.query})" if one.query else ""
        st.info(f"{plain(one.words)}{link}", icon=":material/search:")
