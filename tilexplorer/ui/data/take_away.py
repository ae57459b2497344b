"""Take data away: the selection or whole cohorts as a bundle or a cBioPortal study, and the empty template."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from typing import Final

import streamlit as st

from tilexplorer import template as template_files
from tilexplorer.errors import TilExplorerError
from tilexplorer.export import of_cohorts, of_selection, write_bundle, write_studies
from tilexplorer.selection import parse_query
from tilexplorer.store import Store
from tilexplorer.ui.page_parts import plain

WHAT: Final = "what to take away"
FORM: Final = "form to take away"
FORMS: Final = {
    "parquet": "Bundle, Parquet tables",
    "csv": "Bundle, CSV tables",
    "cbioportal": "cBioPortal study",
}
SELECTION: Final = "the patients chosen in the sidebar"


def section(store: Store, query: str) -> None:
    """Choose what and in which form; the file is made when it is asked for."""
    st.markdown(
        "A bundle holds the tables, the dictionary, the mapping and checksums; imported into another store, whole "
        "cohorts give the same generation. No cell of it is a formula to a spreadsheet."
    )
    left, right = st.columns(2)
    names = list(store.table("cohort")["cohort"])
    what = left.selectbox("What", [SELECTION, *names], key=WHAT)
    form = right.selectbox("As", list(FORMS), key=FORM, format_func=FORMS.__getitem__)
    if st.button("Make the file", icon=":material/folder_zip:"):
        _made(store, query, what, form)


def _made(store: Store, query: str, what: str, form: str) -> None:
    try:
        with st.spinner("Writing"):
            content, n, left_out = written(store, query, what, form)
    except TilExplorerError as fault:
        st.error(plain(str(fault)), icon=":material/error:")
        return
    for cohort, reason in left_out:
        st.caption(f"– {plain(cohort)} is left out: {plain(reason)}")
    name = "selection" if what == SELECTION else what
    st.download_button(
        f"{n} patients, {len(content) / 1e6:.1f} MB", content, f"til-explorer-{name}-{form}.zip", "application/zip",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def written(store: Store, query: str, what: str, form: str) -> tuple[bytes, int, tuple[tuple[str, str], ...]]:
    """The zip file, how many patients it holds, and the cohorts that are not in it."""
    extract = of_selection(store, parse_query(query).selection) if what == SELECTION else of_cohorts(store, [what])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.zip"
        if form == "cbioportal":
            write_studies(extract, path)
        else:
            write_bundle(extract, path, form)
        return path.read_bytes(), extract.n, tuple(extract.left_out)


def template() -> None:
    """The empty template, with the dictionary inside, for those who start from nothing."""
    st.download_button(
        "Empty template (Excel, CSV, mapping)", _template, "til-explorer-template.zip", "application/zip",
        type="tertiary", icon=":material/table:", on_click="ignore",
    )  # fmt: skip


@st.cache_data(show_spinner=False)
def _template() -> bytes:
    content = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in template_files.write(Path(folder)):
            packed.write(path, path.name)
    return content.getvalue()
