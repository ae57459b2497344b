"""What leaves a page: the first table as a file, and what the figures hold."""

from __future__ import annotations

from pathlib import Path

from tests.browser.visitor import Visitor
from tilexplorer.store import Store


def unstamped(here: Visitor, store: Path) -> str:
    """The first line of the page's first table as a file, where it is not the stamp with the data generation."""
    buttons = here.page.get_by_role("button", name="Table as CSV")
    if not buttons.count():
        return "no table can be taken away"
    with here.page.expect_download() as saving:
        buttons.first.click()
    first = Path(saving.value.path()).read_text("utf-8").splitlines()[0]
    return "" if first.startswith("# ") and f"data {Store.open(store).generation}" in first else first


def named(here: Visitor, store: Path) -> list[str]:
    """Patients whose identifier a figure holds, seen or in what pointing at it would say."""
    held = Store.open(store).frame("SELECT DISTINCT patient FROM patient WHERE length(patient) > 4")["patient"]
    drawn = " ".join(here.shown().figures)
    return [patient for patient in held.astype(str) if f'"{patient}"' in drawn or f"{patient}<" in drawn]
