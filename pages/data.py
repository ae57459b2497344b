"""Data: what is published, public cohorts to add, cohorts of your own, what to take away, and how to undo."""

from __future__ import annotations

from tilexplorer.store import store_folder
from tilexplorer.ui import cached_views, page_parts
from tilexplorer.ui.data import first, history, public, published, running, take_away, wizard

folder = store_folder()
here = page_parts.frame_or_none()
rows = cached_views.held(str(folder), here.store.generation) if here else None
there = frozenset(rows["cohort"]) if rows is not None else frozenset()

page_parts.title_line("Data", simulated=rows is not None and bool(rows["simulated"].any()))
running.section()
if here and rows is not None:
    published.section(rows, here.store.generation)
else:
    first.section(folder)

page_parts.section("Your own cohort")
take_away.template()
wizard.section(folder, there)

page_parts.section("Public cohorts")
public.section(folder, there)

if here:
    page_parts.section("Take away")
    take_away.section(here.store, here.query)

page_parts.section("Undo")
history.section(folder)
