"""Made-up miniatures: a mapping and its files, imported in one call."""

from __future__ import annotations

from pathlib import Path

from tilexplorer import importers
from tilexplorer.schema import Canonical

# A mapping of a small file with everything that is required and one endpoint.
MAPPING = """
[cohort]
id = "made"
title = "Made up"

[files.clinical]
name = "clinical.csv"
format = "csv"
missing = ["NA"]

[patients]
table = "clinical"
id = {column = "id"}
tumour = {value = "MEL"}
regimen = {components = ["nivolumab"]}
response = {column = "bor"}

[[endpoints]]
id = "os"
time = "months"
unit = "months"
status = "dead"
event = ["1"]
censored = ["0"]

[measures.til_percent]
assay = "H&E"

[[samples]]
table = "clinical"
patient = {column = "id"}
sample = {column = "id"}
timepoint = {value = "baseline"}
[samples.values]
til_percent = {column = "tils"}
"""

ROWS = """id,bor,months,dead,tils
0040,PR,12.5,0,30
0041,PD,3,1,5
0042,NE,8.25,1,NA
"""


def imported(folder: Path, mapping: str = MAPPING, **files: str | bytes) -> Canonical:
    """The canonical tables of a mapping whose files are written into a folder; 'clinical.csv' by default."""
    content = {name.replace("__", "."): text for name, text in files.items()} or {"clinical.csv": ROWS}
    for name, text in content.items():
        (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    mapped = importers.parse_mapping(mapping, "made.toml")
    return importers.import_files(mapped, {key: folder / file.name for key, file in mapped.files.items()})
