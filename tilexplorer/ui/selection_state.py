"""The selection of one visitor: kept in the session, driven by widgets, mirrored in the address bar.

Streamlit can bind a widget to a query parameter, but a bound widget's label is its id, defaults vanish from the link,
and widgets whose options depend on each other show one thing and link another. So the shell keeps the two in step
itself: a change of a widget wins; else an address that is not the one last written (a link, back, forward) is read;
then every widget is set from the selection, and the selection is written to the address with every choice explicit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qs, urlencode

import streamlit as st

from tilexplorer.infiltration import parse_rule
from tilexplorer.selection import FILTERS, ParsedQuery, Selection, from_parameters

SELECTION: Final = "selection"
_SHOWN: Final = "address shown"
_PAGE: Final = "page shown"
PROBLEMS: Final = "problems"
LINKED_GENERATION: Final = "linked generation"

MANY: Final = ("cohort", *FILTERS, "terms")
ONE: Final = (
    "measure",
    "endpoint",
    "response",
    "population",
    "reference",
    "interval",
    "rate_interval",
    "outcome",
    "effect",
    "other",
    "cut_name",
    "patient",
)
NUMBERS: Final = ("tau", "like_age", "like_value")
AGES: Final = (0, 100)
CUT: Final = "cut"


def key(field: str) -> str:
    """The session key of a field's widget."""
    return f"w_{field}"


def current() -> Selection:
    """The visitor's selection."""
    found: Selection = st.session_state.get(SELECTION, Selection())
    return found


def update(page: str) -> Selection:
    """Bring widgets and address together at the start of a run; called once, before any widget is drawn."""
    state = st.session_state
    address = {name: st.query_params.get_all(name) for name in st.query_params}
    last: Selection | None = state.get(SELECTION)
    if last is None:
        _adopt(from_parameters(address))
    elif (chosen := collect(last)) != last:
        state[SELECTION] = chosen
        state[PROBLEMS] = ()
    elif _moved(address, page):
        _adopt(from_parameters(address))
    state[_PAGE] = page
    return current()


def _adopt(parsed: ParsedQuery) -> None:
    state = st.session_state
    state[SELECTION] = parsed.selection
    state[PROBLEMS] = parsed.problems
    state[LINKED_GENERATION] = parsed.generation
    seed(parsed.selection)


def _moved(address: Mapping[str, Sequence[str]], page: str) -> bool:
    """Whether the visitor went to another address: not what was last written, nor a page opened from the menu."""
    if not address and st.session_state.get(_PAGE) != page:
        return False
    return _canonical(address) != str(st.session_state.get(_SHOWN, ""))


def _canonical(address: Mapping[str, Sequence[str]]) -> str:
    return urlencode(sorted((name, value) for name, values in address.items() for value in values))


def mirror(selection: Selection) -> None:
    """Write the selection to the address bar and remember what was written."""
    query = parse_qs(selection.to_query())
    wanted = _canonical(query)
    st.session_state[SELECTION] = selection
    if wanted != _canonical({name: st.query_params.get_all(name) for name in st.query_params}):
        st.query_params.from_dict(query)
    st.session_state[_SHOWN] = wanted


def seed(selection: Selection) -> None:
    """Set every widget that is drawn in the shell from the selection."""
    state = st.session_state
    for field in MANY:
        state[key(field)] = list(getattr(selection, field))
    for field in ONE:
        state[key(field)] = getattr(selection, field)
    state[key("by1")] = selection.by[0]
    state[key("by2")] = selection.by[1] if len(selection.by) > 1 else ""
    state[key("age")] = (
        int(selection.age_min if selection.age_min is not None else AGES[0]),
        int(selection.age_max if selection.age_max is not None else AGES[1]),
    )
    fixed = parse_rule(selection.rule).fixed if selection.rule else ()
    state[key("rule")] = CUT if fixed else selection.rule
    state[key("cut1")] = fixed[0] if fixed else None
    state[key("cut2")] = fixed[1] if len(fixed) > 1 else None
    for field in NUMBERS:
        state[key(field)] = getattr(selection, field)


def collect(last: Selection) -> Selection:
    """The selection as the widgets stand now; fields without a drawn widget keep their value."""
    state = st.session_state
    changes: dict[str, Any] = {field: tuple(state[key(field)] or ()) for field in MANY if key(field) in state}
    changes |= {field: state[key(field)] for field in ONE if state.get(key(field)) is not None}
    if key("by1") in state:
        first, second = state[key("by1")] or "level", state.get(key("by2")) or ""
        changes["by"] = (first, second) if second and second != first else (first,)
    if key("age") in state:
        low, high = state[key("age")]
        changes["age_min"] = float(low) if low > AGES[0] else None
        changes["age_max"] = float(high) if high < AGES[1] else None
    if key("rule") in state:
        changes["rule"] = _rule(last)
    changes |= {field: state[key(field)] for field in NUMBERS if key(field) in state}
    return last.only(**changes)


def _rule(last: Selection) -> str:
    state = st.session_state
    name = state[key("rule")] or ""
    if name != CUT:
        return name
    cuts = [c for c in (state.get(key("cut1")), state.get(key("cut2"))) if c is not None]
    if not cuts:
        return last.rule if last.rule.startswith(f"{CUT}:") else f"{CUT}:0"
    return f"{CUT}:" + ",".join(f"{cut:g}" for cut in sorted(set(cuts)))


def bind(field: str) -> str:
    """The key of a widget that only some pages draw, set from the selection where it is not drawn yet."""
    if key(field) not in st.session_state:
        value = getattr(current(), field)
        st.session_state[key(field)] = list(value) if isinstance(value, tuple) else value
    return key(field)
