"""Every page under every kind of address: it never fails, and says what it did not understand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.miniature import miniature, published_store
from tests.ui.visit import NAMES, address, selection, shown, turn_to, visit, words
from tilexplorer.ui.page_parts import QUIET_LINE

QUERIES = (
    "",
    "by=level&by=tumour",
    "by=therapy",
    "by=cohort&by=sex&endpoint=pfs&measure=cd8_density_centre&rule=median",
    "measure=cd8_density_centre&rule=cut:5,300&population=evaluable&response=dcr&rate_interval=wilson",
    "rule=quartile&interval=plain&tau=12&reference=high",
)

# What the sidebar asks for is read by the shell, which is the same on every page: the other pages open half of the
# links.
READ_BY_THE_SHELL = ("overview", "survival", "model")


@pytest.fixture
def simulated(simulated_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The five simulated cohorts are the published store."""
    monkeypatch.setenv("TILEXPLORER_STORE", str(simulated_store))


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two made-up cohorts are the published store."""
    published_store(tmp_path, miniature("alpha", tumours=("MEL", "RCC")), miniature("beta", measured=30))
    monkeypatch.setenv("TILEXPLORER_STORE", str(tmp_path))


@pytest.mark.usefixtures("simulated")
@pytest.mark.parametrize(
    ("page", "query"),
    [(page, query) for page in NAMES for query in (QUERIES if page in READ_BY_THE_SHELL else QUERIES[1::2])],
)
def test_a_link_opens_as_it_says(page: str, query: str) -> None:
    app = visit(page, query)
    assert address(app) == selection(app)
    assert QUIET_LINE in words(app)
    assert "SIMULATED" in words(app)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("query", ["cohort=beta&by=sex", "by=level&by=tumour"])
@pytest.mark.parametrize("page", NAMES)
def test_small_cohorts(page: str, query: str) -> None:
    app = visit(page, query)
    assert QUIET_LINE in words(app)
    assert "SIMULATED" not in words(app)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("page", NAMES)
def test_a_selection_of_nobody_says_what_emptied_it(page: str) -> None:
    app = visit(page, "cohort=alpha&age_min=99")
    assert "0" in app.sidebar.markdown[0].value
    assert "age outside the range" in app.sidebar.error[0].value
    assert QUIET_LINE in words(app)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("cohort=alpha&cohort=gamma", "gamma"),
        ("sex=neither", "neither"),
        ("by=shoe_size", "shoe_size"),
        ("rule=thirds", "thirds"),
        ("rule=cut:9,3", "cut:9,3"),
        ("endpoint=happiness", "happiness"),
        ("measure=bogus", "bogus"),
        ("interval=wide", "wide"),
        ("age_min=old", "old"),
        ("age_min=70&age_max=40", "age_min 70 is above age_max 40"),
        ("tau=0", "tau '0'"),
        ("tau=9999", "tau '9999'"),
        ("colour=red", "colour"),
        ("v=7", "version 7"),
    ],
)
@pytest.mark.parametrize("page", READ_BY_THE_SHELL)
def test_what_a_link_says_wrongly_is_reported_and_ignored(page: str, query: str, named: str) -> None:
    app = visit(page, query)
    assert any(named in warning.value for warning in app.warning), [warning.value for warning in app.warning]
    assert address(app) == selection(app)
    again = visit(page, selection(app).to_query())
    assert not again.warning
    assert {**shown(again), "warnings": []} == {**shown(app), "warnings": []}


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("page", NAMES)
def test_a_link_of_other_data_says_so(page: str) -> None:
    app = visit(page, "cohort=alpha&generation=0123456789abcdef")
    assert any("0123456789abcdef" in info.value for info in app.info)


@pytest.mark.parametrize("page", NAMES)
def test_without_a_store_the_page_says_how_to_get_one(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILEXPLORER_STORE", str(tmp_path / "nothing"))
    app = visit(page)
    assert "python -m tilexplorer" in app.info[0].value
    assert not app.error
    assert bool(app.file_uploader) == (page == "data")
    assert bool(app.get("page_link")) == (page != "data")
    assert QUIET_LINE in words(app)


@pytest.mark.usefixtures("small")
def test_the_menu_keeps_the_selection() -> None:
    app = visit(NAMES[0], "sex=female&by=sex&endpoint=os&population=evaluable&interval=plain&rule=median&age_min=50")
    before = selection(app)
    for page in (*NAMES, *reversed(NAMES)):
        turn_to(app, page)
        assert selection(app) == before == address(app), page
