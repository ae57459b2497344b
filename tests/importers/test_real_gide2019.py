"""Gide 2019 from two sources: the patients of one, the infiltration of the other, nobody twice."""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest

from tests.importers.real import median_months, outcome, real, values
from tests.shared import real_cohorts
from tilexplorer import importers
from tilexplorer.importers.text import ReadOptions

pytestmark = pytest.mark.cohorts

SOURCE_MONTH = 30
MONO = {"pembrolizumab", "nivolumab"}


@cache
def compass() -> pd.DataFrame:
    return pd.read_csv(real_cohorts() / "gide2019_melanoma_clinical" / "compass_gide_clinical.tsv", sep="\t")


@cache
def iatlas() -> pd.DataFrame:
    path = real_cohorts() / "iatlas_ici_2021" / "fmx_io.feather"
    frame = importers.READERS["feather"](path, ReadOptions()).replace("", None)
    return frame[frame["Dataset"] == "Gide 2019"].drop_duplicates("Patient_ID").set_index("Patient_ID")


def arm(frame: pd.DataFrame, *, mono: bool) -> pd.DataFrame:
    return frame[frame["regimen"].isin(MONO) == mono]


def test_response_by_regimen() -> None:
    course = real("gide2019")["course"]
    counts = [
        (arm(course, mono=mono)["response"].isin(["CR", "PR"]).sum(), len(arm(course, mono=mono)))
        for mono in (True, False)
    ]
    assert counts == [(19, 41), (21, 32)]


@pytest.mark.parametrize(("endpoint", "printed"), [("pfs", 9.03), ("os", 29.3)])
def test_medians_in_the_months_of_the_source(endpoint: str, printed: float) -> None:
    frame = outcome(real("gide2019"), endpoint)
    days = median_months(arm(frame, mono=True)) * 30.4375
    assert days / SOURCE_MONTH == pytest.approx(printed, abs=0.05)
    assert days == pytest.approx({"pfs": 271, "os": 878}[endpoint])
    assert median_months(arm(frame, mono=False)) == float("inf")


@pytest.mark.parametrize(("endpoint", "column", "unit"), [("os", "OS_time", 365.25), ("pfs", "PFI_time_1", 1.0)])
def test_a_month_of_the_source_has_thirty_days(endpoint: str, column: str, unit: float) -> None:
    """The other source has the same times in years and in days, for 72 of the 73 patients."""
    found = outcome(real("gide2019"), endpoint).set_index("patient")["days"]
    assert sorted(set(found.index) - set(iatlas().index)) == ["Gide_ipiPD1_38"]
    expected = iatlas()[column].astype(float) * unit
    assert list(found[expected.index]) == pytest.approx(list(expected), abs=1e-6)


def test_the_two_sources_agree_in_everything_else() -> None:
    course = real("gide2019")["course"].set_index("patient").loc[iatlas().index]
    assert list(course["age"].astype(float)) == list(iatlas()["Age"].astype(float))
    words = {"Complete Response": "CR", "Partial Response": "PR", "Stable Disease": "SD", "Progressive Disease": "PD"}
    assert list(course["response"]) == list(iatlas()["Response"].map(words))
    dead = outcome(real("gide2019"), "os").set_index("patient")["event"]
    assert list(dead[iatlas().index]) == list(iatlas()["OS"] == "1")


def test_a_death_without_progression_is_an_event() -> None:
    free, alive = (outcome(real("gide2019"), e).set_index("patient") for e in ("pfs", "os"))
    assert compass()["PFS_Event"].sum() == 42
    assert free["event"].sum() == 43
    assert free.loc["Gide_ipiPD1_25", "days"] == alive.loc["Gide_ipiPD1_25", "days"]
    later = free.index[free["days"] > alive["days"]]
    assert list(later) == ["Gide_PD1_4"]
    assert (free["days"] - alive["days"])["Gide_PD1_4"] == 1


def test_samples_of_both_sources_are_one() -> None:
    tables = real("gide2019")
    samples = tables["sample"]
    assert samples["timepoint"].value_counts().to_dict() == {"baseline": 73, "on_treatment": 16}
    assert samples.loc[samples["timepoint"] == "baseline", "patient"].is_unique
    assert samples.loc[samples["timepoint"] == "baseline", "site"].value_counts().to_dict() == {
        "skin": 47,
        "lymph node": 19,
        "lung": 3,
        "mucosa": 2,
        "brain": 1,
        "other": 1,
    }
    measured = values(tables, "cd8_fraction_cibersort")["patient"]
    assert set(tables["patient"]["patient"]) - set(measured) == {"Gide_ipiPD1_38"}
