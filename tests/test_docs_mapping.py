"""docs/mapping.md describes the whole language, and its examples are valid."""

from __future__ import annotations

import dataclasses
import re

import pytest

from tests.shared import ROOT
from tilexplorer import importers
from tilexplorer.importers import READERS, mapping, steps

PAGE = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
KINDS = (
    mapping.Cohort,
    mapping.File,
    mapping.Table,
    mapping.Rule,
    mapping.Pattern,
    mapping.Regimen,
    mapping.Patients,
    mapping.Study,
    mapping.Endpoint,
    mapping.Absent,
    mapping.Measure,
    mapping.Where,
    mapping.Samples,
    mapping.SamePatients,
    mapping.Accept,
    mapping.Mapped,
    *steps.Step.KINDS.values(),
)
KEYS = sorted({f.metadata.get("key", f.name) for kind in KINDS for f in dataclasses.fields(kind)})
PROSE = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
CODE = " ".join([*BLOCKS, *re.findall(r"`([^`]+)`", PROSE)])


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_described(key: str) -> None:
    assert re.search(rf"\b{key}\b", CODE), f"docs/mapping.md does not say what {key} is"


@pytest.mark.parametrize("word", [*READERS, *mapping.DUPLICATES, *mapping.DAYS, *steps.Step.KINDS])
def test_every_word_is_described(word: str) -> None:
    assert word in CODE


def test_the_whole_example_is_valid() -> None:
    assert importers.parse_mapping(BLOCKS[0], "docs/mapping.md").cohort.id == "my-trial"


def test_the_other_examples_are_valid_beside_it() -> None:
    names = ("scores", "long", "timeline_treatment", "timeline_specimen", "timeline_status")
    files = "\n".join(f'[files.{name}]\nname = "{name}.csv"\nformat = "csv"\n' for name in names)
    assays = '[measures.t_cell_fraction]\nassay = "x"\n[measures.t_cell_fraction_blood]\nassay = "x"\n'
    mapped = importers.parse_mapping("\n".join([*BLOCKS, files, assays]), "docs/mapping.md")
    shown = {type(step) for table in mapped.tables.values() for step in table.steps}
    assert shown == set(steps.Step.KINDS.values())
    assert len(mapped.samples) == 4
