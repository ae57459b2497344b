"""No number differs between two places that show it, and no selection whatever breaks a view."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.json_rules import every_rule
from tests.miniature import miniature
from tilexplorer import vocabulary
from tilexplorer.analysis.tables import as_csv
from tilexplorer.analysis.views import VIEWS
from tilexplorer.publish import publish
from tilexplorer.resolve import options
from tilexplorer.selection import BY, FILTERS, INTERVALS, POPULATIONS, RATE_INTERVALS, Selection, parse_query
from tilexplorer.simulate import simulate
from tilexplorer.store import Store

VIEW_NAMES = ("overview", "survival", "response")


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Made-up and simulated cohorts of every kind in one store: copies, natural history, a cohort without biopsies."""
    folder = tmp_path_factory.mktemp("mixed")
    parts = [
        miniature("alpha", patients=120, tumours=("MEL", "BLCA", "CCRCC")),
        miniature("beta", patients=60, measured=50),
        miniature("copy", patients=60, same_as="beta"),
        miniature("tiny", patients=7, regimens=("nivolumab + ipilimumab",)),
        miniature("bare", patients=40, measured=0),
        miniature("nature", patients=60, immunotherapy=False),
        simulate(patients=2_000, seed=3),
    ]
    publish(folder, parts)
    return Store.open(folder)


def view(store: Store, name: str, query: str) -> dict[str, Any]:
    return VIEWS[name].json(store, parse_query(query).selection)


@st.composite
def selections(draw: st.DrawFn, store: Store) -> Selection:
    """Any selection that a query can make of this store, valid or not, empty or not."""
    values: dict[str, Any] = {}
    for key in draw(st.lists(st.sampled_from(("cohort", *FILTERS)), max_size=3, unique=True)):
        held = options(store, key)
        values[key] = tuple(draw(st.lists(st.sampled_from((*held, "nosuch")), max_size=3, unique=True)))
    measures = sorted(set(store.table("measure")["measure"]))
    values["measure"] = draw(st.sampled_from(("", "nosuch", *vocabulary.families(), *measures)))
    values["rule"] = draw(st.sampled_from(("", "recorded", "median", "tertile", "quartile", "cut:5", "cut:0.1,40")))
    values["endpoint"] = draw(st.sampled_from(("os", "os", "pfs", "dss", "nosuch")))
    values["response"] = draw(st.sampled_from(tuple(vocabulary.RESPONSE_RATES)))
    values["by"] = tuple(draw(st.lists(st.sampled_from(tuple(BY)), min_size=1, max_size=2, unique=True)))
    values["population"] = draw(st.sampled_from(POPULATIONS))
    values["interval"] = draw(st.sampled_from(INTERVALS))
    values["rate_interval"] = draw(st.sampled_from(RATE_INTERVALS))
    values["tau"] = draw(st.sampled_from((None, None, 0.0, 6.0, 24.0, 600.0)))
    values["age_min"] = draw(st.sampled_from((None, None, 50.0, 200.0)))
    values["age_max"] = draw(st.sampled_from((None, None, 70.0)))
    values["reference"] = draw(st.sampled_from(("", "nosuch", "high", "everolimus", "nivolumab")))
    return Selection(**values)


@pytest.mark.parametrize("name", VIEW_NAMES)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None,
          phases=(Phase.generate, Phase.shrink))  # fmt: skip
@given(data=st.data())
def test_no_selection_breaks_a_view(mixed: Store, name: str, data: st.DataObject) -> None:
    selection = data.draw(selections(mixed))
    found = VIEWS[name].json(mixed, selection)
    assert every_rule(found) == [], selection.to_query()


@pytest.mark.parametrize("name", VIEW_NAMES)
@pytest.mark.parametrize("by", [*BY, "level&by=tumour", "regimen&by=level", "study&by=therapy"])
def test_every_stratification_keeps_the_rules(mixed: Store, name: str, by: str) -> None:
    assert every_rule(view(mixed, name, f"by={by}")) == []
    assert every_rule(view(mixed, name, f"cohort=alpha&by={by}")) == []
    assert every_rule(view(mixed, name, f"cohort=bare&by={by}")) == []


# The same number wherever it stands -----------------------------------------------------------------------------------

QUERIES = (
    "cohort=alpha",
    "cohort=alpha&cohort=beta",
    "cohort=beta&measure=immune_phenotype",
    "cohort=alpha&rule=median&line=1",
)
GROUP_NUMBERS = ("n", "events", "median_days", "median_lower_days", "median_upper_days", "rmst_days", "rmst_se")


