"""How long the survival page takes in Chromium, against an almost empty page on a server of its own."""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.timing import seconds
from tilexplorer.publish import publish
from tilexplorer.simulate import simulate

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

ROOT: Final = Path(__file__).resolve().parent.parent
START_SECONDS: Final = 60.0
REPEATS: Final = 5
LIMIT_MS: Final = 60_000
NO_BROWSER: Final = "there is no Chromium on the PATH"
TRIES: Final = 5
OPENS_WITHIN_MS: Final = 3_000

# Positions in "Compare by": each change is the first of its kind, so that no cached answer is measured.
CHOICES: Final = tuple(range(1, REPEATS + 2))

# The script has ended, nothing on the page is left of the run before, and the main part says something else.
SETTLED: Final = """before => {
  const app = document.querySelector('[data-testid="stApp"]');
  const main = document.querySelector('[data-testid="stMain"]');
  return app && main && app.getAttribute('data-test-script-state') === 'notRunning'
    && !document.querySelector('[data-stale="true"]')
    && !document.querySelector('[data-testid="stSkeleton"]')
    && main.innerText.trim() !== '' && main.innerText !== before;
}"""
DRAWN: Final = "wanted => document.querySelectorAll('.js-plotly-plot .main-svg').length >= wanted"


@dataclass(frozen=True)
class Redraw:
    """Median seconds of a cold opening and of a changed choice, and the medians of their ratios."""

    open_page: float
    open_empty: float
    open_ratio: float
    redraw_page: float
    redraw_empty: float
    redraw_ratio: float


def measure(folder: Path) -> Redraw | str:
    """Measure both pages in turn on a temporary store, or say why that cannot be done here."""
    executable = shutil.which("chromium")
    if executable is None:
        return NO_BROWSER
    publish(folder, [simulate()])
    with side_by_side(executable, folder) as (browser, ours, empty):
        return _measured(browser, f"{ours}/survival", empty)


@contextmanager
def side_by_side(executable: str, store: Path) -> Iterator[tuple[Browser, str, str]]:
    """A Chromium and the addresses of the dashboard over a store and of the almost empty page."""
    from playwright.sync_api import sync_playwright

    streamlit = [sys.executable, "-m", "streamlit", "run"]
    with (
        served([*streamlit, "app.py"], store) as ours,
        served([*streamlit, "benchmarks/empty_page.py"], store) as empty,
        sync_playwright() as player,
    ):
        browser = player.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser, ours, empty
        browser.close()


@contextmanager
def served(command: list[str], store: Path) -> Iterator[str]:
    """A Streamlit server on a free port, stopped at the end; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--server.port", str(port), "--server.headless", "true", "--browser.gatherUsageStats", "false"]
    environment = {**os.environ, "TILEXPLORER_STORE": str(store), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [*command, *options], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with exit code {process.returncode} before it answered")
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise TimeoutError(f"{address} did not answer within {START_SECONDS:.0f} seconds")


def _measured(browser: Browser, ours: str, empty: str) -> Redraw:
    opened(browser, ours, plots=1), opened(browser, empty, plots=0)  # the first visitor warms the server
    cold = [(opened(browser, ours, plots=1), opened(browser, empty, plots=0)) for _ in range(REPEATS)]
    changed = list(zip(redrawn(browser, ours, plots=1), redrawn(browser, empty, plots=0), strict=True))
    return Redraw(*_medians(cold), *_medians(changed))


def _medians(pairs: list[tuple[float, float]]) -> tuple[float, float, float]:
    ours, empty = (statistics.median(part) for part in zip(*pairs, strict=True))
    return ours, empty, statistics.median(a / b for a, b in pairs)


@contextmanager
def visiting(browser: Browser) -> Iterator[Page]:
    """A page in a context of its own: no cache and no cookie of an earlier visit."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        yield context.new_page()
    finally:
        context.close()


def settle(page: Page, before: str, plots: int) -> None:
    """Wait until the page shows the whole answer."""
    page.wait_for_function(SETTLED, arg=before, timeout=LIMIT_MS, polling="raf")
    page.wait_for_function(DRAWN, arg=plots, timeout=LIMIT_MS, polling="raf")


def opened(browser: Browser, address: str, plots: int) -> float:
    """Seconds from asking for an address to the whole page."""
    with visiting(browser) as page:

        def open_it() -> None:
            page.goto(address)
            settle(page, "", plots)

        return seconds(open_it)


def redrawn(browser: Browser, address: str, plots: int) -> list[float]:
    """Seconds from each choice in "Compare by" to the whole page, no choice made twice."""
    with visiting(browser) as page:
        page.goto(address)
        settle(page, "", plots)
        return [_choose(page, position, plots) for position in CHOICES][1:]  # the first is for warmth


def unfolded(page: Page, name: str) -> Locator:
    """The options of a list in the sidebar, once it is open: it closes again while the page behind it still moves."""
    from playwright.sync_api import TimeoutError as Closed

    options = page.get_by_role("option")
    for _ in range(TRIES):
        page.get_by_test_id("stSidebar").get_by_role("combobox", name=name).first.click()
        try:
            options.nth(1).wait_for(timeout=OPENS_WITHIN_MS)
        except Closed:
            page.keyboard.press("Escape")
        else:
            return options
    raise TimeoutError(f"the list {name!r} did not open")


def _choose(page: Page, position: int, plots: int) -> float:
    before = page.locator('[data-testid="stMain"]').inner_text()
    option = unfolded(page, "Compare by").nth(position)

    def choose() -> None:
        option.click()
        settle(page, before, plots)

    return seconds(choose)
