"""What the words of a column mean: a choice for each of them."""

from __future__ import annotations

from typing import Final

import streamlit as st

from tilexplorer.recognise import meanings
from tilexplorer.recognise.edit import set_word
from tilexplorer.recognise.guess import Recognised
from tilexplorer.recognise.source import Source
from tilexplorer.ui.data.wizard import drafts

NOT_READ: Final = ""
MOST_WORDS: Final = 24


def of_column(source: Source, one: Recognised, step: str) -> None:
    """The words of a column and what they mean, unfolded while one has no meaning; nothing where it has no words."""
    words = meanings.words_of(one)
    values = source.profile(one.column).values
    if not words or not values:
        return
    said = meanings.said(source, one)
    with st.expander(f"What the words of {one.column} mean", expanded=any(value not in said for value in values)):
        columns = st.columns(3)
        for i, value in enumerate(values[:MOST_WORDS]):
            key = drafts.show(f"word {source.key} {one.column} {value}", said.get(value))
            columns[i % 3].selectbox(
                f"'{value}'", [*words, NOT_READ], index=None, key=key, placeholder="say what it means",
                format_func=lambda word: word.replace("_", " ") or "not recorded", on_change=_set,
                args=(source.key, one.column, value, key, step),
            )  # fmt: skip
        if len(values) > MOST_WORDS:
            st.caption(f"{len(values) - MOST_WORDS} further words are read as proposed; the mapping file lists them.")


def _set(file: str, column: str, value: str, key: str, step: str) -> None:
    chosen = st.session_state[key]
    if chosen is not None:
        drafts.change(lambda draft: set_word(draft, column, value, chosen, file), step)
