"""Cohorts and selections as cBioPortal studies: a folder for each cohort, and the mapping that reads it, in a zip file.

The rules are those of cBioPortal's file formats and of its validator. Measures travel as sample attributes and not as
a generic assay: there, every whole number is a warning, and warnings block a load.
"""

from __future__ import annotations

from pathlib import Path

from tilexplorer.errors import InvalidExport
from tilexplorer.export.cbioportal.study import exported, study_id
from tilexplorer.export.cbioportal.words import notes
from tilexplorer.export.extract import Extract
from tilexplorer.export.zipped import write_zip


def write_studies(extract: Extract, path: Path) -> None:
    """Write a zip file with one study folder for each cohort.

    Raises
    ------
    InvalidExport
        What the format cannot hold: ids that collide, a patient with several courses, a text that means missing there.
    """
    members: dict[str, bytes] = {}
    named: dict[str, str] = {}
    obstacles: dict[str, str] = {}
    for cohort in extract.tables.cohorts:
        study = study_id(cohort, partial=extract.partial(cohort))
        if study in named:
            raise InvalidExport(f"the cohorts '{named[study]}' and '{cohort}' would both be the study {study}")
        named[study] = cohort
        made = exported(extract, cohort)
        members |= {f"{study}/{name}": text.encode() for name, text in made.files.items()}
        if made.mapping:
            members[f"{study}.toml"] = made.mapping.encode()
        else:
            obstacles[study] = made.obstacle
    members["README.txt"] = notes(extract, named, obstacles).encode()
    write_zip(path, members)
