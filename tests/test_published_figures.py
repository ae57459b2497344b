"""The real cohorts give the figures that their papers printed, from the store through the command line."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.command import analyse
from tests.shared import real_cohorts
from tilexplorer.statistics.fisher_exact import fisher_exact
from tilexplorer.statistics.kaplan_meier import kaplan_meier
from tilexplorer.statistics.logrank import logrank
from tilexplorer.statistics.quantiles import median
from tilexplorer.statistics.signed_ranks import signed_rank
from tilexplorer.statistics.tables import EventTable
from tilexplorer.store import Store

pytestmark = [pytest.mark.cohorts, pytest.mark.xdist_group("real")]

DAYS_PER_MONTH = 30.4375
PHENOTYPES = ("desert", "excluded", "inflamed")


@pytest.fixture(scope="module")
def view(real_store: Path) -> Any:
    """`analyse VIEW QUERY` on the real store, each asked once."""
    return functools.cache(functools.partial(analyse, real_store))


def months(days: float | None) -> float | None:
    """Days as the pages show them: months to two decimals."""
    return None if days is None else round(days / DAYS_PER_MONTH, 2)


def of(found: dict[str, Any], *names: str) -> dict[str, Any]:
    """These fields of each group, by the group's label."""
    return {g["label"]: tuple(g[n] for n in names) if len(names) > 1 else g[names[0]] for g in found["groups"]}


def medians(found: dict[str, Any]) -> dict[str, float | None]:
    """Median of each group [months]."""
    return {label: months(days) for label, days in of(found, "median_days").items()}


# IMvigor210 -----------------------------------------------------------------------------------------------------------


def test_imvigor210_counts_one_woman_once(view: Any) -> None:
    found = view("survival", "cohort=imvigor210&by=cohort")
    assert (found["n"], found["groups"][0]["events"]) == (347, 231)
    card = next(c for c in view("overview", "cohort=imvigor210")["cohorts"] if c["cohort"] == "imvigor210")
    assert (card["n"], card["deaths"]) == (347, 231)
    assert any("348 samples and 232 deaths" in note and "10285" in note for note in card["notes"])


def test_imvigor210_survival_by_phenotype(view: Any) -> None:
    found = view("survival", "cohort=imvigor210&measure=immune_phenotype&by=level")
    assert found["n"] == 283
    assert of(found, "n") == {"desert": 76, "excluded": 133, "inflamed": 74}
    assert round(found["logrank"]["p_value"], 4) == 0.0932
    assert medians(found) == {"desert": 8.02, "excluded": 8.08, "inflamed": 13.31}
    assert found["groups"][2]["median_upper_days"] is None  # the upper limit is not reached


def test_imvigor210_sentence_says_compatible_with_chance(view: Any) -> None:
    sentence = view("survival", "cohort=imvigor210&measure=immune_phenotype&by=level")["sentence"]
    assert "compatible with chance" in sentence
    assert "unlikely" not in sentence


def test_imvigor210_response_by_phenotype(view: Any) -> None:
    found = view("response", "cohort=imvigor210&measure=immune_phenotype&by=level&population=evaluable")
    assert of(found, "responders", "denominator") == {"desert": (14, 69), "excluded": (28, 113), "inflamed": (19, 62)}


def test_imvigor210_response_by_ic_level(view: Any) -> None:
    found = view("response", "cohort=imvigor210&by=pdl1&population=evaluable")
    assert of(found, "responders", "denominator") == {"IC0": (13, 83), "IC1": (20, 112), "IC2+": (35, 102)}
    assert round(found["tests"]["fisher"]["p_value"], 6) == 0.003847
    as_levels = view("response", "cohort=imvigor210&measure=pdl1_ic&by=level&population=evaluable")
    assert as_levels["tests"]["fisher"]["p_value"] == found["tests"]["fisher"]["p_value"]


def test_imvigor210_patients_without_a_phenotype_fare_worse(view: Any) -> None:
    measured = view("overview", "cohort=imvigor210&measure=immune_phenotype")["measured"]
    assert [(g["n"], g["responders"], g["evaluable"]) for g in measured] == [(283, 61, 244), (64, 7, 54)]


