"""Everything that knows Streamlit: the shell, the shared sidebar, cached calls and the parts that pages are made of."""
