"""Patients that are published already are found by id and outcome, whatever their cohort is called."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from tests.miniature import miniature, published_store
from tilexplorer.recognise.overlap import overlaps
from tilexplorer.store import Store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("overlap")
    published_store(folder, miniature("alpha"))
    return Store.open(folder)


def of(store: Store, **changes: Any) -> pd.DataFrame:
    return store.frame("select * from outcome").assign(cohort="mine", **changes)


def test_the_same_ids_with_the_same_outcomes_are_the_same_patients(store: Store) -> None:
    rows = of(store)
    (found,) = overlaps(rows.assign(patient=rows["patient"].str.swapcase(), days=rows["days"] + 2), store)
    assert (found.cohort, found.same, found.patients) == ("alpha", 60, 60)
    assert "60 of 60 patients" in found.sentence


def test_the_same_ids_with_other_outcomes_are_other_patients(store: Store) -> None:
    assert overlaps(of(store, event=~of(store)["event"].astype(bool)), store) == ()
    assert overlaps(of(store, days=of(store)["days"] + 40), store) == ()


def test_a_cohort_that_is_to_be_replaced_is_not_compared(store: Store) -> None:
    assert overlaps(of(store).assign(cohort="alpha"), store) == ()
