"""Whether the visitor's window is narrow: a figure's margins are in pixels and must know."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from tilexplorer.figures.template import Width

NARROW_BELOW: Final = 700  # pixels

_SCRIPT: Final = f"""
export default function(component) {{
  // The menu opens a page without a query, and the shell writes it a moment later: one step of the history, not two.
  if (!history.tilExplorer) {{
    history.tilExplorer = true;
    const push = history.pushState.bind(history);
    history.pushState = (state, unused, url) => {{
      const to = new URL(url, location.href);
      const same = to.pathname === location.pathname && !location.search;
      return same ? history.replaceState(state, unused, url) : push(state, unused, url);
    }};
  }}
  let told = "wide";
  const report = () => {{
    const width = window.innerWidth < {NARROW_BELOW} ? "narrow" : "wide";
    if (width !== told) {{
      told = width;
      component.setStateValue("width", width);
    }}
  }};
  report();
  window.addEventListener("resize", report);
  return () => window.removeEventListener("resize", report);
}}
"""


def width() -> Width:
    """ "wide" until the window has said otherwise."""
    component: Any = st.components.v2.component("viewport", html="<span></span>", js=_SCRIPT)
    found = component(key="viewport", default={"width": "wide"}, on_width_change=lambda: None)
    return "narrow" if getattr(found, "width", "wide") == "narrow" else "wide"
