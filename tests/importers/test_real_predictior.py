"""Four SummarizedExperiments of PredictioR: each cell against what others extracted, each figure against SOURCE.md."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.importers.real import median_months, outcome, real, values
from tests.shared import real_cohorts
from tilexplorer import importers
from tilexplorer.importers.text import ReadOptions

pytestmark = pytest.mark.cohorts

COHORTS = {"Hugo": "hugo2016", "Van_Allen": "vanallen2015", "Nathanson": "nathanson2017", "Miao": "miao2018"}
SAMPLES = {"Hugo": "Hugo_", "Van_Allen": "Van_", "Nathanson": "", "Miao": ""}
SCORES = {
    "cd8_teff": "CD8_Teff_Mariathasan_meanz",
    "teff_ifng_6": "Teff6_meanz",
    "tis_18": "TIS18_meanz",
    "cytolytic_activity": "CYT_geomean_tpm",
    "cd8a_expression": "CD8A_log2tpm",
}
SOURCE_MONTH = 30.5


def part(name: str, of: str) -> pd.DataFrame:
    path = real_cohorts() / f"predictior_{name}" / f"ICB_small_{name}.rda"
    return importers.READERS["rda"](path, ReadOptions(object=f"ICB_small_{name}", part=of))


@cache
def extracted(name: str, what: str) -> pd.DataFrame:
    """What someone else extracted from the same object, as text."""
    path = real_cohorts() / f"predictior_{name}" / f"ICB_small_{name}_{what}.csv"
    return pd.read_csv(path, dtype=str, keep_default_na=False).replace("NA", "")


@pytest.mark.parametrize("name", COHORTS)
def test_every_cell_of_coldata(name: str) -> None:
    found = part(name, "colData").rename(columns={"rowname": "sample_rowname"})
    expected = extracted(name, "coldata")
    assert list(found.columns) == list(expected.columns)
    assert len(found) == len(expected)
    different = found.reset_index(drop=True).astype(object) != expected.astype(object)
    rows, columns = different.to_numpy().nonzero()
    # What is written with other digits has to be the same number: R prints 15 of them.
    read, said = (frame.to_numpy(dtype=object)[rows, columns].astype(float) for frame in (found, expected))
    np.testing.assert_allclose(read, said, rtol=1e-14)
    assert different.to_numpy().mean() < 0.2


@pytest.mark.parametrize(("name", "genes"), [("Hugo", 1801), ("Van_Allen", 1761), ("Nathanson", 1792), ("Miao", 1761)])
def test_the_matrix_and_what_is_known_of_its_rows(name: str, genes: int) -> None:
    matrix, rows = part(name, "assay:gene_expression"), part(name, "rowData")
    assert len(matrix) == len(rows) == genes
    assert list(matrix["rowname"]) == list(rows["gene_name"])
    assert list(matrix.columns[1:]) == list(extracted(name, "coldata")["sample_rowname"])
    assert set(rows["score"]) == {""}


@pytest.mark.parametrize("name", COHORTS)
@pytest.mark.parametrize("measure", SCORES)
def test_scores_to_every_digit_of_the_extracted_ones(name: str, measure: str) -> None:
    """scores.csv has five decimals: a score may differ by half a unit of the fifth, 0.000005, and no more."""
    table = real(COHORTS[name])["value"]
    found = table[table["measure"] == measure].set_index("sample")["number"].astype(float)
    expected = extracted(name, "scores").set_index("sample_rowname")[SCORES[measure]].astype(float)
    expected.index = SAMPLES[name] + expected.index.str.replace("^Pt27$", "Pt27a", regex=True)
    assert set(found.index) == set(expected.index)
    assert (found[expected.index] - expected).abs().max() < 5.000001e-6


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("Hugo", "16 of 18 genes; absent: CD276, PSMB10. From log2(TPM + 0.001) of 27 samples."),
        ("Nathanson", "15 of 18 genes; absent: CD276, PSMB10; without variation: CCL5. From log2(TPM + 0.001) of 24"),
    ],
)
def test_the_card_of_a_measure_says_which_genes_made_it(name: str, note: str) -> None:
    cards = real(COHORTS[name])["measure"].set_index("measure")["note"]
    assert cards["tis_18"].startswith(note)
    assert cards["cd8_teff"].startswith("8 of 8 genes. From log2(TPM + 0.001)")


# Hugo 2016 and Van Allen 2015: two sources of the same people ---------------------------------------------------------


def iatlas(dataset: str) -> pd.DataFrame:
    path = real_cohorts() / "iatlas_ici_2021" / "fmx_io.feather"
    frame = importers.READERS["feather"](path, ReadOptions()).replace("", None)
    frame = frame[frame["Dataset"] == dataset]
    ids = frame["Patient_ID"].fillna(frame["Sample_ID"]).str.replace("^(Hugo|Van)_", "", regex=True)
    return frame.assign(patient=ids).drop_duplicates("patient").set_index("patient")


@pytest.mark.parametrize(("name", "dataset"), [("hugo2016", "Hugo 2016"), ("vanallen2015", "Van Allen 2015")])
def test_the_two_sources_of_a_cohort_agree_to_the_day(name: str, dataset: str) -> None:
    """Months of 30.5 days in one file, years in the other."""
    other = iatlas(dataset)
    course = real(name)["course"].set_index("patient")
    assert set(course.index) == set(other.index)
    assert (course["age"].astype(float) == other.loc[course.index, "Age"].astype(float)).all()
    words = {"Complete Response": "CR", "Partial Response": "PR", "Stable Disease": "SD", "Progressive Disease": "PD"}
    said = other.loc[course.index, "Response"].map(words, na_action="ignore")
    assert list(said.fillna("none")) == list(course["response"].fillna("none"))
    survival = outcome(real(name), "os").set_index("patient")
    assert len(survival) == other["OS_time"].notna().sum()
    expected = other.loc[survival.index]
    assert list(survival["days"]) == pytest.approx(list(expected["OS_time"].astype(float) * 365.25), abs=1e-6)
    assert list(survival["event"]) == list(expected["OS"] == "1")


def test_hugo_against_its_published_figures() -> None:
    tables = real("hugo2016")
    assert tables["course"]["response"].value_counts().to_dict() == {"PD": 13, "PR": 10, "CR": 4}
    days = median_months(outcome(tables, "os")) * 30.4375
    assert days == pytest.approx(980)
    assert days / SOURCE_MONTH == pytest.approx(32.1, abs=0.05)


def test_hugo_on_treatment_biopsy_and_two_lesions() -> None:
    samples = real("hugo2016")["sample"]
    assert len(samples) == 28
    assert samples.loc[samples["timepoint"] == "on_treatment", "patient"].tolist() == ["Pt16"]
    assert sorted(samples.loc[samples["patient"] == "Pt27", "lesion"]) == ["a", "b"]


def test_the_sample_of_patient_27_is_the_first_lesion() -> None:
    """The next patient's reads have the run number but one, so one run between them is left out: the second lesion's.

    Cytolytic activity agrees: by the iAtlas file's own score the first lesion has the more of it, and so has ours.
    """
    runs = part("Hugo", "colData").set_index("patientid")["SRA.Run.ID..tumor.RNA"].str.removeprefix("SRR").astype(int)
    assert (runs["Pt27"], runs["Pt28"]) == (3184298, 3184300)
    assert runs.diff().dropna().drop("Pt28").eq(1).all()
    path = real_cohorts() / "iatlas_ici_2021" / "fmx_io.feather"
    other = importers.READERS["feather"](path, ReadOptions()).set_index("Sample_ID")["Cytolytic_Score"]
    ours = (
        real("hugo2016")["value"].query("measure == 'cytolytic_activity'").set_index("sample")["number"].astype(float)
    )
    theirs = other[ours.index].astype(float)
    assert stats.spearmanr(ours, theirs).statistic > 0.96
    line = stats.linregress(theirs.drop("Hugo_Pt27a"), np.log2(ours.drop("Hugo_Pt27a")))
    expected = {lesion: line.intercept + line.slope * float(other[f"Hugo_Pt27{lesion}"]) for lesion in "ab"}
    found = float(np.log2(ours["Hugo_Pt27a"]))
    assert abs(found - expected["a"]) < abs(found - expected["b"])


def test_van_allen_against_its_published_figures() -> None:
    tables = real("vanallen2015")
    course = tables["course"].set_index("patient")
    assert course["durable"].value_counts().to_dict() == {False: 23, True: 14}
    assert course["durable"].isna().sum() == 5
    scores = values(tables, "cytolytic_activity").set_index("patient")["number"].astype(float)
    groups = {flag: scores[course.index[course["durable"].eq(flag).fillna(False)]] for flag in (True, False)}
    assert (groups[True].median(), groups[False].median()) == pytest.approx((3.61, 1.78), abs=0.005)
    assert stats.mannwhitneyu(groups[True], groups[False]).pvalue == pytest.approx(0.040, abs=0.0005)


def test_van_allen_death_without_progression_is_an_event() -> None:
    tables = real("vanallen2015")
    free, alive = (outcome(tables, e).set_index("patient") for e in ("pfs", "os"))
    flags = extracted("Van_Allen", "coldata").set_index("patientid")["event_occurred_pfs"] == "1"
    added = free.index[free["event"] & ~flags[free.index]]
    assert list(added) == ["Pat91"]
    assert free.loc["Pat91", "days"] == alive.loc["Pat91", "days"] == 680
    assert (free["days"] <= alive["days"]).all()
    assert free["event"].sum() == flags.sum() + 1 == 37


# Nathanson 2017 and Miao 2018 -----------------------------------------------------------------------------------------


def test_nathanson_has_benefit_and_no_response() -> None:
    tables = real("nathanson2017")
    course = tables["course"]
    assert course["response"].isna().all()
    assert course["benefit"].value_counts().to_dict() == {"no benefit": 14, "benefit": 10}
    assert median_months(outcome(tables, "os")) == pytest.approx(18.0, abs=0.02)
    assert tables["sample"]["timepoint"].value_counts().to_dict() == {"post_treatment": 15, "baseline": 9}


def checkmate_009() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The patients of CheckMate 009 in Miao 2018, and the same in Braun 2020."""
    ours, theirs = real("miao2018"), real("braun2020")
    shared = set(theirs["patient"]["patient"]) & set(ours["patient"]["patient"])
    return (
        ours["course"].set_index("patient").loc[sorted(shared)],
        theirs["course"].set_index("patient").loc[sorted(shared)],
    )


