"""An almost empty page: what Streamlit and the browser cost before anything is computed or drawn."""

from __future__ import annotations

import streamlit as st

st.set_page_config(page_title="Empty", layout="wide")
choice = st.sidebar.selectbox("Compare by", tuple(f"choice {i}" for i in range(12)))
st.title(f"Nothing by {choice}")