def test_imvigor210_sample_rows_give_the_papers_counts() -> None:
    rows = pd.read_csv(real_cohorts() / "imvigor210_mariathasan2018" / "pData_IMvigor210.csv")
    assert (len(rows), int(rows["censOS"].sum())) == (348, 232)
    typed = rows.dropna(subset=["Immune.phenotype"])
    table = EventTable.from_rows(typed["os"], typed["censOS"], group=typed["Immune.phenotype"], groups=PHENOTYPES)
    assert table.n_by_group.tolist() == [76, 134, 74]
    assert round(logrank(table).test.p_value, 4) == 0.0898
    by_group = [round(median(kaplan_meier(table.of_group(name))).value, 2) for name in PHENOTYPES]
    assert by_group == [8.02, 8.08, 13.31]
    # One woman's two samples are alike in everything but the sample.
    twice = rows[rows["ANONPT_ID"] == 10285]
    assert len(twice) == 2
    assert (
        twice[["os", "censOS", "Best.Confirmed.Overall.Response", "Immune.phenotype"]].drop_duplicates().shape[0] == 1
    )


def test_imvigor210_sample_rows_give_the_papers_fisher_test() -> None:
    rows = pd.read_csv(real_cohorts() / "imvigor210_mariathasan2018" / "pData_IMvigor210.csv")
    counts = pd.crosstab(rows["IC.Level"], rows["binaryResponse"]).to_numpy()
    assert round(fisher_exact(counts).p_value, 6) == 0.003847


# Braun 2020: CheckMate 009, 010 and 025 -------------------------------------------------------------------------------

TRIAL = "cohort=braun2020&study=checkmate-025&by=regimen&reference=everolimus"


def test_checkmate_025_overall_survival(view: Any) -> None:
    found = view("survival", TRIAL)
    assert of(found, "n") == {"nivolumab": 406, "everolimus": 397}
    assert medians(found) == {"nivolumab": 25.99, "everolimus": 19.68}
    limits = {label: tuple(map(months, v)) for label, v in of(found, "median_lower_days", "median_upper_days").items()}
    assert limits == {"nivolumab": (22.44, 29.86), "everolimus": (17.91, 22.34)}
    (ratio,) = found["hazard_ratios"]
    assert (ratio["label"], ratio["reference"]) == ("nivolumab", "everolimus")
    assert [round(ratio[key], 3) for key in ("hr", "lower", "upper")] == [0.750, 0.639, 0.881]


def test_checkmate_025_progression_free_survival(view: Any) -> None:
    (ratio,) = view("survival", f"{TRIAL}&endpoint=pfs")["hazard_ratios"]
    assert round(ratio["hr"], 3) == 0.841
    assert round(ratio["p_value"], 3) == 0.024


def test_checkmate_025_is_compared_with_the_control_by_default(view: Any) -> None:
    found = view("survival", TRIAL.removesuffix("&reference=everolimus"))
    assert found["reference"] == "everolimus"


def test_checkmate_025_response(view: Any) -> None:
    assert of(view("response", TRIAL), "responders", "n") == {"nivolumab": (94, 406), "everolimus": (17, 397)}


def test_checkmate_025_disease_control_is_not_estimable(view: Any) -> None:
    found = view("response", f"{TRIAL}&response=dcr")
    for group in found["groups"]:
        assert (group["status"], group["rate"], group["lower"], group["upper"]) == ("not_estimable", None, None, None)
        assert "CRPR" in group["reason"]
        assert "does not split" in group["reason"]
    assert found["test"]["p_value"] is None
    assert "CRPR" in found["test"]["reason"]
    # The other two trials give complete and partial response apart: there the rate is a number.
    other = view("response", "cohort=braun2020&study=checkmate-010&by=study&response=dcr")
    assert other["groups"][0]["status"] == "ok"


