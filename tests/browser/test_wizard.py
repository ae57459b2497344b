"""A file becomes a published cohort in a real browser: dropped, looked at, confirmed, published, undone.

Three real files of three formats, with the published figures of their sources as the check.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.server import serving
from tests.browser.visitor import Visitor
from tests.browser.widgets import MAIN
from tests.command import analyse
from tests.miniature import miniature, published_store
from tests.shared import real_cohorts
from tilexplorer.contents import contents
from tilexplorer.publish import publish as publish_cohort
from tilexplorer.store import Store, published

pytestmark = [pytest.mark.browser, pytest.mark.cohorts, pytest.mark.xdist_group("wizard")]

PUBLISHED_WITHIN_MS = 90_000


@dataclass(frozen=True)
class Case:
    """A real file, what a person says about it, and what its source published."""

    path: str
    tumour: str
    regimen: str
    endpoint: str
    n: int
    events: int
    responders: int

    @property
    def file(self) -> Path:
        """Where the file lies."""
        return real_cohorts() / self.path


CASES = {
    # Mariathasan 2018: 347 patients treated, 231 deaths, 68 responses.
    "csv": Case("imvigor210_mariathasan2018/pData_IMvigor210.csv", "BLCA", "atezolizumab", "os", 347, 231, 68),
    # Riaz 2017, table S2: 73 patients, 42 deaths, 15 responses.
    "excel": Case("riaz2017_nivolumab_melanoma/mmc2_TableS2.xlsx", "MEL", "nivolumab", "os", 73, 42, 15),
    # Hellmann 2018: 75 patients, 24 responses.
    "cbioportal": Case("msk_nsclc_ici_no_infiltration/nsclc_mskcc_2018", "", "nivolumab", "pfs", 75, 50, 24),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one made-up cohort."""
    made = tmp_path_factory.mktemp("wizard-store")
    published_store(made, miniature("alpha"))
    return made


@pytest.fixture(scope="module")
def window(chromium: Browser, folder: Path) -> Iterator[Visitor]:
    """A visitor of a server over that store."""
    with serving(folder) as address:
        visitor = Visitor(chromium, address)
        yield visitor
        visitor.close()


def given(case: Case, tmp_path: Path) -> Path:
    """The file as a person would drop it: a study's folder as an archive."""
    if case.file.is_file():
        return case.file
    archive = tmp_path / f"{case.file.name}.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in sorted(case.file.iterdir()):
            packed.write(path, f"{case.file.name}/{path.name}")
    return archive


def choose(visitor: Visitor, kind: str, label: str, typed: str) -> None:
    """Type into a list until one option is left, and take it."""
    named = visitor.page.locator('[data-testid="stWidgetLabel"]').get_by_text(label, exact=True)
    widget = visitor.page.locator(f'{MAIN} [data-testid="{kind}"]').filter(has=named).first
    widget.scroll_into_view_if_needed()
    widget.locator("input").first.click()
    widget.locator("input").first.fill(typed)
    visitor.page.get_by_role("option", name=typed).first.click()
    visitor.page.keyboard.press("Escape")
    visitor.settle()


def publish(visitor: Visitor) -> None:
    """Accept what is to be accepted, confirm, and wait until the job has ended."""
    page = visitor.page
    for label in ("Accept all", "Accept: ", "I have looked at what will be counted"):
        box = page.locator('[data-testid="stCheckbox"]').filter(has_text=label)
        if box.count():
            box.first.locator("label").click()
            visitor.settle()
    page.get_by_test_id("stBaseButton-primary").click()
    page.get_by_role("button", name="Show the new data").wait_for(timeout=PUBLISHED_WITHIN_MS)
    page.get_by_role("button", name="Show the new data").click()
    visitor.settle()


@pytest.mark.parametrize("kind", CASES)
def test_a_file_is_published_by_hand(kind: str, window: Visitor, folder: Path, tmp_path: Path) -> None:
    case, before = CASES[kind], Store.open(folder)
    window.open("/data")
    window.page.locator('[data-testid="stFileUploaderDropzone"] input').set_input_files(given(case, tmp_path))
    window.page.get_by_role("heading", name="Columns").wait_for()
    window.settle()
    if case.tumour:
        choose(window, "stSelectbox", "Tumour type of all patients", case.tumour)
    choose(window, "stMultiSelect", "Regimen of all patients", case.regimen)
    if kind == "cbioportal":
        choose(window, "stMultiSelect", "Regimen of all patients", "ipilimumab")
    assert f"{case.n} patients, {case.events} events of {case.endpoint.upper()}" in window.text(
        ".til-sentence", f"{case.n} patients, "
    )
    publish(window)
    (cohort,) = set(contents(Store.open(folder))["cohort"]) - set(contents(before)["cohort"])
    query = f"cohort={cohort}&endpoint={case.endpoint}"
    rates = analyse(folder, "response", f"{query}&by=cohort")
    assert rates["n"] == case.n
    assert sum(group["responders"] for group in rates["groups"]) == case.responders
    curves = analyse(folder, "survival", f"{query}&by=cohort")
    assert sum(group["events"] for group in curves["groups"]) == case.events


def go_back(visitor: Visitor, folder: Path) -> str:
    """Take the first generation on offer; the one that is published now."""
    visitor.page.get_by_role("button", name="Go back to it").click()
    visitor.settle()
    return published(folder)


@pytest.mark.soak
def test_what_was_published_is_taken_back_forgotten_and_taken_back_again(chromium: Browser, tmp_path: Path) -> None:
    """The earlier generation has one cohort only: once that is forgotten nothing is published, and the page is there
    to go on from.
    """
    first = published_store(tmp_path, miniature("alpha")).generation
    publish_cohort(tmp_path, [miniature("beta")])
    with serving(tmp_path) as address:
        visitor = Visitor(chromium, address).open("/data")
        page = visitor.page
        assert go_back(visitor, tmp_path) == first
        page.get_by_label("Its name, to be sure").fill("alpha")
        page.keyboard.press("Enter")
        visitor.settle()
        page.get_by_role("button", name="Forget it").click()
        page.get_by_role("button", name="Show the new data").click(timeout=PUBLISHED_WITHIN_MS)
        visitor.settle()
        assert "no cohort has been published" in visitor.shown().alerts[0].lower()
        assert go_back(visitor, tmp_path) != first
        assert "60 patients in 1 cohort" in visitor.text(".til-sentence")
        visitor.close()
    assert not any(b"alpha" in path.read_bytes() for path in tmp_path.glob("store-*.duckdb"))


def test_a_picture_called_csv_gets_one_clear_message(window: Visitor, tmp_path: Path) -> None:
    picture = tmp_path / "patients.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    window.open("/data")
    window.page.locator('[data-testid="stFileUploaderDropzone"] input').set_input_files(picture)
    alerts = window.page.locator(f'{MAIN} [data-testid="stAlert"]').filter(has_text="patients.csv")
    alerts.first.wait_for()
    window.settle()
    assert alerts.count() == 1
    assert "is a picture (PNG)" in alerts.first.inner_text()
