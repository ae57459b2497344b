"""The pages across cohorts and of therapy combinations run as a visitor meets them."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.miniature import miniature, published_store
from tests.shared import ROOT

PATIENCE_SECONDS = 120


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store")
    both = ("nivolumab", "nivolumab + ipilimumab")
    cohorts = [miniature(name, patients=n) for name, n in (("alpha", 120), ("beta", 60))]
    published_store(path, *cohorts, miniature("gamma", patients=90, regimens=both))
    return path


@pytest.mark.parametrize("page", ["synthesis", "therapies"])
@pytest.mark.parametrize(
    "query",
    [
        {},
        {"effect": "levels"},
        {"outcome": "response", "effect": "therapy"},
        {"cohort": "beta", "response": "dcr"},
        {"cohort": "alpha", "age_min": "99"},
    ],
)
def test_page_runs(folder: Path, monkeypatch: pytest.MonkeyPatch, page: str, query: dict[str, str]) -> None:
    monkeypatch.setenv("TILEXPLORER_STORE", str(folder))
    app = AppTest.from_file(str(ROOT / "tilexplorer" / "ui" / "shell.py"), default_timeout=PATIENCE_SECONDS)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
    assert not app.exception
    if "age_min" in query:
        assert any("this left nobody" in info.value for info in app.info)
    else:
        assert app.dataframe
