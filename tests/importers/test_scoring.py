"""The score step on small matrices: orientations, scales, gene ids, repeated genes, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.importers.made import imported
from tests.importers.r_made import experiment, rda
from tilexplorer import importers, vocabulary
from tilexplorer.errors import InvalidData, InvalidMapping
from tilexplorer.importers.local import match_files
from tilexplorer.schema import Canonical
from tilexplorer.signatures import SIGNATURES

MAPPING = """
[cohort]
id = "made"
title = "A clinical table beside a matrix of expression"

[files.clinical]
name = "clinical.csv"
format = "csv"

[files.expression]
name = "expression.csv"
format = "csv"

[tables.scores]
file = "expression"
steps = [{do = "score", STEP}]

[patients]
table = "clinical"
id = {column = "id"}
tumour = {value = "MEL"}
regimen = {components = ["nivolumab"]}

[measures.teff_ifng_6]
assay = "RNA-seq"
[measures.cytolytic_activity]
assay = "RNA-seq"
note = "An own caution."
[measures.cd8a_expression]
assay = "RNA-seq"

[[samples]]
table = "scores"
patient = {column = "sample"}
sample = {column = "sample"}
timepoint = {value = "baseline"}
[samples.values]
VALUES
"""
PEOPLE = "id\na\nb\nc\n"
# TPM of GZMA, PRF1, CD8A and two of the six genes of the interferon-gamma signature.
TPM = {"GZMA": (8, 2, 0), "PRF1": (2, 2, 32), "CD8A": (1, 3, 7), "CXCL9": (1, 3, 7), "STAT1": (0, 3, 15)}
ALL = ("teff_ifng_6", "cytolytic_activity", "cd8a_expression")


def genes_in_rows(rows: Mapping[str, tuple[float, ...]] = TPM) -> str:
    return "gene,a,b,c\n" + "".join(f"{gene},{','.join(map(str, cells))}\n" for gene, cells in rows.items())


def samples_in_rows(rows: Mapping[str, tuple[float, ...]] = TPM) -> str:
    cells = np.array(list(rows.values())).T
    lines = [f"{name},{','.join(map(str, row))}\n" for name, row in zip("abc", cells, strict=True)]
    return f"sample_id,{','.join(rows)}\n" + "".join(lines)


def scored(folder: Path, step: str, matrix: str, measures: tuple[str, ...] = ALL, mapping: str = MAPPING) -> Canonical:
    listed = ", ".join(f'"{m}"' for m in measures)
    values = "\n".join(f'{m} = {{column = "{m}"}}' for m in measures)
    text = mapping.replace("STEP", f"measures = [{listed}], {step}").replace("VALUES", values)
    return imported(folder, text, clinical__csv=PEOPLE, expression__csv=matrix)


def numbers(tables: Canonical, measure: str) -> list[float]:
    chosen = tables["value"][tables["value"]["measure"] == measure].set_index("sample")["number"].astype(float)
    return [chosen[name] for name in "abc" if name in chosen.index]


def notes(tables: Canonical) -> dict[str, str]:
    return dict(zip(tables["measure"]["measure"], tables["measure"]["note"], strict=True))


def mean_z(*rows: tuple[float, ...]) -> list[float]:
    return list(np.mean([stats.zscore(row, ddof=1) for row in rows], axis=0))


@pytest.mark.parametrize(
    ("step", "matrix"),
    [('genes = "gene"', genes_in_rows()), ('samples = "sample_id"', samples_in_rows())],
    ids=["genes in rows", "samples in rows"],
)
def test_tpm_in_either_orientation(tmp_path: Path, step: str, matrix: str) -> None:
    """By hand: log2(TPM + 1) of CD8A is 1, 2, 3, of CXCL9 the same, of STAT1 0, 2, 4."""
    tables = scored(tmp_path, f'{step}, scale = "TPM"', matrix)
    assert numbers(tables, "cd8a_expression") == pytest.approx([1, 2, 3])
    assert numbers(tables, "teff_ifng_6") == pytest.approx([-1, 0, 1])
    expected = [(8.01 * 2.01) ** 0.5, 2.01, (0.01 * 32.01) ** 0.5]
    assert numbers(tables, "cytolytic_activity") == pytest.approx(expected)
    assert notes(tables) == {
        "teff_ifng_6": "2 of 6 genes; absent: IFNG, CXCL10, IDO1, HLA-DRA. From log2(TPM + 1) of 3 samples.",
        "cytolytic_activity": "2 of 2 genes. From log2(TPM + 1) of 3 samples. An own caution.",
        "cd8a_expression": "1 of 1 gene. From log2(TPM + 1) of 3 samples.",
    }


def test_log2_tpm_with_the_offset_of_the_source(tmp_path: Path) -> None:
    logs = {gene: tuple(np.log2(np.array(cells) + 0.5)) for gene, cells in TPM.items()}
    tables = scored(tmp_path, 'genes = "gene", scale = "log2 TPM", offset = 0.5', genes_in_rows(logs))
    assert numbers(tables, "cd8a_expression") == pytest.approx(np.log2([1.5, 3.5, 7.5]))
    expected = [(8.01 * 2.01) ** 0.5, 2.01, (0.01 * 32.01) ** 0.5]
    assert numbers(tables, "cytolytic_activity") == pytest.approx(expected)
    assert "From log2(TPM + 0.5) of" in notes(tables)["teff_ifng_6"]


@pytest.mark.parametrize("across", ["genes", "samples"])
def test_counts_are_taken_per_million_of_all_genes(tmp_path: Path, across: str) -> None:
    """The library of the first sample is ten times as deep: its counts say the same as the others'."""
    counts = {"CXCL9": (400, 10, 60), "STAT1": (10, 20, 30), "OTHER": (9590, 970, 910)}
    matrix = genes_in_rows(counts) if across == "genes" else samples_in_rows(counts)
    column = 'genes = "gene"' if across == "genes" else 'samples = "sample_id"'
    tables = scored(tmp_path, f'{column}, scale = "counts"', matrix, ("teff_ifng_6",))
    per_million = [np.log2(np.array(row) / [0.01, 0.001, 0.001] + 1) for row in ((400, 10, 60), (10, 20, 30))]
    assert numbers(tables, "teff_ifng_6") == pytest.approx(mean_z(*map(tuple, per_million)))
    assert "From log2(counts per million + 1) of 3 samples." in notes(tables)["teff_ifng_6"]