def test_miao_shares_sixteen_patients_with_braun() -> None:
    ours, theirs = checkmate_009()
    assert len(ours) == 16
    assert set(theirs["study"]) == {"checkmate-009"}
    assert list(ours["age"]) == list(theirs["age"])
    assert list(ours["response"]) == list(theirs["response"])
    overlap = real("miao2018")["overlap"]
    assert sorted(overlap["patient"]) == sorted(ours.index)
    assert set(overlap["preferred"]) == {"braun2020"}
    assert extracted("Miao", "coldata").set_index("patientid").loc[ours.index, "treatment_group"].ne("").all()


@pytest.mark.parametrize("endpoint", ["os", "pfs"])
def test_what_the_event_of_miao_means_by_its_copy(endpoint: str) -> None:
    """The copy has the same times and the opposite flags: the column called 'event' is 1 where it did not happen."""
    ours, theirs = (outcome(real(c), endpoint).set_index("patient") for c in ("miao2018", "braun2020"))
    shared = checkmate_009()[0].index
    ours, theirs = ours.loc[shared], theirs.loc[shared]
    assert list(ours["event"]) == list(theirs["event"])
    assert 3 < ours["event"].sum() < 16
    # CheckMate 009 counts a month as 365/12 days, which braun2020 reads as 30.4375: 1 day in 1,460.
    assert list(ours["days"]) == pytest.approx(list(theirs["days"]), abs=1)
    flags = extracted("Miao", "coldata").set_index("patientid")[f"event_occurred_{endpoint}"]
    assert [flag == "0" for flag in flags[shared]] == list(ours["event"])


