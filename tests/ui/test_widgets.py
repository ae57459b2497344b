"""Every widget changed in turn: the selection follows, the address says it, and its link opens the same page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.visit import NAMES, address, checked, link, selection, shown, turn_to, visit, widgets
from tilexplorer import vocabulary
from tilexplorer.facets import facets
from tilexplorer.selection import BY, EFFECTS, INTERVALS, OUTCOMES, POPULATIONS, RATE_INTERVALS
from tilexplorer.store import Store
from tilexplorer.ui.selection_state import AUTOMATIC
from tilexplorer.ui.sidebar import RULES

SIDEBAR = "survival"  # the page on which the shared widgets are tried; on the others only their own
IDS = (
    *RULES,
    *BY,
    *INTERVALS,
    *RATE_INTERVALS,
    *POPULATIONS,
    *OUTCOMES,
    *EFFECTS,
    *vocabulary.RESPONSE_RATES,
    *vocabulary.ENDPOINTS,
    *vocabulary.measures(),
    *vocabulary.families(),
)


@pytest.fixture
def ids(simulated_store: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Every id that a widget of the simulated cohorts may offer."""
    monkeypatch.setenv("TILEXPLORER_STORE", str(simulated_store))
    store = Store.open()
    cohorts = tuple(store.table("cohort")["cohort"])
    return (*IDS, *cohorts, *(value for values in facets(store).order.values() for value in values))


def _of_field(widget: Any, ids: tuple[str, ...]) -> Iterator[str]:
    """The ids behind a widget's labels, in its order."""
    for label in widget.options:
        for value in (*ids, label):
            try:
                if widget.format_func(value) == label:
                    yield value
                    break
            except (KeyError, ValueError, TypeError):
                continue


def _other_value(widget: Any, ids: tuple[str, ...]) -> Any:
    """A value that the widget does not have now, or None where it has only one."""
    if widget.type == "slider":
        return (41, 77)
    if widget.type == "number_input":
        return 30.0 if widget.value is None else widget.value + 1
    values = list(dict.fromkeys(_of_field(widget, ids)))
    assert len(values) == len(widget.options), f"{widget.label}: ids of {widget.options} are not all known"
    others = [value for value in values if value not in (widget.value or [])]
    if widget.type == "multiselect":
        return [value for value in others if value][:2] or None  # not the option that stands for no value
    others = [value for value in values if value != widget.value and value != "cut"]
    return others[-1] if others else None


def _as_held(app: AppTest, field: str) -> Any:
    held = selection(app)
    if field == "age":
        return (int(held.age_min or 0), int(held.age_max or 100))
    if field in ("by1", "by2"):
        return (*held.by, "")[("by1", "by2").index(field)]
    value = getattr(held, field)
    if field in AUTOMATIC:
        return value or None
    return list(value) if isinstance(value, tuple) else value


def _change(app: AppTest, field: str, value: Any) -> None:
    widgets(app)[field].set_value(value)
    checked(app.run())


@pytest.mark.parametrize("page", NAMES)
def test_each_widget_in_turn(page: str, ids: tuple[str, ...]) -> None:
    shared = set(widgets(visit("overview"))) if page != SIDEBAR else set()
    app = visit(page)
    before = selection(app)
    tried = 0
    for field in [name for name in widgets(app) if name not in shared]:
        widget = widgets(app)[field]
        old, new = widget.value, _other_value(widget, ids)
        if new is None:
            continue
        _change(app, field, new)
        assert _as_held(app, field) == new, field
        assert selection(app) == address(app), field
        assert selection(app) != before, field
        cold = visit(page, link(app))
        assert selection(cold) == selection(app), field
        assert shown(cold) == shown(app), field
        _change(app, field, old)
        assert selection(app) == before, field
        tried += 1
    assert tried >= (20 if page == SIDEBAR else 0)


@pytest.mark.usefixtures("ids")
def test_a_cut_waits_for_its_number() -> None:
    app = visit("survival", "measure=cd8_density_centre")
    before = selection(app)
    _change(app, "rule", "cut")
    assert selection(app) == before
    _change(app, "cut1", 250.123456789)
    assert selection(app).rule == "cut:250.123456789"
    _change(app, "cut2", 40.0)
    assert selection(app).rule == "cut:40,250.123456789"
    cold = visit("survival", link(app))
    assert (widgets(cold)["cut1"].value, widgets(cold)["cut2"].value) == (40, 250.123456789)
    assert shown(cold) == shown(app)


@pytest.mark.usefixtures("ids")
def test_the_second_group_is_never_the_first() -> None:
    app = visit("survival", "by=level&by=sex")
    _change(app, "by1", "sex")
    assert selection(app).by == ("sex",)
    assert widgets(app)["by2"].value == ""
    assert "sex" not in widgets(app)["by2"].options


@pytest.mark.usefixtures("ids")
def test_what_other_cohorts_do_not_have_is_taken_out_and_said() -> None:
    app = visit("survival")
    first, second = widgets(app)["cohort"], widgets(app)["tumour"]
    assert len(first.options) > 1
    assert len(second.options) > 1
    store = Store.open()
    held = facets(store)
    cohorts = [str(cohort) for cohort in store.table("cohort")["cohort"]]
    here, there = next(
        (a, b) for a in cohorts for b in cohorts if set(held.of("tumour", [a])).isdisjoint(held.of("tumour", [b]))
    )
    app = visit("survival", f"cohort={here}&tumour={held.of('tumour', [here])[0]}")
    _change(app, "cohort", [there])
    assert selection(app).tumour == ()
    assert selection(app) == address(app)
    assert any("was removed" in warning.value for warning in app.warning)


@pytest.mark.usefixtures("ids")
def test_a_choice_on_one_page_outlives_a_visit_to_another() -> None:
    app = visit("overview", "population=all")
    turn_to(app, "response")
    _change(app, "population", "evaluable")
    _change(app, "response", "dcr")
    turn_to(app, "overview")
    turn_to(app, "response")
    assert (selection(app).population, selection(app).response) == ("evaluable", "dcr")
    assert (widgets(app)["population"].value, widgets(app)["response"].value) == ("evaluable", "dcr")


@pytest.mark.usefixtures("ids")
def test_back_and_forward_win_over_the_widgets() -> None:
    app = visit("survival")
    first = dict(app.query_params)
    _change(app, "by1", "sex")
    second = dict(app.query_params)
    for asked in (first, second, first):
        app.query_params.clear()
        app.query_params.update(asked)
        checked(app.run())
        assert widgets(app)["by1"].value == selection(app).by[0]
        assert selection(app).by == (("level",) if asked is first else ("sex",))
