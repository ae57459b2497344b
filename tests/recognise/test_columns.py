"""What a column is taken for: by its name, by its values, and by what other columns say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recognise.files import people
from tilexplorer import vocabulary
from tilexplorer.importers.mapping import File
from tilexplorer.recognise import ROLES, Recognised, Source, draft_of, recognise
from tilexplorer.recognise.columns import GUESSERS
from tilexplorer.recognise.guess import SURE


def frame(**columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame({name.replace("__", " "): values for name, values in columns.items()}, dtype="string")


def column(made: pd.DataFrame, name: str) -> Recognised:
    return next(one for one in recognise(made) if one.column == name)


def alone(name: str, values: list[str]) -> Recognised:
    return column(pd.DataFrame({name: values}, dtype="string"), name)


MANY = [str(n) for n in range(1, 41)]


@pytest.mark.parametrize(
    ("name", "values", "role"),
    [
        ("Subject ID", [f"S-{n:02d}" for n in range(40)], "patient"),
        ("record_id", MANY, "patient"),
        ("Specimen", [f"S-{n:02d}-T" for n in range(40)], "patient"),  # the only id there is
        ("Geschlecht", ["w", "m"] * 20, "sex"),
        ("Age at diagnosis (yrs)", [str(40 + n) for n in range(40)], "age"),
        ("ECOG PS", ["0", "1", "2", "1"] * 10, "ecog"),
        ("Line of therapy", ["1", "2", "3", "1"] * 10, "line"),
        ("prior_immunotherapy", ["yes", "no"] * 20, "prior_io"),
        ("MMR status", ["dMMR", "pMMR"] * 20, "msi"),
        ("Best response (RECIST 1.1)", ["Complete response", "partial response", "SD", "POD"], "response"),
        ("iBOR", ["iCR", "iPR", "iSD", "iPD"], "response"),
        ("responder", ["R", "NR"] * 20, "benefit"),
        ("DCB", ["yes", "no"] * 20, "durable"),
        ("best % change in target lesions", ["-40", "12.5", "-100", "3"], "shrinkage"),
        ("Tumor type", ["Lung adenocarcinoma", "Melanoma", "ccRCC"], "tumour"),
        ("ONCOTREE_CODE", ["LUAD", "MEL", "CCRCC"], "tumour"),
        ("Therapy", ["Nivolumab 3 mg/kg q2w", "nivo + ipi", "Pembrolizumab (Keytruda)"], "regimen"),
        ("visit", ["C1D1", "C3", "EOT"], "timepoint"),
        ("Compartment", ["PBMC", "Tumor"], "tissue"),
        ("biopsy site", ["Liver", "lymph node", "skin"], "site"),
        ("Sample origin", ["Primary", "Metastasis"], "origin"),
        ("date of first dose", ["2020-01-03", "2021-12-31"], "date"),
        ("favourite colour", ["red", "blue"], "ignored"),
        ("barcode batch", ["1.5", "2.25", "2.5"], "ignored"),
    ],
)  # fmt: skip
def test_roles(name: str, values: list[str], role: str) -> None:
    assert alone(name, values).role == role


@pytest.mark.parametrize(
    ("name", "values", "measure"),
    [
        ("CD8 density core (cells/mm2)", ["100", "20.5", "340"], "cd8_density_centre"),
        ("CD8+ cells/mm2 invasive margin", ["100", "20.5", "340"], "cd8_density_margin"),
        ("Stromal TILs (%)", ["10", "20", "80"], "til_percent"),
        ("TMB (mut/Mb)", ["3.5", "12", "8.1"], "tmb"),
        ("Nonsynonymous mutations", ["120", "80", "431"], "mutation_count"),
        ("PD-L1 TPS", ["<1%", "1-49%", ">=50%"], "pdl1_tps"),
        ("Immune phenotype", ["inflamed", "immune excluded", "desert"], "immune_phenotype"),
        ("tumour purity", ["0.4", "0.65", "0.9"], "purity"),
        ("cd8_fraction_cibersort", ["0.1", "0.02", "0.3"], "cd8_fraction_cibersort"),
    ],
)
def test_measures(name: str, values: list[str], measure: str) -> None:
    found = alone(name, values)
    assert (found.role, found.details.measure) == ("measure", measure)


@pytest.mark.parametrize("measure", vocabulary.measures())
def test_every_measure_is_known_by_its_own_id_and_label(measure: str) -> None:
    entry = vocabulary.measures()[measure]
    values = list(entry.levels) if entry.kind == "category" else ["0.1", "0.25", "0.5"]
    if entry.scale in ("percent", "count") or entry.scale == "ratio":
        values = ["3", "12", "40"]
    for name in (measure, entry.label):
        found = alone(name, values)
        assert found.details.measure == measure, f"{name}: {found}"


def test_what_says_who_a_patient_is_is_never_shown() -> None:
    made = frame(
        patient__id=["1", "2"],
        Surname=["Miller", "Smith"],
        contact=["a.b@example.org", "c@example.com"],
        date__of__birth=["1950-01-01", "1961-02-03"],
    )
    for name in ("Surname", "contact", "date of birth"):
        found = column(made, name)
        assert found.role == "identifying"
        assert found.samples == ()
        assert found.alternatives == ()
        assert "Miller" not in str(found)


@pytest.mark.parametrize(
    ("values", "role"),
    [
        (["Trial-PD1-1", "Trial-PD1-2"], "patient"),  # as iAtlas calls study patients
        (["Anna Bell", "Trial-PD1-2"], "identifying"),
        (["Anna", "Bea"], "identifying"),
    ],
)
def test_the_names_of_study_patients_are_ids_where_every_one_has_a_digit(values: list[str], role: str) -> None:
    assert alone("patient_name", values).role == role


def test_minor_response_is_a_convention_and_therefore_not_sure() -> None:
    found = alone("best response", ["CR", "MR", "PD", "SD", "PR"])
    assert found.role == "response"
    assert dict(found.details.map)["MR"] == "SD"
    assert found.confidence < SURE
    assert "'MR'" in found.why


def test_whether_an_unconfirmed_response_counts_is_asked() -> None:
    found = alone("best response", ["CR", "uPR", "PD", "SD", "PR"])
    assert dict(found.details.map)["uPR"] == "PR"
    assert found.confidence < SURE
    assert "what 'uPR' counts as is a convention" in found.why


def test_sex_in_numbers_is_not_translated() -> None:
    found = alone("sex", ["1", "2"] * 20)
    assert (found.role, found.details.map) == ("sex", ())
    assert found.confidence < SURE


@pytest.mark.parametrize(
    ("name", "times", "unit", "sure"),
    [
        ("OS_MONTHS", ["1.5", "14", "60.25"], "months", True),
        ("os (days)", ["45", "420", "1800"], "days", True),
        ("OS", [f"{days / 30.4375:.9f}" for days in range(40, 900, 17)], "months", True),
        ("OS", [f"{days / 365.25:.9f}" for days in range(40, 900, 17)], "years", True),
        ("OS", [f"{days / 7:.9f}" for days in range(40, 900, 17)], "weeks", True),
        ("OS", [str(days) for days in range(40, 1200, 17)], "days", False),
        ("OS", [f"{n / 10}" for n in range(8, 600, 7)], "months", False),
        ("OS months", [str(days) for days in range(400, 9000, 100)], "days", False),
    ],
)
def test_units(name: str, times: list[str], unit: str, sure: bool) -> None:
    found = alone(name, times)
    assert (found.role, found.details.endpoint) == ("time", "os")
    assert found.details.unit == unit
    assert (found.confidence >= SURE) is sure, found
    others = [guess.details for guess in found.alternatives if guess.role == "time"]
    assert unit not in [details.unit for details in others]
    assert {details.endpoint for details in others} <= {"os"}


def test_two_times_of_one_endpoint_tell_their_units() -> None:
    days = [str(n) for n in range(40, 1200, 17)]
    made = frame(OS=days, OSWK=[f"{int(d) / 7:.3f}" for d in days])
    assert column(made, "OS").details.unit == "days"
    assert column(made, "OS").confidence >= SURE
    assert column(made, "OSWK").role == "ignored"


def test_a_column_of_the_file_tells_the_unit() -> None:
    made = frame(survival_time_os=["3.5", "14.2", "30"], survival_unit=["month"] * 3)
    assert column(made, "survival_time_os").details.unit == "months"


@pytest.mark.parametrize(
    ("name", "values", "event"),
    [
        ("OS_STATUS", ["1:DECEASED", "0:LIVING"], "1:DECEASED"),
        ("OS_STATUS (1 = alive, 2 = dead)", ["1", "2"], "2"),
        ("PFS_STATUS", ["0:Not Progressed", "1:Progressed"], "1:Progressed"),
        ("Dead/Alive (Dead = True)", ["True", "False"], "True"),
        ("vital status", ["Alive", "Dead"], "Dead"),
        ("os event", ["censored", "death"], "death"),
    ],
)
def test_words_say_what_the_event_is(name: str, values: list[str], event: str) -> None:
    found = alone(name, values * 20)
    assert (found.role, found.details.event) == ("status", (event,))


def test_the_better_column_gets_the_role_and_the_other_says_so() -> None:
    made = frame(
        binaryResponse=["CR/PR", "SD/PD", "CR/PR", "SD/PD"], Best__Response=["CR", "PD", "PR", "SD"], id=list("abcd")
    )
    assert column(made, "Best Response").role == "response"
    other = column(made, "binaryResponse")
    assert other.role != "response"
    assert "response" in [guess.role for guess in other.alternatives]


@pytest.mark.parametrize("token", ["x", "unk", "unknown", "unkown", "na", "NA", "N/A", ".", "-", "[Not Available]"])
def test_missing_words_are_found_among_numbers(token: str) -> None:
    from tilexplorer.recognise.missing import tokens

    made = frame(age=["60", token, "71", "55", "64"])
    assert tokens(made) == (token,)
    assert column(made, "age").role == "age"


def test_a_dash_among_words_is_a_value() -> None:
    from tilexplorer.recognise.missing import tokens

    assert tokens(frame(NRAS=["-", "Q61L", "Q61K"])) == ()


def test_every_column_has_an_answer_with_a_reason() -> None:
    found = recognise(people().assign(empty="", noise="z"))
    assert len(found) == 10
    for one in found:
        assert one.role in ROLES
        assert 0 <= one.confidence <= 1
        assert one.why


def test_every_role_that_is_guessed_is_a_role() -> None:
    assert set(GUESSERS) <= set(ROLES)


CELL = st.sampled_from(
    ["", "NA", "x", "0", "1", "2.5", "1e400", "-7", "inf", "CR", "dead", "2020-01-01", "ä\x00", "<5"]
)
NAMES = [
    "OS",
    "OS_STATUS",
    "PFS months",
    "PFS event",
    "response",
    "id",
    "sample",
    "timepoint",
    "CD8 pre",
    "age",
    "",
    "%",
]


@given(st.lists(st.lists(CELL, min_size=len(NAMES), max_size=len(NAMES)), max_size=12))
@settings(max_examples=100, deadline=None)
def test_any_cells_have_an_answer(rows: list[list[str]]) -> None:
    made = pd.DataFrame(rows, columns=NAMES, dtype="string")
    assert [one.column for one in recognise(made)] == NAMES
    source = Source("any", File("any.csv", "csv"), recognise(made), made)
    assert "[patients]" in draft_of([source]).text()


def test_columns_of_genes_are_left_out() -> None:
    draw = np.random.default_rng(1)
    genes = pd.DataFrame(draw.normal(size=(50, 300)).round(3).astype(str), columns=[f"G{n}" for n in range(300)])
    found = recognise(genes.astype("string"))
    assert {one.role for one in found} == {"ignored"}
