"""The keyboard alone: what of a page the tab key reaches."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

MOST_STEPS: Final = 400

# Every widget, button and fold that can be seen gets a number; a widget counts once, whatever is inside it.
_NUMBER: Final = """
() => {
  const kinds = ['stMultiSelect', 'stSelectbox', 'stSlider', 'stNumberInput', 'stButtonGroup', 'stDownloadButton',
    'stPopover', 'stButton'].map(kind => `[data-testid="${kind}"]`).join() + ', [data-testid="stExpander"] summary';
  const seen = [...document.querySelectorAll(kinds)].filter(e => !e.closest('details:not([open])')
    || e.matches('summary')).filter(e => e.getBoundingClientRect().width > 0)
    .filter(e => !e.querySelector('button:disabled'));
  seen.forEach((e, i) => { e.dataset.reach = i; });
  return seen.map(e => (e.dataset.testid || 'fold') + ': ' + e.innerText.slice(0, 40));
}
"""
_FOCUSED: Final = """
() => {
  const inside = document.activeElement.closest('[data-reach]');
  return inside ? Number(inside.dataset.reach) : -1;
}
"""


def unreached(page: Page) -> list[str]:
    """Every widget, button and fold that the tab key does not come to."""
    controls: list[str] = page.evaluate(_NUMBER)
    page.evaluate("() => document.activeElement.blur()")
    reached: set[int] = set()
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        reached.add(page.evaluate(_FOCUSED))
        if reached >= set(range(len(controls))):
            return []
    return [name for i, name in enumerate(controls) if i not in reached]
