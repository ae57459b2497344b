"""The pivot step, and long tables as the iAtlas database gives them, made up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.importers.made import imported
from tests.importers.test_language import values
from tests.shared import ROOT
from tilexplorer import importers
from tilexplorer.errors import InvalidData, InvalidMapping
from tilexplorer.schema import Canonical

# The shapes of the iAtlas database: samples with patients, features as name and value, tags under parent tags whose
# values carry the parent's name. The mapping is the example of docs/mapping.md.
EXAMPLES = re.findall(r"```text\n(.*?)```", (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8"), re.DOTALL)
FILES = ("samples", "feature_values", "tag_samples")
IATLAS = "\n".join(
    [
        '[cohort]\nid = "iatlas-made"\ntitle = "Long tables of features and tags"',
        *(f'[files.{name}]\nname = "{name}.tsv"\nformat = "tsv"' for name in FILES),
        next(example for example in EXAMPLES if "feature_values" in example),
    ]
)
SAMPLES = """sample_name	patient_name	gender	age_at_diagnosis
A1-pre	A1	female	61
A1-on	A1	female	61
A2-pre	A2	male	50
A3-pre		male	70
"""
FEATURES = """sample	feature_name	feature_value
A1-pre	OS	1
A1-pre	OS_time	400
A1-pre	T_cells_CD8	0.25
A1-on	T_cells_CD8	0.5
A1-on	OS	1
A1-on	OS_time	400
A2-pre	OS_time	900
A2-pre	OS	0
A2-pre	T_cells_CD8	NA
A3-pre	T_cells_CD8	0.125
"""
TAGS = """sample_name	parent_tag_name	tag_name
A1-pre	Response	complete_response_response
A1-on	Response	complete_response_response
A2-pre	Response	na_response
A3-pre	Response	progressive_disease_response
A1-pre	Sample_Treatment	pre_sample_treatment
A1-on	Sample_Treatment	on_sample_treatment
A2-pre	Sample_Treatment	pre_sample_treatment
A3-pre	Sample_Treatment	pre_sample_treatment
A1-pre	ICI_Rx	ipilimumab_nivolumab
A1-on	ICI_Rx	ipilimumab_nivolumab
A2-pre	ICI_Rx	none_ICI_Rx
A3-pre	ICI_Rx	pembro_ici_rx
A1-pre	TCGA_Study	KIRC
A1-on	TCGA_Study	KIRC
A2-pre	TCGA_Study	KIRC_tcga_study
A3-pre	TCGA_Study	SKCM
"""


def iatlas(folder: Path, mapping: str = IATLAS, **changed: str) -> Canonical:
    files = {"samples__tsv": SAMPLES, "feature_values__tsv": FEATURES, "tag_samples__tsv": TAGS}
    return imported(folder, mapping, **{**files, **changed})


def test_long_tables_of_features_and_tags(tmp_path: Path) -> None:
    tables = iatlas(tmp_path)
    course = tables["course"].set_index("patient")
    assert list(course.index) == ["A1", "A2", "A3-pre"]
    assert list(course["response"]) == ["CR", "NE", "PD"]
    assert list(course["tumour"]) == ["CCRCC", "CCRCC", "SKCM"]
    assert list(course["regimen"]) == ["nivolumab + ipilimumab", "sunitinib", "pembrolizumab"]
    outcome = tables["outcome"][["patient", "days", "event"]].to_numpy().tolist()
    assert outcome == [["A1", 400, True], ["A2", 900, False]]
    found = values(tables, "cd8_fraction_cibersort")
    assert found == {("A1", "A1-pre"): 0.25, ("A1", "A1-on"): 0.5, ("A3-pre", "A3-pre"): 0.125}
    assert dict(zip(tables["sample"]["sample"], tables["sample"]["timepoint"], strict=True)) == {
        "A1-pre": "baseline",
        "A1-on": "on_treatment",
        "A2-pre": "baseline",
        "A3-pre": "baseline",
    }


def test_the_order_of_a_long_table_does_not_matter(tmp_path: Path) -> None:
    head, *lines = TAGS.splitlines()
    other = "\n".join([head, *reversed(lines)])
    assert iatlas(tmp_path)["course"].equals(iatlas(tmp_path, tag_samples__tsv=other)["course"])


def test_the_same_said_twice_is_said_once(tmp_path: Path) -> None:
    again = TAGS + "A1-pre	Response	complete_response_response\n"
    assert iatlas(tmp_path)["course"].equals(iatlas(tmp_path, tag_samples__tsv=again)["course"])


def test_two_values_of_one_key_are_named(tmp_path: Path) -> None:
    again = TAGS + "A1-pre	Response	stable_disease_response\n"
    message = r"tag_samples.tsv, row 18, column 'tag_name': '\w+' is a second value of 'Response'.*separator"
    with pytest.raises(InvalidData, match=message):
        iatlas(tmp_path, tag_samples__tsv=again)


def test_several_values_are_joined_where_the_mapping_says_so(tmp_path: Path) -> None:
    """One drug a row: a combination is a cell with both, in one order however the file has them."""
    second = "".join(f"{sample}\tICI_Rx\tipilimumab\n" for sample in ("A1-pre", "A1-on"))
    tags = TAGS.replace("ipilimumab_nivolumab", "nivolumab_ICI_Rx") + second
    mapping = IATLAS.replace('missing = ["na"]}', 'missing = ["na"], separator = "_"}')
    assert mapping != IATLAS
    assert "nivolumab + ipilimumab" in set(iatlas(tmp_path, mapping, tag_samples__tsv=tags)["course"]["regimen"])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("A2-pre	Response", "	Response", "row 4, column 'sample_name': an empty cell gives no row or column"),
        ("A2-pre	Response", "A2-pre	", "row 4, column 'parent_tag_name': an empty cell"),
        ("A2-pre	Response", "A2-pre	sample_name", "'sample_name' is also the name of a column"),
    ],
)
def test_what_cannot_be_widened_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(InvalidData, match=message):
        iatlas(tmp_path, tag_samples__tsv=TAGS.replace(old, new))


def test_a_pivot_needs_rows() -> None:
    with pytest.raises(InvalidMapping, match=r"by = \[...\] has to name"):
        importers.parse_mapping(IATLAS.replace('by = ["sample"]', "by = []"), "made.toml")


# The wide file of the same database: one row a sample, tags with their endings.
WIDE = """
[cohort]
id = "iatlas-wide"
title = "A wide table of features and tags"

