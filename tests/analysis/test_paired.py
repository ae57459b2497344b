"""The paired view on a made-up cohort whose every pair is known, and on cohorts without pairs."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from tests.miniature import miniature, published_store
from tests.repeated import repeated
from tilexplorer.analysis.on_treatment import OnTreatment, on_treatment
from tilexplorer.analysis.on_treatment_json import to_json
from tilexplorer.analysis.on_treatment_sentence import on_treatment_sentence
from tilexplorer.selection import Selection, parse_query
from tilexplorer.store import Store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return published_store(tmp_path_factory.mktemp("repeated"), repeated(), miniature("beta"))


@pytest.fixture(scope="module")
def found(store: Store) -> OnTreatment:
    return on_treatment(store, Selection(cohort=("alpha",)))


def test_every_pair_doubles(found: OnTreatment) -> None:
    (panel,) = found.panels
    total = panel.total
    assert (total.n, total.measured, total.patients) == (20, 60, 60)
    assert np.array_equal(total.after, 2 * total.before)
    assert total.change == pytest.approx(10.5)  # the median of 1 to 20
    assert total.turned is not None
    assert total.test.shown


def test_a_constant_ratio_has_no_limits_and_says_why(found: OnTreatment) -> None:
    size = found.panels[0].total.size
    assert math.isnan(size.value)
    assert "same amount" in size.reason


def test_selected_and_left_out_make_up_the_chosen(found: OnTreatment) -> None:
    context = found.context
    assert context.n + sum(n for _, n in context.excluded) == context.chosen == 60
    assert context.n == 20
    assert any("on treatment" in reason for reason, _ in context.excluded)


def test_the_lesion_that_was_biopsied_before_makes_the_pair_and_the_other_is_shown_apart(found: OnTreatment) -> None:
    lesions = {change.group.label: change for change in found.panels[0].lesions}
    assert {label: change.n for label, change in lesions.items()} == {"treated lesion": 20, "untreated lesion": 5}
    assert np.array_equal(lesions["untreated lesion"].after, lesions["untreated lesion"].before)
    assert lesions["untreated lesion"].test.reason == "no pair changed"


def test_cold_turns_hot_only_past_the_cut_of_the_baseline(store: Store) -> None:
    # Sixty patients with densities 0 to 59 in one tumour type: a cut at 5.5 parts 1 to 5 from the rest.
    found = on_treatment(store, parse_query("cohort=alpha&rule=cut:5.5").selection)
    turned = found.panels[0].total.turned
    assert turned is not None
    assert turned.cold == 5
    assert turned.warmed.events == 3  # 3, 4 and 5 double to 6, 8 and 10
    assert (turned.hot, turned.cooled.events) == (15, 0)


def test_groups_carry_the_number_of_patients_without_pairs(found: OnTreatment) -> None:
    groups = {change.group.label: (change.n, change.patients) for change in found.panels[0].groups}
    assert sum(n for n, _ in groups.values()) == 20
    assert sum(patients for _, patients in groups.values()) == 60


def test_small_groups_have_no_numbers_but_a_reason(found: OnTreatment) -> None:
    small = [change for change in found.panels[0].responses if change.n < 5]
    assert small
    for change in small:
        assert math.isnan(change.change)
        assert change.test.reason


def test_the_landmark_leaves_out_who_died_by_then(found: OnTreatment) -> None:
    landmark = found.panels[0].landmark
    # Patient i lives 10 (i + 1) days: of 1 to 20 those at 20 and 30 days are gone by day 30.
    assert (landmark.days, landmark.recorded, landmark.excluded) == (30.0, True, 2)
    assert [group.label for group in landmark.groups] == ["rise"]
    assert "only one of the two groups" in landmark.logrank.reason


def test_a_category_gives_way_to_a_number_and_says_so(store: Store) -> None:
    found = on_treatment(store, Selection(cohort=("alpha",), measure="immune_phenotype"))
    assert found.context.n == 20
    assert any("is a category" in warning for warning in found.context.warnings)


def test_a_cohort_without_pairs_names_those_that_have_them(store: Store) -> None:
    found = on_treatment(store, Selection(cohort=("beta",)))
    assert found.context.empty
    (lacking,) = found.lacking
    assert lacking.cohorts == ("alpha",)
    assert on_treatment(store, parse_query(lacking.query).selection).context.n == 20
    assert "No patient remains" in on_treatment_sentence(found).text


@pytest.mark.parametrize("query", ["cohort=alpha", "cohort=beta", "cohort=alpha&by=line", "cohort=alpha&line=9"])
def test_no_number_is_missing_without_a_reason(store: Store, query: str) -> None:
    made = to_json(on_treatment(store, parse_query(query).selection))
    for group in made["groups"]:
        for part in (group["size"], group["signed_rank"], group["hodges_lehmann"]):
            if None in (part.get("value", 0), part.get("p_value", 0)):
                assert part["reason"]
                assert part["status"] != "ok" or "hodges" in str(part)


def test_the_sentence_claims_no_cause_and_no_significance(found: OnTreatment) -> None:
    text = on_treatment_sentence(found).text + on_treatment_sentence(found).caution
    assert "20 of 60 patients" in text
    assert "unlikely to be chance alone" in text
    assert "signific" not in text.lower()
    for verb in ("causes", "raises", "increases", "improves"):
        assert verb not in text


def test_folders_hold_one_copy(tmp_path: Path) -> None:
    # Patients of a copy are counted once: their pairs as well.
    store = published_store(tmp_path, repeated("alpha"), miniature("gamma", same_as="alpha"))
    found = on_treatment(store, Selection(cohort=("alpha", "gamma")))
    assert found.n == 20