def test_miao_by_the_name_of_its_flags_would_contradict_itself() -> None:
    """Every progressive patient would be free of progression, and five deaths would be no event of PFS."""
    tables = real("miao2018")
    free, alive = (outcome(tables, e).set_index("patient") for e in ("pfs", "os"))
    assert free.loc[free["response"] == "PD", "event"].all()
    together = free["days"] == alive["days"]
    assert together.sum() == 6
    assert (free.loc[together, "event"] == alive.loc[together, "event"]).all()
    assert (free.loc[~together & alive["event"], "days"] < alive.loc[~together & alive["event"], "days"]).all()


def test_miao_against_the_figures_of_its_source() -> None:
    """SOURCE.md's median of 14.9 months takes the flag by its name: so read, the figure comes out."""
    tables = real("miao2018")
    survival = outcome(tables, "os")
    named = survival.assign(event=~survival["event"].astype(bool))
    assert median_months(named) * 30.4375 / SOURCE_MONTH == pytest.approx(14.9, abs=0.05)
    assert survival["event"].sum() == 10
    assert tables["course"]["durable"].value_counts().to_dict() == {False: 21, True: 12}
    shrinkage = tables["course"].set_index("patient")["shrinkage"].astype(float)
    assert shrinkage.notna().sum() == 28
    assert values(tables, "pdl1_tc_percent")["category"].value_counts().to_dict() == {"<1%": 10, ">=5%": 3, "1-4%": 2}
    assert len(values(tables, "mutation_count")) == 16


def test_miao_regimens() -> None:
    counts = real("miao2018")["course"]["regimen"].value_counts().to_dict()
    assert counts == {"nivolumab": 27, "nivolumab + ipilimumab": 4, "atezolizumab": 2}
