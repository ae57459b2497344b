"""The consistency contract: the same selection gives the same numbers in every view, on every page, by every way.

Nothing here knows the views by name. Whatever is registered in `analysis.views.VIEWS` and in the shell is held to it:
a view that is added is covered on the day it is added.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.command import analyse
from tests.json_rules import every_rule, walk
from tests.shared import ROOT
from tilexplorer.analysis.views import VIEWS
from tilexplorer.resolve import resolve
from tilexplorer.scope import Scope
from tilexplorer.selection import parse_query
from tilexplorer.store import Store

QUERIES = (
    "cohort=sim-uro&measure=immune_phenotype&by=level&endpoint=os&response=orr",
    "cohort=sim-lung&measure=cd8_density_centre&rule=median&by=level&endpoint=os&effect=levels&line=1",
)
# Fields by which the same people are known to be the same; what is left of an object then has to agree.
IDENTITY = ("label", "reference", "n", "events", "method", "responders", "denominator", "tau_days")
NUMBERS = ("hr", "ratio", "rate", "lower", "upper", "p_value", "median_days", "median_lower_days", "median_upper_days")
SLACK = 1e-9


@pytest.fixture(scope="module")
def store(simulated_store: Path) -> Store:
    return Store.open(simulated_store)


def shown(store: Store, name: str, query: str) -> dict[str, Any]:
    return VIEWS[name].json(store, parse_query(query).selection)


def same(first: Any, second: Any) -> bool:
    """Equal, to the last bits for floating point numbers."""
    if isinstance(first, float) and isinstance(second, float):
        return math.isclose(first, second, rel_tol=SLACK, abs_tol=SLACK)
    return bool(first == second)


def facts(view: dict[str, Any]) -> Iterator[tuple[tuple[Any, ...], str, float]]:
    """Every number with what it is a number of: identity, name, value."""
    for _, found in walk(view):
        who = tuple((name, found[name]) for name in IDENTITY if found.get(name) is not None)
        named = {name for name, _ in who}
        key = found.get("key")
        if not {"n", "events"} <= named and not {"responders", "denominator"} <= named:
            continue
        where = json.dumps(key, sort_keys=True) if isinstance(key, dict) else ""
        for name in NUMBERS:
            if isinstance(found.get(name), float):
                yield (*who, ("key", where)), name, found[name]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("name", VIEWS)
def test_a_view_keeps_the_rules(store: Store, name: str, query: str) -> None:
    assert every_rule(shown(store, name, query)) == []


@pytest.mark.parametrize("query", QUERIES)
def test_every_view_starts_from_the_same_people(store: Store, query: str) -> None:
    """The patients chosen, the data, and everybody whom a filter left out are the same in every view."""
    filters = {step.reason for step in Scope(resolve(store, parse_query(query).selection)).steps}
    starts = {}
    for name in VIEWS:
        found = shown(store, name, query)
        out = {e["reason"]: e["n"] for e in found["excluded"] if e["reason"] in filters}
        starts[name] = (found["chosen"], found["generation"], found["simulated"], out)
    assert len({json.dumps(start) for start in starts.values()}) == 1, starts


@pytest.mark.parametrize("query", QUERIES)
def test_the_same_groups_are_the_same_size(store: Store, query: str) -> None:
    """Views that leave out the same people for the same reasons have the same groups of the same sizes."""
    made = {name: shown(store, name, query) for name in VIEWS}
    compared = 0
    for first, second in combinations(made.values(), 2):
        if first["excluded"] != second["excluded"]:
            continue
        assert first["n"] == second["n"], (first["view"], second["view"])
        sizes = [{json.dumps(g.get("key")): g["n"] for g in view.get("groups", [])} for view in (first, second)]
        for key in sizes[0].keys() & sizes[1].keys():
            compared += 1
            assert sizes[0][key] == sizes[1][key], (first["view"], second["view"], key)
    assert compared, "no two views show the same groups: the test compares nothing"


def disagreements(views: dict[str, dict[str, Any]]) -> list[str]:
    """Numbers that differ although label, reference, n, events and method are the same."""
    seen: dict[tuple[Any, ...], tuple[str, float]] = {}
    found = []
    for view, made in views.items():
        for who, name, value in facts(made):
            before = seen.setdefault((*who, ("number", name)), (view, value))
            if not same(before[1], value):
                found.append(f"{name} of {who}: {before[1]} in {before[0]}, {value} in {view}")
    return found


@pytest.mark.parametrize("query", QUERIES)
def test_the_same_people_have_the_same_numbers(store: Store, query: str) -> None:
    assert disagreements({name: shown(store, name, query) for name in VIEWS}) == []


@pytest.mark.parametrize("view", ["survival", "response"])
def test_one_number_that_differs_is_found(store: Store, view: str) -> None:
    """The comparison is able to fail: a limit that is moved by a millionth in one of two copies is named."""
    made = shown(store, view, QUERIES[0])
    moved = json.loads(json.dumps(made))
    part = moved["hazard_ratios"][0] if view == "survival" else moved["groups"][0]
    part["upper"] *= 1 + 1e-6
    assert len(disagreements({view: made, "copy": moved})) == 1


@pytest.mark.parametrize("name", VIEWS)
def test_a_link_gives_the_same_view_again(store: Store, name: str) -> None:
    found = shown(store, name, QUERIES[0])
    assert shown(store, name, found["query"]) == found


@pytest.mark.parametrize("name", VIEWS)
def test_the_command_line_prints_the_view(store: Store, simulated_store: Path, name: str) -> None:
    printed = analyse(simulated_store, name, QUERIES[0])
    assert printed == json.loads(json.dumps(shown(store, name, QUERIES[0])))


@pytest.mark.parametrize("name", VIEWS)
def test_the_page_says_what_the_command_line_prints(
    store: Store, simulated_store: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence above the figure carries n, effect, limits and p: it is the JSON's, letter by letter."""
    if not (ROOT / "pages" / f"{name}.py").exists():
        pytest.fail(f"view {name} is registered and has no page pages/{name}.py")
    monkeypatch.setenv("TILEXPLORER_STORE", str(simulated_store))
    page = AppTest.from_file(str(ROOT / "tilexplorer" / "ui" / "shell.py"), default_timeout=60)
    for key, values in _parameters(QUERIES[0]).items():
        page.query_params[key] = values
    page.switch_page(str(ROOT / "pages" / f"{name}.py")).run()
    assert not page.exception, page.exception
    sentence = shown(store, name, QUERIES[0])["sentence"]
    texts = [str(element.proto.body) for element in page.main if element.type == "html"]
    assert any(_escaped(sentence) in text for text in texts), (sentence, texts)


def _parameters(query: str) -> dict[str, list[str]]:
    from urllib.parse import parse_qs

    return parse_qs(query)


def _escaped(text: str) -> str:
    import html

    return html.escape(text)
