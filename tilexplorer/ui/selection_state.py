"""The selection of one visitor: kept in the session, driven by widgets, mirrored in the address bar.

Streamlit can bind a widget to a query parameter, but a bound widget's label is its id, defaults vanish from the link,
and widgets whose options depend on each other show one thing and link another. So the shell keeps the two in step
itself: a change of a widget wins; else an address that is not the one last written (a link, back, forward) is read;
then every widget is set from the selection, and the selection is written to the address with every choice explicit.

Only widgets that were drawn speak. A value laid down for a widget that is not drawn stays in the session as it was
and would come back, stale, when a later page draws the widget: so each widget is set right before it is drawn.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qs, urlencode

import streamlit as st

from tilexplorer.infiltration import parse_rule
from tilexplorer.selection import FILTERS, ParsedQuery, Selection, from_parameters

SELECTION: Final = "selection"
_SHOWN: Final = "address shown"
_PAGE: Final = "page shown"
_DRAWN: Final = "widgets drawn"  # on this page: they hold what the visitor chose
_DRAWING: Final = "widgets of this run"
PROBLEMS: Final = "problems"
LINKED_GENERATION: Final = "linked generation"

MANY: Final = ("cohort", *FILTERS, "terms")
# Without a choice the widget is empty and its placeholder says what was taken. It cannot be an option of its own: the
# browser sends options back by their label, and one that has changed since is taken for a value.
AUTOMATIC: Final = ("measure", "reference")
ONE: Final = (
    "endpoint",
    "response",
    "population",
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
CUT_RULE: Final = "rule"
CUTS: Final = ("cut1", "cut2")


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
    elif _moved(address):
        _adopt(from_parameters(address))
    if state.get(_PAGE) != page:
        state[_DRAWN] = set()
    state[_PAGE] = page
    state[_DRAWING] = set()
    return current()


def settled() -> bool:
    """Whether the widgets, now that all are drawn, agree with the selection; where a page has set one of its own
    widgets to what it can show, that is the selection from here on and the run must be made again.
    """
    state = st.session_state
    state[_DRAWN] = state[_DRAWING]
    last = current()
    state[SELECTION] = collect(last)
    return bool(state[SELECTION] == last)


def redraw() -> None:
    """Set every widget anew: a run that followed too soon may have kept the browser from showing its value."""
    st.session_state[_DRAWN] = set()


def _adopt(parsed: ParsedQuery) -> None:
    state = st.session_state
    state[PROBLEMS] = parsed.problems
    state[LINKED_GENERATION] = parsed.generation
    seed(parsed.selection)


def _moved(address: Mapping[str, Sequence[str]]) -> bool:
    """Whether the visitor went to another address: not what was last written, nor a page as the menu opens it."""
    if not address:
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
    """Take over a selection; every widget follows when it is drawn."""
    st.session_state[SELECTION] = selection
    redraw()


def bind(field: str) -> str:
    """The session key of a widget that is about to be drawn, set from the selection where it is new on this page."""
    state = st.session_state
    drawn: set[str] = state.setdefault(_DRAWN, set())
    if field not in drawn or key(field) not in state:
        state[key(field)] = _value(field, current())
    state[_DRAWN] = drawn | {field}
    state[_DRAWING] = state.get(_DRAWING, set()) | {field}
    return key(field)


def _value(field: str, selection: Selection) -> Any:
    """What the widget of a field holds for a selection."""
    if field in ("by1", "by2"):
        return (*selection.by, "")[("by1", "by2").index(field)]
    if field == "age":
        return _ages(selection)
    if field in (CUT_RULE, *CUTS):
        return _rule_part(field, selection.rule)
    value = getattr(selection, field)
    if field in AUTOMATIC:
        return value or None
    return list(value) if isinstance(value, tuple) else value


def _ages(selection: Selection) -> tuple[int, int]:
    """Whole years on the slider, whose ends mean no bound."""
    bounds = (selection.age_min, selection.age_max)
    low, high = (
        end if bound is None else min(max(round(bound), AGES[0]), AGES[1])
        for end, bound in zip(AGES, bounds, strict=True)
    )
    return min(low, high), max(low, high)


def _rule_part(field: str, rule: str) -> str | float | None:
    fixed = parse_rule(rule).fixed if rule else ()
    if field == CUT_RULE:
        return CUT if fixed else rule
    i = CUTS.index(field)
    return fixed[i] if i < len(fixed) else None


def collect(last: Selection) -> Selection:
    """The selection as the widgets stand now; fields without a drawn widget keep their value."""
    state = st.session_state
    drawn = {field for field in state.get(_DRAWN, ()) if key(field) in state}
    changes: dict[str, Any] = {field: tuple(state[key(field)] or ()) for field in MANY if field in drawn}
    changes |= {field: state[key(field)] for field in ONE if field in drawn and state[key(field)] is not None}
    changes |= {field: state[key(field)] or "" for field in AUTOMATIC if field in drawn}
    changes |= {field: state[key(field)] for field in NUMBERS if field in drawn}
    if "by1" in drawn:
        first, second = state[key("by1")] or "level", state[key("by2")] if "by2" in drawn else ""
        changes["by"] = (first, second) if second and second != first else (first,)
    if "age" in drawn and state[key("age")] != _ages(last):
        low, high = state[key("age")]
        changes["age_min"] = float(low) if low > AGES[0] else None
        changes["age_max"] = float(high) if high < AGES[1] else None
    if CUT_RULE in drawn:
        changes["rule"] = _rule(last, drawn)
    return last.only(**changes)


def _rule(last: Selection, drawn: Container[str]) -> str:
    """The rule that the widgets say; a cut whose number is still to come leaves the rule as it is."""
    state = st.session_state
    name = str(state[key(CUT_RULE)] or "")
    if name != CUT:
        return name
    given = tuple(state[key(field)] if field in drawn else None for field in CUTS)
    cuts = sorted({cut for cut in given if cut is not None})
    if not cuts or given == tuple(_rule_part(field, last.rule) for field in CUTS):
        return last.rule
    return f"{CUT}:" + ",".join(f"{cut:.12g}" for cut in cuts)
