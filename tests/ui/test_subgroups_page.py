"""The subgroups page runs on a store without an exception, whatever is asked, and says what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.shared import ROOT

SHELL = ROOT / "tilexplorer" / "ui" / "shell.py"


def visit(store: Path, monkeypatch: pytest.MonkeyPatch, **query: str) -> AppTest:
    """The page as a visitor with this address sees it."""
    monkeypatch.setenv("TILEXPLORER_STORE", str(store))
    at = AppTest.from_file(SHELL, default_timeout=60)
    for key, value in query.items():
        at.query_params[key] = [value]
    at.run()
    at.switch_page(str(ROOT / "pages" / "subgroups.py")).run()
    return at


@pytest.mark.parametrize(
    "query",
    [
        {"cohort": "sim-rcc", "measure": "cd8_density_centre"},
        {"cohort": "sim-rcc", "effect": "levels", "outcome": "response"},
        {"cohort": "sim-lung", "effect": "therapy"},
        {"cohort": "sim-uro", "effect": "therapy"},
    ],
)
def test_the_page_runs(simulated_store: Path, monkeypatch: pytest.MonkeyPatch, query: dict[str, str]) -> None:
    at = visit(simulated_store, monkeypatch, **query)
    assert not at.exception
    parts = [*at.get("html"), *at.markdown]
    words = " ".join(str(getattr(part, "value", "")) for part in parts)
    assert "Subgroups" in words
    if query == {"cohort": "sim-uro", "effect": "therapy"}:
        assert any("no study with a concurrent arm" in info.value for info in at.info)
    else:
        assert any("CSV" in str(getattr(button, "label", "")) for button in at.get("download_button"))
