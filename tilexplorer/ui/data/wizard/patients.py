"""Third step: what no column says of all patients, and what the words of a column mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from tilexplorer import vocabulary
from tilexplorer.importers.mapping import Cohort
from tilexplorer.importers.regimens import regimen_id
from tilexplorer.recognise.draft import Draft
from tilexplorer.recognise.edit import set_card, set_pseudonymous, set_regimen, set_regimen_word, set_study, set_tumour
from tilexplorer.recognise.layout import layout
from tilexplorer.recognise.propose import studies_of
from tilexplorer.ui.data.wizard import drafts, meanings

CRITERIA: Final = ("RECIST 1.1", "RECIST 1.0", "iRECIST", "irRC", "mRECIST", "RANO", "Lugano")
OF_PATIENTS: Final = ("response", "sex", "benefit", "durable", "prior_io", "msi")
MOST_WORDS: Final = 24
STEP: Final = "patients"


def step() -> None:
    """Card, tumour type, regimen, and the meanings of words."""
    draft = drafts.there()
    st.subheader("The cohort", anchor=False)
    drafts.refused(STEP)
    _card(draft)
    _tumour(draft)
    _regimen(draft)
    for role in OF_PATIENTS:
        _meanings(draft, role)


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
    studies = studies_of(draft, layout(draft.sources))
    if len(studies) > 1:
        listed = ", ".join(study.title for study in studies)
        st.caption(f"{len(studies)} studies, as a column says: {listed}. What is said here is said of each.")
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
    _kind(card)
    _pseudonyms(draft)


def _kind(card: Cohort) -> None:
    """What keeps patients apart from those of other cohorts."""
    left, right = st.columns(2)
    left.checkbox(
        "Nobody had immunotherapy (natural history)", key=drafts.show("card none", not card.immunotherapy),
        on_change=_set_kind, args=("immunotherapy", "card none", False),
    )  # fmt: skip
    right.checkbox(
        "No real patients (simulated)", key=drafts.show("card simulated", card.simulated),
        on_change=_set_kind, args=("simulated", "card simulated", True),
    )  # fmt: skip


def _pseudonyms(draft: Draft) -> None:
    st.checkbox(
        "Replace the ids of patients and samples by pseudonyms", key=drafts.show("pseudonyms", draft.pseudonymous),
        on_change=lambda: drafts.change(lambda d: set_pseudonymous(d, st.session_state["pseudonyms"]), STEP),
        help="For ids that are record numbers or names. Who holds the key of this server's store can make the same "
        "pseudonyms again; nobody else can turn one back into an id.",
    )  # fmt: skip


def _set_kind(name: str, key: str, ticked: bool) -> None:
    drafts.change(lambda draft: set_card(draft, **{name: st.session_state[key] is ticked}), STEP)


def _set_card(name: str) -> None:
    drafts.change(lambda draft: set_card(draft, **{name: st.session_state[f"card {name}"]}), STEP)


def _set_study(name: str) -> None:
    drafts.change(lambda draft: set_study(draft, **{name: st.session_state[name]}), STEP)


def _tumour(draft: Draft) -> None:
    place = layout(draft.sources).place("tumour")
    none = "not said" if place is None else f"as column {place[0]} says"
    names = vocabulary.tumours()
    st.selectbox(
        "Tumour type of all patients", ["", *names], key=drafts.show("tumour of all", draft.tumour),
        format_func=lambda code: f"{names[code].name} ({code})" if code else none, on_change=_set_tumour,
    )  # fmt: skip
    if place is not None and not draft.tumour:
        _meanings(draft, "tumour")


def _set_tumour() -> None:
    drafts.change(lambda draft: set_tumour(draft, st.session_state["tumour of all"]), STEP)


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
    _classes(of_all)
    if place is None or of_all:
        return
    source, one = place[1], place[1].of("regimen")[0]
    said = {value: list(parts) for value, parts in one.details.regimens}
    values = source.profile(one.column).values
    for value in values[:MOST_WORDS]:
        key = drafts.show(f"regimen {source.key} {one.column} {value}", said.get(value, []))
        words = f"'{value}' in column {one.column} means"
        st.multiselect(
            words, names, key=key, on_change=_set_word, args=(source.key, one.column, value, key),
            placeholder="say its components",
        )  # fmt: skip
        _classes(said.get(value, []))
    if len(values) > MOST_WORDS:
        st.caption(f"{len(values) - MOST_WORDS} further values are read as proposed; the mapping file lists them.")


def _classes(components: Sequence[str]) -> None:
    """The regimen that components make, and their therapy classes."""
    if components:
        classes = " + ".join(vocabulary.combination(map(vocabulary.therapy, components)))
        st.caption(f"{regimen_id(components)}: {classes}")


def _set_regimen() -> None:
    drafts.change(lambda draft: set_regimen(draft, st.session_state["regimen of all"]), STEP)


def _set_word(file: str, column: str, value: str, key: str) -> None:
    drafts.change(lambda draft: set_regimen_word(draft, column, value, st.session_state[key], file), STEP)


def _meanings(draft: Draft, role: str) -> None:
    """For each word of a column: what it means."""
    place = layout(draft.sources).place(role)
    if place is not None:
        meanings.of_column(place[1], place[1].of(role)[0], STEP)