def test_braun_phenotypes(view: Any) -> None:
    found = view("overview", "cohort=braun2020&measure=immune_phenotype")
    assert dict(zip(found["levels"], found["level_sizes"], strict=True)) == {
        "desert": 48, "excluded": 11, "inflamed": 160,
    }  # fmt: skip


@pytest.mark.parametrize(("endpoint", "printed", "whole_days"), [("os", 0.65, 0.6496), ("pfs", 0.88, 0.8741)])
def test_braun_nivolumab_arm_by_phenotype(view: Any, endpoint: str, printed: float, whole_days: float) -> None:
    found = view(
        "survival", f"cohort=braun2020&regimen=nivolumab&measure=immune_phenotype&by=level&endpoint={endpoint}"
    )
    assert found["n"] == 153
    p = found["logrank"]["unstratified"]["p_value"]
    # The source has months, of 365 / 12 days in most rows and of 365.25 / 12 in others, so that one day has two
    # numbers there. In whole days these are the ties that they were, and p moves in the third decimal.
    assert round(p, 4) == whole_days
    assert p == pytest.approx(printed, abs=0.006)
    assert found["logrank"]["strata"] == 2
    assert round(_braun_source_p(endpoint), 2) == printed


def _braun_source_p(endpoint: str) -> float:
    """The log-rank p-value on the source's own months."""
    path = real_cohorts() / "braun2020_checkmate_ccrcc" / "Braun2020_TableS1_clinical_immune_phenotype.txt"
    rows = pd.read_csv(path, sep="\t", na_values=["NA"], encoding="latin-1")
    rows = rows[(rows["Arm"] == "NIVOLUMAB") & (rows["ImmunoPhenotype"] != "No_IF")]
    name = endpoint.upper()
    table = EventTable.from_rows(rows[name], rows[f"{name}_CNSR"], group=rows["ImmunoPhenotype"])
    return logrank(table).test.p_value


# Riaz 2017 ------------------------------------------------------------------------------------------------------------


def test_riaz_survival_and_response(view: Any) -> None:
    found = view("survival", "cohort=riaz2017&by=cohort")
    (group,) = found["groups"]
    assert (group["n"], group["events"]) == (73, 42)
    limits = (group["median_days"], group["median_lower_days"], group["median_upper_days"])
    assert [round(days / DAYS_PER_MONTH, 1) for days in limits] == [23.3, 15.5, 27.6]
    assert medians(view("survival", "cohort=riaz2017&by=cohort&endpoint=pfs")) == {group["label"]: 3.68}
    (rate,) = view("response", "cohort=riaz2017&by=cohort")["groups"]
    assert (rate["responders"], rate["n"]) == (15, 73)
    assert rate["rate"] == 15 / 73


def test_riaz_pairs_are_in_the_store(real_store: Path) -> None:
    values = Store.open(real_store).frame(
        "SELECT v.patient, s.timepoint::VARCHAR AS timepoint, v.number FROM value v"
        " JOIN sample s USING (cohort, patient, sample)"
        " WHERE v.cohort = 'riaz2017' AND v.measure = 't_cell_fraction'"
    )
    pairs = values.pivot_table(index="patient", columns="timepoint", values="number").dropna()
    assert len(pairs) == 34
    # The printed p is of the normal approximation without continuity correction.
    found = signed_rank(pairs["baseline"], pairs["on_treatment"], correction=False)
    assert round(found.test.p_value, 4) == 0.0147
    assert round(float((pairs["on_treatment"] - pairs["baseline"]).median()), 3) == 0.030


# TCGA: natural history ------------------------------------------------------------------------------------------------


def test_tcga_patients_and_melanoma_by_cd8(view: Any) -> None:
    cohort = next(c for c in view("overview", "cohort=tcga")["cohorts"] if c["cohort"] == "tcga")
    assert cohort["n"] == 11_160
    assert len(cohort["tumours"]) == 33
    query = "cohort=tcga&tumour=SKCM&measure=cd8_fraction_cibersort&rule=median&by=level"
    found = view("survival", query)
    assert found["n"] == 454
    (ratio,) = found["hazard_ratios"]
    assert (ratio["label"], ratio["reference"]) == ("high", "low")
    assert round(ratio["hr"], 3) == 0.577


