"""First step: the files. They are kept in a folder of this visit until they are published or given up."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from tilexplorer.errors import TilExplorerError
from tilexplorer.recognise.draft import draft
from tilexplorer.ui.data.wizard import drafts, uploads
from tilexplorer.ui.page_parts import _plain

UPLOAD: Final = "files of a new cohort"
TAKEN: Final = "files taken"
FOLDER: Final = "folder of the files"

TYPES: Final = ["csv", "tsv", "txt", "xlsx", "parquet", "feather", "rda", "rdata", "rds", "zip", "tar", "gz", "tgz"]


class Folder:
    """A folder that goes when the visit ends, or when other files are dropped: patients' files must not stay."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="tilexplorer-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


def step() -> None:
    """The uploader, and what was recognised of each file."""
    given = st.file_uploader(
        "Files of the cohort", TYPES, accept_multiple_files=True, key=UPLOAD,
        help="CSV, TSV, Excel, Parquet, Feather, R data, or a cBioPortal study as an archive. Several files are joined "
        "by the patients' ids. Nothing is stored before you publish. Larger files: `python -m tilexplorer recognise` "
        "drafts the mapping and `import` reads them in batches.",
    )  # fmt: skip
    _take(given)
    found = drafts.get()
    if found is None:
        return
    for source in found.sources:
        rows = f"{len(source.frame):,} rows".replace(",", "\u2009")
        st.caption(f"**{source.file.name}**: {rows}, {len(source.frame.columns)} columns. {'; '.join(source.why)}.")
    if found.noticed:
        lines = "\n".join(f"- {_plain(line)}" for line in found.noticed)
        st.warning(f"Noticed in what you gave:\n{lines}", icon=":material/visibility:")


def folder() -> Path:
    """Where the files of this visit lie."""
    found: Folder = st.session_state[FOLDER]
    return found.path


def _take(given: Sequence[UploadedFile]) -> None:
    """Recognise the files when others than before were given."""
    marks = tuple((file.name, hashlib.sha256(file.getbuffer()).hexdigest()) for file in given)
    if st.session_state.get(TAKEN, ()) == marks:
        return
    st.session_state[TAKEN] = marks
    drafts.put(None)
    if not given:
        return
    st.session_state[FOLDER] = Folder()
    try:
        with st.spinner("Reading"):
            drafts.put(draft(uploads.kept(given, folder())))
    except TilExplorerError as fault:
        st.session_state.pop(TAKEN)
        st.error(str(fault), icon=":material/error:")
