"""Real files: no clinical table is a matrix; the scores of a drafted matrix are those of the catalogue."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.importers.real import real
from tests.recognise.test_propose import imported
from tests.recognise.truth import frame_of
from tests.shared import real_cohorts, shared_there
from tilexplorer.importers import read_file
from tilexplorer.importers.mapping import File
from tilexplorer.recognise import draft, edit
from tilexplorer.recognise.matrix import matrix_of


def test_no_clinical_file_is_taken_for_a_matrix() -> None:
    root = real_cohorts()
    found = [path for path in sorted(root.glob("*/**/*")) if path.suffix in (".csv", ".tsv", ".txt")]
    assert len(found) > 12
    for path in found:
        assert matrix_of(frame_of(path)) is None, path.name


@pytest.mark.skipif(not shared_there("cohorts"), reason="NOT RUN: needs the real cohorts, not beside this checkout")
def test_the_scores_of_nathanson_are_those_of_the_catalogue(tmp_path: Path) -> None:
    folder = real_cohorts() / "predictior_Nathanson"
    assay = File("x.rda", "rda", object="ICB_small_Nathanson", part="assay:1")
    expression = tmp_path / "expression.csv"
    read_file(assay, folder / "ICB_small_Nathanson.rda").to_csv(expression, index=False)
    paths = [folder / "ICB_small_Nathanson_coldata.csv", expression]
    made = edit.set_regimen(edit.set_tumour(draft(paths), "MEL"), ["ipilimumab"])
    matrix = made.source("expression").matrix
    assert matrix is not None
    assert (matrix.scale.name, matrix.scale.offset) == ("log2 TPM", 0.001)
    tables, catalogue = imported(made, *paths), real("nathanson2017")
    for measure in ("cd8_teff", "teff_ifng_6", "tis_18", "cytolytic_activity"):
        both = [_by_patient(one["value"], measure) for one in (tables, catalogue)]
        pd.testing.assert_series_equal(both[0], both[1], rtol=1e-9)
        assert len(both[0]) == 24


def _by_patient(rows: pd.DataFrame, measure: str) -> pd.Series:
    chosen = rows[rows["measure"] == measure].set_index("patient")["number"]
    return chosen.astype(float).sort_index()
