"""From a filter change to the redrawn page, for every page, against an almost empty page."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.redraw import LIMIT_MS, NO_BROWSER, ROOT, redrawn, side_by_side, unfolded, visiting
from benchmarks.timing import seconds
from tilexplorer.publish import publish
from tilexplorer.simulate import simulate

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LEVEL_RULES: Final = ("median split", "tertiles", "quartiles")  # chosen in turn, none twice: no cached answer

# The address says the new choice, the script has ended, and every figure is drawn.
STANDS: Final = """before => {
  const app = document.querySelector('[data-testid="stApp"]');
  const charts = [...document.querySelectorAll('[data-testid="stPlotlyChart"]')];
  return location.href !== before && app && app.getAttribute('data-test-script-state') === 'notRunning'
    && document.querySelector('.til-quiet') && !document.querySelector('[data-stale="true"]')
    && charts.every(chart => chart.querySelector('.main-svg'));
}"""


@dataclass(frozen=True)
class PageRedraw:
    """Median seconds from a changed level rule to the redrawn page, and as a multiple of the empty page's."""

    page: str
    seconds: float
    ratio: float


@dataclass(frozen=True)
class Pages:
    """All pages, and what they were drawn from."""

    store: str
    pages: tuple[PageRedraw, ...]


def measure(folder: Path) -> Pages | str:
    """Measure every page on a temporary store, or say why that cannot be done here."""
    executable = shutil.which("chromium")
    if executable is None:
        return NO_BROWSER
    store = make_store(folder)
    names = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
    with side_by_side(executable, folder) as (browser, ours, empty):
        least = statistics.median(redrawn(browser, empty, plots=0))
        found = [_page(browser, f"{ours}/{'' if name == 'overview' else name}", name, least) for name in names]
    return Pages(store, tuple(found))


def make_store(folder: Path) -> str:
    """Publish every cohort of the catalogue where a mirror of their files is named, else the simulated ones."""
    mirror = os.environ.get("TILEXPLORER_MIRROR", "")
    if not mirror:
        publish(folder, [simulate()])
        return "the simulated cohorts (set TILEXPLORER_MIRROR for the real ones)"
    command = [sys.executable, "-m", "tilexplorer", "catalog", "add", "--all", "--store", str(folder)]
    subprocess.run([*command, "--mirror", mirror], cwd=ROOT, check=True, capture_output=True)
    return "every real cohort of the catalogue"


def _page(browser: Browser, address: str, name: str, least: float) -> PageRedraw:
    with visiting(browser) as page:
        page.goto(address)
        page.wait_for_function(STANDS, arg="", timeout=LIMIT_MS)
        found = statistics.median(_choose(page, rule) for rule in LEVEL_RULES)
    return PageRedraw(name, found, found / least)


def _choose(page: Page, rule: str) -> float:
    before = page.url
    option = unfolded(page, "Levels").get_by_text(rule, exact=True).first

    def choose() -> None:
        option.click()
        page.wait_for_function(STANDS, arg=before, timeout=LIMIT_MS, polling="raf")

    return seconds(choose)
