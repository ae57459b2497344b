"""A made-up matrix beside a made-up clinical table: told apart, drafted, imported, and scored as by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.recognise.files import people, written
from tests.recognise.test_propose import answered, imported, values
from tilexplorer import vocabulary
from tilexplorer.errors import InvalidMapping
from tilexplorer.recognise import Draft, draft, edit, preview
from tilexplorer.recognise.matrix import matrix_of
from tilexplorer.signatures import SIGNATURES, score

N = 24
GENES = sorted({gene for one in SIGNATURES.values() for gene in one.genes})
ENSEMBL = {symbol: gene for gene, symbol in vocabulary.ensembl_genes().items()}


def log2_of(values: pd.DataFrame) -> pd.DataFrame:
    """Base-2 logarithms, cell by cell."""
    return values.apply(np.log2)


def clinical(path: Path, **columns: list[str]) -> Path:
    """The patients' file."""
    frame = people(N).rename(columns={"id": "patient", "days": "OS days", "dead": "OS event"})
    return written(path / "clinical.csv", frame.assign(**columns))


def tpm(fillers: int = 300) -> pd.DataFrame:
    """TPM of the genes of the signatures and of others, genes by patients; each sample adds up to a million."""
    draw = np.random.default_rng(3)
    names = [*GENES, *(f"GENE{n}" for n in range(fillers))]
    made = pd.DataFrame(draw.lognormal(2, 1.5, (len(names), N)), names, list(people(N)["id"]))
    made.iloc[len(GENES) : len(GENES) + 1] = 0.0  # a silent gene, which shows what was added before the logarithm
    return made / made.sum() * 1e6


def by_hand(log2: pd.DataFrame, measure: str, offset: float) -> dict[str, float]:
    """Scores by patient, straight from the definition's own function."""
    return dict(score(SIGNATURES[measure], log2.rename_axis(None), offset=offset).scores)


def compared(made: Draft, paths: list[Path], measure: str, expected: dict[str, float]) -> None:
    """The values that an import of the draft stores are these, one for each patient."""
    found = {patient: number for (patient, _, _), number in values(imported(made, *paths), measure).items()}
    assert found.keys() == expected.keys()
    assert list(found.values()) == pytest.approx([expected[patient] for patient in found], abs=1e-9)


def beside(tmp_path: Path, matrix: pd.DataFrame, label: str = "gene") -> list[Path]:
    table = matrix.rename_axis(label).reset_index()
    return [written(tmp_path / "expression.csv", table.rename(columns={"index": label})), clinical(tmp_path)]


def test_log2_tpm_by_symbol(tmp_path: Path) -> None:
    log2 = log2_of(tpm() + 0.001).round(4)
    paths = beside(tmp_path, log2)
    made = answered(draft(paths))
    matrix = made.source("expression").matrix
    assert matrix is not None
    assert (matrix.genes, matrix.ids, len(matrix.names)) == ("gene", "symbol", N)
    assert (matrix.scale.name, matrix.scale.offset) == ("log2 TPM", 0.001)
    assert matrix.scale.confidence < 0.8
    assert made.cohort.id == "clinical"
    for measure in ("cd8_teff", "teff_ifng_6", "tis_18", "cytolytic_activity"):
        compared(made, paths, measure, by_hand(log2, measure, 0.001))
    shown = preview(made.mapped(), made.frames)
    assert {one.measure: one.n for one in shown.measures} == dict.fromkeys(matrix.measures, N)


def test_ensembl_ids_with_version_and_a_column_about_the_genes(tmp_path: Path) -> None:
    plain = tpm(0)
    named = plain.rename(lambda gene: f"{ENSEMBL[gene]}.7")
    named.insert(0, "gene_name", list(plain.index))
    named.insert(1, "length", 1000)
    paths = beside(tmp_path, named, "gene_id")
    made = answered(draft(paths))
    matrix = made.source("expression").matrix
    assert matrix is not None
    assert set(matrix.ignore) >= {"length"}
    made = edit.set_scale(made, "TPM", 1.0, "expression")
    compared(made, paths, "cytolytic_activity", by_hand(log2_of(plain + 1), "cytolytic_activity", 1))
    compared(made, paths, "tis_18", by_hand(log2_of(plain + 1), "tis_18", 1))


@pytest.mark.parametrize("label", ["sample", ""])
def test_samples_in_rows_and_a_column_without_a_name(tmp_path: Path, label: str) -> None:
    log2 = log2_of(tpm() + 1).round(4)
    paths = [written(tmp_path / "wide.csv", log2.T.rename_axis("at").reset_index().rename(columns={"at": label}))]
    paths.append(clinical(tmp_path))
    made = answered(draft(paths))
    matrix = made.source("wide").matrix
    assert matrix is not None
    assert (matrix.samples, len(matrix.names)) == (label or "(no name)", N)
    compared(made, paths, "cd8_teff", by_hand(log2, "cd8_teff", 1))