def test_tcga_never_joins_an_immunotherapy_cohort(view: Any) -> None:
    found = view("survival", "cohort=tcga&cohort=imvigor210&by=cohort")
    assert found["cohorts"] == ["imvigor210"]
    assert any("natural history" in e["reason"] for e in found["excluded"])


def test_copies_of_the_same_patients_are_counted_once(view: Any) -> None:
    found = view(
        "survival", "cohort=imvigor210&cohort=iatlas-imvigor210&cohort=riaz2017&cohort=iatlas-riaz2017&by=cohort"
    )
    assert of(found, "n") == {"IMvigor210 (Mariathasan 2018)": 347, "CheckMate 038 (Riaz 2017)": 73}
    excluded = {e["reason"]: e["n"] for e in found["excluded"]}
    assert sum(n for reason, n in excluded.items() if reason.startswith("same patients as")) == 347 + 58


# Melanoma and kidney cancer with expression ---------------------------------------------------------------------------


def test_gide_by_therapy(view: Any) -> None:
    """Printed in the source's months of 30 days: 9.03 of progression-free survival and 29.3 of survival alone."""
    rates = of(view("response", "cohort=gide2019&by=therapy"), "responders", "n")
    assert rates == {"anti-PD-1": (19, 41), "anti-PD-1 + anti-CTLA-4": (21, 32)}
    for endpoint, printed in (("pfs", 9.03), ("os", 29.3)):
        days = of(view("survival", f"cohort=gide2019&endpoint={endpoint}&by=therapy"), "median_days")
        assert round(days["anti-PD-1"] / 30, 2) == pytest.approx(printed, abs=0.05)
        assert days["anti-PD-1 + anti-CTLA-4"] is None


@pytest.mark.parametrize(
    ("cohort", "responders", "n"), [("hugo2016", 14, 27), ("vanallen2015", 7, 42), ("miao2018", 8, 33)]
)
def test_response_rates_come_from_categories(view: Any, cohort: str, responders: int, n: int) -> None:
    (group,) = view("response", f"cohort={cohort}&by=cohort")["groups"]
    assert (group["responders"], group["n"]) == (responders, n)


def test_nathanson_has_no_response_rate(view: Any) -> None:
    found = view("response", "cohort=nathanson2017&by=cohort")
    assert (found["groups"], found["chosen"]) == ([], 24)
    assert "response category not recorded" in found["emptied_by"]


def test_nathanson_survival(view: Any) -> None:
    """The curve is one half from 18.0 to 24.0 months: its first point is printed, R and the pages give the middle."""
    (middle,) = medians(view("survival", "cohort=nathanson2017&by=cohort")).values()
    assert middle == pytest.approx((18.0 + 24.0) / 2, abs=0.02)


def test_a_score_says_which_of_its_genes_were_there(view: Any) -> None:
    for name in ("survival", "response"):
        warnings = view(name, "cohort=vanallen2015&measure=tis_18&by=level")["warnings"]
        assert any(w.startswith("16 of 18 genes; absent: CD276, PSMB10.") for w in warnings)


def test_patients_of_miao_that_are_in_braun_are_counted_once(view: Any) -> None:
    found = view("survival", "cohort=miao2018&cohort=braun2020&by=cohort")
    assert sorted(of(found, "n").values()) == [17, 1006]
    excluded = {e["reason"]: e["n"] for e in found["excluded"]}
    assert [n for reason, n in excluded.items() if reason.startswith("same patients as")] == [16]


# What no view may say -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["overview", "survival", "response"])
@pytest.mark.parametrize(
    "query", ["", "cohort=imvigor210&measure=immune_phenotype", TRIAL, f"{TRIAL}&by=level", "cohort=tcga"]
)
def test_no_sentence_says_significant(view: Any, name: str, query: str) -> None:
    sentence = view(name, query)["sentence"]
    assert sentence
    assert "significant" not in sentence.lower()
