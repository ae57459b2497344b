"""What is chosen, what is shown and what the link says are one thing."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Visit
from tests.browser.server import serving
from tests.browser.visitor import Visitor
from tests.browser.widgets import MAIN, SIDEBAR, change, labels, show_sidebar, unfold

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser: selection")]


LOOKS: Final = [
    pytest.param({"width": width, "height": height, "theme": theme}, id=f"{theme}-{width}")
    for width, height in ((1440, 900), (390, 844))
    for theme in ("light", "dark")
]
# Every filter of the sidebar on one page and every control of another; on all other pages by make soak.
WALKS: Final = [
    ("/survival", SIDEBAR, 20),
    ("/response", MAIN, 4),
    *(
        pytest.param(f"/{page}", within, 1, marks=pytest.mark.soak)
        for page in ("subgroups", "thresholds", "microenvironment", "synthesis", "therapies", "model")
        for within in (SIDEBAR, MAIN)
    ),
]
SHOWN_FIRST: Final = "/survival?by=level"


@pytest.mark.parametrize(("page", "within", "least"), WALKS)
def test_after_every_filter_the_link_opened_cold_shows_the_same(
    visit_small: Visit, page: str, within: str, least: int
) -> None:
    here, there = visit_small(who="here"), visit_small(who="there")
    first = here.open(page).at_rest()
    unfold(here, SIDEBAR)
    changed, different = 0, list[object]()
    for kind, label in list(labels(here, within)):
        if not change(here, within, kind, label):
            continue
        asked = here.query
        there.open(here.page.url)
        if (parts := here.differs(there.shown)) or there.query != asked:
            different.append((label, parts, here.page.url, there.page.url))
        changed += 1
        here.after(here.page.go_back)
        if parts := here.differs(first):
            different.append((f"back from {label}", parts, here.page.url))
    assert not different
    assert changed >= least


def test_a_link_opened_cold_on_a_fresh_server(chromium: Browser, small_store: Path, visit_small: Visit) -> None:
    here = visit_small(who="here")
    here.open("/survival?by=sex&endpoint=os&sex=female&age_min=45&interval=plain")
    with serving(small_store) as address:
        fresh = Visitor(chromium, address)
        parts = urlsplit(here.page.url)
        fresh.open(f"{parts.path}?{parts.query}")
        assert fresh.page.locator(SIDEBAR).get_by_text("Compare by").is_visible()
        assert not fresh.differs(here.shown)
        assert fresh.value("age_min") == ["45"]
        assert fresh.value("sex") == ["female"]
        unfold(fresh, SIDEBAR)
        assert fresh.page.locator(f'{SIDEBAR} [data-testid="stMultiSelect"]', has_text="female").count() == 1
        fresh.close()


@pytest.mark.parametrize("look", LOOKS)
def test_a_filter_then_back_and_forward_change_curve_table_and_sentence(
    visit_small: Visit, look: dict[str, object]
) -> None:
    here = visit_small(**look)
    first = here.open(SHOWN_FIRST).at_rest()
    show_sidebar(here)
    change(here, SIDEBAR, "stSelectbox", "Endpoint")
    assert {"sentence", "figures", "tables"} <= set(here.differs(first, seconds=0))
    second = here.at_rest()
    here.after(here.page.go_back)
    assert not here.differs(first)
    here.after(here.page.go_forward)
    assert not here.differs(second)


def test_the_menu_keeps_the_filters_and_back_returns_to_the_page(visit_small: Visit) -> None:
    here, kept = visit_small(who="here"), visit_small(who="there")
    here.open("/survival?sex=female&by=sex")
    kept.open("/survival?sex=female&by=sex")
    remaining = here.shown().remaining
    here.after(lambda: here.page.locator('[data-testid="stSidebarNav"]').get_by_text("Response").click())
    here.page.wait_for_url("**/response?*sex=female*")
    here.settle()
    assert here.value("sex") == ["female"]
    assert here.text(".til-title") == "Response"
    assert here.shown().remaining == remaining
    here.page.go_back()
    here.page.wait_for_url("**/survival?*")
    here.settle()
    assert not here.differs(kept.shown)
