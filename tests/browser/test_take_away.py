"""What a visitor takes away: pictures, tables, nothing that names a patient; and all of it without a mouse."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.browser.conftest import Visit
from tests.browser.test_look import PAGES
from tilexplorer.store import Store

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser: look")]

MOST_TABS: Final = 60


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_a_figure_is_saved_as_a_picture(visit: Visit, kind: str, tmp_path: Path) -> None:
    here = visit(who="taker").open("/survival")
    if kind == "png":
        here.page.locator('[data-testid="stButtonGroup"]', has_text="PNG").get_by_text("PNG").click()
        here.page.wait_for_timeout(300)
        here.settle()
    here.page.locator(".js-plotly-plot").first.hover()
    with here.page.expect_download() as saving:
        here.page.locator(".js-plotly-plot").first.locator(".modebar-btn").first.click(force=True)
    saving.value.save_as(tmp_path / "picture")
    head = (tmp_path / "picture").read_bytes()[:300]
    assert saving.value.suggested_filename.endswith(f".{kind}")
    assert head.startswith(b"\x89PNG") if kind == "png" else b"<svg" in head


@pytest.mark.parametrize("page", PAGES)
def test_tables_begin_with_their_stamp(visit: Visit, page: str, store: Path) -> None:
    here = visit(who="taker").open(f"/{page}")
    buttons = here.page.get_by_role("button", name="Table as CSV")
    assert buttons.count()
    with here.page.expect_download() as saving:
        buttons.first.click()
    first = Path(saving.value.path()).read_text("utf-8").splitlines()[0]
    assert first.startswith("# ")
    assert f"data {Store.open(store).generation}" in first


@pytest.mark.parametrize("page", PAGES)
def test_no_figure_names_a_patient(visit: Visit, page: str, store: Path) -> None:
    here = visit(who="taker").open(f"/{page}")
    held = Store.open(store).frame("SELECT DISTINCT patient FROM patient WHERE length(patient) > 4")["patient"]
    drawn = " ".join(here.shown().figures)
    named = [patient for patient in held.astype(str) if f'"{patient}"' in drawn or f"{patient}<" in drawn]
    assert not named


def test_the_keyboard_reaches_the_menu_and_the_widgets(visit: Visit) -> None:
    here = visit(who="taker").open("/survival")
    here.page.evaluate("() => document.activeElement.blur()")
    reached = set()
    for _ in range(MOST_TABS):
        here.page.keyboard.press("Tab")
        reached.add(
            here.page.evaluate(
                "() => (document.activeElement.closest('[data-testid=stSidebarNavLink],[data-testid=stMultiSelect],"
                "[data-testid=stSelectbox],[data-testid=stExpander],[data-testid=stButtonGroup],"
                "[data-testid=stDownloadButton]') || document.body).dataset.testid"
            )
        )
    assert {"stSidebarNavLink", "stMultiSelect", "stSelectbox", "stExpander", "stDownloadButton"} <= reached
