"""What a visitor takes away: pictures, tables, nothing that names a patient; and all of it without a mouse."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser: look")]


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
