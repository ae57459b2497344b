"""A study becomes a cohort: regimens from overlapping agents, days of the samples, best responses, limit values."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.command import run
from tests.importers.cbioportal.made import MAPPING, edited, write
from tilexplorer.errors import InvalidData
from tilexplorer.importers import import_files, parse_mapping
from tilexplorer.importers.local import match_files
from tilexplorer.schema import Canonical


def imported(source: Path, mapping: str = MAPPING) -> Canonical:
    mapped = parse_mapping(mapping, "made.toml")
    with match_files(mapped, [source]) as files:
        return import_files(mapped, files)


def test_a_study_is_imported_by_a_mapping(tmp_path: Path) -> None:
    tables = imported(write(tmp_path))
    people = tables["course"].set_index("patient")
    assert people["regimen"].to_dict() == {
        "P1": "nivolumab + ipilimumab",
        "P2": "pembrolizumab + bevacizumab",
        "P3": "atezolizumab",
    }
    assert people["response"].to_dict() == {"P1": "PR", "P2": "PD", "P3": "CR"}
    assert list(tables["outcome"]["event"]) == [False, True, True]
    # 24, 8 and 12 months of 30.4375 days: 730.5, 243.5 and 365.25, halves up.
    assert list(tables["outcome"]["days"]) == [731, 244, 365]
    excluded = tables["exclusion"].set_index("reason")["n"].to_dict()
    assert excluded == {"no immunotherapy": 1, "sample of a patient who is not in the patient table": 1}


def test_samples_are_dated_by_the_first_immunotherapy(tmp_path: Path) -> None:
    samples = imported(write(tmp_path))["sample"].set_index("sample")
    assert samples["days"].to_dict() == {"S1a": -10, "S1b": 42, "S2": 0, "S3": -35}
    timepoints = samples["timepoint"].to_dict()
    assert timepoints == {"S1a": "baseline", "S1b": "on_treatment", "S2": "baseline", "S3": "baseline"}


def test_limit_values_keep_their_sign(tmp_path: Path) -> None:
    values = imported(write(tmp_path))["value"].set_index("sample")
    assert values["number"].astype(float).to_dict() == {"S1a": 120.5, "S1b": 8000.0, "S2": 35.0}
    assert values["limit"].dropna().to_dict() == {"S1b": ">"}
    with pytest.raises(InvalidData, match=r"density.txt, row 2, column 'cd8_centre': '>8000.00'.*limits = true"):
        imported(tmp_path, MAPPING.replace(", limits = true", ""))


def test_an_agent_that_nobody_knows_is_named(tmp_path: Path) -> None:
    message = (
        r"data_timeline_treatment.txt, row 4, column 'AGENT': 'Nivolumap' names no therapy.*did you mean 'nivolumab'"
    )
    with pytest.raises(InvalidData, match=message):
        imported(write(tmp_path, edited("data_timeline_treatment.txt", "Nivolumab", "Nivolumap")))


@pytest.mark.parametrize("kind", ["folder", "zip", "tar", "gztar"])
def test_the_command_line_takes_folders_and_archives(tmp_path: Path, kind: str) -> None:
    study = write(tmp_path / "study")
    source = study if kind == "folder" else Path(shutil.make_archive(str(tmp_path / "packed"), kind, study))
    (tmp_path / "made.toml").write_text(MAPPING)
    ran = run("validate", source, "--mapping", tmp_path / "made.toml")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "made: 3 patients")
