"""Changing a widget as a visitor does, whatever its kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from playwright.sync_api import Locator, TimeoutError

from tests.browser.visitor import Visitor

KINDS: Final = ("stMultiSelect", "stSelectbox", "stSlider", "stNumberInput", "stButtonGroup")
NOT_OF_THE_SELECTION: Final = ("Save figures as",)
TRIES: Final = 4
OPENS_WITHIN_MS: Final = 2_000
_OPTIONS: Final = "options => options.map(o => [o.innerText.trim(), o.getAttribute('aria-selected') === 'true'])"
_COME_IN: Final = "sidebar => document.querySelector(sidebar).getBoundingClientRect().left >= 0"
SIDEBAR: Final = '[data-testid="stSidebar"]'
MAIN: Final = '[data-testid="stMain"]'


def unfold(visitor: Visitor, within: str) -> None:
    """Open the expanders, whose widgets are in the page but cannot be reached while folded."""
    for summary in visitor.page.locator(f'{within} [data-testid="stExpander"] summary').all():
        if summary.evaluate("summary => !summary.parentElement.open"):
            summary.click()


def show_sidebar(visitor: Visitor) -> None:
    """Open the sidebar where the window is too narrow to show it unasked, with all that is folded in it."""
    if visitor.page.get_by_test_id("stExpandSidebarButton").is_visible():
        visitor.page.get_by_test_id("stExpandSidebarButton").click()
        visitor.page.wait_for_function(_COME_IN, arg=SIDEBAR)
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
    before = visitor.page.url
    for _ in range(TRIES):
        with suppress(TimeoutError):
            return _choose_once(visitor, widget)
        assert visitor.page.url == before
        visitor.page.keyboard.press("Escape")
    raise AssertionError(f"no option could be chosen below {widget.inner_text()!r}")


def _choose_once(visitor: Visitor, widget: Locator) -> bool:
    """Open the list and choose; it closes again where the page behind it still scrolls, which is a TimeoutError."""
    options = visitor.page.get_by_role("option")
    widget.locator("input").first.click()
    options.first.wait_for(timeout=OPENS_WITHIN_MS)
    texts = [text for text, chosen in options.evaluate_all(_OPTIONS) if not chosen and not _asks_for_more(text)]
    if texts:
        option = options.get_by_text(texts[len(texts) // 2], exact=True).first
        visitor.after(lambda: option.click(timeout=OPENS_WITHIN_MS))
    if not texts or options.count():  # Escape in a list that has closed would empty it
        visitor.page.keyboard.press("Escape")
    return bool(texts)


def _asks_for_more(text: str) -> bool:
    """Whether an option is no choice of its own: everything at once, or a cut that is then asked for."""
    return text == "Select all" or "own cut" in text


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
