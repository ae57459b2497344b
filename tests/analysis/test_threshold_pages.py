"""The pages of thresholds and of the adjusted model run for every outcome without an exception."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]
SHELL = ROOT / "tilexplorer" / "ui" / "shell.py"
PAGES = ROOT / "pages"


@pytest.mark.parametrize("page", ["thresholds", "model"])
@pytest.mark.parametrize("outcome", ["survival", "response"])
def test_page_runs(simulated_store: Path, monkeypatch: pytest.MonkeyPatch, page: str, outcome: str) -> None:
    monkeypatch.setenv("TILEXPLORER_STORE", str(simulated_store))
    at = AppTest.from_file(str(SHELL), default_timeout=120)
    at.query_params.update({"cohort": "sim-uro", "measure": "teff_ifng_6", "outcome": outcome})
    at.run().switch_page(str(PAGES / f"{page}.py")).run()
    assert not at.exception
    assert at.main.get("plotly_chart")
