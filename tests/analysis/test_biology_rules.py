"""The paired and the microenvironment view keep the rules of every view, whatever is selected."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.json_rules import every_rule
from tests.repeated import repeated
from tests.test_views_consistency import mixed, selections
from tilexplorer.analysis.tables import as_csv
from tilexplorer.analysis.views import VIEWS
from tilexplorer.publish import publish
from tilexplorer.selection import BY, parse_query
from tilexplorer.simulate import simulate
from tilexplorer.store import Store

__all__ = ["mixed"]

NAMES = ("microenvironment", "on_treatment")


@pytest.fixture(scope="module")
def biopsies(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A made-up cohort of pairs beside the simulated ones."""
    folder = tmp_path_factory.mktemp("biopsies")
    publish(folder, [repeated("twice"), simulate(patients=2_000, seed=3)])
    return Store.open(folder)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None,
          phases=(Phase.generate, Phase.shrink))  # fmt: skip
@given(data=st.data())
def test_no_selection_breaks_a_view(mixed: Store, name: str, data: st.DataObject) -> None:
    selection = data.draw(selections(mixed))
    assert every_rule(VIEWS[name].json(mixed, selection)) == [], selection.to_query()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("cohort", ["twice", "sim-mel"])
@pytest.mark.parametrize("by", BY)
def test_every_stratification_keeps_the_rules(biopsies: Store, name: str, cohort: str, by: str) -> None:
    found = VIEWS[name].json(biopsies, parse_query(f"cohort={cohort}&by={by}").selection)
    assert every_rule(found) == []


@pytest.mark.parametrize("name", NAMES)
def test_csv_holds_a_row_for_each_group(biopsies: Store, name: str) -> None:
    found = VIEWS[name].json(biopsies, parse_query("cohort=sim-mel&by=tmb").selection)
    rows = list(csv.DictReader(io.StringIO(as_csv(found))))
    assert [row["label"] for row in rows] == [group["label"] for group in found["groups"]]
    assert [int(row["n"]) for row in rows] == [group["n"] for group in found["groups"]]


def test_both_views_count_the_survival_view_s_people(biopsies: Store) -> None:
    """The same filters and groups leave the same patients in every view."""
    query = parse_query("cohort=sim-mel&measure=cd8_density_centre&by=level").selection
    micro, overview = (VIEWS[name].json(biopsies, query) for name in ("microenvironment", "overview"))
    assert [group["n"] for group in micro["groups"]] == overview["level_sizes"]
    assert micro["excluded"] == overview["excluded"]