@pytest.mark.parametrize("query", QUERIES)
def test_sizes_agree_between_the_views(mixed: Store, query: str) -> None:
    """Everybody of these cohorts has an outcome and a response, so every view counts the same people."""
    overview, survival, response = (view(mixed, name, f"{query}&by=level") for name in VIEW_NAMES)
    sizes = dict(zip(overview["levels"], overview["level_sizes"], strict=True))
    assert {g["label"]: g["n"] for g in survival["groups"]} == sizes
    assert {g["label"]: g["n"] for g in response["groups"]} == sizes
    assert overview["n"] == survival["n"] == response["n"] == sum(sizes.values())
    assert overview["excluded"] == survival["excluded"] == response["excluded"]
    for variable in {row["variable"] for row in overview["table"]} - {"Age [years]"}:
        rows = [row for row in overview["table"] if row["variable"] == variable]
        assert [sum(cells) for cells in zip(*(r["cells"] for r in rows), strict=True)] == list(sizes.values())


def test_an_outcome_that_is_not_recorded_is_the_only_difference(mixed: Store) -> None:
    overview, survival = (view(mixed, name, "by=level&cohort=sim-mel") for name in ("overview", "survival"))
    lost = sum(e["n"] for e in survival["excluded"] if "survival not recorded" in e["reason"])
    assert overview["n"] - lost == survival["n"]


@pytest.mark.parametrize("query", QUERIES)
def test_the_heat_map_adds_up_to_the_groups(mixed: Store, query: str) -> None:
    found = view(mixed, "response", f"{query}&by=level")
    for group in found["groups"]:
        cells = [c for c in found["heat_map"] if c["level"] == group["label"]]
        assert (sum(c["responders"] for c in cells), sum(c["n"] for c in cells)) == (group["responders"], group["n"])
        assert sum(group["categories"].values()) == group["n"]


@pytest.mark.parametrize("name", ["survival", "response"])
def test_a_panel_is_the_view_of_its_filter(mixed: Store, name: str) -> None:
    crossed = view(mixed, name, "cohort=alpha&by=level&by=tumour&tau=12")
    assert len(crossed["panels"]) == 3
    for panel in crossed["panels"]:
        tumour = panel["groups"][0]["key"]["tumour"]
        alone = view(mixed, name, f"cohort=alpha&by=level&tumour={tumour}&tau=12")
        for inside, outside in zip(panel["groups"], alone["groups"], strict=True):
            assert inside == {**outside, "key": {**outside["key"], "tumour": tumour}}
        for part in ("logrank", "hazard_ratios", "pairwise", "trend", "test", "tests", "comparisons"):
            assert panel.get(part) == alone.get(part), part
    assert crossed["groups"] == [g for panel in crossed["panels"] for g in panel["groups"]]


@pytest.mark.parametrize("field", ["regimen", "tumour", "sex", "line", "therapy", "study", "cohort"])
def test_a_group_is_the_view_of_its_filter(mixed: Store, field: str) -> None:
    split = view(mixed, "survival", f"cohort=alpha&cohort=beta&by={field}&tau=12")
    for group in split["groups"]:
        value = group["key"][field] + (" only" if field == "therapy" and "+" not in group["key"][field] else "")
        chosen = Selection(by=("cohort",), tau=12.0).only(cohort=("alpha", "beta")).only(**{field: (value,)})
        alone = VIEWS["survival"].json(mixed, chosen)
        assert sum(g["n"] for g in alone["groups"]) == group["n"]
        assert sum(g["events"] for g in alone["groups"]) == group["events"]
        if len(alone["groups"]) == 1:
            assert [alone["groups"][0][k] for k in GROUP_NUMBERS] == [group[k] for k in GROUP_NUMBERS]


@pytest.mark.parametrize("name", VIEW_NAMES)
@pytest.mark.parametrize(
    "query", ["cohort=alpha&by=level", "by=regimen&by=tumour", "cohort=beta&by=sex&population=evaluable"]
)
def test_csv_holds_what_json_holds(mixed: Store, name: str, query: str) -> None:
    found = view(mixed, name, query)
    rows = list(csv.DictReader(io.StringIO(as_csv(found))))
    groups = found.get("groups") or found["cohorts"]
    assert len(rows) == len(groups)
    for row, group in zip(rows, groups, strict=True):
        flat = {k: v for k, v in {**group.get("key", {}), **group}.items() if not isinstance(v, dict | list)}
        assert row == {k: "" if v is None else str(v) for k, v in flat.items()}


def test_two_studies_of_one_title_are_two_groups(mixed: Store) -> None:
    found = view(mixed, "survival", "cohort=alpha&cohort=beta&cohort=bare&by=study")
    assert {g["label"]: g["n"] for g in found["groups"]} == {
        "Study (alpha-study)": 120, "Study (beta-study)": 60, "Study (bare-study)": 40,
    }  # fmt: skip
    assert len(found["pairwise"]) == 3
