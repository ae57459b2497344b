"""The script of the app: the page list, the shared sidebar, the address bar, and then the page itself."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.runtime.scriptrunner import StopException

from tilexplorer.errors import StoreDamaged, StoreMissing, TilExplorerError
from tilexplorer.resolve import resolve
from tilexplorer.selection import Selection
from tilexplorer.store import Store
from tilexplorer.ui import cached_views, page_parts, selection_state, sidebar, viewport, visit

PAGES: Final = Path(__file__).resolve().parents[2] / "pages"

WIDTH: Final = "width drawn for"

# The pages have no icons of their own: Streamlit would fetch each as a favicon from a server on the internet.
ICON: Final = Path(__file__).resolve().parent / "icon.svg"

DATA: Final = "data"  # the one page that makes sense where nothing is published: there the first cohort is added

# Adding a view is one line here: file and name in the menu.
VIEWS: Final = (
    ("overview", "Overview"),
    ("survival", "Survival"),
    ("response", "Response"),
    ("subgroups", "Subgroups"),
    ("thresholds", "Thresholds"),
    ("microenvironment", "Microenvironment"),
    ("on_treatment", "On treatment"),
    ("synthesis", "Across cohorts"),
    ("therapies", "Therapy combinations"),
    ("model", "Adjusted model"),
    ("patients", "Patients"),
    (DATA, "Data"),
    ("methods", "Methods and sources"),
)


def main() -> None:
    """One run of the script."""
    st.set_page_config("TIL Explorer", str(ICON), layout="wide", initial_sidebar_state="auto")
    st.html(page_parts.STYLE)
    pages = {
        name: st.Page(PAGES / f"{name}.py", title=title, url_path=name, default=name == VIEWS[0][0])
        for name, title in VIEWS
    }
    page = st.navigation(list(pages.values()), expanded=True)
    try:
        store = visit.store()
    except TilExplorerError as fault:
        _without_store(page, pages[DATA], fault)
        return
    try:
        _with_store(store, page)
    except StoreDamaged:
        if visit.lasts(store):
            raise
        st.rerun()  # somebody had it forgotten while the page was drawn: the visit moves on to what is published


def _with_store(store: Store, page: st.Page) -> None:
    """Notice, sidebar, page and the quiet line below it."""
    visit.notice(store)
    _prepare(store, page.url_path)
    body = st.container()
    page_parts.image_format()
    page_parts.quiet_line()
    with body:
        _run(page)


def _without_store(page: st.Page, data: st.Page, fault: TilExplorerError) -> None:
    """Where nothing can be looked at: say so, and offer the page that can change it."""
    page_parts.no_frame()
    if isinstance(fault, StoreMissing):
        st.info(page_parts.sentence_case(str(fault)), icon=":material/database:")
    else:
        st.error(page_parts.sentence_case(str(fault)), icon=":material/database:")
    if page.url_path == DATA:
        page.run()
    else:
        st.page_link(data, label="Add a cohort, or go back to an earlier generation", icon=":material/arrow_forward:")
    page_parts.quiet_line()


def _run(page: st.Page) -> None:
    """Run the page; again at once where it has changed the selection to what it can show."""
    try:
        page.run()
    except StopException:  # nothing more to show, which is an end like any other
        selection_state.settled()
        raise
    if not selection_state.settled():
        st.rerun()


def _prepare(store: Store, page: str) -> None:
    """Settle the selection with widgets and address, draw the sidebar, and leave the page its frame."""
    width = viewport.width()
    asked = selection_state.update(page)
    if st.session_state.setdefault(WIDTH, width) != width:
        selection_state.redraw()
    st.session_state[WIDTH] = width
    facets = cached_views.facets(str(store.folder), store.generation)
    problems = list(resolve(store, asked).problems)
    kept, dropped = sidebar.prune(asked, facets, resolve(store, asked).cohorts)
    if kept != asked:
        selection_state.seed(kept)
    with st.sidebar:
        selection = sidebar.draw(resolve(store, kept), facets)
        query = selection.to_query()
        sidebar.remaining(cached_views.flow(str(store.folder), store.generation, query))
        link = _link(selection, store.generation)
        with st.popover("Copy link", icon=":material/link:", width="stretch"):
            st.code(link, language=None, wrap_lines=True)
        st.button("Reset", on_click=sidebar.reset, width="stretch", type="tertiary")
    selection_state.mirror(selection)
    page_parts.put_frame(page_parts.Frame(store, query, page_parts.theme(), width, link))
    _report([*st.session_state.get(selection_state.PROBLEMS, ()), *problems, *dropped], store)


def _link(selection: Selection, generation: str) -> str:
    """The address of this view on this server, every choice explicit, with the data generation."""
    base = str(st.context.url or "").split("?")[0].rstrip("/")
    return f"{base}?{selection.to_query(generation)}"


def _report(problems: list[str], store: Store) -> None:
    """Say what of the address or of the filters was not understood, and when a link is of other data."""
    for problem in dict.fromkeys(problems):
        st.warning(problem, icon=":material/link_off:")
    made_on = st.session_state.get(selection_state.LINKED_GENERATION, "")
    if made_on and made_on != store.generation:
        st.info(
            f"This link was made on data generation {made_on}; the published one is {store.generation}. "
            "Numbers may differ.",
            icon=":material/history:",
        )


main()
