"""The parts of a SummarizedExperiment, from made-up R files."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.importers.r_made import GENES, S4, SAMPLES, TPM, Matrix, experiment, frame, rda, rds, written
from tilexplorer.errors import UnreadableFile
from tilexplorer.importers import READERS
from tilexplorer.importers.text import ReadOptions


def part(path: Path, name: str, reader: str = "rda") -> pd.DataFrame:
    return READERS[reader](path, ReadOptions(part=name))


@pytest.mark.parametrize("ranged", [False, True], ids=["plain", "with places in the genome"])
def test_every_part(tmp_path: Path, ranged: bool) -> None:
    path = written(tmp_path / "a.rda", rda(made=experiment(ranged=ranged)))
    people = part(path, "colData")
    assert people.to_dict("list") == {
        "rowname": SAMPLES,
        "patient": ["0040", "0041", "0042"],
        "bor": ["PR", "", "PD"],
        "age": ["61", "", "70"],
        "stage": ["", "", ""],
    }
    assert list(people.index) == [1, 2, 3]
    assert part(path, "rowData").to_dict("list") == {"rowname": GENES, "gene_name": GENES}
    for name in ("assay", "assay:1", "assay:tpm"):
        matrix = part(path, name)
        assert list(matrix["rowname"]) == GENES
        np.testing.assert_array_equal(matrix[SAMPLES].astype(float), TPM)


def test_an_rds_file_and_a_matrix_without_names(tmp_path: Path) -> None:
    path = written(tmp_path / "a.rds", rds(experiment(names=False)))
    matrix = part(path, "assay", "rds")
    assert matrix.to_dict("list") == {
        "rowname": ["1", "2", "3"],
        "1": ["1", "8", "2"],
        "2": ["2", "2", "2"],
        "3": ["4", "0", "5"],
    }
    assert "rowname" not in part(path, "colData", "rds")


def test_a_matrix_with_names_of_its_own(tmp_path: Path) -> None:
    path = written(tmp_path / "a.rda", rda(made=experiment(tpm=Matrix(TPM, GENES, SAMPLES))))
    matrix = part(path, "assay")
    assert list(matrix["rowname"]) == GENES
    np.testing.assert_array_equal(matrix[SAMPLES].astype(float), TPM)


def test_one_of_several_matrices(tmp_path: Path) -> None:
    path = written(tmp_path / "a.rda", rda(made=experiment(tpm=TPM, counts=TPM * 10)))
    assert part(path, "assay:counts")["s1"].tolist() == ["10", "80", "20"]
    assert part(path, "assay:2")["s1"].tolist() == ["10", "80", "20"]
    with pytest.raises(UnreadableFile, match=r"a\.rda: has several assays; choose part = .* from tpm, counts"):
        part(path, "assay")
    with pytest.raises(UnreadableFile, match="has no assay 'fpkm'"):
        part(path, "assay:fpkm")


@pytest.mark.parametrize(
    ("name", "message"),
    [("", "known are colData, rowData, assay:tpm"), ("coldata", "did you mean 'colData'"), ("assay:3", "no assay '3'")],
)
def test_a_part_that_is_not_there(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(UnreadableFile, match=message):
        part(written(tmp_path / "a.rda", rda(made=experiment())), name)


def test_only_an_experiment_has_parts(tmp_path: Path) -> None:
    path = written(tmp_path / "a.rda", rda(made=["no", "experiment"]))
    with pytest.raises(UnreadableFile, match="only a SummarizedExperiment has parts"):
        part(path, "colData")
    with pytest.raises(UnreadableFile, match="not a data frame or a SummarizedExperiment"):
        part(path, "")


def broken(**slots: object) -> S4:
    made = experiment()
    return S4(made.kind, {**made.slots, **slots})


@pytest.mark.parametrize(
    ("made", "name", "message"),
    [
        (experiment(tpm=TPM[:2]), "assay", "has 2 rows and 3 columns, but there are 3 genes and 3 samples"),
        (experiment(tpm=TPM[:, :2]), "assay", "3 rows and 2 columns, but there are 3 genes and 3 samples"),
        (experiment(tpm=S4("dgCMatrix", {"x": TPM[0]})), "assay", "is a dgCMatrix; only dense matrices"),
        (broken(assays=S4("Assays", {"data": S4("File", {"path": ["x.h5"]})})), "assay", "form that is not read"),
        (broken(colData=S4("Other", {"x": ["y"]})), "colData", "not a table of columns"),
        (broken(colData=frame(["s1", "s1", "s3"])), "assay", "the sample 's1' is there twice"),
        (S4("SummarizedExperiment", {"colData": frame(SAMPLES), "assays": {}}), "rowData", "lacks a slot"),
    ],
)
def test_what_is_not_as_the_class_promises(tmp_path: Path, made: S4, name: str, message: str) -> None:
    with pytest.raises(UnreadableFile, match=message):
        part(written(tmp_path / "a.rda", rda(made=made)), name)


def test_damaged_bytes_give_a_table_or_an_unreadable_file(tmp_path: Path) -> None:
    """Files that were cut off or have one changed byte never end in another error."""
    whole = rda(made=experiment())
    chance = random.Random(1)
    damaged = [whole[:n] for n in range(0, len(whole), 40)]
    for at in chance.sample(range(len(whole)), 100):
        damaged.append(whole[:at] + bytes([chance.randrange(256)]) + whole[at + 1 :])
    faults = [_fault(written(tmp_path / f"{n}.rda", content)) for n, content in enumerate(damaged)]
    assert all(".rda: " in fault for fault in faults if fault)
    assert sum(map(bool, faults)) > len(whole) // 40


def _fault(path: Path) -> str:
    try:
        for name in ("colData", "rowData", "assay"):
            part(path, name)
    except UnreadableFile as fault:
        return str(fault)
    return ""
