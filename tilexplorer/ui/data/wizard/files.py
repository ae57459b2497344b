"""First step: the files. They are kept in a folder of this visit until they are published or given up."""

from __future__ import annotations

import hashlib
import shutil
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from tilexplorer.errors import TilExplorerError
from tilexplorer.recognise.carry import carried
from tilexplorer.recognise.draft import Draft, draft
from tilexplorer.recognise.edit import set_part
from tilexplorer.recognise.source import Source
from tilexplorer.ui import visitors_files
from tilexplorer.ui.data.wizard import drafts, uploads
from tilexplorer.ui.page_parts import plain

UPLOAD: Final = "files of a new cohort"
CHANGED: Final = "files changed by the visitor"
TAKEN: Final = "files taken"
UNREAD: Final = "why files were not read"
FOLDER: Final = "folder of the files"
STEP: Final = "files"
# Questions that say that a part of what was given is not read.
UNREAD_PARTS: Final = ("endpoint.", "file.", "matrix.")

TYPES: Final = ["csv", "tsv", "txt", "xlsx", "parquet", "feather", "rda", "rdata", "rds", "zip", "tar", "gz", "tgz"]


class Folder:
    """A folder that goes when the visit ends, when other files are dropped, or with the server."""

    def __init__(self) -> None:
        self.path = visitors_files.new_folder()
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


def step() -> None:
    """The uploader, and what was recognised of each file."""
    given = st.file_uploader(
        "Files of the cohort", TYPES, accept_multiple_files=True, key=UPLOAD, on_change=_changed,
        help="CSV, TSV, Excel, Parquet, Feather, R data, or a cBioPortal study as an archive. Several files are joined "
        "by the patients' ids. Nothing is stored before you publish. Larger files: `python -m tilexplorer recognise` "
        "drafts the mapping and `import` reads them in batches.",
    )  # fmt: skip
    _take(given)
    found = drafts.get()
    if reason := st.session_state.get(UNREAD):
        st.error(reason, icon=":material/error:")
        if found is not None:
            st.caption("The files below are those of before, with all that was said of them.")
    if found is None:
        _offer_again()
        return
    if not given:
        _left_and_back()
    drafts.refused(STEP)
    for source in found.sources:
        _file(source)
    if found.noticed:
        lines = "\n".join(f"- {plain(line)}" for line in found.noticed)
        st.warning(f"Noticed in what you gave:\n{lines}", icon=":material/visibility:")
    _next(found)


def folder() -> Path:
    """Where the files of this visit lie."""
    found: Folder = st.session_state[FOLDER]
    return found.path


def _changed() -> None:
    """The visitor added or removed a file: an uploader that is empty after another page was looked at says nothing."""
    st.session_state[CHANGED] = True


def _take(given: Sequence[UploadedFile]) -> None:
    """Recognise the files when others than before were given; what was said of those that are there again stays."""
    marks = tuple((file.name, hashlib.sha256(file.getbuffer()).hexdigest()) for file in given)
    if st.session_state.get(TAKEN, ()) == marks or not (given or st.session_state.get(CHANGED)):
        return
    if given:
        _read(given)
    else:
        give_up()
    st.session_state[TAKEN] = marks
    st.session_state.pop(CHANGED, None)


def _read(given: Sequence[UploadedFile]) -> None:
    """The draft of the files; where one cannot be read, all stays as it was and the reason is said."""
    place = Folder()
    try:
        with st.spinner("Reading the files and recognising their columns"):
            made = draft(uploads.kept(given, place.path))
    except TilExplorerError as fault:
        st.session_state[UNREAD] = str(fault)
        return
    before = drafts.get()
    drafts.forget()
    drafts.put(made if before is None else carried(before, made))
    st.session_state[FOLDER] = place
    st.session_state.pop(UNREAD, None)


def give_up() -> None:
    """Forget files and draft of this visit."""
    drafts.forget()
    for key in (FOLDER, UNREAD, TAKEN):
        st.session_state.pop(key, None)


def _left_and_back() -> None:
    """Files that the uploader no longer shows, since the visitor looked at another page."""
    said, offer = st.columns([5, 1], vertical_alignment="center")
    said.caption("Your files and all that was said of them are still here, since you looked at another page.")
    offer.button("Give them up", on_click=give_up, width="stretch")


def _offer_again() -> None:
    """The draft that was handed to a job, should the job have failed or something be wrong with what it published."""
    last = drafts.last()
    if last is not None and FOLDER in st.session_state:
        st.button(
            f"Take the mapping of {last.cohort.id} up again", on_click=drafts.take_up_again,
            icon=":material/undo:", type="tertiary",
        )  # fmt: skip


def _file(source: Source) -> None:
    """How a file is read, and its other sheets."""
    rows = f"{len(source.frame):,} rows".replace(",", "\u2009")
    shape = f"{rows}, {len(source.frame.columns)} columns"
    st.caption(f"**{plain(source.file.name)}**: {shape}; {plain('; '.join(source.why))}.")
    path = folder() / source.file.name
    if len(source.parts) > 1 and path.is_file():
        key = drafts.show(f"part {source.key}", source.parts[0])
        what = "Sheet" if source.file.format == "excel" else "Object"
        st.selectbox(
            f"{what} of {source.file.name}",
            sorted(source.parts),
            key=key,
            on_change=_part,
            args=(source.key, key, path),
        )


def _part(file: str, key: str, path: Path) -> None:
    drafts.change(lambda draft: set_part(draft, st.session_state[key], path, file), STEP)


def _next(found: Draft) -> None:
    """What is left to do, above the steps, for the list of columns may be long."""
    missing = [text.partition(": ")[0] for text in found.missing()]
    unread = [one.text for one in found.questions() if one.id.startswith(UNREAD_PARTS) and not one.required]
    if not missing:
        st.caption(
            ":material/check: Nothing more is needed: look through the columns, then at what will be counted, below."
        )
    if missing or unread:
        lines = "\n".join(f"- {plain(text)}" for text in [*missing, *unread])
        st.info(f"Look through the columns, then below:\n{lines}", icon=":material/edit_note:")
