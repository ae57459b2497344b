"""IMvigor210 as the catalogue imports it, against the paper and the figures of its SOURCE.md."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.importers.real import logrank_p, median_months, outcome, real, values
from tests.shared import real_cohorts
from tilexplorer.schema import Canonical

pytestmark = pytest.mark.cohorts

# id 10285, whose two samples the paper counts as two patients
TWICE = "10285"


@pytest.fixture
def tables() -> Canonical:
    return real("imvigor210")


def phenotyped(tables: Canonical) -> pd.DataFrame:
    kinds = values(tables, "immune_phenotype").drop_duplicates("patient")
    return outcome(tables, "os").merge(kinds[["patient", "category"]], on="patient")


def fisher(table: np.ndarray) -> float:
    """Fisher's exact P of a table of three rows and two columns: all tables with its margins, no more likely."""
    rows, column = table.sum(axis=1), table[:, 0].sum()
    likelihood = stats.multivariate_hypergeom(rows, column)
    seen = likelihood.pmf(table[:, 0])
    tables = [(a, b, column - a - b) for a in range(rows[0] + 1) for b in range(rows[1] + 1)]
    chances = np.asarray(likelihood.pmf([t for t in tables if 0 <= t[2] <= rows[2]]))
    return float(chances[chances <= seen * (1 + 1e-7)].sum())


def test_patients_are_counted_once(tables: Canonical) -> None:
    survival = outcome(tables, "os")
    assert len(tables["patient"]) == 347
    assert survival["event"].sum() == 231
    assert list(tables["exclusion"]["n"]) == [1]
    assert TWICE in tables["exclusion"]["reason"].iloc[0]


def test_both_samples_of_the_patient_stay(tables: Canonical) -> None:
    assert len(tables["sample"]) == 348
    hers = tables["sample"].query("patient == @TWICE")["sample"]
    assert sorted(hers) == ["SAM8e43e9caf307", "SAM99b1f6a9534e"]


def test_sample_rows_reproduce_the_paper(tables: Canonical) -> None:
    rows = tables["sample"][["patient", "sample"]].merge(outcome(tables, "os"), on="patient")
    assert (len(rows), rows["event"].sum()) == (348, 232)
    assert median_months(rows) == pytest.approx(8.77, abs=0.005)
    kinds = rows.merge(values(tables, "immune_phenotype")[["sample", "category"]], on="sample")
    assert kinds["category"].value_counts().to_dict() == {"excluded": 134, "desert": 76, "inflamed": 74}
    assert logrank_p(kinds, "category") == pytest.approx(0.0898, abs=5e-5)


def test_phenotype_of_patients(tables: Canonical) -> None:
    frame = phenotyped(tables)
    assert frame["category"].value_counts().to_dict() == {"excluded": 133, "desert": 76, "inflamed": 74}
    assert logrank_p(frame, "category") == pytest.approx(0.0932, abs=5e-5)


def test_median_survival_by_phenotype(tables: Canonical) -> None:
    medians = {str(kind): median_months(part) for kind, part in phenotyped(tables).groupby("category")}
    assert medians == pytest.approx({"desert": 8.02, "excluded": 8.08, "inflamed": 13.31}, abs=0.005)


def test_response_by_phenotype_and_without_one(tables: Canonical) -> None:
    frame = phenotyped(tables)
    evaluable = frame[frame["response"] != "NE"]
    rates = {
        str(kind): (int(part["response"].isin(["CR", "PR"]).sum()), len(part))
        for kind, part in evaluable.groupby("category")
    }
    assert rates == {"desert": (14, 69), "excluded": (28, 113), "inflamed": (19, 62)}
    others = tables["course"].query("patient not in @frame.patient and response != 'NE'")
    assert (others["response"].isin(["CR", "PR"]).sum(), len(others)) == (7, 54)


def test_response_by_immune_cell_level(tables: Canonical) -> None:
    levels = values(tables, "pdl1_ic").drop_duplicates("patient")
    frame = tables["course"].merge(levels[["patient", "category"]], on="patient").query("response != 'NE'")
    counts = pd.crosstab(frame["category"], frame["response"].isin(["CR", "PR"]))
    assert counts[True].to_dict() == {"IC0": 13, "IC1": 20, "IC2+": 35}
    assert fisher(counts.to_numpy()) == pytest.approx(0.003847, abs=5e-7)


def test_event_flag_is_read_by_value_not_by_name(tables: Canonical) -> None:
    raw = pd.read_csv(real_cohorts() / "imvigor210_mariathasan2018" / "pData_IMvigor210.csv", dtype=str)
    dead = set(raw.loc[raw["censOS"] == "1", "ANONPT_ID"])
    assert set(outcome(tables, "os").query("event")["patient"]) == dead


def test_scores_are_joined_by_sample(tables: Canonical) -> None:
    path = real_cohorts() / "imvigor210_mariathasan2018" / "iobr_imvigor210_pdata.csv"
    converted = pd.read_csv(path).set_index("ID")
    for measure, column in (("cd8_teff", "CD_8_T_effector"), ("tgfb_response", "Pan_F_TBRs")):
        read = values(tables, measure).set_index("sample")["number"].astype(float)
        assert len(read) == 348
        assert read.to_dict() == pytest.approx(converted[column].to_dict())


def test_the_card_says_what_a_reader_must_know(tables: Canonical) -> None:
    note = tables["cohort"]["note"].iloc[0]
    assert "10285" in note
    assert "7 of 54" in note