[files.wide]
name = "wide.tsv"
format = "tsv"
missing = ["NA"]

[patients]
table = "wide"
id = {columns = ["patient_name", "sample_name"]}
duplicates = "one row per sample"
tumour = {column = "TCGA_Study", codes = "tcga"}
regimen = {column = "ICI_Rx", separator = "_"}
[patients.response]
column = "Response"
map = {complete_response_response = "CR", progressive_disease_response = "PD", na_response = ""}
empty = "NE"

[measures.cd8_fraction_cibersort]
assay = "RNA-seq, CIBERSORT"

[[samples]]
table = "wide"
patient = {columns = ["patient_name", "sample_name"]}
sample = {column = "sample_name"}
[samples.timepoint]
column = "Sample_Treatment"
map = {pre_sample_treatment = "baseline", on_sample_treatment = "on_treatment"}
[samples.values]
cd8_fraction_cibersort = {column = "T_cells_CD8"}
"""
WIDE_ROWS = """sample_name	patient_name	TCGA_Study	ICI_Rx	Response	Sample_Treatment	T_cells_CD8
A1-pre	A1	KIRC	ipilimumab_nivolumab	complete_response_response	pre_sample_treatment	0.25
A1-on	A1	KIRC	ipilimumab_nivolumab	complete_response_response	on_sample_treatment	0.5
A2-pre	A2	KIRC	atezolizumab	na_response	pre_sample_treatment	NA
A3-pre	NA	SKCM	nivolumab	progressive_disease_response	pre_sample_treatment	0.125
"""


def test_the_wide_file_of_the_same_database(tmp_path: Path) -> None:
    tables = imported(tmp_path, WIDE, wide__tsv=WIDE_ROWS)
    assert list(tables["course"]["response"]) == ["CR", "NE", "PD"]
    assert list(tables["course"]["regimen"]) == ["nivolumab + ipilimumab", "atezolizumab", "nivolumab"]
    long = values(iatlas(tmp_path), "cd8_fraction_cibersort")
    assert values(tables, "cd8_fraction_cibersort") == long


BLOCKS = """
[[samples]]
table = "clinical"
where = {column = "tissue", values = ["biopsy"]}
patient = {column = "id"}
sample = {column = "sample"}
timepoint = {column = "visit", map = {C1 = "baseline", C3 = "on_treatment"}}
[samples.values]
t_cell_fraction = {column = "t", factor = 0.01}

[[samples]]
table = "clinical"
where = {column = "tissue", values = ["blood"]}
patient = {column = "id"}
sample = {column = "sample"}
tissue = {value = "blood"}
timepoint = {column = "visit", map = {C1 = "baseline", C3 = "on_treatment"}}
[samples.values]
t_cell_fraction_blood = {column = "t"}
"""


def test_percent_in_tissue_and_shares_in_blood_by_block(tmp_path: Path) -> None:
    mapping = f"""
[cohort]
id = "blocks"
title = "One long table, two blocks"
[files.clinical]
name = "clinical.csv"
format = "csv"
[patients]
table = "clinical"
id = {{column = "id"}}
duplicates = "one row per sample"
tumour = {{value = "MEL"}}
regimen = {{components = ["nivolumab"]}}
[measures.t_cell_fraction]
assay = "TCR sequencing"
[measures.t_cell_fraction_blood]
assay = "TCR sequencing"
{BLOCKS}"""
    rows = "id,sample,tissue,visit,t\n1,1a,biopsy,C1,25\n1,1b,blood,C1,0.5\n1,1c,biopsy,C3,40\n2,2b,blood,C1,0.125\n"
    tables = imported(tmp_path, mapping, clinical__csv=rows)
    assert values(tables, "t_cell_fraction") == {("1", "1a"): 0.25, ("1", "1c"): 0.4}
    assert values(tables, "t_cell_fraction_blood") == {("1", "1b"): 0.5, ("2", "2b"): 0.125}
    tissues = dict(zip(tables["sample"]["sample"], tables["sample"]["tissue"], strict=True))
    assert tissues == {"1a": "tumour", "1b": "blood", "1c": "tumour", "2b": "blood"}
