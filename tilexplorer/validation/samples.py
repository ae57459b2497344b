"""Samples against each other: one biopsy cannot come from two patients."""

from __future__ import annotations

import pandas as pd

from tilexplorer.importers.placed import Words


def of_several_patients(keys: pd.DataFrame, of: int | None = None) -> pd.Series:
    """Which rows have a sample id that another patient has as well.

    Ids that most samples share, each by three patients or more in the most common case, are labels within the patient
    ("C1", "baseline"), not ids of a cell or a block: those may repeat.

    Parameters
    ----------
    keys
        Columns patient and sample.
    of
        How many pairs there are, where `keys` holds only those whose sample is shared.
    """
    pairs = keys.drop_duplicates()
    patients = pairs["sample"].value_counts()
    shared = patients[patients > 1]
    labels = shared.sum() > (of or len(pairs)) / 2 and patients.max() > 2
    if labels or shared.empty:
        return pd.Series(False, index=keys.index)
    return keys["sample"].isin(shared.index)


def of_two(keys: pd.DataFrame) -> Words:
    """The words for such a row, by its place among the keys."""

    def told(row: int) -> str:
        sample = keys["sample"].iloc[row]
        patients = keys.loc[keys["sample"] == sample, "patient"].unique()
        more = f" and {len(patients) - 3} more" if len(patients) > 3 else ""
        return f"sample '{sample}' belongs to several patients: {', '.join(map(str, patients[:3]))}{more}"

    mend = "correct the id or the patient, or make the id of both with a combine step"
    return Words("sample.two_patients", "is the id of a sample of several patients", mend, told)
