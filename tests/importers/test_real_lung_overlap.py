"""Who is in two of the lung studies: found in the raw files by values, and declared in the catalogue."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.command import analyse
from tests.importers.lung import STUDIES, raw
from tests.importers.real import outcome, real, values
from tilexplorer.publish import publish

pytestmark = pytest.mark.cohorts

COUNTS = ("mutation_count", "neoantigens")


def test_the_discovery_copy_agrees_with_the_whole() -> None:
    """Why the 16 are the same people: sample ids, ages, times, events, responses and counts of all of them."""
    copy, whole = real("rizvi2015-discovery"), real("rizvi2015")
    frames = []
    for tables in (copy, whole):
        pdl1 = values(tables, "pdl1_tps").rename(columns={"category": "pdl1"})
        frame = outcome(tables, "pfs").merge(pdl1[["patient", "pdl1"]], on="patient", how="left")
        for measure in COUNTS:
            counted = values(tables, measure).rename(columns={"number": measure})
            frame = frame.merge(counted[["patient", measure]], on="patient")
        frame = frame.merge(tables["sample"][["patient", "sample"]], on="patient").set_index("sample")
        frames.append(frame[["age", "days", "event", "response", "durable", "tumour", *COUNTS, "pdl1"]])
    same = frames[1].reindex(frames[0].index)
    assert len(same) == 16
    pd.testing.assert_frame_equal(frames[0], same)
    assert copy["overlap"][["patient", "preferred"]].to_numpy().tolist() == [["", "rizvi2015"]]


def lines(study: str) -> pd.DataFrame:
    """Patients of a study as what the studies have in common: sex, age, never smoked, squamous, days, progressed."""
    folder, age, status, event = STUDIES[study]
    frame = raw(folder, "patient").merge(raw(folder, "sample"), on="PATIENT_ID")
    frame = frame[frame[age] != "NA"]
    smoking = next(c for c in ("SMOKER", "SMOKING_STATUS", "SMOKING_HISTORY") if c in frame)
    kind = frame["HISTOLOGY"] if "HISTOLOGY" in frame else frame["ONCOTREE_CODE"].replace("LUSC", "Squamous")
    months = frame["PFS_MONTHS"].astype(float)
    return frame.assign(
        age=frame[age].astype(int),
        never=frame[smoking] == "Never",
        squamous=kind.str.startswith("Squamous"),
        # Rizvi 2018 divides days by 30, Hellmann 2018 by 30.4375; Rizvi 2015 has months to one decimal.
        days=(months * (30 if study == "rizvi2018" else 30.4375)).round(),
        months=months,
        progressed=frame[status] == event,
    ).reset_index(drop=True)


def pairs(study: str) -> pd.DataFrame:
    """Everybody of Rizvi 2018 with everybody of the other study who is alike in what cannot change."""
    joined = lines("rizvi2018").merge(lines(study), on=["SEX", "never", "squamous"], suffixes=("", "_other"))
    return joined[(joined["age"] - joined["age_other"]).abs() <= 1]


def declared(preferred: str) -> set[str]:
    overlap = real("rizvi2018")["overlap"]
    return set(overlap.loc[overlap["preferred"] == preferred, "patient"])


def test_who_of_rizvi_2018_is_in_checkmate_012() -> None:
    """First-line combinations in a trial whose time is one day longer: five pairs, and hardly one at any other day."""
    found = pairs("hellmann2018")
    trial = (found["TREATMENT_TYPE"] == "Combination") & (found["LINES_OF_TX"] == "1") & (found["IRB"] != "Commercial")
    alike = found[trial]
    events = alike[alike["progressed"] & alike["progressed_other"]]
    apart = (events["days_other"] - events["days"]).astype(int)
    by_chance = [int((apart == day).sum()) for day in range(-30, 31) if day != 1]
    assert (int((apart == 1).sum()), max(by_chance), sum(by_chance)) == (5, 1, 3)
    same = set(events.loc[apart == 1, "PATIENT_ID"])
    # Two more were censored in both files, 335 days later in the newer, with the same PD-L1 score of 80 or 95.
    scored = alike[pd.to_numeric(alike["PDL1_SCORE"]) == pd.to_numeric(alike["PDL1_EXP"])]
    later = scored[~scored["progressed"] & ~scored["progressed_other"] & (scored["PDL1_SCORE"] >= "80")]
    assert list(later["days"] - later["days_other"]) == [335, 335]
    assert declared("hellmann2018") == same | set(later["PATIENT_ID"])
    # Where both files have a PD-L1 score of the five, it is the same one.
    both = events[(apart == 1) & (events["PDL1_SCORE"] != "") & (events["PDL1_EXP"] != "")]
    assert len(both) == 2
    assert list(both["PDL1_SCORE"].astype(float)) == list(both["PDL1_EXP"].astype(float))


def test_who_of_rizvi_2018_is_in_rizvi_2015() -> None:
    """Given alone in a trial, one line after the chemotherapies before, and the same time: four pairs."""
    found = pairs("rizvi2015")
    before = found["PRIOR_TREATMENT_OF_CYTOTOXIC_CHEMOTHERAPY"].astype(int)
    trial = (found["TREATMENT_TYPE"] == "Monotherapy") & (found["IRB"] != "Commercial")
    alike = found[
        trial & (found["LINES_OF_TX"].astype(int) == before + 1) & (found["progressed"] == found["progressed_other"])
    ]
    apart = alike["months"] - alike["months_other"]
    assert int((apart.abs() < 0.1).sum()) == 4
    assert [int(((apart - shift).abs() < 0.1).sum()) for shift in (-1, -0.5, 0.5, 1)] == [0, 0, 0, 0]
    same = alike[apart.abs() < 0.1]
    assert declared("rizvi2015") == set(same["PATIENT_ID"])
    classes = same["PDL1_EXPRESSION"].str.split("(").str[0].to_list()
    assert [(c == "Negative") == (s == "0") for c, s in zip(classes, same["PDL1_SCORE"], strict=True)] == [True] * 4
    discovery = set(raw("nsclc_mskcc_2015", "patient")["PATIENT_ID"])
    assert declared("rizvi2015-discovery") == set(same.loc[same["SAMPLE_ID_other"].isin(discovery), "PATIENT_ID"])


def test_checkmate_012_and_rizvi_2015_share_nobody() -> None:
    """Other drugs, and no two patients with the same counts of mutations and neoantigens."""
    columns = {"NONSYNONYMOUS_MUTATION_BURDEN": "m", "PREDICTED_NEOANTIGEN_BURDEN": "n", "NEOANTIGEN_BURDEN": "n"}
    one, two = (raw(folder, "patient").rename(columns=columns) for folder in ("nsclc_mskcc_2018", "luad_mskcc_2015"))
    assert len(one.merge(two[two["AGE"] != "NA"], on=["m", "n"])) == 0
    assert set(real("hellmann2018")["regimen"]["regimen"]).isdisjoint(real("rizvi2015")["regimen"]["regimen"])


def test_together_everybody_is_counted_once(tmp_path: Path) -> None:
    publish(tmp_path, [real(name) for name in STUDIES])
    query = "&".join(f"cohort={name}" for name in STUDIES) + "&endpoint=pfs&by=cohort"
    found = analyse(tmp_path, "survival", query)
    assert {group["label"]: group["n"] for group in found["groups"]} == {
        real(name)["cohort"]["title"].iloc[0]: n
        for name, n in (("hellmann2018", 75), ("rizvi2015", 34), ("rizvi2018", 240 - 7 - 4))
    }
    same = sum(e["n"] for e in found["excluded"] if e["reason"].startswith("same patients as"))
    assert same == 16 + 7 + 4
    # The half of Rizvi 2015 without the whole: one of its patients is in Rizvi 2018.
    half = analyse(tmp_path, "survival", "cohort=rizvi2015-discovery&cohort=rizvi2018&endpoint=pfs&by=cohort")
    assert sorted(group["n"] for group in half["groups"]) == [16, 239]


def test_a_regimen_whose_name_has_a_comma_stays_whole_in_a_link(tmp_path: Path) -> None:
    publish(tmp_path, [real("rizvi2018")])
    query = "cohort=rizvi2018&endpoint=pfs&by=cohort&regimen=anti-PD-1%2C+unspecified"
    (group,) = analyse(tmp_path, "survival", query)["groups"]
    assert group["n"] == 206
