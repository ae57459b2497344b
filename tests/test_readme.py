"""README.md says what is there: its commands, its make targets, its table of dependencies, its links."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.command import run
from tests.shared import ROOT
from tilexplorer import catalog
from tilexplorer.cli import _parser
from tilexplorer.selection import parse_query

README = (ROOT / "README.md").read_text(encoding="utf-8")
LINES = [line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines()]
OWN = [line.removeprefix("python -m tilexplorer ") for line in LINES if line.startswith("python -m tilexplorer ")]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
LINKS = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
# Pages of measured numbers and what writes them.
MEASURED = {"docs/calibration.md": "make calibrate", "docs/benchmarks.md": "make bench", "docs/fuzzing.md": "make fuzz"}


def table_after(words: str) -> dict[str, str]:
    """The first table behind these words: its first column without code marks, and its last."""
    rows = README.split(words, 1)[1].split("|---|---|\n", 1)[1].split("\n\n", 1)[0].splitlines()
    cells = [[cell.strip().strip("`") for cell in row.strip("|").split("|")] for row in rows]
    return dict(cells)


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt", "requirements-fuzz.txt"])
def test_every_dependency_has_its_reason(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    pinned = re.findall(r"^([A-Za-z0-9_.-]+)==", text, re.MULTILINE)
    table = table_after(f"(`{file}`)")
    assert list(table) == pinned
    assert all(len(reason) > 10 or file.endswith("dev.txt") for reason in table.values())


def test_the_make_targets_are_those_of_the_makefile() -> None:
    named = {target.removeprefix("make ") for target in table_after("## Make")}
    assert named == TARGETS
    assert {line.removeprefix("make ") for line in LINES if line.startswith("make ")} <= TARGETS


@pytest.mark.parametrize("line", OWN)
def test_a_command_is_one_that_the_program_takes(line: str) -> None:
    _parser().parse_args(shlex.split(line))


def test_there_are_commands_to_check() -> None:
    assert len(OWN) >= 5


def test_the_query_of_the_example_is_understood() -> None:
    example = next(line for line in OWN if line.startswith("analyse "))
    parsed = parse_query(shlex.split(example)[2])
    assert not parsed.problems
    assert set(parsed.selection.cohort) <= set(catalog.names())


def test_the_named_cohorts_are_in_the_catalogue() -> None:
    named = [word for line in OWN if line.startswith("catalog add ") for word in shlex.split(line)[2:3]]
    assert named
    assert set(named) <= set(catalog.names())


def test_the_numbers_of_the_simulated_cohorts(tmp_path: object) -> None:
    said = re.search(r"([\d,]+) patients, made by a recipe", README)
    assert said
    ran = run("simulate", "--store", str(tmp_path))
    assert ran.out.startswith(f"{said.group(1).replace(',', '')} simulated patients in 5 cohorts")


@pytest.mark.parametrize("link", LINKS)
def test_a_link_leads_somewhere(link: str) -> None:
    if link in MEASURED and not (ROOT / link).exists():
        pytest.skip(f"NOT RUN: {link} is written by `{MEASURED[link]}`, which has not been run in this checkout")
    assert (ROOT / link).exists()


@pytest.mark.parametrize(("page", "target"), MEASURED.items())
def test_the_readme_says_what_writes_a_measured_page(page: str, target: str) -> None:
    assert f"writes {page}" in table_after("## Make")[target]
