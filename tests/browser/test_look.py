"""Every page on a desk and on a phone, in light and in dark: how it looks, what it says to the keyboard and to a
screen reader, what can be taken away from it. Pictures are left in test-results/.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import axe_playwright_python
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.browser.keyboard import unreached
from tests.browser.taken_away import named, unstamped
from tests.shared import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser: look")]

PAGES: Final = ("", *sorted(path.stem for path in (ROOT / "pages").glob("*.py") if path.stem != "overview"))
IN_BOTH_THEMES: Final = ("", "survival", "response")  # the figures of the others are drawn by the same templates
TRIED: Final = [
    (page, theme) for page in PAGES for theme in ("light", "dark") if theme == "light" or page in IN_BOTH_THEMES
]
PICTURES: Final = ROOT / "test-results"
WIDTHS: Final = {1440: 900, 390: 844}
AXE: Final = Path(axe_playwright_python.__file__).parent / "axe.min.js"

# The browser asks below the page's own path for what Streamlit serves at the root, and then at the root.
STREAMLIT_PROBES: Final = "Failed to load resource: the server responded with a status of 404"

# What Streamlit's own markup does, which no page can mend: rule, part of the selector, why it is let pass.
STREAMLITS_OWN: Final = (
    ("scrollable-region-focusable", "stSidebar", "the sidebar scrolls and holds widgets that take the focus"),
    ("nested-interactive", "stDataFrame", "the grid's canvas holds its own table for screen readers"),
)

_TEXTS_OUTSIDE: Final = """
() => [...document.querySelectorAll('.js-plotly-plot')].flatMap(chart => {
  const rim = chart.getBoundingClientRect();
  return [...chart.querySelectorAll('.main-svg text')].filter(text => text.textContent.trim()).filter(text => {
    const box = text.getBoundingClientRect();
    return box.width > 0 && (box.left < rim.left - 1 || box.right > rim.right + 1 || box.top < rim.top - 1
      || box.bottom > rim.bottom + 1);
  }).map(text => text.textContent);
})
"""

_LABELS_OVERLAP: Final = """
() => [...document.querySelectorAll('.js-plotly-plot')].flatMap(chart => {
  const texts = [...chart.querySelectorAll('.annotation text')].filter(t => t.textContent.trim()
    && t.textContent !== 'SIMULATED');
  const boxes = texts.map(text => text.getBoundingClientRect());
  const pairs = [];
  for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
    const [a, b] = [boxes[i], boxes[j]];
    if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4)
      pairs.push(texts[i].textContent + ' | ' + texts[j].textContent);
  }
  return pairs;
})
"""

_EMPTY_PANELS: Final = """
() => [...document.querySelectorAll('.js-plotly-plot')].filter(chart =>
  chart.getBoundingClientRect().height < 40 || (!chart.data.length && !chart.querySelector('.annotation')))
  .map(chart => chart.closest('[data-testid]').dataset.testid)
"""

_SERIOUS: Final = """
async () => (await axe.run(document, {resultTypes: ['violations']})).violations
  .filter(v => v.impact === 'serious' || v.impact === 'critical')
  .flatMap(v => v.nodes.map(n => ({rule: v.id, html: n.html.slice(0, 300), target: String(n.target),
    within: (document.querySelector(n.target[0])?.closest('[data-testid]') || document.body).dataset.testid || ''})))
"""


def _serious(page: Page) -> list[dict[str, Any]]:
    page.add_script_tag(path=AXE)
    found: list[dict[str, Any]] = page.evaluate(_SERIOUS)
    return [finding for finding in found if not _let_pass(finding)]


def _let_pass(finding: dict[str, Any]) -> bool:
    where = " ".join((finding["target"], finding["html"], finding["within"]))
    return any(finding["rule"] == rule and part in where for rule, part, _reason in STREAMLITS_OWN)


@pytest.mark.parametrize(("page", "theme"), TRIED)
def test_a_page_fits_reads_and_stays_at_home(visit: Visit, store: Path, page: str, theme: str) -> None:
    faults: dict[str, object] = {}
    for width, height in WIDTHS.items():
        here = visit(width=width, height=height, theme=theme)
        here.console.clear()
        here.open(f"/{page}")
        PICTURES.mkdir(exist_ok=True)
        here.page.screenshot(path=PICTURES / f"{page or 'overview'}-{width}-{theme}.png")
        wide = here.page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
        found = {
            "scrolls sideways": wide if wide[0] > wide[1] else [],
            "text outside its figure": here.page.evaluate(_TEXTS_OUTSIDE),
            "labels overlap": here.page.evaluate(_LABELS_OVERLAP),
            "exception": here.page.locator('[data-testid="stException"]').all_inner_texts(),
            "empty panel": here.page.evaluate(_EMPTY_PANELS),
            "console": [line for line in here.console if not line.startswith(STREAMLIT_PROBES)],
            "left this machine": here.abroad,
        }
        if width == max(WIDTHS):
            found["accessibility"] = _serious(here.page)
            found["names a patient"] = named(here, store)
        if width == max(WIDTHS) and theme == "light":
            found["not reached by keyboard"] = unreached(here.page)
            found["table without a stamp"] = unstamped(here, store)
        faults |= {f"{name} at {width}": what for name, what in found.items() if what}
    assert not faults
