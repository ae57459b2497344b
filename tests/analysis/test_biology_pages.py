"""The pages of the paired and the microenvironment view, run by Streamlit's own test harness."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.shared import ROOT

SHELL = ROOT / "tilexplorer" / "ui" / "shell.py"


def opened(monkeypatch: pytest.MonkeyPatch, store: Path, page: str, **query: str) -> AppTest:
    """The page with this query, drawn once."""
    monkeypatch.setenv("TILEXPLORER_STORE", str(store))
    app = AppTest.from_file(str(SHELL), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    app.switch_page(str(ROOT / "pages" / f"{page}.py"))
    return app.run()


def text(app: AppTest) -> str:
    """Everything that the page says in its own HTML."""
    return " ".join(str(element.proto.body) for element in app.get("html"))


@pytest.mark.parametrize("page", ["microenvironment", "on_treatment"])
@pytest.mark.parametrize("cohort", ["sim-mel", "sim-platform", "sim-lung", "sim-uro"])
def test_a_simulated_cohort_is_drawn_and_marked(
    monkeypatch: pytest.MonkeyPatch, simulated_store: Path, page: str, cohort: str
) -> None:
    app = opened(monkeypatch, simulated_store, page, cohort=cohort)
    assert not app.exception
    assert "SIMULATED DATA" in text(app)
    assert app.get("plotly_chart")


@pytest.mark.parametrize("page", ["microenvironment", "on_treatment"])
def test_an_empty_selection_has_its_own_state(
    monkeypatch: pytest.MonkeyPatch, simulated_store: Path, page: str
) -> None:
    app = opened(monkeypatch, simulated_store, page, cohort="sim-mel", age_min="99", age_max="100")
    assert not app.exception
    assert "No patient remains" in text(app)
    assert not app.get("plotly_chart")
    assert app.info


@pytest.mark.cohorts
@pytest.mark.xdist_group("real")
@pytest.mark.parametrize(
    ("page", "cohort"),
    [
        ("microenvironment", "braun2020"),
        ("microenvironment", "riaz2017"),
        ("on_treatment", "riaz2017"),
        ("on_treatment", "imvigor210"),
    ],
)
def test_a_real_cohort_is_drawn(monkeypatch: pytest.MonkeyPatch, real_store: Path, page: str, cohort: str) -> None:
    app = opened(monkeypatch, real_store, page, cohort=cohort)
    assert not app.exception
    assert "SIMULATED" not in text(app)
