"""A visitor in front of a page: opens addresses, waits until the page stands still, and reads what it shows."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Browser, Page, Request

PATIENCE_MS: Final = 45_000
ALIKE_SECONDS: Final = 10.0
REST_MS: Final = 500

# The script has ended, nothing is greyed out as of the run before, and every figure has been drawn and holds still.
_STANDS: Final = """
() => {
  const app = document.querySelector('[data-testid="stApp"]');
  if (!app || app.dataset.testScriptState !== 'notRunning') return false;
  if (!document.querySelector('.til-quiet')) return false;
  if (document.querySelector('[data-stale="true"], [data-testid="stSkeleton"], [data-testid="stSpinner"]'))
    return false;
  const charts = [...document.querySelectorAll('[data-testid="stPlotlyChart"]')];
  if (!charts.every(chart => chart.querySelector('.main-svg'))) return false;
  const tables = [...document.querySelectorAll('[data-testid="stMain"] [data-testid="stDataFrame"]')]
    .filter(table => !table.closest('details:not([open])'));  // what is folded is not drawn
  if (!tables.every(table => table.querySelector('canvas table'))) return false;
  const state = tables.map(t => t.querySelector('canvas table').textContent.length).join()
    + charts.map(c => Math.round(c.getBoundingClientRect().width)
    + c.querySelector('.main-svg').innerHTML.length).join()
    + document.querySelector('[data-testid="stMain"]').innerText.length + location.href;
  const before = window.__stood;
  window.__stood = state;
  return before === state;
}
"""

_FIGURES: Final = """
() => [...document.querySelectorAll('.js-plotly-plot')].map(chart => JSON.stringify(chart.data,
  (name, value) => ArrayBuffer.isView(value) ? Array.from(value) : value))
"""


_GRIDS: Final = """
() => [...document.querySelectorAll('[data-testid="stDataFrame"] table')].map(grid => ({
  rows: grid.getAttribute('aria-rowcount'), columns: grid.getAttribute('aria-colcount'),
  cells: Object.fromEntries([...grid.querySelectorAll('[aria-colindex]')].map(cell =>
    [cell.parentElement.getAttribute('aria-rowindex') + ', ' + cell.getAttribute('aria-colindex'), cell.innerText]))}))
"""


@dataclass(frozen=True)
class Grid:
    """A table as a screen reader has it: its size, and the cells that stand in the window by their place.

    How many of them stand there depends on how wide the columns are, which the grid keeps while its contents change.
    """

    rows: str
    columns: str
    cells: Mapping[str, str]

    def __eq__(self, other: object) -> bool:
        """Whether two tables have one size, and the same in every cell that both show."""
        if not isinstance(other, Grid):
            return NotImplemented
        both = self.cells.keys() & other.cells.keys()
        alike = all(self.cells[place] == other.cells[place] for place in both)
        return (self.rows, self.columns) == (other.rows, other.columns) and bool(both) and alike

    __hash__ = None  # type: ignore[assignment]  # equal tables need not show the same cells


@dataclass(frozen=True)
class Shown:
    """What a page says of its selection: the parts that must agree between a click and a cold opening of its link."""

    sentence: str
    remaining: str
    figures: tuple[str, ...]
    tables: tuple[Grid, ...]
    alerts: tuple[str, ...]


class Visitor:
    """One browser window on one server; keeps what the console and the network said."""

    def __init__(
        self, browser: Browser, address: str, *, width: int = 1440, height: int = 900, theme: str = "light"
    ) -> None:
        self.address = address
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if theme == "dark" else "light",
            accept_downloads=True,
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self.context.new_page()
        self.console: list[str] = []
        self.abroad: list[str] = []
        self.page.on("console", lambda line: self.console.append(line.text) if line.type == "error" else None)
        self.page.on("pageerror", lambda error: self.console.append(str(error)))
        self.page.on("request", self._note)

    def _note(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in ("localhost", "127.0.0.1"):
            self.abroad.append(request.url)

    def close(self) -> None:
        """Leave."""
        self.context.close()

    def open(self, path: str = "/") -> Visitor:
        """Open a path of the server (or a full address) as a new session, and wait until it stands."""
        self.page.goto(path if "://" in path else self.address + path)
        return self.settle()

    def settle(self) -> Visitor:
        """Wait until the script has ended and the page holds still."""
        self.page.evaluate("() => { window.__stood = undefined }")
        self.page.wait_for_function(_STANDS, polling=120, timeout=PATIENCE_MS)
        return self

    def after(self, act: Callable[[], Any]) -> Visitor:
        """Do something that changes the selection: every such change shows in the address."""
        before = self.page.url
        act()
        self.page.wait_for_function("before => location.href !== before", arg=before, polling=50)
        return self.settle()

    @property
    def query(self) -> list[tuple[str, str]]:
        """The address bar's keys and values, in its order."""
        return parse_qsl(urlsplit(self.page.url).query)

    def value(self, key: str) -> list[str]:
        """All values of one key of the address bar."""
        return [value for name, value in self.query if name == key]

    def shown(self) -> Shown:
        """What the page says now."""
        return Shown(
            self.text(".til-sentence"),
            self.text('[data-testid="stSidebar"] p:has(strong)', "patients"),
            tuple(self.page.evaluate(_FIGURES)),
            tuple(Grid(**grid) for grid in self.page.evaluate(_GRIDS)),
            tuple(self.page.locator('[data-testid="stMain"] [data-testid="stAlert"]').all_inner_texts()),
        )

    def at_rest(self) -> Shown:
        """What the page says once it says the same for a while."""
        before, now = None, self.shown()
        while before != now:
            self.page.wait_for_timeout(REST_MS)
            before, now = now, self.shown()
        return now

    def differs(self, other: Shown | Callable[[], Shown], seconds: float = ALIKE_SECONDS) -> tuple[str, ...]:
        """The parts in which this page says something else than was said, or than another visitor sees, once pages
        have had time to catch up: the grid writes its rows for screen readers some moments after it is drawn.
        """
        until = time.monotonic() + seconds
        while True:
            mine, theirs = self.shown(), other if isinstance(other, Shown) else other()
            parts = tuple(part.name for part in fields(Shown) if getattr(mine, part.name) != getattr(theirs, part.name))
            if not parts or time.monotonic() > until:
                return parts
            self.page.wait_for_timeout(200)

    def text(self, selector: str, containing: str = "") -> str:
        """The text of the first such element, without asking whether it can be seen; "" where there is none."""
        found = self.page.locator(selector)
        if containing:
            found = found.filter(has_text=containing)
        return (found.first.text_content() or "").strip() if found.count() else ""
