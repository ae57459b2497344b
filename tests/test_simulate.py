"""The simulated cohorts as canonical tables: complete, consistent, repeatable, and as many as asked for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tilexplorer import vocabulary
from tilexplorer.errors import InvalidQuery
from tilexplorer.schema import PANDAS_TYPES, TABLES, Canonical, Table
from tilexplorer.simulate import load, simulate

pytestmark = pytest.mark.xdist_group("simulate")

COHORTS = ("sim-lung", "sim-mel", "sim-rcc", "sim-uro", "sim-platform")


@pytest.fixture(scope="module")
def demo() -> Canonical:
    return simulate()


@pytest.fixture(scope="module")
def course(demo: Canonical) -> pd.DataFrame:
    """Courses with their observed OS and PFS beside them."""
    frame = demo["course"].set_index("patient")
    for endpoint in ("os", "pfs"):
        outcome = demo["outcome"]
        rows = outcome[outcome["endpoint"] == endpoint].set_index("patient")
        frame = frame.join(rows[["days", "event"]].add_prefix(f"{endpoint}_"))
    return frame


@pytest.fixture(scope="module")
def values(demo: Canonical) -> pd.DataFrame:
    """Values with the sample that they were measured on."""
    return demo["value"].merge(demo["sample"].drop(columns=["cohort", "patient"]), on="sample", validate="many_to_one")


def _baseline(values: pd.DataFrame, measure: str) -> pd.DataFrame:
    return values[(values["measure"] == measure) & (values["timepoint"] == "baseline")]


def test_has_the_recipes_patients_arms_and_cohorts(demo: Canonical) -> None:
    assert demo.cohorts == COHORTS
    assert len(demo["patient"]) == len(demo["course"]) == 2670
    assert demo["patient"]["patient"].is_unique
    arms = demo["course"].groupby(["study", "regimen"]).size()
    assert sorted(arms) == sorted(arm.n for arm in load().arms)
    assert len(arms) == 30


def test_says_simulated_everywhere(demo: Canonical) -> None:
    assert demo["cohort"]["simulated"].all()
    assert demo["cohort"]["immunotherapy"].all()
    assert demo["cohort"]["title"].str.startswith("SIMULATED").all()
    assert demo["study"]["title"].str.startswith("SIMULATED").all()
    assert demo["study"]["title"].is_unique


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_tables_keep_the_schema(demo: Canonical, table: Table) -> None:
    frame = demo[table.name]
    assert list(frame.columns) == list(table.names)
    assert [str(t) for t in frame.dtypes] == [PANDAS_TYPES[c.type] for c in table.columns]
    assert not frame.duplicated(list(table.key)).any()
    assert frame[[c.name for c in table.columns if c.required]].notna().all(axis=None)
    assert len(frame) > 0 or table.name == "overlap"


def test_speaks_the_vocabulary(demo: Canonical) -> None:
    course, sample = demo["course"], demo["sample"]
    assert set(course["tumour"]) <= set(vocabulary.tumours())
    assert set(course["response"]) == {"CR", "PR", "SD", "PD", "NE"}
    assert set(course["msi"].dropna()) == set(vocabulary.MSI)
    assert set(demo["patient"]["sex"]) == set(vocabulary.SEXES)
    assert set(sample["timepoint"]) == {"baseline", "on_treatment"}
    assert set(sample["sample_age"]) <= set(vocabulary.SAMPLE_AGES)
    assert set(sample["tissue"]) == set(vocabulary.TISSUES)
    assert set(demo["study"]["setting"]) == {"advanced"}
    assert set(demo["component"]["class"]) <= set(vocabulary.THERAPY_CLASSES)
    known = vocabulary.measures()
    kinds = dict(zip(demo["measure"]["measure"], demo["measure"]["kind"], strict=True))
    assert kinds == {name: known[name].kind for name in kinds}
    assert all(m in known for m in demo["cohort"]["default_measure"])


def test_rows_point_at_rows_that_exist(demo: Canonical) -> None:
    def keys(frame: pd.DataFrame, *names: str) -> set[tuple[object, ...]]:
        return set(frame[list(names)].itertuples(index=False, name=None))

    patients = keys(demo["patient"], "cohort", "patient")
    for table in ("course", "outcome", "sample", "value"):
        assert keys(demo[table], "cohort", "patient") <= patients, table
    assert keys(demo["course"], "cohort", "study") == keys(demo["study"], "cohort", "study")
    assert keys(demo["course"], "regimen") == keys(demo["regimen"], "regimen") == keys(demo["component"], "regimen")
    assert keys(demo["value"], "patient", "sample") <= keys(demo["sample"], "patient", "sample")
    assert keys(demo["value"], "cohort", "measure") == keys(demo["measure"], "cohort", "measure")
    assert keys(demo["outcome"], "cohort", "endpoint") == keys(demo["endpoint"], "cohort", "endpoint")


def test_categories_are_among_their_cohorts_levels(demo: Canonical) -> None:
    found = demo["value"].merge(demo["measure"], on=["cohort", "measure"])
    number, category = found["kind"] == "number", found["kind"] == "category"
    assert found.loc[number, "number"].notna().all()
    assert found.loc[number, "category"].isna().all()
    assert found.loc[category, "number"].isna().all()
    for levels, rows in found[category].groupby("levels"):
        assert set(rows["category"]) == set(str(levels).split("|"))


def test_comparators_are_randomised_and_concurrent(demo: Canonical) -> None:
    study = demo["study"].set_index("study")
    assert set(study.index[study["randomised"]]) == {"sim-lung-randomised", "sim-rcc-randomised"}
    assert (study["randomised"] == study["concurrent_arms"]).all()
    arms = demo["course"].groupby("study")["regimen"].unique()
    assert set(arms["sim-lung-randomised"]) == {"pembrolizumab", "docetaxel"}
    assert set(arms["sim-rcc-randomised"]) == {"nivolumab", "everolimus"}


def test_a_bispecific_has_two_classes(demo: Canonical) -> None:
    rows = demo["component"].query("component == 'bintrafusp alfa'")
    assert set(rows["class"]) == {"anti-PD-L1", "TGF-beta pathway"}
    regimen = demo["regimen"].set_index("regimen")
    assert regimen.loc["bintrafusp alfa", "combination"] == "anti-PD-L1 + TGF-beta pathway"
    assert set(regimen.index[~regimen["immunotherapy"]]) == {
        "docetaxel",
        "everolimus",
        "gemcitabine + nab-paclitaxel",
    }


def test_times_are_whole_positive_and_in_order(course: pd.DataFrame) -> None:
    assert (course["pfs_days"] >= 1).all()
    assert (course["pfs_days"] <= course["os_days"]).all()
    progressed = course[course["pfs_event"] & ((course["pfs_days"] < course["os_days"]) | ~course["os_event"])]
    grid = {*range(42, 379, 42), *range(441, 3000, 63)}
    assert len(progressed) > 1000
    assert set(progressed["pfs_days"]) <= grid
    assert set(course.loc[~course["pfs_event"], "pfs_days"]) <= grid | {1}
    # A death ends progression-free survival too: nobody died without a PFS event, unless nobody looked.
    assert course.loc[course["os_event"], "pfs_event"].all()


def test_response_never_contradicts_progression(course: pd.DataFrame) -> None:
    response = course["response"]
    first_scan = (course["pfs_days"] == 42) & course["pfs_event"] & ((course["os_days"] > 42) | ~course["os_event"])
    assert set(response[first_scan]) <= {"PD", "NE"}
    assert course.loc[response == "PD", "pfs_event"].all()
    assert (course.loc[response == "PD", "pfs_days"] == 42).all()
    assert (course.loc[course["os_days"] < 42, "response"] == "NE").all()
    assert (course.loc[response.isin(["CR", "PR", "SD"]), "pfs_days"] >= 42).all()


def test_shrinkage_agrees_with_response(course: pd.DataFrame) -> None:
    limits = {"CR": (-100, -100), "PR": (-95, -30), "SD": (-29, 19), "PD": (20, 150)}
    for category, (low, high) in limits.items():
        assert course.loc[course["response"] == category, "shrinkage"].between(low, high).all(), category
    assert course.loc[course["response"] == "NE", "shrinkage"].isna().all()


def test_durable_benefit_follows_its_definition(course: pd.DataFrame) -> None:
    controlled = course["response"].isin(["CR", "PR", "SD"])
    lasted = course["pfs_days"] >= 183
    open_end = controlled & ~lasted & ~course["pfs_event"]
    assert course.loc[open_end, "durable"].isna().all()
    assert (course.loc[~open_end, "durable"] == (controlled & lasted)[~open_end]).all()


def test_about_400_pairs(values: pd.DataFrame, course: pd.DataFrame) -> None:
    """Pairs of the cohort's CD8 measure: density, or the T-effector signature where there is no density."""
    urothelial = values["cohort"] == "sim-uro"
    cd8 = (values["measure"] == "cd8_density_centre") | (urothelial & (values["measure"] == "teff_ifng_6"))
    both = values[cd8].groupby("patient")["timepoint"].nunique()
    assert 360 <= (both == 2).sum() <= 440
    later = values.query("timepoint == 'on_treatment'").join(course[["pfs_days", "os_days"]], on="patient")
    assert later["days"].between(21, 56).all()
    assert (later["days"] < later["os_days"]).all()


