"""Where a Chromium is looked for, and what it means where none can be had; needs none itself."""

from __future__ import annotations

import pytest

from tests.browser.chromium import NAMES, NONE, Which, missing_is, on_path, sources
from tests.browser.summary import loud_line


def _which(*there: str) -> Which:
    return lambda name: f"/usr/bin/{name}" if name in there else None


@pytest.mark.parametrize("name", NAMES)
def test_what_is_on_the_path_comes_first(name: str) -> None:
    assert on_path(_which(name)) == f"/usr/bin/{name}"
    assert sources(_which(name, "apt-get"), root=True)[0] == "path"


def test_the_first_name_wins() -> None:
    assert on_path(_which(*NAMES)) == f"/usr/bin/{NAMES[0]}"


@pytest.mark.parametrize(
    ("there", "root", "order"),
    [
        (("apt-get",), True, ("debian", "playwright")),
        (("apt-get",), False, ("playwright",)),
        ((), True, ("playwright",)),
    ],
)
def test_debians_is_tried_only_where_it_may_be_installed(
    there: tuple[str, ...], root: bool, order: tuple[str, ...]
) -> None:
    assert on_path(_which(*there)) is None
    assert sources(_which(*there), root) == order


@pytest.mark.parametrize(
    ("environment", "means"),
    [({"CI": "true"}, "failure"), ({"CI": "false"}, "skip"), ({"CI": ""}, "skip"), ({}, "skip")],
)
def test_only_ci_makes_a_missing_chromium_a_failure(environment: dict[str, str], means: str) -> None:
    assert missing_is(environment) == means


def test_one_line_counts_what_was_not_tried() -> None:
    assert loud_line([f"Skipped: {NONE}", "Skipped: NOT RUN: needs cohorts", f"Skipped: {NONE}"]) == f"{NONE} (2 tests)"
    assert loud_line(["Skipped: NOT RUN: needs cohorts"]) == ""
