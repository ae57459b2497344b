"""On real files: what is proposed with confidence is what people wrote by hand, and nearly everything is proposed."""

from __future__ import annotations

import pytest

from tests.recognise.truth import CATALOGUE, WRITTEN, Score, columns_of, frame_of, of_catalogue, of_source
from tests.shared import real_cohorts
from tilexplorer.recognise import Recognised, recognise
from tilexplorer.recognise.guess import SURE

pytestmark = pytest.mark.cohorts


def checked(score: Score, least: float) -> None:
    assert score.n >= 7, "the truth has to be more than a few columns"
    assert score.sure_and_wrong == []
    assert len(score.right) >= least * score.n, [*score.wrong, *score.missed]


@pytest.mark.parametrize("name", CATALOGUE)
def test_like_the_mapping_written_by_hand(name: str) -> None:
    checked(of_catalogue(name), 0.8)


@pytest.mark.parametrize("path", WRITTEN)
def test_like_the_description_of_the_source(path: str) -> None:
    checked(of_source(path), 0.8)


def test_on_all_files_together() -> None:
    scores = [*map(of_catalogue, CATALOGUE), *map(of_source, WRITTEN)]
    right, n = sum(len(score.right) for score in scores), sum(score.n for score in scores)
    assert n >= 195
    assert right >= 190
    assert sum(len(score.sure_and_wrong) for score in scores) == 0


@pytest.mark.parametrize("name", CATALOGUE)
def test_few_patients_do_not_make_it_sure_of_something_wrong(name: str) -> None:
    for seed in range(2):
        assert of_catalogue(name, rows=30, seed=seed).sure_and_wrong == []


@pytest.mark.parametrize("name", CATALOGUE)
def test_without_names_little_is_known_and_nothing_wrong(name: str) -> None:
    score = of_catalogue(name, blind=True)
    assert score.sure_and_wrong == []
    assert len(score.right) < score.n


def turned(path: str, column: str) -> tuple[Recognised, Recognised]:
    """A status column as it is, and with its two values exchanged."""
    frame = frame_of(real_cohorts() / path)
    one, other = frame[column].value_counts().index[:2]
    exchanged = frame.assign(**{column: frame[column].map({one: other, other: one}).fillna(frame[column])})
    found = [next(c for c in recognise(made) if c.column == column) for made in (frame, exchanged)]
    return found[0], found[1]


@pytest.mark.parametrize(
    ("path", "column", "event"),
    [
        ("imvigor210_mariathasan2018/pData_IMvigor210.csv", "censOS", "1"),
        ("braun2020_checkmate_ccrcc/Braun2020_TableS1_clinical_immune_phenotype.txt", "OS_CNSR", "1"),
        ("braun2020_checkmate_ccrcc/Braun2020_TableS1_clinical_immune_phenotype.txt", "PFS_CNSR", "1"),
        ("riaz2017_nivolumab_melanoma/bms038_clinical_data.csv", "OS_SOR", "0"),
        ("riaz2017_nivolumab_melanoma/bms038_clinical_data.csv", "PFS_SOR", "0"),
        ("gide2019_melanoma_clinical/compass_gide_clinical.tsv", "OS_Event", "1.0"),
        ("inspire_pembrolizumab/pembrolizumab.csv", "os_status", "1"),
    ],
)
def test_an_exchanged_coding_is_found_from_the_data(path: str, column: str, event: str) -> None:
    as_is, exchanged = turned(path, column)
    assert as_is.details.event == (event,)
    assert as_is.confidence >= SURE
    assert exchanged.details.event == as_is.details.censored
    assert exchanged.confidence >= SURE


def test_words_that_were_exchanged_are_doubted() -> None:
    as_is, exchanged = turned("msk_nsclc_ici_no_infiltration/nsclc_mskcc_2018/data_clinical_patient.txt", "PFS_STATUS")
    assert as_is.details.event == exchanged.details.event == ("1:Event",)
    assert as_is.confidence >= SURE > exchanged.confidence


def test_a_public_file_whose_coding_contradicts_its_names() -> None:
    """Of the Miao file, counted by hand: `event_occurred_pfs` is 0 in all with PD, and they have the shorter times."""
    path = real_cohorts() / "predictior_Miao" / "ICB_small_Miao_coldata.csv"
    frame = frame_of(path)
    assert set(frame.loc[frame["recist"] == "PD", "event_occurred_pfs"]) == {"0"}
    times = frame["survival_time_pfs"].astype(float).groupby(frame["event_occurred_pfs"].astype(str)).median()
    assert times["0"] < 3 < 14 < times["1"]
    found = {one.column: one for one in columns_of(path)}
    assert found["event_occurred_pfs"].details.event == ("0",)
    assert "but the name says event" in found["event_occurred_pfs"].why
    assert found["event_occurred_os"].confidence < SURE
