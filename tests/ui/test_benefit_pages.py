"""The source's own responder flag on the pages: offered where a cohort has it, linked to where it is all there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.miniature import miniature
from tests.ui.visit import selection, visit, widgets, words
from tilexplorer.infiltration import SMALLEST_MEDIAN
from tilexplorer.publish import publish

BENEFIT = "benefit as the source defines it"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cohort with the flag only, too small for a level, and one with categories only."""
    made = tmp_path_factory.mktemp("benefit-pages")
    few = miniature("few", patients=SMALLEST_MEDIAN - 1, benefit=True, categories=False)
    publish(made, [few, miniature("plain")])
    return made


@pytest.fixture(autouse=True)
def _store(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILEXPLORER_STORE", str(folder))


@pytest.mark.parametrize("page", ["response", "therapies"])
def test_the_rate_is_offered_where_a_cohort_has_the_flag(page: str) -> None:
    assert BENEFIT in widgets(visit(page, "cohort=few&by=cohort"))["response"].options
    assert BENEFIT not in widgets(visit(page, "cohort=plain&by=cohort"))["response"].options


def test_a_link_to_benefit_of_other_cohorts_shows_objective_response_and_says_so() -> None:
    app = visit("response", "cohort=plain&response=benefit&by=cohort")
    assert selection(app).response == "orr"
    assert any(BENEFIT in warning.value for warning in app.warning)


def test_the_empty_page_leads_to_the_flag() -> None:
    """19 patients make no level and have no category: the page says both, and its first link shows all 19."""
    app = visit("response", "cohort=few")
    flag, level = (info.value for info in app.info)
    assert "only its own responder flag" in flag
    assert "too few measured patients" in level.lower()
    assert "](thresholds?" in level
    query = re.search(r"\]\(\?(.+?)\)", flag)
    assert query is not None
    shown = visit("response", query.group(1))
    assert not shown.info
    assert f"Among 19 patients, the {BENEFIT} was 58% (11/19)" in words(shown)
    assert any("not a response by RECIST" in caption.value for caption in shown.caption)
    (figure,) = shown.get("plotly_chart")
    assert "patients with benefit of all" in figure.proto.spec
    assert "responders" not in figure.proto.spec


@pytest.mark.parametrize("page", ["overview", "survival"])
def test_a_cohort_too_small_for_levels_has_a_way_on(page: str) -> None:
    app = visit(page, "cohort=few")
    assert f"Below {SMALLEST_MEDIAN} measured patients" in words(app)
    (info,) = (info.value for info in app.info)
    link = re.search(r"\[These patients by cohort\]\((\w*)\?(.+?)\)", info)
    assert link is not None
    assert link.group(1) == ("survival" if page == "overview" else "")
    assert "Among 19 patients" in words(visit(link.group(1) or page, link.group(2)))
