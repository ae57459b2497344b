"""Third step: what no column says of all patients, and what the words of a column mean."""

from __future__ import annotations

from typing import Final

import streamlit as st

from tilexplorer import vocabulary
from tilexplorer.importers.regimens import regimen_id
from tilexplorer.recognise.draft import Draft
from tilexplorer.recognise.edit import set_card, set_map, set_regimen, set_study, set_tumour
from tilexplorer.recognise.layout import layout
from tilexplorer.recognise.source import Source
from tilexplorer.ui.data.wizard import drafts

CRITERIA: Final = ("RECIST 1.1", "RECIST 1.0", "iRECIST", "irRC", "mRECIST", "RANO", "Lugano")
NOT_READ: Final = ""
MOST_WORDS: Final = 24


def step() -> None:
    """Card, tumour type, regimen, and the meanings of words."""
    draft = drafts.there()
    st.subheader("The cohort", anchor=False)
    _card(draft)
    _tumour(draft)
    _regimen(draft)
    for role, words in (("response", (*vocabulary.RESPONSES, NOT_READ)), ("sex", (*vocabulary.SEXES, NOT_READ))):
        _meanings(draft, role, words)


def _card(draft: Draft) -> None:
    left, right = st.columns(2)
    card = draft.cohort
    for place, name, words, shown in (
        (left, "id", "Short name, for links: lower-case letters, digits and '-'", card.id),
        (right, "title", "Title", card.title),
    ):
        place.text_input(words, key=drafts.show(f"card {name}", shown), on_change=_set_card, args=(name,))
    st.text_input(
        "How the data are to be cited", key=drafts.show("card citation", card.citation), on_change=_set_card,
        args=("citation",),
    )  # fmt: skip
    criteria = draft.studies[0].criteria if draft.studies else ""
    known = ["", *CRITERIA] if criteria in ("", *CRITERIA) else ["", *CRITERIA, criteria]
    left, right = st.columns(2)
    left.selectbox(
        "Response criteria", known, key=drafts.show("criteria", criteria), on_change=_set_study, args=("criteria",),
        format_func=lambda one: one or "not said",
    )  # fmt: skip
    setting = draft.studies[0].setting if draft.studies else ""
    right.selectbox(
        "Setting", ["", *vocabulary.SETTINGS], key=drafts.show("setting", setting), on_change=_set_study,
        args=("setting",), format_func=lambda one: one or "not said",
    )  # fmt: skip


def _set_card(name: str) -> None:
    drafts.change(lambda draft: set_card(draft, **{name: st.session_state[f"card {name}"]}))


def _set_study(name: str) -> None:
    drafts.change(lambda draft: set_study(draft, **{name: st.session_state[name]}))


def _tumour(draft: Draft) -> None:
    place = layout(draft.sources).place("tumour")
    none = "not said" if place is None else f"as column {place[0]} says"
    names = vocabulary.tumours()
    st.selectbox(
        "Tumour type of all patients", ["", *names], key=drafts.show("tumour of all", draft.tumour),
        format_func=lambda code: f"{names[code].name} ({code})" if code else none, on_change=_set_tumour,
    )  # fmt: skip
    if place is not None and not draft.tumour:
        _meanings(draft, "tumour", (*names, NOT_READ))


def _set_tumour() -> None:
    drafts.change(lambda draft: set_tumour(draft, st.session_state["tumour of all"]))


def _regimen(draft: Draft) -> None:
    """The components for all patients, or for each word of the column."""
    place = layout(draft.sources).place("regimen")
    names = sorted({therapy.name for therapy in vocabulary.therapies().values()})
    of_all = list(draft.regimen.components) if draft.regimen else []
    none = "not said" if place is None else f"as column {place[0]} says"
    st.multiselect(
        "Regimen of all patients", names, key=drafts.show("regimen of all", of_all), on_change=_set_regimen,
        placeholder=none,
    )  # fmt: skip
    if of_all:
        st.caption(f"{regimen_id(of_all)}: {' + '.join(vocabulary.combination(map(vocabulary.therapy, of_all)))}")
    if place is None or of_all:
        return
    source, one = place[1], place[1].of("regimen")[0]
    said = {value: list(parts) for value, parts in one.details.regimens}
    said |= {value: list(parts) for value, parts in (draft.regimen.map if draft.regimen else {}).items()}
    for value in source.profile(one.column).values[:MOST_WORDS]:
        key = drafts.show(f"regimen {value}", said.get(value, []))
        words = f"'{value}' in column {one.column} means"
        st.multiselect(words, names, key=key, on_change=_set_words, args=(place[0], source, one.column))


def _set_regimen() -> None:
    chosen = st.session_state["regimen of all"]
    column = layout(drafts.there().sources).place("regimen")
    if chosen:
        drafts.change(lambda draft: set_regimen(draft, chosen))
    elif column is not None:
        _set_words(column[0], column[1], column[1].of("regimen")[0].column)


def _set_words(column: str, source: Source, own: str) -> None:
    values = source.profile(own).values
    said = {value: st.session_state.get(f"regimen {value}", []) for value in values}
    drafts.change(lambda draft: set_regimen(draft, column=column, map={v: parts for v, parts in said.items() if parts}))


def _meanings(draft: Draft, role: str, words: tuple[str, ...]) -> None:
    """For each word of a column: what it means."""
    place = layout(draft.sources).place(role)
    if place is None:
        return
    source, one = place[1], place[1].of(role)[0]
    if one.details.codes:
        return
    # A word of the vocabulary means itself where nothing else is said.
    said = {word: word for word in words if word} | dict(one.details.map)
    values = source.profile(one.column).values[:MOST_WORDS]
    with st.expander(f"What the words of {one.column} mean", expanded=any(value not in said for value in values)):
        columns = st.columns(3)
        for i, value in enumerate(values):
            columns[i % 3].selectbox(
                f"'{value}'", words, key=drafts.show(f"{role} {value}", said.get(value, NOT_READ)),
                format_func=lambda word: word or "not recorded", on_change=_set_meaning,
                args=(source.key, one.column, role, values),
            )  # fmt: skip


def _set_meaning(file: str, column: str, role: str, values: tuple[str, ...]) -> None:
    chosen = {value: st.session_state[f"{role} {value}"] for value in values}
    drafts.change(lambda draft: set_map(draft, column, chosen, file))