@pytest.mark.parametrize("scale", ["NanoString", "log2 NanoString", "log2 CPM"])
def test_other_scales_give_z_scores(tmp_path: Path, scale: str) -> None:
    logs = {"CXCL9": (1.0, 2.0, 3.0), "STAT1": (1.0, 5.0, 3.0)}
    cells = logs if "log2" in scale else {g: tuple(2**x - 1 for x in row) for g, row in logs.items()}
    tables = scored(tmp_path, f'genes = "gene", scale = "{scale}"', genes_in_rows(cells), ("teff_ifng_6",))
    assert numbers(tables, "teff_ifng_6") == pytest.approx(mean_z(*logs.values()))
    wording = scale if "log2" in scale else "log2(NanoString + 1)"
    assert f"From {wording} of 3 samples." in notes(tables)["teff_ifng_6"]


def test_ensembl_ids_with_versions_and_a_gene_with_two_rows(tmp_path: Path) -> None:
    """The row with the higher mean is taken: the silent copy of a gene on another assembly says nothing."""
    rows = {"ENSG00000138755.6": (1, 3, 7), "ENSG00000115415": (0, 3, 15), "ENSG00000115415.20_PAR_Y": (0, 0, 1)}
    step = 'genes = "gene", ids = "ensembl", scale = "TPM"'
    tables = scored(tmp_path, step, genes_in_rows(rows), ("teff_ifng_6",))
    assert numbers(tables, "teff_ifng_6") == pytest.approx([-1, 0, 1])
    assert "; more than one row, the highest on average was taken: STAT1." in notes(tables)["teff_ifng_6"]


def test_every_gene_of_a_signature_has_an_ensembl_id() -> None:
    known = vocabulary.ensembl_genes()
    assert {gene for s in SIGNATURES.values() for gene in s.genes} == set(known.values())
    assert all(name.startswith("ENSG") and len(name) == 15 for name in known)


