"""Whether visitors of this server may change its data."""

from __future__ import annotations

import os
from typing import Final

import streamlit as st

# A server that others can reach should have it: whoever opens a page could publish or forget a cohort.
ENVIRONMENT: Final = "TILEXPLORER_READ_ONLY"


def may_change() -> bool:
    """False where the server was started to be read only."""
    return os.environ.get(ENVIRONMENT, "").casefold() not in ("1", "true", "yes")


def may_change_or_say() -> bool:
    """As `may_change`; says so where it is not allowed."""
    if may_change():
        return True
    st.caption(
        ":material/lock: This server is read only: cohorts are added and removed on its command line "
        f"({ENVIRONMENT} is set)."
    )
    return False
