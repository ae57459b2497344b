"""The aggregates equal the same counts made by hand from the rows of the made-up cohorts."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.miniature import miniature, published_store
from tilexplorer.queries import events, flow, responses, rows
from tilexplorer.resolve import Resolved, options, resolve
from tilexplorer.scope import ALL_LEVELS, Scope, for_duckdb
from tilexplorer.selection import Selection
from tilexplorer.store import Store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder: Path = tmp_path_factory.mktemp("store")
    return published_store(
        folder,
        miniature("alpha", patients=120, tumours=("MEL", "BLCA")),
        miniature("beta", patients=60, measured=50),
        miniature("copy", patients=60, same_as="beta"),
        miniature("sim", patients=60, simulated=True),
        miniature("nature", patients=60, immunotherapy=False),
    )


def scoped(store: Store, by: tuple[str, ...] = ("level",), **changes: object) -> tuple[Resolved, Scope]:
    resolved = resolve(store, Selection(by=by).only(**changes))
    scope = Scope(resolved)
    scope.need_groups(by)
    return resolved, scope


def test_events_by_tertile_within_tumour(store: Store) -> None:
    _, scope = scoped(store, cohort=("alpha",))
    scope.need_outcome("os")
    found = events(scope, ("level",), "os")
    # 60 melanoma patients are 0, 2, 4 ... 118: tertiles of each tumour type by itself give 20 in each level.
    sizes = (
        found.assign(n=found["events"] + found["censored"]).groupby(["stratum_tumour", "g1"], observed=True)["n"].sum()
    )
    assert sizes.to_dict() == {
        (t, ALL_LEVELS.index(w)): 20 for t in ("MEL", "BLCA") for w in ("low", "intermediate", "high")
    }
    melanoma = found[found["stratum_tumour"] == "MEL"]
    assert set(melanoma["days"]) == {10 * (i + 1) for i in range(0, 120, 2)}
    assert melanoma["events"].sum() == 60  # even patients die


def test_flow_counts_every_patient_once(store: Store) -> None:
    _, scope = scoped(store, cohort=("beta",), prior_io=("no",), tumour=("MEL",), age_min=45.0)
    found = flow(scope)
    assert found.chosen == 60
    # By hand: patient 7 has no record of prior therapy; i % 3 == 0 had it; age is 40 + i % 40; 10 have no density.
    rest = [i for i in range(60) if i != 7 and i % 3]
    aged = [i for i in rest if 40 + i % 40 >= 45]
    measured = [i for i in aged if i < 50]
    assert dict(found.excluded) == {
        "prior immunotherapy not recorded": 1,
        "other prior immunotherapy": 20,
        "age outside the range": len(rest) - len(aged),
        "no CD8 density, tumour centre at baseline": len(aged) - len(measured),
    }
    assert found.remaining == len(measured)


def test_an_empty_selection_names_the_filter(store: Store) -> None:
    _, scope = scoped(store, cohort=("beta",), tumour=("BLCA",))
    found = flow(scope)
    assert found.remaining == 0
    assert found.emptied_by == "other tumour type"


def test_copies_are_counted_once(store: Store) -> None:
    _, both = scoped(store, cohort=("beta", "copy"))
    assert ("same patients as Beta", 60) in flow(both).excluded
    _, alone = scoped(store, cohort=("copy",))
    assert flow(alone).remaining == 60


def test_simulated_and_natural_history_stay_apart(store: Store) -> None:
    assert resolve(store, Selection()).cohorts == ("alpha", "beta", "copy")
    mixed = resolve(store, Selection(cohort=("alpha", "sim", "nature")))
    assert mixed.cohorts == ("alpha",)
    assert [cohort for cohort, _ in mixed.left_out] == ["sim", "nature"]
    assert resolve(store, Selection(cohort=("sim",))).simulated


def test_therapy_filters_by_class_and_by_exact_combination(store: Store) -> None:
    assert options(store, "therapy") == (
        "anti-PD-1",
        "other targeted agent",
        "anti-PD-1 only",
        "other targeted agent only",
    )
    _, scope = scoped(store, by=("regimen",), cohort=("alpha",), therapy=("anti-PD-1",))
    assert flow(scope).remaining == 60


def test_responses_by_two_fields(store: Store) -> None:
    _, scope = scoped(store, by=("level", "tumour"), cohort=("alpha",))
    scope.need_response("orr")
    found = responses(scope, ("level", "tumour"))
    assert found["n"].sum() == 120
    complete = found[found["response"] == "CR"].groupby("g2", observed=True)["n"].sum().to_dict()
    assert complete == {"MEL": 12, "BLCA": 0} or complete == {"MEL": 12}


def test_fixed_cut(store: Store) -> None:
    _, scope = scoped(store, cohort=("beta",), rule="cut:9,29")
    found = rows(scope, {"level": "level", "value": "value"})
    assert found.groupby("level")["value"].agg(["min", "max", "count"]).values.tolist() == [  # noqa: PD011
        [0.0, 9.0, 10.0],
        [10.0, 29.0, 20.0],
        [30.0, 49.0, 20.0],
    ]


def test_a_cut_does_not_move_with_a_filter(store: Store) -> None:
    _, everyone = scoped(store, cohort=("beta",))
    _, women = scoped(store, cohort=("beta",), sex=("female",))
    columns = {"patient": "a.patient", "level": "level"}
    whole = rows(everyone, columns).set_index("patient")["level"]
    part = rows(women, columns).set_index("patient")["level"]
    assert len(part) == 25
    pd.testing.assert_series_equal(part.sort_index(), whole[part.index].sort_index())


def test_recorded_phenotype(store: Store) -> None:
    resolved, scope = scoped(store, cohort=("beta",), measure="immune_phenotype")
    assert resolved.rule.name == "recorded"
    found = rows(scope, {"level": "level"})["level"].value_counts().to_dict()
    assert found == {"desert": 20, "excluded": 20, "inflamed": 10}


def test_an_endpoint_nobody_has_is_an_exclusion(store: Store) -> None:
    resolved, scope = scoped(store, cohort=("beta",), endpoint="pfs")
    scope.need_outcome(resolved.selection.endpoint)
    assert flow(scope).emptied_by == "progression-free survival not recorded"
    assert events(scope, ("level",), "pfs").empty


def test_unknown_values_are_problems_not_errors(store: Store) -> None:
    resolved = resolve(
        store, Selection(cohort=("beta", "nosuch"), measure="nosuch", endpoint="nosuch", rule="recorded")
    )
    assert resolved.cohorts == ("beta",)
    assert len(resolved.problems) == 4


def test_only_enum_columns_are_rendered_for_duckdb() -> None:
    assert for_duckdb("list_contains($tumour, a.tumour)") == "a.tumour = ANY($tumour::tumour_t[])"
    assert for_duckdb("list_contains($line, a.line)") == "list_contains($line, a.line)"


def test_a_quote_in_a_value_is_only_a_value(store: Store) -> None:
    resolved = resolve(store, Selection(site=("skin'; DROP TABLE cohort; --",)))
    assert "is not in this store" in resolved.problems[0]


@pytest.mark.parametrize("declared", ["", None])
def test_a_cohort_that_declares_no_measure_is_shown_by_the_family(tmp_path: Path, declared: str | None) -> None:
    made = miniature()
    made["cohort"]["default_measure"] = pd.Series([declared], dtype="string")
    resolved = resolve(published_store(tmp_path, made), Selection())
    assert resolved.measure_of == {"alpha": "cd8_density_centre"}
