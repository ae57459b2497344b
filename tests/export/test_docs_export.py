"""docs/export.md: its commands are ones that the program takes, and it names every format and file."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.shared import ROOT
from tilexplorer.bundles import DICTIONARY, MANIFEST, README, SELECTION
from tilexplorer.cli import _parser
from tilexplorer.cli.exporting import FORMATS
from tilexplorer.selection import parse_query

PAGE = (ROOT / "docs" / "export.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^python -m tilexplorer (.*)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_is_one_that_the_program_takes(line: str) -> None:
    options = _parser().parse_args(shlex.split(line))
    assert not parse_query(getattr(options, "query", None) or "").problems


def test_every_format_and_file_is_named() -> None:
    assert len(COMMANDS) == 7
    for word in (*(f"--format {name}" for name in FORMATS), MANIFEST, README, DICTIONARY, SELECTION):
        assert word in PAGE
