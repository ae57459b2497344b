"""One Chromium for all tests of this folder, and a server each for cohorts of common size and for small ones."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import NONE, launched, missing_is
from tests.browser.server import serving
from tests.browser.visitor import Visitor
from tests.stores import built_once, session_folder
from tilexplorer.publish import publish
from tilexplorer.simulate import simulate

Visit = Callable[..., Visitor]
FEW: Final = 1_500  # patients over all five simulated cohorts: enough for levels in most of their studies


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A Chromium; where none can be had, tests are skipped loudly, and with CI=true they fail."""
    with sync_playwright() as playwright:
        browser = launched(playwright)
        if browser is None:
            if missing_is(os.environ) == "failure":
                pytest.fail(NONE)
            pytest.skip(NONE)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def store(simulated_store: Path) -> Path:
    """The simulated cohorts as a visitor finds them: what a page looks like does not hang on files that may be away."""
    return simulated_store


def _publish_few(folder: Path) -> None:
    publish(folder, [simulate(patients=FEW)])


@pytest.fixture(scope="session")
def small_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The simulated cohorts with few patients: every filter has values, and every run is quick."""
    folder = session_folder(tmp_path_factory, "small-browser-store")
    return built_once(folder, _publish_few)


@pytest.fixture(scope="session")
def address(store: Path) -> Iterator[str]:
    """The address of a server over the simulated cohorts."""
    with serving(store) as found:
        yield found


@pytest.fixture(scope="session")
def small_address(small_store: Path) -> Iterator[str]:
    """The address of a server over the small cohorts."""
    with serving(small_store) as found:
        yield found


@pytest.fixture(scope="module")
def visit(chromium: Browser, address: str) -> Iterator[Visit]:
    """Opens windows on the server of the simulated cohorts."""
    yield from _windows(chromium, address)


@pytest.fixture(scope="module")
def visit_small(chromium: Browser, small_address: str) -> Iterator[Visit]:
    """Opens windows on the server of the small cohorts."""
    yield from _windows(chromium, small_address)


def _windows(chromium: Browser, address: str) -> Iterator[Visit]:
    """One window for each visitor, width and theme in a module, so that what it loaded once is kept."""
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
