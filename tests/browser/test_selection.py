"""What is chosen, what is shown and what the link says are one thing."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Visit
from tests.browser.server import serving
from tests.browser.visitor import Shown, Visitor
from tests.browser.widgets import MAIN, SIDEBAR, change, labels, show_sidebar, unfold

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser: selection")]


LOOKS: Final = [
    pytest.param({"width": width, "height": height, "theme": theme}, id=f"{theme}-{width}")
    for width, height in ((1440, 900), (390, 844))
    for theme in ("light", "dark")
]
SHOWN_FIRST: Final = "/survival?by=level"


@pytest.mark.parametrize(("page", "within", "least"), [("/survival", SIDEBAR, 20), ("/response", MAIN, 4)])
def test_after_every_filter_the_link_opened_cold_shows_the_same(
    visit_small: Visit, page: str, within: str, least: int
) -> None:
    here, there, first = (visit_small(who=who) for who in ("here", "there", "first"))
    first.open(page)
    here.open(page)
    unfold(here, SIDEBAR)
    changed, different = 0, []
    for kind, label in list(labels(here, within)):
        if not change(here, within, kind, label):
            continue
        asked = here.query
        there.open(here.page.url)
        if (parts := here.differs(there)) or there.query != asked:
            different.append((label, parts, here.page.url, there.page.url))
        changed += 1
        here.after(here.page.go_back)
        if parts := here.differs(first):
            different.append((f"back from {label}", parts, here.page.url, first.page.url))
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
        assert not fresh.differs(here)
        assert fresh.value("age_min") == ["45"]
        assert fresh.value("sex") == ["female"]
        unfold(fresh, SIDEBAR)
        assert fresh.page.locator(f'{SIDEBAR} [data-testid="stMultiSelect"]', has_text="female").count() == 1
        fresh.close()


@pytest.mark.parametrize("look", LOOKS)
def test_a_filter_then_back_and_forward_change_curve_table_and_sentence(
    visit_small: Visit, look: dict[str, object]
) -> None:
    here, first, second = (visit_small(**look, who=who) for who in ("here", "first", "second"))
    here.open(SHOWN_FIRST)
    first.open(SHOWN_FIRST)
    show_sidebar(here)
    change(here, SIDEBAR, "stSelectbox", "Endpoint")
    second.open(here.page.url)
    assert {"sentence", "figures", "tables"} <= set(_parts(first, second))
    assert not here.differs(second)
    here.after(here.page.go_back)
    assert not here.differs(first)
    here.after(here.page.go_forward)
    assert not here.differs(second)


def _parts(one: Visitor, other: Visitor) -> list[str]:
    mine, theirs = one.shown(), other.shown()
    return [part.name for part in fields(Shown) if getattr(mine, part.name) != getattr(theirs, part.name)]


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
    assert not here.differs(kept)
