"""One Chromium, one server and one store for all tests of this folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import NONE, launched
from tests.browser.server import serving
from tests.browser.visitor import Visitor
from tests.command import run
from tests.shared import real_cohorts, shared_there
from tests.stores import built_once, session_folder
from tilexplorer.publish import publish
from tilexplorer.simulate import simulate

Visit = Callable[..., Visitor]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A Chromium; where none can be had, tests are skipped loudly, and with CI=true they fail."""
    with sync_playwright() as playwright:
        browser = launched(playwright)
        if browser is None:
            if os.environ.get("CI") == "true":
                pytest.fail(NONE)
            pytest.skip(NONE)
        yield browser
        browser.close()


def _build(folder: Path) -> None:
    publish(folder, [simulate()])
    if shared_there("cohorts"):
        ran = run("catalog", "add", "--all", "--store", folder, "--mirror", real_cohorts())
        assert ran.code == 0, ran.err


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The simulated cohorts, and the real ones where they are at hand."""
    return built_once(session_folder(tmp_path_factory, "browser-store"), _build)


@pytest.fixture(scope="session")
def address(store: Path) -> Iterator[str]:
    """The address of a server over that store."""
    with serving(store) as found:
        yield found


@pytest.fixture(scope="module")
def visit(chromium: Browser, address: str) -> Iterator[Visit]:
    """Opens windows on the server; one for each width and theme in a module, so that what it loaded once is kept."""
    windows: dict[tuple[tuple[str, object], ...], Visitor] = {}

    def window(**how: object) -> Visitor:
        key = tuple(sorted(how.items()))
        if key not in windows:
            looks = {name: value for name, value in how.items() if name != "who"}
            windows[key] = Visitor(chromium, address, **looks)  # type: ignore[arg-type]
        return windows[key]

    yield window
    for visitor in windows.values():
        visitor.close()