def test_counts_are_asked_about_and_scored_without_what_needs_tpm(tmp_path: Path) -> None:
    counts = (tpm(1200) * 3).round().astype(int)
    paths = beside(tmp_path, counts, "")
    made = answered(draft(paths))
    matrix = made.source("expression").matrix
    assert matrix is not None
    assert (matrix.scale.name, matrix.measures) == ("counts", ("teff_ifng_6", "tis_18", "cd8_teff"))
    assert "scale.expression" in {question.id for question in made.questions()}
    per_million = log2_of(counts / counts.sum() * 1e6 + 1)
    compared(made, paths, "cd8_teff", by_hand(per_million, "cd8_teff", 1))
    said = edit.set_scale(made, "counts", file="expression")
    assert "scale.expression" not in {question.id for question in said.questions()}


def test_samples_are_found_by_their_ids_with_patient_and_timepoint(tmp_path: Path) -> None:
    log2 = log2_of(tpm() + 0.001)
    ids = list(log2.columns)
    rows = {"patient": ids, "sample": [f"S{n}" for n in range(N)], "timepoint": ["pre", "on"] * (N // 2)}
    samples = written(tmp_path / "samples.csv", pd.DataFrame({**rows, "TMB": [f"{n}.5" for n in range(N)]}))
    renamed = log2.set_axis(rows["sample"], axis=1)
    paths = [*beside(tmp_path, renamed), samples]
    tables = imported(answered(draft(paths)), *paths)
    expected = by_hand(log2, "cd8_teff", 0.001)
    found = values(tables, "cd8_teff")
    assert found["0040", "baseline", "tumour"] == pytest.approx(expected["0040"])
    assert found["0041", "on_treatment", "tumour"] == pytest.approx(expected["0041"])
    # The burden and the scores of a biopsy lie on one sample.
    assert len(tables["sample"]) == N
    assert set(tables["sample"]["sample"]) == set(rows["sample"])


def test_missing_genes_are_named_and_half_a_signature_is_needed(tmp_path: Path) -> None:
    gone = ["GZMA", "CD276", "IFNG", "IDO1", "STAT1", "HLA-DRA"]
    made = draft(beside(tmp_path, log2_of(tpm() + 0.001).drop(index=gone)))
    matrix = made.source("expression").matrix
    assert matrix is not None
    assert matrix.measures == ("tis_18", "cd8_teff")
    text = next(question.text for question in made.questions() if question.id == "genes.expression")
    assert "Cytolytic activity lacks GZMA (1 of 2 genes), and is not scored" in text
    assert "(18 genes) lacks CD276, IDO1, STAT1 (3 of 18 genes);" in text


def test_a_matrix_of_other_samples_is_said_and_not_scored(tmp_path: Path) -> None:
    strange = log2_of(tpm() + 0.001).rename(columns=lambda name: f"X-{name}")
    made = answered(draft(beside(tmp_path, strange)))
    assert "matrix.expression" in {question.id for question in made.questions()}
    assert not made.mapped().samples


def test_scores_that_cannot_be_told_are_not_made(tmp_path: Path) -> None:
    log2 = log2_of(tpm() + 1)
    z = log2.sub(log2.mean(axis=1), axis=0).div(log2.std(axis=1).replace(0, 1), axis=0)
    made = draft(beside(tmp_path, z))
    matrix = made.source("expression").matrix
    assert matrix is not None
    assert (matrix.scale.name, matrix.measures) == ("", ())
    text = next(question.text for question in made.questions() if question.id == "scale.expression")
    assert text.startswith("say what the numbers of expression.csv are (TPM, log2 TPM")
    with pytest.raises(InvalidMapping, match="is no matrix"):
        edit.set_scale(made, "TPM", file="clinical")
    with pytest.raises(InvalidMapping, match="'FPKM' is no scale"):
        edit.set_scale(made, "FPKM", file="expression")


def test_patients_with_some_genes_beside_their_outcome_are_no_matrix() -> None:
    frame = people(N).join(log2_of(tpm(0) + 1).round(3).astype(str).T.reset_index(drop=True))
    assert matrix_of(frame) is None


def test_a_large_matrix_is_told_by_a_part_of_its_cells() -> None:
    draw = np.random.default_rng(1)
    names = [*GENES, *(f"GENE{n}" for n in range(6000))]
    frame = pd.DataFrame(draw.lognormal(2, 1, (len(names), 60)).round(3), columns=[f"S{n}" for n in range(60)])
    text = frame.astype("string")
    text.insert(0, "gene", pd.Series(names, dtype="string"))
    found = matrix_of(text)
    assert found is not None
    assert len(found.names) == 60
