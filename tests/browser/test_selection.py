"""What is chosen, what is shown and what the link says are one thing."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Visit
from tests.browser.server import serving
from tests.browser.visitor import Visitor
from tests.browser.widgets import MAIN, SIDEBAR, change, labels, unfold

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize(("page", "within", "least"), [("/survival", SIDEBAR, 15), ("/response", MAIN, 4)])
def test_after_every_filter_the_link_opened_cold_shows_the_same(
    visit: Visit, page: str, within: str, least: int
) -> None:
    here, there = visit(who="here"), visit(who="there")
    here.open(page)
    unfold(here, SIDEBAR)
    changed, different = 0, []
    for kind, label in list(labels(here, within)):
        if not change(here, within, kind, label):
            continue
        there.open(here.page.url)
        if (cold := there.shown()) != here.shown():
            different.append((label, here.page.url, cold, here.shown()))
        changed += 1
        here.after(lambda: here.page.get_by_role("button", name="Reset").click())
    assert not different
    assert changed >= least


def test_a_link_opened_cold_on_a_fresh_server(chromium: Browser, store: Path, visit: Visit) -> None:
    here = visit(who="here")
    here.open("/survival?by=sex&endpoint=os&sex=female&age_min=45&interval=plain")
    with serving(store) as address:
        fresh = Visitor(chromium, address)
        parts = urlsplit(here.page.url)
        fresh.open(f"{parts.path}?{parts.query}")
        assert fresh.page.locator(SIDEBAR).get_by_text("Compare by").is_visible()
        assert fresh.shown() == here.shown()
        assert fresh.value("age_min") == ["45"]
        assert fresh.value("sex") == ["female"]
        unfold(fresh, SIDEBAR)
        assert fresh.page.locator(f'{SIDEBAR} [data-testid="stMultiSelect"]', has_text="female").count() == 1
        fresh.close()


def test_back_and_forward_change_curve_table_and_sentence(visit: Visit) -> None:
    here = visit(who="here")
    first = here.open("/survival?by=level").shown()
    change(here, SIDEBAR, "stSelectbox", "Endpoint")
    second = here.shown()
    assert first.sentence != second.sentence
    assert first.figures != second.figures
    assert first.tables != second.tables
    here.after(here.page.go_back)
    assert here.shown() == first
    here.after(here.page.go_forward)
    assert here.shown() == second


def test_the_menu_keeps_the_filters_and_back_returns_to_the_page(visit: Visit) -> None:
    here = visit(who="here")
    here.open("/survival?sex=female&by=sex")
    before = here.shown()
    here.after(lambda: here.page.locator('[data-testid="stSidebarNav"]').get_by_text("Response").click())
    here.page.wait_for_url("**/response?*sex=female*")
    here.settle()
    assert here.value("sex") == ["female"]
    assert here.text(".til-title") == "Response"
    assert here.shown().remaining == before.remaining
    here.page.go_back()
    here.page.wait_for_url("**/survival?*", timeout=30_000)
    here.settle()
    assert here.shown() == before