def test_a_missing_cell_leaves_the_sample_to_the_other_genes(tmp_path: Path) -> None:
    matrix = genes_in_rows().replace("STAT1,0,3,15", "STAT1,,3,15").replace("PRF1,2,", "PRF1,,")
    tables = scored(tmp_path, 'genes = "gene", scale = "TPM"', matrix, ("teff_ifng_6", "cytolytic_activity"))
    stat1 = [-(0.5**0.5), 0.5**0.5]
    assert numbers(tables, "teff_ifng_6") == pytest.approx([-1, stat1[0] / 2, (1 + stat1[1]) / 2])
    assert numbers(tables, "cytolytic_activity") == pytest.approx([2.01, (0.01 * 32.01) ** 0.5])


def test_names_of_genes_from_a_joined_table_and_columns_that_are_no_samples(tmp_path: Path) -> None:
    there = 'name = "e.rda"\nformat = "rda"\n'
    mapping = MAPPING.replace('name = "expression.csv"\nformat = "csv"\n', f'{there}part = "assay"\n')
    mapping = mapping.replace("[files.expression]", f'[files.rows]\n{there}part = "rowData"\n[files.expression]')
    mapping = mapping.replace("steps = [", 'steps = [{do = "join", table = "rows", on = {rowname = "rowname"}}, ')
    values = 'cytolytic_activity = {column = "cytolytic_activity"}'
    step = 'measures = ["cytolytic_activity"], genes = "rows:gene_name", scale = "TPM", ignore = ["rowname"]'
    text = mapping.replace("STEP", step).replace("VALUES", values)
    tables = imported(tmp_path, text, clinical__csv="id\ns1\ns2\ns3\n", e__rda=rda(made=experiment()))
    assert list(tables["sample"]["sample"]) == ["s1", "s2", "s3"]
    assert tables["value"]["number"].astype(float).tolist() == pytest.approx(
        [(8.01 * 2.01) ** 0.5, 2.01, (0.01 * 5.01) ** 0.5]
    )


def test_a_table_is_joined_to_scores(tmp_path: Path) -> None:
    """As the catalogue does: what is known of a sample lies beside its scores, and the note survives."""
    mapping = MAPPING.replace(
        '[{do = "score", STEP}]', '[{do = "score", STEP}, {do = "join", table = "clinical", on = {sample = "id"}}]'
    ).replace('patient = {column = "sample"}', 'patient = {column = "clinical:id"}')
    tables = scored(tmp_path, 'genes = "gene", scale = "TPM"', genes_in_rows(), ("cd8a_expression",), mapping)
    assert numbers(tables, "cd8a_expression") == pytest.approx([1, 2, 3])
    assert notes(tables)["cd8a_expression"].startswith("1 of 1 gene.")


@pytest.mark.parametrize(
    ("step", "old", "new", "message"),
    [
        ('scale = "TPM"', "GZMA,8", "GZMA,-8", r"expression.csv, row 2, column 'a': '-8' cannot be TPM; say what"),
        ('scale = "log2 TPM", offset = 1', "GZMA,8", "GZMA,800", r"'800' cannot be log2 TPM; say what the numbers"),
        ('scale = "TPM"', "CXCL9,1", "CXCL9,high", r"row 5, column 'a': 'high' is no number"),
        ('scale = "TPM"', "GZMA,", "Gzma,", "cytolytic_activity: the data have no GZMA"),
        ('scale = "TPM"', "gene,a,b,c", "gene,a,b,c,a", "unknown"),
    ],
)
def test_what_is_no_expression_is_named(tmp_path: Path, step: str, old: str, new: str, message: str) -> None:
    matrix = genes_in_rows().replace(old, new)
    if message == "unknown":
        # A sample that comes twice becomes 'a.1', which is nobody's.
        matrix = matrix.replace("GZMA,8,2,0", "GZMA,8,2,0,1")
        message = "'a.1' is no patient of the patient table"
    with pytest.raises(InvalidData, match=message):
        scored(tmp_path, f'genes = "gene", {step}', matrix)


