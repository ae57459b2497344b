"""Generic assays and expression files: turned round, limit values kept, entities chosen."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.importers.cbioportal.made import DENSITY, table
from tilexplorer.errors import UnreadableFile
from tilexplorer.importers import READERS
from tilexplorer.importers.text import ReadOptions

OWN = ReadOptions(properties=("ASSAY_NOTE",))


def read(folder: Path, text: str, options: ReadOptions = OWN) -> pd.DataFrame:
    path = folder / "data_matrix.txt"
    path.write_text(text)
    return READERS["cbioportal-matrix"](path, options)


def test_a_generic_assay_with_limit_values(tmp_path: Path) -> None:
    frame = read(tmp_path, DENSITY)
    assert frame.to_dict("list") == {
        "SAMPLE_ID": ["S1a", "S1b", "S2", "S3", "S4"],
        "cd8_centre": ["120.5", ">8000.00", "35", "", "0"],
        "cd8_margin": ["340", "900", "", "12", "<1.5"],
    }
    assert list(frame.index) == [1, 2, 3, 4, 5]


def test_expression_by_the_first_name_that_a_gene_has(tmp_path: Path) -> None:
    text = table("Hugo_Symbol|Entrez_Gene_Id|S1|S2", "CD8A|925|1.5|-2", "|999|0|1", "GZMA|3001|NA|4", "GZMA|3001|5|6")
    frame = read(tmp_path, text, ReadOptions())
    assert frame.to_dict("list") == {
        "SAMPLE_ID": ["S1", "S2"],
        "CD8A": ["1.5", "-2"],
        "999": ["0", "1"],
        "GZMA": ["", "4"],
        "GZMA.1": ["5", "6"],
    }


def test_chosen_entities(tmp_path: Path) -> None:
    chosen = ReadOptions(properties=("ASSAY_NOTE",), entities=("cd8_margin",))
    assert list(read(tmp_path, DENSITY, chosen).columns) == ["SAMPLE_ID", "cd8_margin"]
    absent = ReadOptions(properties=("ASSAY_NOTE",), entities=("cd8_margins",))
    with pytest.raises(UnreadableFile, match=r"has no entity 'cd8_margins'; did you mean 'cd8_margin'"):
        read(tmp_path, DENSITY, absent)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (DENSITY.replace("ENTITY_STABLE_ID", "WHAT"), "row 1: no column names the entities"),
        ("ENTITY_STABLE_ID\tNAME\nx\ty\n", "row 1: has no column of a sample"),
        (DENSITY.replace("S1b", "S1a"), "row 1: the sample 'S1a' is there twice"),
        (DENSITY.replace("\t340", ""), "row 3: has 7 cells, the header has 8"),
        (DENSITY.replace("cd8_margin", ""), "row 3, column 'ENTITY_STABLE_ID': the entity has no name"),
        ("version https://git-lfs.github.com/spec/v1\n", "is a Git-LFS pointer"),
        ("", "row 1: no column names the entities"),
    ],
)
def test_a_bad_matrix(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UnreadableFile, match=f"data_matrix.txt.*{message}"):
        read(tmp_path, text)