def test_untreated_lesions_only_beside_local_treatment(demo: Canonical) -> None:
    sample = demo["sample"].merge(demo["course"][["patient", "regimen", "study"]], on="patient")
    local = {(a.study, a.regimen) for a in load().arms if a.gmr_untreated_lesion is not None}
    marked = sample[sample["lesion_treated"].notna()]
    assert set(zip(marked["study"], marked["regimen"], strict=True)) == local
    second = sample[sample["lesion"] == "L2"]
    assert len(second) > 10
    assert not second["lesion_treated"].any()
    assert (second["timepoint"] == "on_treatment").all()


def test_biopsies_are_mostly_archival_or_fresh_by_their_day(demo: Canonical) -> None:
    sample = demo["sample"].query("timepoint == 'baseline' and tissue == 'tumour'")
    fresh = sample["sample_age"] == "fresh"
    assert len(sample) == 2670
    assert sample.loc[fresh, "days"].between(-42, 0).all()
    assert (sample.loc[~fresh, "days"] < -42).all()
    assert abs(fresh.mean() - 0.55) < 4 * np.sqrt(0.55 * 0.45 / 2670)
    assert abs(np.median(np.log(-sample.loc[~fresh, "days"].to_numpy(dtype=float))) - 6.6) < 0.15
    assert (sample.loc[sample["sample_age"] == "over 2 years", "days"] <= -730).all()
    assert (sample.loc[sample["sample_age"] == "under 1 year", "days"] > -365).all()
    assert abs(sample["lymph_node"].mean() - 0.08) < 4 * np.sqrt(0.08 * 0.92 / 2670)