def test_a_sample_twice_in_rows_is_named(tmp_path: Path) -> None:
    matrix = samples_in_rows().replace("\nb,", "\na,")
    with pytest.raises(InvalidData, match=r"row 2, column 'sample_id': 'a' is there more than once"):
        scored(tmp_path, 'samples = "sample_id", scale = "TPM"', matrix)


@pytest.mark.parametrize(
    ("ids", "gene", "message"),
    [
        ("symbol", "ENSG00000115415.4", 'the ids are Ensembl\'s: declare ids = "ensembl"'),
        ("ensembl", "STAT1", 'the ids are not Ensembl\'s: declare ids = "symbol"'),
        ("symbol", "TP53", "has none of the genes of teff_ifng_6; check the column of gene ids"),
    ],
)
def test_no_gene_found_says_why(tmp_path: Path, ids: str, gene: str, message: str) -> None:
    step = f'genes = "gene", ids = "{ids}", scale = "TPM"'
    with pytest.raises(InvalidData, match=message):
        scored(tmp_path, step, genes_in_rows({gene: (1, 2, 3)}), ("teff_ifng_6",))


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (
            'genes = "g", scale = "counts", measures = ["cytolytic_activity"]',
            "in TPM, which counts cannot give",
        ),
        ('genes = "g", scale = "NanoString", measures = ["cd8a_expression"]', "NanoString cannot give"),
        ('genes = "g", scale = "log2 TPM", measures = ["cytolytic_activity"]', "needs the offset"),
        ('genes = "g", scale = "FPKM", measures = ["tis_18"]', "'FPKM' is no scale; "),
        ('genes = "g", scale = "TPM", measures = ["tis_19"]', "'tis_19' is no signature.*did you mean 'tis_18'"),
        ('genes = "g", scale = "TPM", measures = []', "measures = .* has to name"),
        ('scale = "TPM", measures = ["tis_18"]', "give either genes = ... .* or samples"),
        ('genes = "g", samples = "s", scale = "TPM", measures = ["tis_18"]', "give either genes"),
        ('genes = "g", scale = "TPM", ids = "entrez", measures = ["tis_18"]', "'entrez' is no kind of gene id"),
        ('genes = "g", scale = "TPM", offset = 0.0, measures = ["tis_18"]', "offset is what is added"),
    ],
)
def test_a_step_that_makes_no_sense_is_refused_when_the_mapping_is_read(step: str, message: str) -> None:
    with pytest.raises(InvalidMapping, match=message):
        importers.parse_mapping(MAPPING.replace("STEP", step).replace("VALUES", ""), "made.toml")


def test_scores_do_not_depend_on_genes_beside_the_signature(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    many = {f"G{i}": tuple(chance.integers(0, 99, 3)) for i in range(200)}
    few = scored(tmp_path, 'genes = "gene", scale = "TPM"', genes_in_rows())
    more = scored(tmp_path, 'genes = "gene", scale = "TPM"', genes_in_rows({**many, **TPM}))
    pd.testing.assert_frame_equal(few["value"], more["value"])


def test_one_r_file_is_both_tables_however_it_is_called(tmp_path: Path) -> None:
    """A user's own experiment: the clinical table and the matrix are two parts of one file that is given once."""
    declared = 'name = "trial.rda"\nformat = "rda"\n'
    text = MAPPING.replace('name = "clinical.csv"\nformat = "csv"\n', f'{declared}part = "colData"\n')
    text = text.replace('name = "expression.csv"\nformat = "csv"\n', f'{declared}part = "assay"\n')
    text = text.replace('id = {column = "id"}', 'id = {column = "rowname"}')
    step = 'measures = ["cd8a_expression"], genes = "rowname", scale = "TPM"'
    mapped = importers.parse_mapping(
        text.replace("STEP", step).replace("VALUES", 'cd8a_expression = {column = "cd8a_expression"}'), "made.toml"
    )
    path = tmp_path / "renamed.rda"
    path.write_bytes(rda(made=experiment()))
    tables = importers.import_files(mapped, match_files(mapped, [path]))
    assert tables["value"]["number"].astype(float).tolist() == pytest.approx(list(np.log2([2, 3, 5])))
