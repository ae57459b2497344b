"""The signatures: genes, formula, and agreement with scores that were made from the same files elsewhere."""

from __future__ import annotations

import warnings
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.shared import real_cohorts
from tilexplorer import vocabulary
from tilexplorer.errors import InvalidData
from tilexplorer.signatures import ONE_GENE, SIGNATURES, score

COHORTS = ("Hugo", "Miao", "Nathanson", "Van_Allen")
COLUMNS = {
    "teff_ifng_6": "Teff6_meanz",
    "tis_18": "TIS18_meanz",
    "cd8_teff": "CD8_Teff_Mariathasan_meanz",
    "cytolytic_activity": "CYT_geomean_tpm",
}


@cache
def _expression(path: Path) -> pd.DataFrame:
    """Genes x samples of a SummarizedExperiment, rows named by gene symbols."""
    import rdata

    with warnings.catch_warnings():
        # The classes of a SummarizedExperiment have no Python counterpart; their slots are read by name.
        warnings.filterwarnings("ignore", "Missing constructor for R class", UserWarning)
        experiment: Any = next(iter(rdata.read_rda(path).values()))
    frame: pd.DataFrame = experiment.assays.data.listData["gene_expression"]
    frame = frame.set_axis(np.asarray(experiment.elementMetadata.listData["gene_name"], dtype=str), axis=0)
    return frame.set_axis(np.asarray(experiment.colData.rownames, dtype=str), axis=1)


@pytest.mark.cohorts
@pytest.mark.parametrize("cohort", COHORTS)
@pytest.mark.parametrize("measure", COLUMNS)
def test_agrees_with_the_converted_scores(cohort: str, measure: str) -> None:
    folder = real_cohorts() / f"predictior_{cohort}"
    expected = pd.read_csv(folder / f"ICB_small_{cohort}_scores.csv").set_index("sample_rowname")[COLUMNS[measure]]
    found = score(SIGNATURES[measure], _expression(folder / f"ICB_small_{cohort}.rda"))
    np.testing.assert_allclose(found.scores[expected.index], expected, atol=6e-5, rtol=1e-4)
    assert set(found.absent) == ({"CD276", "PSMB10"} if measure == "tis_18" else set())


def test_every_signature_is_a_measure_of_the_vocabulary() -> None:
    assert set(SIGNATURES) <= set(vocabulary.measures())
    assert {len(SIGNATURES[m].genes) for m in ("tis_18",)} == {18}
    assert all(len(set(s.genes)) == len(s.genes) for s in SIGNATURES.values())
    assert all(s.doi.startswith("10.") for s in SIGNATURES.values() if s.formula != ONE_GENE)


def test_mean_z_by_hand() -> None:
    expression = pd.DataFrame(
        {"a": [0.0, 1.0, 5.0], "b": [1.0, 3.0, 5.0], "c": [2.0, 8.0, 5.0]}, index=["IFNG", "CXCL9", "STAT1"]
    )
    found = score(SIGNATURES["teff_ifng_6"], expression)
    ifng, cxcl9 = np.array([-1.0, 0.0, 1.0]), (np.array([1.0, 3.0, 8.0]) - 4) / np.sqrt(13)
    np.testing.assert_allclose(found.scores, (ifng + cxcl9) / 2)
    assert found.used == ("IFNG", "CXCL9")
    assert found.constant == ("STAT1",)
    assert found.absent == ("CXCL10", "IDO1", "HLA-DRA")


def test_cytolytic_activity_by_hand() -> None:
    expression = pd.DataFrame({"a": np.log2([8.0 + 0.001, 2.0 + 0.001]), "b": [-20.0, 3.0]}, index=["GZMA", "PRF1"])
    found = score(SIGNATURES["cytolytic_activity"], expression)
    np.testing.assert_allclose(found.scores, [np.sqrt(8.01 * 2.01), np.sqrt(0.01 * (8 - 0.001 + 0.01))])


def test_a_single_gene_is_its_own_score() -> None:
    expression = pd.DataFrame({"a": [1.5, 9.0], "b": [2.5, 9.0]}, index=["CD8A", "CD8B"])
    assert score(SIGNATURES["cd8a_expression"], expression).scores.to_dict() == {"a": 1.5, "b": 2.5}


def test_what_cannot_be_scored_says_why() -> None:
    one = pd.DataFrame({"a": [1.0], "b": [2.0]}, index=["GZMA"])
    with pytest.raises(InvalidData, match="no PRF1"):
        score(SIGNATURES["cytolytic_activity"], one)
    with pytest.raises(InvalidData, match="HGNC symbols"):
        score(SIGNATURES["teff_ifng_6"], one)
    twice = pd.DataFrame({"a": [1.0, 2.0], "b": [2.0, 3.0]}, index=["STAT1", "STAT1"])
    with pytest.raises(InvalidData, match="STAT1 has more than one row"):
        score(SIGNATURES["teff_ifng_6"], twice)
    with pytest.raises(InvalidData, match="needs several samples"):
        score(SIGNATURES["teff_ifng_6"], pd.DataFrame({"a": [1.0]}, index=["STAT1"]))