@pytest.mark.parametrize(
    ("measure", "share"),
    [
        ("cd8_density_centre", 0.25),
        ("cd8_density_margin", 0.35),
        ("immune_phenotype", 0.18),
        ("teff_ifng_6", 0.20),
        ("pdl1_tps", 0.08),
        ("tmb", 0.22),
    ],
)
def test_missing_shares(demo: Canonical, values: pd.DataFrame, measure: str, share: float) -> None:
    cohorts = demo["measure"].query("measure == @measure")["cohort"]
    wanted = demo["course"]["cohort"].isin(cohorts).sum()
    found = _baseline(values, measure)["patient"].nunique()
    assert abs(1 - found / wanted - share) < 4 * np.sqrt(share * (1 - share) / wanted)


def test_missing_values_are_counted_by_cohort_and_measure(demo: Canonical, values: pd.DataFrame) -> None:
    counts = demo["exclusion"].set_index(["cohort", "reason"])["n"]
    for cohort, patients in demo["course"].groupby("cohort"):
        label = vocabulary.measures()["tmb"].label
        present = _baseline(values, "tmb").query("cohort == @cohort")["patient"].nunique()
        assert counts[(cohort, f"{label} missing at baseline")] == len(patients) - present


def test_ecog_is_missing_in_few(course: pd.DataFrame) -> None:
    assert abs(course["ecog"].isna().mean() - 0.02) < 4 * np.sqrt(0.02 * 0.98 / 2670)
    assert set(course["ecog"].dropna()) == {0, 1}


def test_zero_densities(values: pd.DataFrame, demo: Canonical) -> None:
    core = _baseline(values, "cd8_density_centre").merge(demo["course"][["patient", "tumour"]], on="patient")
    zero = core["number"] == 0
    pancreas = core["tumour"] == "PAAD"
    for share, rows in ((0.06, pancreas), (0.02, ~pancreas)):
        assert abs(zero[rows].mean() - share) < 4 * np.sqrt(share * (1 - share) / rows.sum())
    assert (core["number"] >= 0).all()


def test_units_do_not_mix(values: pd.DataFrame, demo: Canonical) -> None:
    """The same quantity on three scales, each named in the assay's note."""
    core = _baseline(values, "cd8_density_centre")
    assert set(core["cohort"]) == set(COHORTS) - {"sim-uro"}
    renal = core.query("cohort == 'sim-rcc'")["number"].median()
    assert renal == pytest.approx(110 * 0.8, rel=0.2)
    notes = demo["measure"].query("measure == 'cd8_density_centre'").set_index("cohort")["note"]
    assert "0.8" in notes["sim-rcc"]
    assert "1.3" in notes["sim-platform"]
    assert not demo["measure"]["comparable"].any()


def test_same_seed_same_rows() -> None:
    one, two = simulate(patients=400, seed=5), simulate(patients=400, seed=5)
    other = simulate(patients=400, seed=6)
    for table in TABLES:
        pd.testing.assert_frame_equal(one[table.name], two[table.name])
    for name in ("course", "outcome", "sample", "value"):
        assert not one[name].equals(other[name]), name


@pytest.mark.parametrize("patients", [0, 1, 29, 2670, 100_003])
def test_any_number_of_patients_is_met_exactly(patients: int) -> None:
    sizes = load().sizes(patients)
    assert sizes.sum() == patients
    assert (sizes >= 0).all()
    assert np.abs(sizes - np.array([a.n for a in load().arms]) * patients / 2670).max() < 1


def test_one_patient_is_enough() -> None:
    assert len(simulate(patients=1)["course"]) == 1


def test_the_benchmarks_generator_scales() -> None:
    many = simulate(patients=50_000)
    assert len(many["course"]) == 50_000
    assert many["patient"]["patient"].is_unique
    assert many["value"].shape[0] > 250_000


@pytest.mark.parametrize(("patients", "seed"), [(0, 1), (-5, 1), (100, -1)])
def test_impossible_wishes_are_refused(patients: int, seed: int) -> None:
    with pytest.raises(InvalidQuery, match="simulate"):
        simulate(patients=patients, seed=seed)
