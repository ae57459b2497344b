"""The four lung studies of one hospital, read from their raw files by nothing of the package."""

from __future__ import annotations

import csv
from functools import cache

import pandas as pd

from tests.shared import real_cohorts

# Cohort, folder of its study, and how the raw file names age and the status of those who progressed.
STUDIES = {
    "hellmann2018": ("nsclc_mskcc_2018", "AGE_YRS", "PFS_STATUS", "1:Event"),
    "rizvi2015": ("luad_mskcc_2015", "AGE", "EVENT_TYPE", "Progression-free Survival"),
    "rizvi2015-discovery": ("nsclc_mskcc_2015", "AGE_CURRENT", "PFS_STATUS", "1:Event"),
    "rizvi2018": ("nsclc_pd1_msk_2018", "AGE", "PFS_STATUS", "1:Progressed"),
}


@cache
def raw(study: str, kind: str) -> pd.DataFrame:
    """A raw file as text."""
    path = real_cohorts() / "msk_nsclc_ici_no_infiltration" / study / f"data_clinical_{kind}.txt"
    with path.open(encoding="utf-8", newline="") as opened:
        return pd.DataFrame(list(csv.DictReader(opened, delimiter="\t", quoting=csv.QUOTE_NONE)))
