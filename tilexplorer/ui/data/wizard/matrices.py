"""A matrix of gene expression among the files: what it was taken for, the genes it lacks, and the scale to confirm."""

from __future__ import annotations

import streamlit as st

from tilexplorer import vocabulary
from tilexplorer.importers.score_step import SCALES
from tilexplorer.recognise.edit import set_scale
from tilexplorer.recognise.matrix import Matrix
from tilexplorer.recognise.matrix_questions import described, genes_missing
from tilexplorer.recognise.scored import matrices
from tilexplorer.recognise.source import Source
from tilexplorer.ui.data.wizard import drafts
from tilexplorer.ui.page_parts import plain

OFFSETS = (1.0, 0.1, 0.01, 0.001)
STEP = "matrices"


def step() -> None:
    """A line for each matrix, and the choice of its scale; nothing where no file is one."""
    held = list(matrices(drafts.there()))
    if held:
        st.subheader("Gene expression", anchor=False)
        drafts.refused(STEP)
    for source, matrix in held:
        _matrix(source, matrix)


def _matrix(source: Source, matrix: Matrix) -> None:
    st.markdown(f"**{plain(source.file.name)}**: {plain(described(source, matrix))}.")
    scale, offset, why = st.columns([3, 2, 4], vertical_alignment="center")
    key, added = f"scale {source.key}", f"offset {source.key}"
    scale.selectbox(
        f"The numbers of {source.file.name} are", list(SCALES), key=drafts.show(key, matrix.scale.name or None),
        index=None, placeholder="choose: nothing is scored until then", on_change=_set, args=(source.key,),
    )  # fmt: skip
    offset.selectbox(
        "Added before the logarithm", list(dict.fromkeys([None, *OFFSETS, matrix.scale.offset])),
        key=drafts.show(added, matrix.scale.offset), on_change=_set, args=(source.key,),
        format_func=lambda one: "not known" if one is None else f"{one:g}",
    )  # fmt: skip
    mark = ":material/check: chosen" if matrix.confirmed else f":material/help: {matrix.scale.confidence:.0%} sure"
    why.caption(f"{mark}: {plain(matrix.scale.why)}")
    if matrix.measures:
        labels = (vocabulary.measures()[name].label for name in matrix.measures)
        st.caption(f"Scored: {', '.join(labels)}.")
    for line in genes_missing(matrix):
        st.caption(f"{plain(line)}.")
    if not matrix.confirmed and matrix.scale.name:
        st.button("That is right", key=f"confirm {key}", on_click=_set, args=(source.key,))


def _set(file: str) -> None:
    chosen = st.session_state[f"scale {file}"]
    if chosen is not None:
        drafts.change(lambda draft: set_scale(draft, chosen, st.session_state[f"offset {file}"], file), STEP)
