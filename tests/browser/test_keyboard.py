"""A choice made with the keyboard alone; that the tab key reaches everything is tried on every page in test_look."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Visit
from tests.browser.widgets import SIDEBAR

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser: look")]


def test_a_filter_is_chosen_with_the_keyboard_alone(visit: Visit) -> None:
    here = visit(who="keyboard")
    here.open("/survival")
    before = here.shown()
    box = here.page.locator(SIDEBAR).get_by_role("combobox", name="Endpoint")
    box.focus()
    here.page.keyboard.press("ArrowDown")
    here.page.get_by_role("option").first.wait_for()
    here.page.keyboard.press("ArrowDown")
    here.after(lambda: here.page.keyboard.press("Enter"))
    assert here.value("endpoint") != ["os"]
    assert here.shown().sentence != before.sentence
