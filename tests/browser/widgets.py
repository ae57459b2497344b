"""Changing a widget as a visitor does, whatever its kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from playwright.sync_api import Locator

from tests.browser.visitor import Visitor

KINDS: Final = ("stMultiSelect", "stSelectbox", "stSlider", "stNumberInput", "stButtonGroup")
NOT_OF_THE_SELECTION: Final = ("Save figures as",)
SIDEBAR: Final = '[data-testid="stSidebar"]'
MAIN: Final = '[data-testid="stMain"]'


def unfold(visitor: Visitor, within: str) -> None:
    """Open the expanders, whose widgets are in the page but cannot be reached while folded."""
    for summary in visitor.page.locator(f'{within} [data-testid="stExpander"] summary').all():
        if summary.evaluate("summary => !summary.parentElement.open"):
            summary.click()


def show_sidebar(visitor: Visitor) -> None:
    """Open the sidebar where the window is too narrow to show it unasked, with all that is folded in it."""
    if not visitor.page.locator(SIDEBAR).get_by_text("Compare by").is_visible():
        visitor.page.get_by_test_id("stExpandSidebarButton").click()
        visitor.page.locator(SIDEBAR).get_by_text("Compare by").wait_for()
    unfold(visitor, SIDEBAR)


def labels(visitor: Visitor, within: str) -> Iterator[tuple[str, str]]:
    """Kind and label of every widget."""
    for kind in KINDS:
        for widget in visitor.page.locator(f'{within} [data-testid="{kind}"]').all():
            label = widget.locator('[data-testid="stWidgetLabel"]').first.inner_text().strip()
            if label not in NOT_OF_THE_SELECTION:
                yield kind, label


def change(visitor: Visitor, within: str, kind: str, label: str) -> bool:
    """Choose another value; False where the widget offers no other."""
    found = visitor.page.locator(f'{within} [data-testid="{kind}"]').filter(
        has=visitor.page.locator('[data-testid="stWidgetLabel"]').get_by_text(label, exact=True)
    )
    widget = found.first
    widget.scroll_into_view_if_needed()
    return bool(_ACTS[kind](visitor, widget))


def _choose(visitor: Visitor, widget: Locator) -> bool:
    widget.locator("input").first.click()
    options = visitor.page.get_by_role("option")
    options.first.wait_for()
    others = [
        o for o in options.all() if o.get_attribute("aria-selected") != "true" and "own cut" not in o.inner_text()
    ]
    others = [option for option in others if option.inner_text() != "Select all"]
    if not others:
        visitor.page.keyboard.press("Escape")
        return False
    visitor.after(lambda: others[len(others) // 2].click())
    visitor.page.keyboard.press("Escape")
    return True


def _slider(visitor: Visitor, widget: Locator) -> bool:
    thumb = widget.get_by_role("slider").first
    thumb.focus()
    visitor.after(lambda: thumb.press("ArrowRight"))
    return True


def _number(visitor: Visitor, widget: Locator) -> bool:
    widget.locator("input").fill("30")
    visitor.after(lambda: widget.locator("input").press("Enter"))
    return True


def _segment(visitor: Visitor, widget: Locator) -> bool:
    visitor.after(lambda: widget.locator('button[aria-checked="false"]').last.click())
    return True


_ACTS: Final = {
    "stMultiSelect": _choose,
    "stSelectbox": _choose,
    "stSlider": _slider,
    "stNumberInput": _number,
    "stButtonGroup": _segment,
}
