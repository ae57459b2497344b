"""Streamlit's AppTest on every page of the dashboard."""
