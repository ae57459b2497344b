"""Riaz 2017 as the catalogue imports it, against the figures of its SOURCE.md."""

from __future__ import annotations

import pandas as pd
import pytest
from scipy import stats

from tests.importers.real import median_months, outcome, real, values
from tests.shared import real_cohorts
from tilexplorer import importers
from tilexplorer.importers.text import ReadOptions
from tilexplorer.schema import Canonical

pytestmark = pytest.mark.cohorts


@pytest.fixture
def tables() -> Canonical:
    return real("riaz2017")


def test_deaths_survival_and_response(tables: Canonical) -> None:
    survival = outcome(tables, "os")
    assert (len(survival), survival["event"].sum()) == (73, 42)
    assert median_months(survival) == pytest.approx(23.3, abs=0.05)
    assert median_months(outcome(tables, "pfs")) == pytest.approx(3.68, abs=0.005)
    assert survival["response"].isin(["CR", "PR"]).sum() == 15


def test_inverted_flags_agree_with_the_supplement(tables: Canonical) -> None:
    path = real_cohorts() / "riaz2017_nivolumab_melanoma" / "mmc2_TableS2.csv"
    supplement = pd.read_csv(path).set_index("Patient")
    column = next(c for c in supplement.columns if c.startswith("Dead/Alive"))
    dead = outcome(tables, "os").set_index("patient")["event"]
    assert dead.to_dict() == supplement[column].to_dict()


def test_prior_immunotherapy_and_response_by_it(tables: Canonical) -> None:
    course = tables["course"]
    counts = course.assign(r=course["response"].isin(["CR", "PR"])).groupby("prior_io")["r"].agg(["size", "sum"])
    assert counts.to_dict("index") == {False: {"size": 34, "sum": 7}, True: {"size": 39, "sum": 8}}


def test_pairs_before_and_on_treatment(tables: Canonical) -> None:
    before = values(tables, "t_cell_fraction").set_index("patient")["number"]
    during = values(tables, "t_cell_fraction", "on_treatment").set_index("patient")["number"]
    change = (during - before).astype(float)
    assert len(change.dropna()) == 34
    assert change.median() == pytest.approx(0.030, abs=0.0005)
    # The source rounds fractions to three digits, so rounding the change brings back its ties.
    assert stats.wilcoxon(change.round(6), method="approx").pvalue == pytest.approx(0.0147, abs=0.0002)


def test_change_by_response_after_folding_the_case_of_ids(tables: Canonical) -> None:
    before = values(tables, "t_cell_fraction").set_index("patient")["number"]
    during = values(tables, "t_cell_fraction", "on_treatment").set_index("patient")["number"]
    path = real_cohorts() / "riaz2017_nivolumab_melanoma" / "TCRmetrics.csv"
    source = pd.read_csv(path, lineterminator="\r").set_index("Patient")["TIL_Infil_On-Pre"]
    change = (during - before).astype(float)
    assert not set(source.index) & set(change.index)
    change.index = change.index.str.lower()
    assert list(change[source.index]) == pytest.approx(list(source), abs=0.0011)


def test_scores_of_the_supplement(tables: Canonical) -> None:
    assert len(values(tables, "cytolytic_activity")) == 51
    assert len(values(tables, "mutation_count")) == 68
    path = real_cohorts() / "riaz2017_nivolumab_melanoma" / "MutCnt_pretheray.csv"
    counts = pd.read_csv(path).set_index("Patient")["NonSynMut"]
    read = values(tables, "mutation_count").set_index("patient")["number"].astype(int)
    assert read.to_dict() == counts.to_dict()


def test_carriage_returns_and_a_column_named_twice() -> None:
    """Two files of the folder end their lines as the classic Mac did, and one names 'Response' twice."""
    folder = real_cohorts() / "riaz2017_nivolumab_melanoma"
    table = importers.READERS["csv"](folder / "SampleTableCorrected.9.19.16.csv", ReadOptions())
    assert len(table) == 108
    assert {"Response", "Response.1"} < set(table.columns)
    assert set(table["Response.1"]) == {"LB", "NB", "NA"}
    assert len(importers.READERS["csv"](folder / "genomic_data_per_case.csv", ReadOptions())) == 80
